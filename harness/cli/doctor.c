/* countersign doctor: this machine in plain words. */
#include "cli/cli.h"

#include "base/numbers.h"
#include "counters/callgrind.h"
#include "counters/counters.h"
#include "host/finding.h"
#include "host/fingerprint.h"
#include "report/report.h"
#include "run/confinement.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DOCTOR_EVENT = OPTION_FIRST, DOCTOR_SECONDS };

static const struct option_row rows[] = {
    {"event", "NAME", DOCTOR_EVENT,
     "also say whether a native event can be counted, as PAPI or libpfm4 name it; up to 8 times", ANY_TEXT},
    {"seconds", "S", DOCTOR_SECONDS, "how long to listen for steal and other load (default 1, 0.2 to 10)",
     NUMBER_FROM(0.2, 10)},
    OPTIONS_END};

static const struct verb_options options = {
    .usage =
        "usage: countersign doctor [option…]\n\n"
        "Says what this machine has, what it lacks, why, and what would help: processor, clocks, counters "
        "by source\n"
        "with the grade of their self-test, and what disturbs timing here.\n\n",
    .rows = rows,
    .operands = VALUE_NONE};

const struct verb_options *doctor_options(void) {
    return &options;
}

static void print_bytes(FILE *out, const char *name, uint64_t bytes) {
    bool mebi = bytes >= 1u << 20;
    if (bytes)
        fprintf(out, " %s %s %s", name, BRIEF((double)bytes / (mebi ? 0x1p20 : 0x1p10), 4),
                mebi ? "MiB" : "KiB");
    else
        fprintf(out, " %s –", name);
}

static void print_machine(FILE *out, const struct fingerprint *host, const struct topology *topology) {
    char allowed[256];
    const struct topology_facts *facts = &host->topology;
    topology_allowed_text(topology, allowed, sizeof allowed);
    fprintf(out, "processor   %s%s%s, %s\n", host->cpu_model[0] ? host->cpu_model : "unknown",
            host->hypervisor[0] ? ", virtual machine under " : "", host->hypervisor, host->architecture);
    fprintf(out,
            "topology    %u package%s, %u NUMA node%s, %u core%s, %u processing unit%s online; allowed: %s\n",
            facts->packages, facts->packages == 1 ? "" : "s", facts->numa_nodes,
            facts->numa_nodes == 1 ? "" : "s", facts->cores, facts->cores == 1 ? "" : "s", facts->cpus,
            facts->cpus == 1 ? "" : "s", allowed);
    fprintf(out, "caches     ");
    print_bytes(out, "L1d", facts->l1d_bytes);
    print_bytes(out, "· L2", facts->l2_bytes);
    print_bytes(out, "· L3", facts->l3_bytes);
    fprintf(out, " · line %u bytes\n", facts->line_bytes);
    fprintf(out, "clock       %s, %.4f ticks/ns", host->clock.name, host->clock.ticks_per_ns);
    if (host->core.ghz > 0)
        fprintf(out, "; core %.2f GHz (chains agree within %.1f %%)\n", host->core.ghz,
                100 * host->core.disagreement);
    else
        fprintf(out, "; core frequency –\n");
    fprintf(out, "system      %s, %s\n", host->kernel, host->distribution);
}

static void print_costs(FILE *out, const struct counter_plan *plan, const struct sample_clock *clock) {
    static const enum counter_source sources[] = {SOURCE_HW, SOURCE_HW_GENERIC, SOURCE_SW, SOURCE_CLOCK};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        struct counter_cost cost;
        int status = counter_cost_measure(plan, clock, sources[i], &cost);
        if (status == -ENODATA)
            continue;
        fprintf(out, "  cost of %-10s ", counter_source_name(sources[i]));
        if (status)
            fprintf(out, "–          %s\n", cost.reason);
        else if (isnan(cost.read))
            fprintf(out, "start %.0f ns, stop %.0f ns (a thread, set of %u)\n", cost.start, cost.stop,
                    cost.events);
        else
            fprintf(out, "start %.0f ns, read %.0f ns, stop %.0f ns (a thread, set of %u)\n", cost.start,
                    cost.read, cost.stop, cost.events);
    }
}

/* The first event that is absent for the same reason, which is told there; itself where there is none. */
static int first_absent_alike(const struct counter_plan *plan, int event) {
    for (int first = 0; first < event; first++)
        if (counter_plan_has(plan, (enum counter_event)first) && plan->entries[first].source == SOURCE_NONE &&
            !strcmp(plan->entries[first].reason, plan->entries[event].reason))
            return first;
    return event;
}

