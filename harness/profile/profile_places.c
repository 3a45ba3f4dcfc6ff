/* From costs or samples to the hottest functions and lines. */
#include "conclude/bound.h"
#include "profile/profile.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Below this a place is not worth a row: what calling the variant costs, for one. */
#define LEAST_SHARE 0.005

/* What can be a place, before the hottest are chosen. */
struct candidate {
    const char *function, *file;
    unsigned line;
    double weight; /* cycles or samples */
    double instructions, l1d_misses, llc_misses, branch_misses;
};

/* Recursion is counted under the same name with '2 at its end. */
static size_t name_length(const char *name) {
    const char *mark = strrchr(name, '\'');
    if (mark && mark[1] && strspn(mark + 1, "0123456789") == strlen(mark + 1))
        return (size_t)(mark - name);
    return strlen(name);
}

static int compare_names(const char *a, const char *b) {
    size_t x = name_length(a), y = name_length(b);
    int order = strncmp(a, b, x < y ? x : y);
    return order ? order : (x > y) - (x < y);
}

static int compare_places(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    int order = strcmp(x->file, y->file);
    if (!order)
        order = (x->line > y->line) - (x->line < y->line);
    return order ? order : compare_names(x->function, y->function);
}

static int compare_weights(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    int order = (x->weight < y->weight) - (x->weight > y->weight);
    return order ? order : compare_places(a, b);
}

static void add_to(struct candidate *sum, const struct candidate *more) {
    sum->weight += more->weight;
    sum->instructions += more->instructions;
    sum->l1d_misses += more->l1d_misses;
    sum->llc_misses += more->llc_misses;
    sum->branch_misses += more->branch_misses;
}

/* The text of a line without the blanks around it; empty where the file cannot be read. */
static void read_source(struct profile_place *place) {
    char text[1024];
    FILE *file = place->line && place->file[0] == '/' ? fopen(place->file, "re") : NULL;
    unsigned line = 1;
    bool found = false;
    while (file && !found && fgets(text, sizeof text, file)) {
        found = line == place->line;
        line += strchr(text, '\n') != NULL;
    }
    if (file)
        fclose(file);
    if (!found)
        return;
    const char *start = text;
    while (isspace((unsigned char)*start))
        start++;
    size_t length = strcspn(start, "\r\n");
    while (length && isspace((unsigned char)start[length - 1]))
        length--;
    snprintf(place->source, sizeof place->source, "%.*s", (int)length, start);
}

/* Merges what is one place, sorts by weight, and keeps the first. Returns how many. */
static size_t choose_places(struct candidate *candidates, size_t count, double total,
                            struct profile_place *places) {
    size_t merged = 0, kept = 0;
    if (count == 0)
        return 0;
    qsort(candidates, count, sizeof *candidates, compare_places);
    for (size_t i = 0; i < count; i++) {
        if (merged && !compare_places(&candidates[merged - 1], &candidates[i]))
            add_to(&candidates[merged - 1], &candidates[i]);
        else
            candidates[merged++] = candidates[i];
    }
    qsort(candidates, merged, sizeof *candidates, compare_weights);
    for (size_t i = 0; i < merged && kept < PROFILE_PLACES; i++) {
        const struct candidate *from = &candidates[i];
        if (!(from->weight >= LEAST_SHARE * total) || total <= 0)
            break;
        struct profile_place *to = &places[kept++];
        *to = (struct profile_place){.line = from->line,
                                     .share = from->weight / total,
                                     .instructions = from->instructions,
                                     .l1d_misses = from->l1d_misses,
                                     .llc_misses = from->llc_misses,
                                     .branch_misses = from->branch_misses};
        snprintf(to->function, sizeof to->function, "%.*s", (int)name_length(from->function), from->function);
        snprintf(to->file, sizeof to->file, "%s", from->file);
        read_source(to);
    }
    return kept;
}

static double sum_of(const struct callgrind_profile *profile, const uint64_t *cost,
                     const char *const *events) {
    double sum = 0;
    for (; *events; events++) {
        int event = callgrind_event(profile, *events);
        sum += event >= 0 ? (double)cost[event] : NAN;
    }
    return sum;
}

static double or_zero(double value) {
    return isnan(value) ? 0 : value;
}

static struct candidate weigh(const struct profile_costs *costs, const struct callgrind_profile *profile,
                              const uint64_t *cost) {
    static const char *const instructions[] = {"Ir", NULL}, *const l1d[] = {"D1mr", "D1mw", NULL},
                             *const llc[] = {"DLmr", "DLmw", NULL}, *const l1i[] = {"I1mr", NULL},
                             *const branches[] = {"Bcm", "Bim", NULL};
    struct candidate candidate = {.instructions = sum_of(profile, cost, instructions) / costs->items,
                                  .l1d_misses = sum_of(profile, cost, l1d) / costs->items,
                                  .llc_misses = sum_of(profile, cost, llc) / costs->items,
                                  .branch_misses = sum_of(profile, cost, branches) / costs->items};
    candidate.weight = candidate.instructions / BOUND_WIDTH +
                       BOUND_MISPREDICTION * or_zero(candidate.branch_misses) +
                       BOUND_LINE_FROM_L2 * or_zero(sum_of(profile, cost, l1i) / costs->items) +
                       costs->miss_cycles * or_zero(candidate.l1d_misses);
    return candidate;
}

