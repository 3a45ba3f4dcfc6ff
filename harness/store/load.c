#include "store/load.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *load_outcome_name(enum load_outcome outcome) {
    static const char *const names[] = {"undecided", "met", "missed"};
    return (size_t)outcome < sizeof names / sizeof *names ? names[outcome] : "unknown";
}

void load_clear(struct load *load) {
    free(load->command);
    free(load->arms);
    free(load->readings);
    free(load->comparisons);
    free(load->judgements);
    memset(load, 0, sizeof *load);
}

int load_add(struct load *load, const struct load_reading *reading) {
    struct load_reading *readings =
        reallocarray(load->readings, load->reading_count + 1, sizeof *load->readings);
    if (!readings)
        return -ENOMEM;
    load->readings = readings;
    readings[load->reading_count++] = *reading;
    return 0;
}

double load_value(const struct load_reading *reading, enum slo_quantity quantity) {
    switch (quantity) {
    case SLO_THROUGHPUT:
        return reading->served;
    case SLO_P50:
        return reading->p50;
    case SLO_P99:
        return reading->p99;
    case SLO_P999:
        return reading->p999;
    case SLO_ERROR_RATE:
        return reading->requests ? (double)reading->errors / (double)reading->requests : NAN;
    case SLO_CPU_SHARE:
        return reading->cpu_share;
    default:
        return NAN;
    }
}
