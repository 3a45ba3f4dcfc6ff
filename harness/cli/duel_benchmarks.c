/* countersign duel --google-benchmark: two builds of an executable, benchmark by benchmark. */
#include "cli/duel.h"
#include "cli/duel_commands.h"
#include "commands/google_benchmark.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MIN_TIME_S 0.05
#define SIDES 2
#define NAME_MOST 36 /* bytes of a name in a table */

const struct option_row duel_benchmark_rows[] = {
    {"google-benchmark", NULL, BENCHMARK_GOOGLE,
     "OLD and NEW are executables of Google Benchmark: every benchmark that both have is a comparison, run by "
     "turns in processes of its own",
     FLAG},
    {"filter", "RE", BENCHMARK_FILTER, "those that match alone, as its --benchmark_filter (-RE: all others)",
     ANY_TEXT},
    {"min-time", "S", BENCHMARK_MIN_TIME, "shortest sample of a benchmark (default 0.05)",
     NUMBER_FROM(0.0001, 3600)},
    {.name = NULL}};

/* What both executables are asked, and the comparisons that it makes. */
struct benchmarks {
    struct duel_commands duel;
    const char *filter;
    double min_time;
    struct words programs[SIDES], names[SIDES];
    struct command_point *points;
    struct skipped *skipped;
    struct words *commands; /* that points borrow, SIDES a point */
    char **texts;
    size_t count, skipped_count;
};

static void benchmarks_clear(struct benchmarks *benchmarks) {
    for (size_t i = 0; i < SIDES * benchmarks->count; i++) {
        words_clear(&benchmarks->commands[i]);
        free(benchmarks->texts[i]);
    }
    for (size_t side = 0; side < SIDES; side++) {
        words_clear(&benchmarks->programs[side]);
        words_clear(&benchmarks->names[side]);
    }
    free(benchmarks->points);
    free(benchmarks->skipped);
    free(benchmarks->commands);
    free(benchmarks->texts);
    duel_commands_clear(&benchmarks->duel);
    free(benchmarks);
}

/* Options of commands that say nothing here: what is run, and what becomes of its output, is settled. */
static bool is_of_commands_alone(int option) {
    static const int others[] = {DUEL_PARAMETER,      DUEL_SHELL,          DUEL_INPUT,
                                 DUEL_SETUP,          DUEL_PREPARE,        DUEL_CONCLUDE,
                                 DUEL_CLEANUP,        DUEL_IGNORE_OUTPUT,  DUEL_DISCARD_OUTPUT,
                                 DUEL_COMPARE_STDERR, DUEL_IGNORE_FAILURE, DUEL_NO_COUNTERS};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (option == others[i])
            return true;
    return option < DUEL_OPTION_FIRST || option > DUEL_OPTION_LAST;
}

static int read_options(int argc, char **argv, struct benchmarks *benchmarks) {
    struct given_option given;
    int status = 0;
    for (int option; status == 0 && (option = next_option(argc, argv, duel_options(), &given)) != -1;) {
        if (option == '?')
            return -1;
        if (option == BENCHMARK_FILTER)
            benchmarks->filter = given.text;
        else if (option == BENCHMARK_MIN_TIME)
            benchmarks->min_time = given.number;
        else if (option != BENCHMARK_GOOGLE)
            status = is_of_commands_alone(option)
                         ? fail(-1,
                                "duel --google-benchmark: --%s is not for benchmarks; see `countersign duel "
                                "--help`",
                                given.row->name)
                         : duel_commands_option(&benchmarks->duel, &given);
    }
    if (status == 0 && argc - optind != SIDES)
        status =
            fail(-1, "duel --google-benchmark: expected two executables, OLD and NEW, got %d", argc - optind);
    if (status == 0 && benchmarks->duel.names.count > SIDES)
        status = fail(-1, "--name: %zu names, but 2 executables", benchmarks->duel.names.count);
    return status;
}

