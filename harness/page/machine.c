/* The machine of a run, as far as the result file knows it. */
#include "page/section.h"

#include "report/format.h"
#include "report/html.h"
#include "stats/quantile.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 640.0
#define PADDING 8.0
#define CORE_WIDTH 92.0
#define CORE_HEIGHT 66.0
#define LABEL 16.0
#define CORES_MOST 32 /* that are drawn of one cache */
#define CACHES_MOST 8 /* that are drawn in all */

/* What is drawn: caches of the last level, with cores in each. */
struct shape {
    unsigned caches, cores, drawn_caches, drawn_cores, columns, rows;
    double width, cache_height;
};

static struct shape shape_of(const struct topology_facts *facts) {
    struct shape shape = {.caches = 1, .cores = facts->cores ? facts->cores : facts->cpus};
    unsigned sharing = facts->l3_sharing_cpus,
             threads = facts->threads_per_core ? facts->threads_per_core : 1;
    if (facts->l3_bytes && sharing && facts->cpus % sharing == 0 && sharing % threads == 0 &&
        shape.cores % (facts->cpus / sharing) == 0) {
        shape.caches = facts->cpus / sharing;
        shape.cores /= shape.caches;
    }
    shape.drawn_caches = shape.caches < CACHES_MOST ? shape.caches : CACHES_MOST;
    shape.drawn_cores = shape.cores < CORES_MOST ? shape.cores : CORES_MOST;
    unsigned most = (unsigned)((WIDTH - 4 * PADDING) / (CORE_WIDTH + PADDING));
    shape.columns = shape.drawn_cores < most ? shape.drawn_cores : most;
    shape.rows = shape.columns ? (shape.drawn_cores + shape.columns - 1) / shape.columns : 0;
    shape.width = fmax(3 * CORE_WIDTH, 3 * PADDING + shape.columns * (CORE_WIDTH + PADDING));
    shape.cache_height = 2 * LABEL + shape.rows * (CORE_HEIGHT + PADDING) + PADDING;
    return shape;
}

static void draw_core(const struct topology_facts *facts, double x, double y, struct text *out) {
    unsigned threads = facts->threads_per_core ? facts->threads_per_core : 1;
    double width = (CORE_WIDTH - 2 * 4 - (threads - 1) * 4) / threads;
    text_printf(
        out,
        "<rect class=\"core\" x=\"%.1f\" y=\"%.1f\" width=\"%.0f\" height=\"%.0f\" rx=\"4\"/><text x=\"%.1f\" "
        "y=\"%.1f\">L1d %s</text><text x=\"%.1f\" y=\"%.1f\">L2 %s</text>",
        x, y, CORE_WIDTH, CORE_HEIGHT, x + 5, y + 15,
        facts->l1d_bytes ? BYTES((double)facts->l1d_bytes) : "–", x + 5, y + 31,
        facts->l2_bytes ? BYTES((double)facts->l2_bytes) : "–");
    for (unsigned i = 0; i < threads && threads <= 8; i++)
        text_printf(out, "<rect class=\"cpu\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"18\" rx=\"3\"/>",
                    x + 4 + i * (width + 4), y + CORE_HEIGHT - 23, width);
}

static void draw_cache(const struct topology_facts *facts, const struct shape *shape, double y,
                       struct text *out) {
    text_printf(
        out,
        "<rect class=\"cache\" x=\"%.0f\" y=\"%.1f\" width=\"%.0f\" height=\"%.1f\" rx=\"6\"/><text x=\"%.0f\" "
        "y=\"%.1f\">",
        PADDING, y, shape->width - 2 * PADDING, shape->cache_height - PADDING, 2 * PADDING, y + LABEL);
    if (facts->l3_bytes)
        text_printf(out, "L3 %s", BYTES((double)facts->l3_bytes));
    else
        text_add(out, "no L3, or not known");
    if (shape->drawn_cores < shape->cores)
        text_printf(out, ", %u cores, of which %u are drawn", shape->cores, shape->drawn_cores);
    text_add(out, "</text>");
    for (unsigned i = 0; i < shape->drawn_cores; i++)
        draw_core(facts, 2 * PADDING + (i % shape->columns) * (CORE_WIDTH + PADDING),
                  y + LABEL + PADDING + (i / shape->columns) * (CORE_HEIGHT + PADDING), out);
}

