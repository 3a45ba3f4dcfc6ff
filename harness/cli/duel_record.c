/* countersign duel --record: a program is run, and what its calls of a function are given is saved. */
#include "cli/cli.h"
#include "cli/duel.h"
#include "cli/duel_arguments.h"
#include "cli/duel_files.h"

#include "base/find_program.h"
#include "base/numbers.h"
#include "base/words.h"
#include "compile/generate.h"
#include "debug/prototype.h"
#include "record/call_values.h"
#include "record/tracer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMPILE_SECONDS 120

enum { RECORD_FILE = 3584, RECORD_LIMIT, RECORD_CALLS, RECORD_TYPES };

const struct option_row duel_record_rows[] = {
    {"record", "FILE", RECORD_FILE,
     "run PROGRAM, and save into FILE what its calls of --function are given; --inputs FILE compares with them",
     .kind = VALUE_FILE},
    {"record-limit", "BYTES", RECORD_LIMIT,
     "bytes of calls that are saved at most (default 16777216); of more, a random sample of all of the run",
     WHOLE_FROM(1, (uint64_t)1 << 30)},
    {"record-calls", "N", RECORD_CALLS, "calls that are saved at most, in the same way (default 65536)",
     WHOLE_FROM(1, 1 << 20)},
    {"record-types", "FILE", RECORD_TYPES,
     "a source, object or library whose debug data has the function's types (default: the file that the program has it from); "
     "--call tells them, too",
     .kind = VALUE_FILE},
    {.name = NULL}};

/* All that stands while a program is recorded. */
struct record {
    const char *file, *types, *call, *function, *symbol, *cflags;
    uint64_t limit, calls, seed;
    bool quiet;
    struct duel_settings settings;
    struct words program;
    struct signature signature;
    struct generate_request request;
    char found[256]; /* symbol */
    bool known;
};

/* Those of functions that hold here, as they are explained there. */
static const struct option_row *rows_of_record(void) {
    static struct option_row own[] = {{.name = "function", .elsewhere = true},
                                      {.name = "call", .elsewhere = true},
                                      {.name = "symbol", .elsewhere = true},
                                      {.name = "length", .elsewhere = true},
                                      {.name = "answer", .elsewhere = true},
                                      {.name = "cflags", .elsewhere = true},
                                      {.name = "seed", .elsewhere = true},
                                      {.name = "quiet", .elsewhere = true},
                                      {.name = NULL}};
    static struct option_row table[DUEL_ROWS];
    static const struct option_row end[] = {OPTIONS_END};
    options_inherit(own, duel_source_rows());
    table[0] = (struct option_row){0};
    add_option_rows(table, duel_record_rows);
    add_option_rows(table, own);
    add_option_rows(table, end);
    return table;
}

static int set_option(const struct given_option *given, struct record *record) {
    const struct {
        const char *name, **text;
    } texts[] = {{"record", &record->file},   {"record-types", &record->types},
                 {"call", &record->call},     {"function", &record->function},
                 {"symbol", &record->symbol}, {"cflags", &record->cflags}};
    const struct {
        const char *name;
        uint64_t *number;
    } numbers[] = {
        {"record-limit", &record->limit}, {"record-calls", &record->calls}, {"seed", &record->seed}};
    const char *name = given->row->name;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!strcmp(name, texts[i].name))
            *texts[i].text = given->text;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!strcmp(name, numbers[i].name))
            *numbers[i].number = given->whole;
    record->quiet |= !strcmp(name, "quiet");
    return !strcmp(name, "length")   ? duel_note_setting(&record->settings, SETTING_LENGTH, given->text)
           : !strcmp(name, "answer") ? duel_note_setting(&record->settings, SETTING_ANSWER, given->text)
                                     : 0;
}

/* One word with blanks, and no file of that name, is a command line. */
static int read_program(struct record *record, char **words, int count) {
    int status = 0;
    if (count == 1 && strpbrk(words[0], " \t") && access(words[0], F_OK) != 0)
        status = words_split(&record->program, words[0]);
    else
        for (int i = 0; i < count && status == 0; i++)
            status = words_add(&record->program, words[i]);
    if (status == -ENOMEM)
        return fail(EXIT_NOTHING, "out of memory");
    return status || record->program.count == 0
               ? fail(EXIT_USAGE, "--record: expected a program to run behind `--`, with its arguments")
               : 0;
}

static int read_options(int argc, char **argv, struct record *record) {
    struct verb_options options = *duel_options();
    struct given_option given;
    int status = 0;
    options.rows = rows_of_record();
    for (int option; status == 0 && (option = next_option(argc, argv, &options, &given)) != -1;)
        status = option == '?' ? EXIT_USAGE : set_option(&given, record);
    if (status == 0 && !record->function && !record->call)
        status = fail(EXIT_USAGE, "--record: name the function whose calls are saved: --function NAME");
    return status ? status : read_program(record, argv + optind, argc - optind);
}