/* A function is where its hottest line is: a symbol has no file, and Callgrind's is that of its first
 * instruction, which may have been inlined. */
static void name_files(struct profile_variant *variant) {
    for (size_t f = 0; f < variant->function_count; f++)
        for (size_t i = 0; i < variant->line_count; i++)
            if (!strcmp(variant->functions[f].function, variant->lines[i].function)) {
                memcpy(variant->functions[f].file, variant->lines[i].file, PROFILE_PATH);
                break;
            }
}

/* Callgrind names what has no symbol by its address, block by block. */
static bool has_symbol(const char *name) {
    return strncmp(name, "0x", 2) != 0 && strcmp(name, "???") != 0;
}

/* "(ls)" for what is without a symbol in /usr/bin/ls; to be freed. */
static char *name_object(const char *object) {
    const char *last = strrchr(object, '/');
    char *name;
    return asprintf(&name, "(%s)", last ? last + 1 : object) < 0 ? NULL : name;
}

/* What can be a place in all profiles; names of objects, one a function, are owned. */
struct gathered {
    struct candidate *functions, *lines;
    size_t function_count, line_count;
    char **objects;
    size_t object_count;
    double total, nameless;
};

static int gather_function(const struct profile_costs *costs, const struct callgrind_profile *profile,
                           const struct callgrind_function *function, struct gathered *gathered) {
    struct candidate candidate = weigh(costs, profile, function->cost);
    candidate.function = function->name;
    candidate.file = function->file;
    if (!has_symbol(function->name)) {
        char *object = name_object(function->object);
        if (!object)
            return -ENOMEM;
        gathered->objects[gathered->object_count++] = object;
        gathered->nameless += candidate.weight;
        candidate.function = object;
    }
    gathered->functions[gathered->function_count++] = candidate;
    return 0;
}

static int gather(const struct profile_costs *costs, const struct callgrind_profile *profile,
                  struct gathered *gathered) {
    int status = 0;
    gathered->total += weigh(costs, profile, profile->total).weight;
    for (size_t i = 0; i < profile->function_count && status == 0; i++)
        if (strcmp(profile->functions[i].object, costs->own) != 0)
            status = gather_function(costs, profile, &profile->functions[i], gathered);
    for (size_t i = 0; i < profile->line_count && status == 0; i++) {
        const struct callgrind_line *line = &profile->lines[i];
        const struct callgrind_function *function = &profile->functions[line->function];
        if (!line->line || strcmp(function->object, costs->own) == 0)
            continue;
        struct candidate candidate = weigh(costs, profile, line->cost);
        candidate.function = function->name;
        candidate.file = line->file;
        candidate.line = line->line;
        gathered->lines[gathered->line_count++] = candidate;
    }
    return status;
}

int profile_places_of_costs(const struct profile_costs *costs, struct profile_variant *variant,
                            double *nameless) {
    struct gathered gathered = {.functions = NULL};
    size_t functions = 1, lines = 1;
    for (size_t i = 0; i < costs->profile_count; i++) {
        functions += costs->profiles[i].function_count;
        lines += costs->profiles[i].line_count;
    }
    gathered.functions = calloc(functions, sizeof *gathered.functions);
    gathered.lines = calloc(lines, sizeof *gathered.lines);
    gathered.objects = calloc(functions, sizeof *gathered.objects);
    int status = gathered.functions && gathered.lines && gathered.objects ? 0 : -ENOMEM;
    for (size_t i = 0; i < costs->profile_count && status == 0; i++)
        status = gather(costs, &costs->profiles[i], &gathered);
    if (status == 0) {
        variant->function_count =
            choose_places(gathered.functions, gathered.function_count, gathered.total, variant->functions);
        variant->line_count =
            choose_places(gathered.lines, gathered.line_count, gathered.total, variant->lines);
        name_files(variant);
        *nameless = gathered.nameless / gathered.total;
    }
    for (size_t i = 0; i < gathered.object_count; i++)
        free(gathered.objects[i]);
    free(gathered.objects);
    free(gathered.functions);
    free(gathered.lines);
    return status;
}

/* Samples as they are read; strings are owned. */
struct samples {
    struct candidate *items;
    size_t count, capacity;
    size_t total;   /* with those in the program itself, which are not items */
    size_t runtime; /* in OpenMP's */
    bool skip;      /* the last one is no item */
};

static void free_samples(struct samples *samples) {
    for (size_t i = 0; i < samples->count; i++) {
        free((char *)samples->items[i].function);
        free((char *)samples->items[i].file);
    }
    free(samples->items);
}

