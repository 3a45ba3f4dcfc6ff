#include "store/run_part.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void run_part_free(struct run *part) {
    free(part->measurements);
    free(part->comparisons);
    free(part->crossovers);
    free(part->growth);
    free(part->scaling);
    free(part->skipped);
    *part = (struct run){0};
}

static int allocate(const struct run *run, struct run *part) {
    part->measurements = calloc(run->measurement_count + 1, sizeof *part->measurements);
    part->comparisons = calloc(run->comparison_count + 1, sizeof *part->comparisons);
    part->crossovers = calloc(run->crossover_count + 1, sizeof *part->crossovers);
    part->growth = calloc(run->growth_count + 1, sizeof *part->growth);
    part->scaling = calloc(run->scaling_count + 1, sizeof *part->scaling);
    part->skipped = calloc(run->skipped_count + 1, sizeof *part->skipped);
    bool failed = !part->measurements || !part->comparisons || !part->crossovers || !part->growth ||
                  !part->scaling || !part->skipped;
    return failed ? -ENOMEM : 0;
}

/* Measurements of the case with their comparisons, which know them by index. */
static void take_comparisons(const struct run *run, const char *case_name, struct run *part) {
    for (size_t i = 0; i < run->measurement_count; i++) {
        if (strcmp(run->measurements[i].case_name, case_name) != 0)
            continue;
        for (size_t c = 0; c < run->comparison_count; c++)
            if (run->comparisons[c].measurement == i) {
                part->comparisons[part->comparison_count] = run->comparisons[c];
                part->comparisons[part->comparison_count++].measurement = part->measurement_count;
            }
        part->measurements[part->measurement_count++] = run->measurements[i];
    }
}

int run_part_of_case(const struct run *run, const char *case_name, struct run *part) {
    *part = *run;
    part->measurement_count = part->comparison_count = part->crossover_count = part->skipped_count = 0;
    part->growth_count = part->scaling_count = 0;
    part->whole = run->comparison_count;
    int status = allocate(run, part);
    if (status == 0) {
        take_comparisons(run, case_name, part);
        for (size_t i = 0; i < run->crossover_count; i++)
            if (strcmp(run->crossovers[i].case_name, case_name) == 0)
                part->crossovers[part->crossover_count++] = run->crossovers[i];
        for (size_t i = 0; i < run->growth_count; i++)
            if (strcmp(run->growth[i].case_name, case_name) == 0)
                part->growth[part->growth_count++] = run->growth[i];
        for (size_t i = 0; i < run->scaling_count; i++)
            if (strcmp(run->scaling[i].case_name, case_name) == 0)
                part->scaling[part->scaling_count++] = run->scaling[i];
        for (size_t i = 0; i < run->skipped_count; i++)
            if (strcmp(run->skipped[i].case_name, case_name) == 0)
                part->skipped[part->skipped_count++] = run->skipped[i];
        if (part->comparison_count + part->skipped_count == 0)
            status = -ENOENT;
    }
    if (status)
        run_part_free(part);
    return status;
}