/* What inputs are not saved for, though they can be made for it. */
static int check_signature(const struct record *record, struct problem *problem) {
    const struct signature *signature = &record->signature;
    if (signature->count == 0)
        return problem_set(problem, EINVAL, "%s: takes no arguments, of which there is nothing to record",
                           signature->name);
    for (size_t i = 0; i < signature->count; i++) {
        const struct scalar_type *type = &signature->parameters[i].type;
        if (type->rows || type->kind == SCALAR_CALLBACK)
            return problem_set(
                problem, EINVAL,
                "%s: %s is a pointer to %s, which is not recorded; let a setup make such inputs "
                "(docs/DUEL.md, Setups)",
                signature->name, signature->parameters[i].name, type->rows ? "pointers" : "a function");
    }
    return generate_check(&record->request, problem);
}

/* From types to what is saved of each argument. */
static int settle(struct record *record, struct problem *problem) {
    record->request.signature = &record->signature;
    call_values_defaults(&record->signature, record->request.arguments);
    if (duel_apply_settings(&record->settings, &record->signature, &record->request))
        return problem_set(problem, EINVAL, "%s", ""); /* it has been said */
    record->known = true;
    return check_signature(record, problem);
}

/* The one function of that name; -ENOENT: there is none. */
static int choose(struct record *record, const struct definitions *definitions, const char *file,
                  struct problem *problem) {
    const struct definition *chosen = NULL;
    for (size_t i = 0; i < definitions->count; i++) {
        const struct definition *one = &definitions->items[i];
        if (record->symbol
                ? strcmp(one->symbol, record->symbol) != 0
                : !definition_is_called(one, record->function) && strcmp(one->symbol, record->function) != 0)
            continue;
        if (chosen && strcmp(chosen->symbol, one->symbol) != 0)
            return problem_set(
                problem, EINVAL,
                "--function: several functions in %s are called %s; say which by its name to the "
                "linker: --symbol %s or --symbol %s",
                file, record->function, chosen->symbol, one->symbol);
        chosen = one;
    }
    if (!chosen)
        return problem_set(problem, ENOENT, "%s: its debug data has no function %s", file, record->function);
    if (chosen->refusal[0])
        return problem_set(problem, EINVAL, "%s cannot be recorded: %s", chosen->signature.name,
                           chosen->refusal);
    record->signature = chosen->signature;
    snprintf(record->found, sizeof record->found, "%s", chosen->symbol);
    return settle(record, problem);
}

static int read_types(struct record *record, const char *file, struct problem *problem) {
    const struct command_limits limits = {COMPILE_SECONDS, &caught_signal};
    struct definitions definitions = {0};
    bool cxx = duel_is_cxx(file);
    char *path = realpath(file, NULL);
    int status = !path ? problem_set(problem, errno, "%s: %s", file, strerror(errno))
                 : cxx || duel_is_c(file)
                     ? definitions_compile(&definitions, path, cxx, record->cflags, NULL, &limits, problem)
                     : definitions_read(&definitions, path, false, problem);
    if (status == 0)
        status = choose(record, &definitions, file, problem);
    definitions_clear(&definitions);
    free(path);
    return status;
}

/* By the file that was found to define the function, as the program runs. */
static int find_types(void *context, const char *file, struct problem *problem) {
    struct record *record = context;
    struct problem own;
    int status = read_types(record, file, &own);
    if (status == -ENODATA || status == -ENOENT)
        return problem_set(
            problem, EINVAL,
            "%s has no debug data of %s; compile with -g, or tell its types: --record-types FILE "
            "or --call 'PROTOTYPE'",
            file, record->function);
    return status ? problem_set(problem, -status, "%s", own.text) : 0;
}

/* What can be known before the program runs. */
static int find_types_ahead(struct record *record) {
    const struct command_limits limits = {COMPILE_SECONDS, &caught_signal};
    const char *program = record->program.items[0];
    struct problem problem = {""};
    char path[4096];
    int status = 0;
    if (record->call) {
        bool cxx = strstr(record->call, "::") != NULL;
        status = prototype_read(&record->signature, record->call, cxx, &limits, &problem);
        if (status == 0)
            snprintf(record->found, sizeof record->found, "%s", record->signature.name);
        if (status == 0)
            status = settle(record, &problem);
    } else if (record->types) {
        status = read_types(record, record->types, &problem);
    } else if (strchr(program, '/') || find_program(program, path, sizeof path) == 0) {
        status = read_types(record, strchr(program, '/') ? program : path, &problem);
        if (status == -ENODATA || status == -ENOENT)
            status = 0; /* a library may have it, or a program that this one starts */
    }
    if (status == 0 || !problem.text[0])
        return status ? EXIT_USAGE : 0;
    return status == -EINTR ? fail(EXIT_INTERRUPTED + caught_signal, "interrupted")
                            : fail(EXIT_USAGE, "%s", problem.text);
}