static bool is_file(const char *path) {
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISREG(facts.st_mode);
}

/* A path, blanks and all, or a path with arguments of its own. What lies here needs no "./". */
static int split_program(const char *text, struct words *program) {
    int status = is_file(text) ? words_add(program, text) : words_split(program, text);
    if (status == -EINVAL)
        return fail(-1, "'%s': a quote is not closed", text);
    if (status == 0 && program->count == 0)
        return fail(-1, "duel --google-benchmark: expected an executable, got an empty name");
    if (status == 0 && !strchr(program->items[0], '/') && is_file(program->items[0])) {
        char *here = NULL;
        status = asprintf(&here, "./%s", program->items[0]) < 0 ? -ENOMEM : 0;
        if (status == 0) {
            free(program->items[0]);
            program->items[0] = here;
        }
    }
    return status ? fail(-1, "out of memory") : 0;
}

static size_t count_name(const struct words *names, const char *name) {
    size_t count = 0;
    for (size_t i = 0; i < names->count; i++)
        count += !strcmp(names->items[i], name);
    return count;
}

static const char *label_of(const struct benchmarks *benchmarks, size_t side) {
    const struct words *names = &benchmarks->duel.names;
    return side < names->count ? names->items[side] : side ? "B" : "A";
}

/* Bytes of the first `most` that end with a character. */
static size_t cut(const char *text, size_t most) {
    while (((unsigned char)text[most] & 0xc0) == 0x80)
        most--;
    return most;
}

/* A name that is too long for a table loses its middle; then its number tells it from others. */
static void fill_point(const char *name, size_t number, struct point *point) {
    struct point_value *value = &point->values[0];
    size_t length = strlen(name);
    *point = (struct point){.count = 1};
    snprintf(value->name, sizeof value->name, "benchmark");
    value->value = (int64_t)number;
    if (length <= NAME_MOST) {
        memcpy(value->choice, name, length + 1);
        return;
    }
    const char *end = name + length - NAME_MOST / 2;
    while (((unsigned char)*end & 0xc0) == 0x80)
        end++;
    snprintf(value->choice, sizeof value->choice, "%.*s…%s #%zu", (int)cut(name, NAME_MOST / 3), name, end,
             number % 1000000 + 1);
}

static int add_point(struct benchmarks *benchmarks, const char *name, size_t number) {
    struct command_point *point = &benchmarks->points[benchmarks->count];
    size_t first = SIDES * benchmarks->count++;
    int status = 0;
    *point = (struct command_point){.arm_count = SIDES};
    fill_point(name, number, &point->point);
    for (size_t side = 0; side < SIDES && status == 0; side++) {
        struct words *command = &benchmarks->commands[first + side];
        char **text = &benchmarks->texts[first + side];
        status =
            google_benchmark_command(&benchmarks->programs[side], name, benchmarks->min_time, command, text);
        point->arms[side] = (struct command_arm){
            .label = label_of(benchmarks, side), .text = *text, .arguments = command->items};
    }
    return status;
}

static void skip(struct benchmarks *benchmarks, const char *name, size_t number, const char *why,
                 size_t side) {
    struct skipped *skipped = &benchmarks->skipped[benchmarks->skipped_count++];
    *skipped = (struct skipped){.point.count = 0};
    snprintf(skipped->case_name, sizeof skipped->case_name, "%s", benchmarks->duel.options.case_name);
    fill_point(name, number, &skipped->point);
    snprintf(skipped->reason, sizeof skipped->reason, "%s %s, %s", why, label_of(benchmarks, side),
             benchmarks->programs[side].items[0]);
}

static bool is_repeated(const struct words *names, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (!strcmp(names->items[k], names->items[i]))
            return true;
    return false;
}

