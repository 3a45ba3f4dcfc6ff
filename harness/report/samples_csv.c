/* The raw samples as CSV: a row a round of each variant. */
#include "report/csv_field.h"
#include "report/report.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Parameters of all measurements, in the order of their first appearance; they point into the run. */
struct parameters {
    const char **names;
    size_t count;
};

static int collect(const struct run *run, struct parameters *parameters) {
    size_t most = 1;
    for (size_t i = 0; i < run->measurement_count; i++)
        most += run->measurements[i].point.count;
    *parameters = (struct parameters){.names = calloc(most, sizeof *parameters->names)};
    for (size_t i = 0; parameters->names && i < run->measurement_count; i++)
        for (size_t k = 0; k < run->measurements[i].point.count; k++) {
            const char *name = run->measurements[i].point.values[k].name;
            size_t known = 0;
            while (known < parameters->count && strcmp(parameters->names[known], name) != 0)
                known++;
            if (known == parameters->count)
                parameters->names[parameters->count++] = name;
        }
    return parameters->names ? 0 : -ENOMEM;
}

static const char *role_name(enum arm_role role) {
    return role == ARM_BASELINE ? "baseline" : role == ARM_CANDIDATE ? "candidate" : "placebo";
}

static void add_rounds(struct text *out, const struct run *run, const struct measurement *measurement,
                       size_t arm, size_t replicate_index, const struct parameters *parameters) {
    const struct replicate *replicate = &measurement->replicates[replicate_index];
    const struct arm *what = &measurement->arms[arm];
    double ticks_per_ns = run->host.clock.ticks_per_ns;
    struct text start = {0};
    if (!replicate->ticks[arm] || !replicate->runs[arm])
        return;
    csv_add_field(&start, true, run->id);
    csv_add_field(&start, false, measurement->case_name);
    csv_add_field(&start, false, what->variant);
    csv_add_field(&start, false, role_name(what->role));
    for (size_t i = 0; i < parameters->count; i++)
        csv_add_parameter(&start, &measurement->point, parameters->names[i]);
    text_printf(&start, ",%zu,%" PRIu64 ",%d", replicate_index + 1, replicate->seed, replicate->layout);
    for (size_t round = 0; round < replicate->rounds; round++) {
        double ns = (double)replicate->ticks[arm][round] / ticks_per_ns / (double)replicate->runs[arm];
        text_add(out, text_string(&start));
        text_printf(out, ",%zu,%" PRIu64 ",%" PRIu64, round + 1, replicate->ticks[arm][round],
                    replicate->runs[arm]);
        csv_add_number(out, ns);
        csv_add_number(out, ns / measurement->items);
        text_add(out, "\r\n");
    }
    out->failed |= start.failed;
    text_clear(&start);
}

/* By measurement, since all of them together may be more than memory should hold twice. */
static int write_measurement(const struct run *run, const struct measurement *measurement,
                             const struct parameters *parameters, FILE *stream) {
    struct text out = {0};
    for (size_t r = 0; r < measurement->replicate_count; r++)
        for (size_t arm = 0; arm < measurement->arm_count; arm++)
            add_rounds(&out, run, measurement, arm, r, parameters);
    int status = text_write(&out, stream);
    text_clear(&out);
    return status;
}

int report_samples_csv(const struct run *run, FILE *stream) {
    struct parameters parameters;
    struct text out = {0};
    int status = collect(run, &parameters);
    text_add(&out, "run,case,variant,role");
    for (size_t i = 0; status == 0 && i < parameters.count; i++) {
        struct text name = {0};
        text_printf(&name, "point_%s", parameters.names[i]);
        csv_add_field(&out, false, text_string(&name));
        out.failed |= name.failed;
        text_clear(&name);
    }
    text_add(&out, ",replicate,seed,layout,round,ticks,runs,ns_per_run,ns_per_item\r\n");
    if (status == 0)
        status = text_write(&out, stream);
    text_clear(&out);
    for (size_t i = 0; status == 0 && i < run->measurement_count; i++)
        status = write_measurement(run, &run->measurements[i], &parameters, stream);
    free(parameters.names);
    return status;
}