static int refuse_none(const struct record *record, const struct recording *recording,
                       const struct trace_end *end) {
    const char *function = record->function ? record->function : record->signature.name;
    const char *program = record->program.items[0];
    if (!end->found)
        return fail(
            EXIT_USAGE,
            "%s: neither the program nor what it loaded or started has a function with the symbol %s; it may be "
            "stripped, or inlined or changed by the compiler (gcc: mark it __attribute__((noipa))), or have "
            "another name (--symbol)",
            program, function);
    if (recording->seen == 0)
        return fail(
            EXIT_NOTHING,
            "%s: %s was never called, and nothing is recorded; calls that the compiler inlined are none: "
            "build with -fno-inline, or mark it __attribute__((noinline))",
            program, function);
    return fail(
        EXIT_NOTHING,
        "%s: none of %llu calls of %s could be saved: %llu took more than --record-limit, and of %llu an array "
        "could not be read to its end (--length NAME=N tells how long it is)",
        program, (unsigned long long)recording->seen, function, (unsigned long long)recording->too_large,
        (unsigned long long)recording->unreadable);
}

static void tell(const struct record *record, const struct recording_facts *facts,
                 const struct trace_end *end) {
    if (record->quiet)
        return;
    fprintf(stderr, "recorded %llu of %llu calls of %s in %s (%s)\n", (unsigned long long)facts->saved,
            (unsigned long long)facts->seen, facts->function, record->file, BYTES((double)facts->bytes));
    if (facts->too_large)
        fprintf(stderr, "note: %llu calls were left out, each larger than --record-limit\n",
                (unsigned long long)facts->too_large);
    if (facts->unreadable)
        fprintf(
            stderr,
            "note: %llu calls were left out, an array of which could not be read to its end; --length NAME=N "
            "tells how long it is\n",
            (unsigned long long)facts->unreadable);
    if (WIFSIGNALED(end->status))
        fprintf(stderr, "note: %s was ended by signal %d; its calls until then are recorded\n",
                record->program.items[0], WTERMSIG(end->status));
    else if (WEXITSTATUS(end->status))
        fprintf(stderr, "note: %s ended with exit status %d\n", record->program.items[0],
                WEXITSTATUS(end->status));
}

static int save(struct record *record, struct recording *recording, const struct trace_end *end) {
    struct recording_facts facts = {.seed = record->seed, .layout = recording_layout(&record->signature)};
    struct problem problem;
    char *program = words_join(&record->program);
    if (!program)
        return fail(EXIT_NOTHING, "out of memory");
    snprintf(facts.function, sizeof facts.function, "%s", record->signature.name);
    snprintf(facts.program, sizeof facts.program, "%s", program);
    definition_print(&record->signature, facts.types, sizeof facts.types);
    free(program);
    if (recording_save(recording, &facts, record->file, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    tell(record, &facts, end);
    return end->interrupted ? EXIT_INTERRUPTED + caught_signal : 0;
}

static int run(struct record *record) {
    struct recording recording;
    struct trace_end end;
    struct problem problem;
    const char *symbol = record->symbol     ? record->symbol
                         : record->found[0] ? record->found
                                            : record->function;
    const struct trace_request request = {.program = record->program.items,
                                          .symbol = symbol,
                                          .signature = &record->signature,
                                          .arguments = record->request.arguments,
                                          .known = record->known,
                                          .find_types = find_types,
                                          .context = record,
                                          .interrupted = &caught_signal};
    catch_signals();
    recording_start(&recording, record->limit, record->calls, record->seed);
    int status = trace_calls(&request, &recording, &end, &problem);
    if (status)
        status = problem.text[0] ? (int)fail(EXIT_USAGE, "%s", problem.text) : EXIT_USAGE;
    else
        status = recording.count ? save(record, &recording, &end) : refuse_none(record, &recording, &end);
    recording_clear(&recording);
    return status;
}

int duel_record(int argc, char **argv) {
    struct record *record = calloc(1, sizeof *record);
    if (!record)
        return fail(EXIT_NOTHING, "out of memory");
    record->limit = 16 << 20;
    record->calls = 65536;
    record->seed = 1;
    int status = read_options(argc, argv, record);
    if (status == 0)
        status = find_types_ahead(record);
    if (status == 0)
        status = run(record);
    words_clear(&record->program);
    free(record);
    return status;
}
