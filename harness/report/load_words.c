#include "report/load_words.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define ABSENT "–"
#define LOAD_CLIENT_LIMIT 0.9 /* share of its CPUs from which on the client is the limit */

static bool is_time(enum slo_quantity quantity) {
    return quantity >= SLO_P50 && quantity <= SLO_P999;
}

const char *load_quantity_word(enum slo_quantity quantity) {
    static const char *const words[] = {
        [SLO_THROUGHPUT] = "requests/s", [SLO_P50] = "p50", [SLO_P99] = "p99", [SLO_P999] = "p99.9"};
    return quantity <= SLO_P999 ? words[quantity] : slo_quantity_name(quantity);
}

void load_format_value(enum slo_quantity quantity, double value, char text[FORMAT_SIZE]) {
    char other[FORMAT_SIZE];
    if (!isfinite(value))
        snprintf(text, FORMAT_SIZE, ABSENT);
    else if (is_time(quantity))
        format_times(value, value, text, other);
    else if (quantity == SLO_PEAK_MEMORY)
        format_bytes(value, text);
    else if (quantity == SLO_ERROR_RATE)
        format_percent(value, text);
    else
        format_number(value, text);
}

void load_format_values(enum slo_quantity quantity, double first, double second, char first_text[FORMAT_SIZE],
                        char second_text[FORMAT_SIZE]) {
    if (is_time(quantity) && isfinite(first) && isfinite(second)) {
        format_times(first, second, first_text, second_text);
        return;
    }
    load_format_value(quantity, first, first_text);
    load_format_value(quantity, second, second_text);
}

static void format_share(double share, char text[FORMAT_SIZE]) {
    if (share > 0)
        snprintf(text, FORMAT_SIZE, "%s %%", BRIEF(100 * share, 3));
    else
        snprintf(text, FORMAT_SIZE, "back to back");
}

void load_format_rate(const struct load *load, double share, char text[LOAD_WORDS]) {
    format_share(share, text);
    if (share > 0)
        snprintf(text + strlen(text), FORMAT_SIZE, ", %s/s", PADDED(share * load->saturation, 3));
}

void load_print_setup(const struct load *load, struct text *text) {
    text_printf(
        text,
        "a request is one run, %s %s%s; %s arrivals, whatever the variant does; latency counts from when a "
        "request should have started; %zu client%s on %zu CPU%s; %zu processes; shares are of %s requests a second, what %s serves back "
        "to back",
        BRIEF(load->items, 4), load->item, load->items == 1 ? "" : "s",
        load->poisson ? "random (Poisson)" : "evenly spaced", load->clients, load->clients == 1 ? "" : "s",
        load->client_cpus, load->client_cpus == 1 ? "" : "s", load->replicate_count,
        PADDED(load->saturation, 3), load->arms[0].variant);
}

/* Errors and the unserved of an arm, over all processes and rates. */
static void count_failures(const struct load *load, size_t arm, size_t *errors, size_t *unserved,
                           size_t *requests) {
    *errors = *unserved = *requests = 0;
    for (size_t i = 0; i < load->reading_count; i++)
        if (load->readings[i].arm == arm) {
            *errors += load->readings[i].errors;
            *unserved += load->readings[i].unserved;
            *requests += load->readings[i].requests;
        }
}

static void add_failures(struct notes *notes, const struct load *load, size_t arm) {
    size_t errors, unserved, requests;
    count_failures(load, arm, &errors, &unserved, &requests);
    if (errors)
        text_printf(notes_add(notes, "errors"), "%s: %zu of %zu %s; nothing is claimed where they did",
                    load->arms[arm].variant, errors, requests,
                    load->arms[arm].errors_by_block ? "requests failed at the least (asked once a block)"
                                                    : "requests failed");
    if (unserved)
        text_printf(
            notes_add(notes, "overload"),
            "%s: %zu of %zu requests were not begun when their block was given up, three times as long as planned: it "
            "cannot serve that rate, and its latency there is more than what was seen",
            load->arms[arm].variant, unserved, requests);
}

/* What an arm's rate back to back is a limit of, where a server answers: the clients' CPUs, or not. */
static void add_limit(struct notes *notes, const struct load *load, size_t arm) {
    double busy = 0;
    size_t count = 0;
    char text[FORMAT_SIZE];
    for (size_t i = 0; i < load->reading_count; i++)
        if (load->readings[i].arm == arm && load->readings[i].share == 0 &&
            isfinite(load->readings[i].cpu_share)) {
            busy += load->readings[i].cpu_share / (double)load->client_cpus;
            count++;
        }
    if (!load->servers[0] || !count)
        return;
    busy /= (double)count;
    format_percent(busy, text);
    if (busy >= LOAD_CLIENT_LIMIT)
        text_printf(
            notes_add(notes, "limit"),
            "%s: back to back the clients kept %s of their CPUs busy: its rate is a limit of the client, not "
            "of the server",
            load->arms[arm].variant, text);
    else
        text_printf(
            notes_add(notes, "limit"),
            "%s: back to back the clients kept %s of their CPUs busy and waited else, with %zu request%s at "
            "one time; with more of them (--clients) the server may serve more",
            load->arms[arm].variant, text, load->clients, load->clients == 1 ? "" : "s");
}

/* Of the latency at the highest rate, what the service itself took: what a client that waits for its answers would say. */
static void add_service(struct notes *notes, const struct load *load, size_t arm) {
    double share = load->share_count ? load->shares[load->share_count - 1] : 0, latency = 0, service = 0;
    size_t count = 0;
    char texts[3][FORMAT_SIZE];
    for (size_t i = 0; i < load->reading_count; i++) {
        const struct load_reading *reading = &load->readings[i];
        if (reading->arm != arm || reading->share != share || !(reading->p99 > 0) ||
            !(reading->service_p99 > 0))
            continue;
        latency += log(reading->p99);
        service += log(reading->service_p99);
        count++;
    }
    if (!count || !(share > 0))
        return;
    format_times(exp(latency / (double)count), exp(service / (double)count), texts[0], texts[1]);
    format_share(share, texts[2]);
    text_printf(
        notes_add(notes, "waiting"),
        "%s at %s: p99 of latency %s, of the service alone %s; the rest is waiting in line, which a client that "
        "sends when it has its answer does not see",
        load->arms[arm].variant, texts[2], texts[0], texts[1]);
}

int load_notes_open(struct notes *notes, const struct load *load) {
    *notes = (struct notes){0};
    for (size_t arm = 0; arm < load->arm_count; arm++) {
        if (load->arms[arm].role == ARM_PLACEBO)
            continue;
        if (load->arms[arm].invalid[0])
            text_add(notes_add(notes, "invalid"), load->arms[arm].invalid);
        else {
            add_service(notes, load, arm);
            add_limit(notes, load, arm);
            add_failures(notes, load, arm);
        }
    }
    if (load->servers[0])
        text_add(notes_add(notes, "server"), load->servers);
    if (load->cpus[0])
        text_add(notes_add(notes, "cpus"), load->cpus);
    return notes_check(notes);
}