static int add_sample(struct samples *samples, const char *function, size_t length) {
    if (samples->count == samples->capacity) {
        size_t capacity = samples->capacity ? 2 * samples->capacity : 256;
        struct candidate *items = realloc(samples->items, capacity * sizeof *items);
        if (!items)
            return -ENOMEM;
        samples->items = items;
        samples->capacity = capacity;
    }
    struct candidate *item = &samples->items[samples->count];
    *item = (struct candidate){.function = strndup(function, length),
                               .file = strdup("???"),
                               .weight = 1,
                               .instructions = NAN,
                               .l1d_misses = NAN,
                               .llc_misses = NAN,
                               .branch_misses = NAN};
    samples->count++; /* counted first, so that free_samples frees what there is */
    return item->function && item->file ? 0 : -ENOMEM;
}

/* Whether an object is OpenMP's runtime, of gcc, of clang or of Intel. */
static bool is_runtime(const char *object) {
    return strstr(object, "libgomp") || strstr(object, "libomp") || strstr(object, "libiomp");
}

/* "   7f12ab lookup_run (/path/module.so)": a name between the address and the object, which stands for the
 * name where that is not known. */
static int read_sample(const char *line, const char *own, struct samples *samples) {
    char object[1024] = "", shown[1040];
    const char *at = line + strspn(line, " \t");
    size_t address = strspn(at, "0123456789abcdef");
    at += address + strspn(at + address, " ");
    const char *open = strrchr(at, '(');
    size_t length = open ? (size_t)(open - at) : strcspn(at, "\n");
    while (length && at[length - 1] == ' ')
        length--;
    if (open)
        snprintf(object, sizeof object, "%.*s", (int)strcspn(open + 1, ")\n"), open + 1);
    samples->total++;
    samples->runtime += is_runtime(object);
    samples->skip = !strcmp(object, own);
    if (samples->skip)
        return 0;
    if (length == 0 || !strncmp(at, "[unknown]", 9)) {
        const char *slash = strrchr(object, '/');
        snprintf(shown, sizeof shown, "(%s)", slash ? slash + 1 : object);
        return add_sample(samples, shown, strlen(shown));
    }
    return add_sample(samples, at, length);
}

static bool is_sample(const char *line) {
    const char *at = line + strspn(line, " \t");
    size_t address = strspn(at, "0123456789abcdef");
    return address >= 4 && at[address] == ' ';
}

/* "  /path/file.c:12 (discriminator 2)"; "??:0", "file.so[1234]" where it is not known. */
static int read_source_line(const char *line, struct candidate *item) {
    const char *at = line + strspn(line, " \t");
    size_t length = strcspn(at, "\n");
    const char *colon = NULL;
    for (size_t i = 0; i < length && !(at[i] == ' ' && at[i + 1] == '('); i++)
        if (at[i] == ':')
            colon = at + i;
    unsigned number = colon ? (unsigned)strtoul(colon + 1, NULL, 10) : 0;
    if (number == 0 || colon == at || *at == '?')
        return 0;
    char *file = strndup(at, (size_t)(colon - at));
    if (!file)
        return -ENOMEM;
    free((char *)item->file);
    item->file = file;
    item->line = number;
    return 0;
}

static int read_samples(FILE *script, const char *own, struct samples *samples) {
    char line[4096];
    int status = 0;
    while (status == 0 && fgets(line, sizeof line, script)) {
        if (is_sample(line))
            status = read_sample(line, own, samples);
        else if (samples->count && !samples->skip && line[strspn(line, " \t\n")])
            status = read_source_line(line, &samples->items[samples->count - 1]);
    }
    return status;
}

static size_t choose_functions(struct samples *samples, struct profile_place *places) {
    const struct candidate *items = samples->items;
    struct candidate *functions = calloc(samples->count, sizeof *functions);
    size_t kept = 0;
    for (size_t i = 0; functions && i < samples->count; i++) {
        functions[i] = items[i];
        functions[i].file = "";
        functions[i].line = 0;
    }
    if (functions)
        kept = choose_places(functions, samples->count, (double)samples->total, places);
    free(functions);
    for (size_t i = 0; i < kept; i++)
        snprintf(places[i].file, sizeof places[i].file, "???");
    return kept;
}

int profile_places_of_samples(FILE *script, const char *own, struct profile_variant *variant) {
    struct samples samples = {0};
    int status = read_samples(script, own, &samples);
    if (status == 0 && samples.count == 0)
        status = -ENODATA;
    struct candidate *lines = status == 0 ? calloc(samples.count, sizeof *lines) : NULL;
    if (lines) {
        size_t known = 0;
        for (size_t i = 0; i < samples.count; i++)
            if (samples.items[i].line)
                lines[known++] = samples.items[i];
        variant->samples = samples.total;
        variant->evidence.runtime = (double)samples.runtime / (double)samples.total;
        variant->function_count = choose_functions(&samples, variant->functions);
        variant->line_count = choose_places(lines, known, (double)samples.total, variant->lines);
        name_files(variant);
    }
    if (status == 0 && (!lines || variant->function_count == 0))
        status = -ENOMEM;
    free(lines);
    free_samples(&samples);
    return status;
}
