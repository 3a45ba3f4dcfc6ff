#include "cli/calibrate_kinds.h"

#include "base/numbers.h"
#include "store/suggest.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct calibrate_kind calibrate_kinds[] = {
    {.name = "core", .group = "arithmetic", .planted = true},
    {.name = "latency", .group = "arithmetic"},
    {.name = "division", .group = "arithmetic"},
    {.name = "swapped", .group = "arithmetic", .choice = "core", .planted = true, .swapped = true},
    {.name = "l1", .group = "memory", .planted = true},
    {.name = "l2", .group = "memory", .planted = true, .memory = MEMORY_L2},
    {.name = "dram", .group = "memory", .planted = true, .memory = MEMORY_DRAM},
    {.name = "copy", .group = "memory", .planted = true},
    {.name = "copy-far", .group = "memory", .memory = MEMORY_FAR},
    {.name = "placement", .group = "memory"},
    {.name = "string", .group = "memory"},
    {.name = "fill", .group = "memory"},
    {.name = "list", .group = "memory"},
    {.name = "forwarding", .group = "memory"},
    {.name = "branchy", .group = "code", .planted = true},
    {.name = "dead-code", .group = "code"},
    {.name = "helper", .group = "code"},
    {.name = "indirect", .group = "code"},
    {.name = "interpreter", .group = "code"},
    {.name = "sort", .group = "code"},
    {.name = "hash", .group = "code"},
    {.name = "skewed", .group = "code"},
    {.name = "allocation", .group = "state", .planted = true},
    {.name = "heap-history", .group = "state"},
    {.name = "warm-up", .group = "state"},
    {.name = "thread-local", .group = "state"},
    {.name = "atomic", .group = "state"},
    {.name = "syscall", .group = "kernel", .planted = true},
    {.name = "pread", .group = "kernel"},
    {.name = "write", .group = "kernel"},
    {.name = "calls", .group = "kernel"},
    {.name = "openmp", .group = "threads", .threads = 2, .planted = true},
    {.name = NULL},
};

const struct calibrate_size calibrate_sizes[] = {
    {0, "same"},      {0.001, "plus-0-1"}, {0.0025, "plus-0-25"}, {0.005, "plus-0-5"}, {0.01, "plus-1"},
    {0.02, "plus-2"}, {0.03, "plus-3"},    {0.05, "plus-5"},      {0, NULL},
};

const struct calibrate_kind *calibrate_kind_find(const char *name) {
    for (size_t i = 0; calibrate_kinds[i].name; i++)
        if (!strcmp(calibrate_kinds[i].name, name))
            return &calibrate_kinds[i];
    return NULL;
}

static bool has_kind(const struct calibration *calibration, const char *name) {
    for (size_t i = 0; i < calibration->kind_count; i++)
        if (!strcmp(calibration->kinds[i].name, name))
            return true;
    return false;
}

static void add_kind(struct calibration *calibration, const struct calibrate_kind *kind) {
    if (has_kind(calibration, kind->name))
        return;
    struct calibration_kind *to = &calibration->kinds[calibration->kind_count++];
    *to = (struct calibration_kind){
        .threads = kind->threads ? kind->threads : 1, .sized = kind->planted, .swapped = kind->swapped};
    snprintf(to->name, sizeof to->name, "%s", kind->name);
    snprintf(to->group, sizeof to->group, "%s", kind->group);
}

/* The whole, the groups, the kinds. */
static size_t list_words(const char *words[2 * CALIBRATION_KINDS]) {
    size_t count = 0;
    words[count++] = "all";
    for (size_t i = 0; calibrate_kinds[i].name; i++)
        if (i == 0 || strcmp(calibrate_kinds[i].group, calibrate_kinds[i - 1].group) != 0)
            words[count++] = calibrate_kinds[i].group;
    for (size_t i = 0; calibrate_kinds[i].name; i++)
        words[count++] = calibrate_kinds[i].name;
    return count;
}

int calibrate_kinds_take(struct calibration *calibration, const char *word, struct problem *problem) {
    const char *words[2 * CALIBRATION_KINDS] = {NULL};
    char hint[480];
    bool any = false;
    for (size_t i = 0; calibrate_kinds[i].name; i++) {
        const struct calibrate_kind *kind = &calibrate_kinds[i];
        if (strcmp(word, "all") != 0 && strcmp(word, kind->group) != 0 && strcmp(word, kind->name) != 0)
            continue;
        add_kind(calibration, kind);
        any = true;
    }
    if (any)
        return 0;
    list_words(words);
    struct name_list list = name_list_of(words);
    return problem_set(problem, EINVAL, "--kinds: no kind '%s'%s", word,
                       suggest_names(word, &list, hint, sizeof hint));
}

static void add_size(struct calibration *calibration, double planted) {
    size_t at = 0;
    while (at < calibration->size_count && calibration->sizes[at] < planted)
        at++;
    if (at < calibration->size_count && calibration->sizes[at] == planted)
        return;
    memmove(calibration->sizes + at + 1, calibration->sizes + at,
            (calibration->size_count - at) * sizeof *calibration->sizes);
    calibration->sizes[at] = planted;
    calibration->size_count++;
}

int calibrate_sizes_take(struct calibration *calibration, const char *word, struct problem *problem) {
    char sizes[128];
    double percent = NAN;
    bool all = !strcmp(word, "all"), any = false, number = number_read(word, strlen(word), &percent);
    for (size_t i = 0; calibrate_sizes[i].variant; i++) {
        double planted = calibrate_sizes[i].planted;
        if (!all && (!number || !(fabs(percent / 100 - planted) < 1e-9)))
            continue;
        add_size(calibration, planted);
        any = true;
    }
    if (any)
        return 0;
    calibrate_sizes_help(sizes, sizeof sizes);
    return problem_set(problem, EINVAL, "--sizes: expected some of %s with commas between, got '%s'", sizes,
                       word);
}

void calibrate_kinds_help(char *text, size_t size) {
    const char *group = "";
    size_t length = 0;
    for (size_t i = 0; calibrate_kinds[i].name && length < size; i++) {
        const struct calibrate_kind *kind = &calibrate_kinds[i];
        bool first = strcmp(kind->group, group) != 0;
        if (first)
            length += (size_t)snprintf(text + length, size - length, "%s%s (", i ? "), " : "", kind->group);
        if (length < size)
            length += (size_t)snprintf(text + length, size - length, "%s%s", first ? "" : ", ", kind->name);
        group = kind->group;
    }
    if (length < size)
        snprintf(text + length, size - length, ")");
}

void calibrate_sizes_help(char *text, size_t size) {
    size_t length = 0;
    for (size_t i = 0; calibrate_sizes[i].variant && length < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%s", i ? ", " : "",
                                   BRIEF(100 * calibrate_sizes[i].planted, 6));
}