static void print_summary(const struct topology_facts *facts, struct text *text) {
    text_printf(text, "%u package%s, %u NUMA node%s, %u core%s, %u CPU%s (%u allowed), %s of memory",
                facts->packages, facts->packages == 1 ? "" : "s", facts->numa_nodes,
                facts->numa_nodes == 1 ? "" : "s", facts->cores, facts->cores == 1 ? "" : "s", facts->cpus,
                facts->cpus == 1 ? "" : "s", facts->allowed_cpus,
                facts->memory_bytes ? BYTES((double)facts->memory_bytes) : "an unknown amount");
}

static void print_topology(const struct topology_facts *facts, struct text *out) {
    struct text summary = {0};
    struct shape shape = shape_of(facts);
    if (!facts->cpus)
        return;
    print_summary(facts, &summary);
    double height = shape.drawn_caches * shape.cache_height + LABEL + PADDING;
    text_add(out, "<figure><figcaption>");
    html_add(out, text_string(&summary));
    if (facts->cpu_kinds > 1)
        text_printf(out, "; %u kinds of cores, %u CPUs of the fastest", facts->cpu_kinds,
                    facts->performance_cpus);
    text_add(out, ". A small box is a CPU.</figcaption>");
    text_printf(
        out,
        "<svg class=\"topology\" viewBox=\"0 0 %.0f %.0f\" style=\"max-width:%.0fpx\" role=\"img\" aria-label=\"",
        shape.width, height, shape.width);
    html_add(out, text_string(&summary));
    text_add(out, "\">");
    for (unsigned i = 0; i < shape.drawn_caches; i++)
        draw_cache(facts, &shape, i * shape.cache_height, out);
    if (shape.drawn_caches < shape.caches)
        text_printf(out, "<text x=\"%.0f\" y=\"%.0f\">and %u more of the same</text>", PADDING,
                    height - PADDING, shape.caches - shape.drawn_caches);
    text_add(out, "</svg></figure>");
    out->failed |= summary.failed;
    text_clear(&summary);
}