/* What both have, in OLD's order; the others are named. */
static int pair(struct benchmarks *benchmarks) {
    const struct words *names = benchmarks->names;
    size_t most = names[0].count + names[1].count;
    int status = 0;
    benchmarks->points = calloc(most, sizeof *benchmarks->points);
    benchmarks->skipped = calloc(most, sizeof *benchmarks->skipped);
    benchmarks->commands = calloc(SIDES * most, sizeof *benchmarks->commands);
    benchmarks->texts = calloc(SIDES * most, sizeof *benchmarks->texts);
    if (!benchmarks->points || !benchmarks->skipped || !benchmarks->commands || !benchmarks->texts)
        return -ENOMEM;
    for (size_t side = 0; side < SIDES; side++)
        for (size_t i = 0; i < names[side].count && status == 0; i++) {
            const char *name = names[side].items[i];
            size_t own = count_name(&names[side], name), others = count_name(&names[!side], name);
            size_t number = side * names[0].count + i;
            if (is_repeated(&names[side], i) || (side && others))
                continue;
            if (!others)
                skip(benchmarks, name, number, "only in", side);
            else if (own > 1 || others > 1)
                skip(benchmarks, name, number, "the name stands for several in", own > 1 ? side : !side);
            else
                status = add_point(benchmarks, name, number);
        }
    return status;
}

static int list_both(struct benchmarks *benchmarks) {
    struct problem problem;
    for (size_t side = 0; side < SIDES; side++)
        if (google_benchmark_list(&benchmarks->programs[side], benchmarks->filter, &caught_signal,
                                  &benchmarks->names[side], &problem))
            return caught_signal
                       ? (int)fail(EXIT_INTERRUPTED + caught_signal, "interrupted; nothing was measured")
                       : (int)fail(EXIT_USAGE, "duel --google-benchmark: %s", problem.text);
    if (pair(benchmarks))
        return fail(EXIT_NOTHING, "out of memory");
    if (benchmarks->count == 0)
        return fail(EXIT_USAGE,
                    "duel --google-benchmark: %s and %s have no benchmark in common; the first are "
                    "%s and %s",
                    benchmarks->programs[0].items[0], benchmarks->programs[1].items[0],
                    benchmarks->names[0].items[0], benchmarks->names[1].items[0]);
    return 0;
}

static int measure(struct benchmarks *benchmarks, int argc, char **argv) {
    struct duel_commands *duel = &benchmarks->duel;
    char title[sizeof((struct comparison *)NULL)->case_title];
    snprintf(title, sizeof title, "%s: %s; %s: %s", label_of(benchmarks, 0), benchmarks->programs[0].items[0],
             label_of(benchmarks, 1), benchmarks->programs[1].items[0]);
    duel->options.case_title = title;
    duel->options.kernel = RESULT_GOOGLE_BENCHMARK;
    duel->options.item = "iteration";
    duel->options.compare_output = false;
    duel->options.sampler = google_benchmark_sample;
    duel->options.always_says = google_benchmark_always_says;
    duel->points = benchmarks->points;
    duel->point_count = benchmarks->count;
    duel->skipped = benchmarks->skipped;
    duel->skipped_count = benchmarks->skipped_count;
    return duel_commands_report(duel, argc, argv);
}

int duel_benchmarks(int argc, char **argv) {
    struct benchmarks *benchmarks = calloc(1, sizeof *benchmarks);
    if (!benchmarks)
        return fail(EXIT_NOTHING, "out of memory");
    benchmarks->min_time = MIN_TIME_S;
    duel_commands_start(&benchmarks->duel);
    int status = read_options(argc, argv, benchmarks) ? EXIT_USAGE : 0;
    for (size_t side = 0; side < SIDES && status == 0; side++)
        status = split_program(argv[optind + (int)side], &benchmarks->programs[side]) ? EXIT_USAGE : 0;
    if (status == 0) {
        catch_signals();
        status = list_both(benchmarks);
    }
    if (status == 0)
        status = measure(benchmarks, argc, argv);
    benchmarks_clear(benchmarks);
    return status;
}