static void print_absent(FILE *out, const struct counter_plan *plan, int event) {
    int first = first_absent_alike(plan, event);
    fprintf(out, "  %-18s –          %s%s\n", counter_plan_name(plan, (enum counter_event)event),
            first < event ? "as " : "",
            first < event ? counter_plan_name(plan, (enum counter_event)first) : plan->entries[event].reason);
}

static void print_counters(FILE *out, const struct counter_plan *plan, const struct sample_clock *clock) {
    struct counter_fast_read fast;
    fprintf(out, "\ncounters    PAPI %s, PMU %s\n", plan->papi_version[0] ? plan->papi_version : "–",
            plan->pmu[0] ? plan->pmu : "–");
    for (int event = 0; event < COUNTER_EVENTS; event++) {
        const struct counter_plan_entry *entry = &plan->entries[event];
        const char *name = counter_plan_name(plan, (enum counter_event)event);
        if (!counter_plan_has(plan, (enum counter_event)event))
            continue;
        if (entry->source == SOURCE_NONE)
            print_absent(out, plan, event);
        else
            fprintf(out, "  %-18s %-10s %-9s %s%s%s\n", name, counter_source_name(entry->source),
                    counter_trust_name(entry->trust), entry->native, entry->reason[0] ? "; " : "",
                    entry->reason);
    }
    print_costs(out, plan, clock);
    counter_fast_read_measure(plan, clock, &fast);
    fprintf(out, "  %s\n", fast.text);
}

static int print_all(const struct fingerprint *host, const struct topology *topology,
                     const struct counter_plan *plan, const struct findings *findings) {
    struct report_style style = report_style_for(stdout);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return fail(EXIT_NOTHING, "out of memory");
    print_machine(out, host, topology);
    print_counters(out, plan, &host->clock);
    putc('\n', out);
    int error = fclose(out) ? -ENOMEM : print_rows(text, stdout);
    free(text);
    if (error == 0)
        error = report_findings(findings, &style, stdout);
    return finish_output(error, EXIT_DONE);
}

/* Events asked for by --event. */
struct asked_events {
    char names[COUNTER_NATIVE_EVENTS][COUNTER_NAME];
    size_t count;
};

static int examine(double seconds, const struct asked_events *events) {
    struct topology *topology = NULL;
    struct problem problem;
    if (topology_open(&topology, NULL, &problem))
        return fail(EXIT_NOTHING, "%s", problem.text);
    struct fingerprint *host = calloc(1, sizeof *host);
    struct counter_plan *plan = calloc(1, sizeof *plan);
    struct findings *findings = calloc(1, sizeof *findings);
    struct cpu_choice *choice = calloc(1, sizeof *choice);
    int status = EXIT_DONE;
    if (!host || !plan || !findings || !choice)
        status = fail(EXIT_NOTHING, "out of memory");
    else if (topology_choose(topology, 1, NULL, choice, &problem))
        status = fail(EXIT_NOTHING, "%s", problem.text);
    else {
        fingerprint_read(host, topology);
        struct counter_options options = {.self_test = true,
                                          .cpu = choice->cpus[0],
                                          .clock = &host->clock,
                                          .native_events = events->names,
                                          .native_event_count = events->count};
        counter_probe(&options, plan);
        counter_findings(plan, findings);
        callgrind_findings(topology, choice->cpus[0], findings);
        host_findings(host, topology, seconds, findings);
        confinement_findings(findings);
        status = print_all(host, topology, plan, findings);
    }
    free(choice);
    free(findings);
    free(plan);
    free(host);
    topology_close(topology);
    return status;
}

int verb_doctor(int argc, char **argv) {
    double seconds = 1;
    struct asked_events events = {.count = 0};
    struct given_option given;
    for (int option; (option = next_option(argc, argv, &options, &given)) != -1;) {
        if (option == '?')
            return EXIT_USAGE;
        if (option == DOCTOR_SECONDS)
            seconds = given.number;
        else if (add_native_event("--event", given.text, events.names, &events.count))
            return EXIT_USAGE;
    }
    if (optind < argc)
        return fail(EXIT_USAGE, "doctor takes no argument, got '%s'", argv[optind]);
    return examine(seconds, &events);
}