/* A term with what is said of it, which is foreign text. */
__attribute__((format(printf, 3, 4))) static void fact(struct text *out, const char *name, const char *format,
                                                       ...) {
    char value[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    html_element(out, "dt", name);
    html_element(out, "dd", value[0] ? value : "–");
}

static const char *known(const char *value) {
    return value[0] ? value : "not known";
}

static void print_facts(const struct fingerprint *host, struct text *out) {
    text_add(out, "<dl>");
    fact(out, "processor", "%s", known(host->cpu_model));
    fact(out, "revision", "%s, family %d, model %d, stepping %d, microcode %s", known(host->cpu_vendor),
         host->cpu_family, host->cpu_model_number, host->cpu_stepping, known(host->microcode));
    fact(out, "system", "%s; %s; %s", known(host->distribution), known(host->kernel), known(host->libc));
    fact(out, "virtual", "%s%s%s%s",
         host->hypervisor[0] ? "under " : "bare metal, or not known to be virtual", host->hypervisor,
         host->container[0] ? ", in " : "", host->container);
    fact(out, "settings", "governor %s; turbo %s; huge pages %s", known(host->governor), known(host->turbo),
         known(host->transparent_huge_pages));
    fact(out, "sample clock", "%s, %s ticks/ns", host->clock.name, BRIEF(host->clock.ticks_per_ns, 4));
    text_add(out, "</dl>");
}

static void print_counters(const struct run *run, struct text *out) {
    const struct counter_plan *plan = &run->counter_plan;
    text_add(
        out,
        "<h3>Counters by source</h3><table class=\"list\"><thead><tr><th>event</th><th>source</th><th>trust"
        "</th><th>counted as</th><th>why absent or not trusted; what would help</th></tr></thead><tbody>");
    for (size_t event = 0; event < COUNTER_EVENTS; event++) {
        const struct counter_plan_entry *entry = &plan->entries[event];
        bool absent = entry->source == SOURCE_NONE;
        if (!counter_plan_has(plan, (enum counter_event)event) || entry->unlisted)
            continue;
        text_add(out, absent ? "<tr class=\"absent\">" : "<tr>");
        html_element(out, "th scope=\"row\"", counter_plan_name(plan, (enum counter_event)event));
        html_element(out, "td", absent ? "–" : counter_source_name(entry->source));
        html_element(out, "td", absent ? "–" : counter_trust_name(entry->trust));
        html_element(out, "td", entry->native[0] ? entry->native : "–");
        text_add(out, "<td>");
        html_add(out, entry->reason);
        text_add(out, entry->reason[0] && entry->remedy[0] ? "; " : "");
        html_add(out, entry->remedy);
        text_add(out, "</td></tr>");
    }
    text_add(out, "</tbody></table>");
}

/* What was read in each replicate, and how it is told. */
static const struct {
    const char *name;
    size_t offset;
    bool zero_is_unknown;
} readings[] = {
    {"CPU time taken by the hypervisor (steal)", offsetof(struct noise, steal_share), false},
    {"CPU time spent in other processes", offsetof(struct noise, other_load_share), false},
    {"core clock, last against first in a replicate", offsetof(struct noise, frequency_drift), true},
};

static void print_reading(const struct run *run, size_t reading, double *values, struct text *out) {
    size_t count = 0, all = 0;
    for (size_t i = 0; i < run->measurement_count; i++)
        for (size_t r = 0; r < run->measurements[i].replicate_count; r++, all++) {
            double value;
            memcpy(&value, (const char *)&run->measurements[i].replicates[r].noise + readings[reading].offset,
                   sizeof value);
            if (isfinite(value) && !(readings[reading].zero_is_unknown && value == 0))
                values[count++] = fabs(value);
        }
    text_add(out, "<tr>");
    html_element(out, "th scope=\"row\"", readings[reading].name);
    static const double shares[] = {0.5, 0.95, 1};
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        char percent[FORMAT_SIZE];
        format_percent(count ? quantile(values, count, shares[i]) : NAN, percent);
        html_element(out, "td class=\"n\"", percent);
    }
    text_printf(out, "<td class=\"n\">%zu of %zu</td></tr>", count, all);
}

static int print_noise(const struct run *run, struct text *out) {
    size_t replicates = 1, marked = 0;
    for (size_t i = 0; i < run->measurement_count; i++) {
        replicates += run->measurements[i].replicate_count;
        for (size_t r = 0; r < run->measurements[i].replicate_count; r++)
            marked += run->measurements[i].replicates[r].noise_text[0] != '\0';
    }
    double *values = malloc(replicates * sizeof *values);
    if (!values)
        return -ENOMEM;
    text_printf(out,
                "<h3>Noise of the run</h3><p>In %zu of %zu replicates something stood out.</p><table "
                "class=\"list\"><thead><tr><th>in each replicate</th><th class=\"n\">median</th><th "
                "class=\"n\">95th percentile</th><th class=\"n\">most</th><th class=\"n\">known "
                "in</th></tr></thead><tbody>",
                marked, replicates - 1);
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++)
        print_reading(run, i, values, out);
    text_add(out, "</tbody></table>");
    free(values);
    return 0;
}

void section_host(const struct fingerprint *host, struct text *out) {
    print_topology(&host->topology, out);
    print_facts(host, out);
}

int section_machine(const struct run *run, struct text *out) {
    section_host(&run->host, out);
    int status = print_noise(run, out);
    print_counters(run, out);
    return status;
}
