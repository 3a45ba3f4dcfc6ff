/* countersign duel FILE FILE: sources or libraries that define one function. */
#include "cli/cli.h"
#include "cli/duel.h"
#include "cli/duel_arguments.h"
#include "cli/duel_files.h"
#include "cli/duel_flags.h"
#include "cli/duel_setup.h"
#include "cli/duel_types.h"

#include "base/words.h"
#include "cli/run_start.h"
#include "compile/cache.h"
#include "compile/generate.h"
#include "debug/definitions.h"
#include "host/clock.h"
#include "record/recording.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct source_arguments {
    struct duel_types_request wanted;
    const char *inputs; /* of --record */
    struct recording_facts facts;
    struct generate_recorded recorded; /* of `inputs` */
    const char *sizes, *keep, *cflags, *setup_file, *flags[GENERATE_VARIANTS];
    struct generate_setup setup; /* of setup_file */
    char symbol[256];
    struct duel_settings settings;
    struct words run;  /* command line of `run` */
    struct words also; /* of --also */
    struct signature signature;
    struct generate_request request;
    char *joined[GENERATE_VARIANTS]; /* what request.variants[].flags point to */
    const char *database;            /* --compile-commands */
    char *built[GENERATE_VARIANTS];  /* flags out of it */
    bool quiet;
};

enum {
    SOURCES_FIRST = 2048, /* values below are of options that are handed on to `run` */
    SOURCES_CALL = SOURCES_FIRST,
    SOURCES_FUNCTION,
    SOURCES_INCLUDE,
    SOURCES_SIZES,
    SOURCES_SETTING, /* the following, in the order of enum duel_setting */
    SOURCES_LENGTH = SOURCES_SETTING,
    SOURCES_FIX,
    SOURCES_IN_OUT,
    SOURCES_INPUT,
    SOURCES_ANSWER,
    SOURCES_CALLBACK,
    SOURCES_COMPARE,
    SOURCES_TOLERANCE,
    SOURCES_BATCH,
    SOURCES_FRESH,
    SOURCES_INPUTS,
    SOURCES_THREADS,
    SOURCES_CFLAGS,
    SOURCES_LDFLAGS,
    SOURCES_SYMBOL,
    SOURCES_KEEP,
    SOURCES_SETUP,
    SOURCES_DATABASE,
    SOURCES_INLINE,
    SOURCES_ALSO,
    SOURCES_CFLAGS_OF /* and the following, one a file */
};

#define HANDED_ON(option)                                                                                    \
    { .name = option, .elsewhere = true }

static struct option_row rows[] = {
    {"function", "NAME", SOURCES_FUNCTION, "the function, where the files have several in common", ANY_TEXT},
    {"include", "HEADER", SOURCES_INCLUDE,
     "the header that declares the function, of libraries without debug data: zlib.h", ANY_TEXT},
    {"call", "PROTOTYPE", SOURCES_CALL,
     "its prototype, where no compiler and no debug data tell it: 'uint64_t f(const uint32_t *p, size_t n)'",
     ANY_TEXT},
    {"setup", "FILE", SOURCES_SETUP,
     "a source of your own with make, call and compare, where inputs cannot be made out of types",
     .kind = VALUE_FILE},
    {"also", "FILE", SOURCES_ALSO,
     "a further source that every file needs: the one beside the file, or else from here; may be repeated",
     .kind = VALUE_FILE},
    {"sizes", "N,N…", SOURCES_SIZES,
     "lengths n of the arrays, or n of the setup's make (default 16,1024,65536)", ANY_TEXT},
    {"input", "NAME=FILL", SOURCES_INPUT,
     "values of an argument: uniform, sorted, zeros, small:MAX, range:LOW..HIGH, text or file:PATH (default: "
     "uniform over all of the type, [0,1), or text for char)",
     ANY_TEXT},
    {"inputs", "FILE", SOURCES_INPUTS,
     "inputs as a program had them, out of a file that --record made, in place of all of these",
     .kind = VALUE_FILE},
    {"fix", "NAME=VALUE", SOURCES_FIX, "one value of a scalar argument", ANY_TEXT},
    {"length", "NAME=N", SOURCES_LENGTH,
     "elements of an array, where its length is not the integer behind it: NAME=m, NAME=2*n, NAME=n+1, "
     "NAME=16; of each row of a pointer to pointers: NAME[]=m",
     ANY_TEXT},
    {"in-out", "NAME", SOURCES_IN_OUT, "an array that is read and written; restored before each run",
     ANY_TEXT},
    {"callback", "NAME=FUNCTION", SOURCES_CALLBACK,
     "the function that a callback is given, of the first file or a library's (default: one generated from its type)",
     ANY_TEXT},
    {"answer", "NAME[0..N)", SOURCES_ANSWER,
     "elements of an array that are its answer: NAME[0..return), as many as are returned, or NAME[0..*n)",
     ANY_TEXT},
    {"compare", "HOW", SOURCES_COMPARE,
     "which answers are equal: unordered, tolerance=X (relative), absolute=X, norm=X (of all differences, relative), or a "
     "function of the first file; may be repeated",
     ANY_TEXT},
    {"tolerance", "X", SOURCES_TOLERANCE,
     "largest relative difference of floating-point answers (default 0: the same bits)",
     NUMBER_FROM(0, 0.999)},
    {"batch", "N", SOURCES_BATCH,
     "calls a run, each of other arguments (default 64, fewer where they exceed 256 KiB)",
     WHOLE_FROM(1, 1 << 24)},
    {"fresh", "N", SOURCES_FRESH,
     "calls after which inputs repeat, in whole runs (default: 64 runs, fewer where they exceed 256 KiB)",
     WHOLE_FROM(1, 1 << 24)},
    {"threads", "N", SOURCES_THREADS, "threads that the function may use (default: the calling one alone)",
     WHOLE_FROM(1, 1024)},
    {"cflags", "FLAGS", SOURCES_CFLAGS, "further compiler flags of all sources, behind $CFLAGS or $CXXFLAGS",
     ANY_TEXT},
    {"cflags-a", "FLAGS", SOURCES_CFLAGS_OF,
     "of the first file alone; --cflags-b of the second, to --cflags-h", ANY_TEXT},
    {"cflags-b", "FLAGS", SOURCES_CFLAGS_OF + 1, NULL, ANY_TEXT},
    {"cflags-c", "FLAGS", SOURCES_CFLAGS_OF + 2, NULL, ANY_TEXT},
    {"cflags-d", "FLAGS", SOURCES_CFLAGS_OF + 3, NULL, ANY_TEXT},
    {"cflags-e", "FLAGS", SOURCES_CFLAGS_OF + 4, NULL, ANY_TEXT},
    {"cflags-f", "FLAGS", SOURCES_CFLAGS_OF + 5, NULL, ANY_TEXT},
    {"cflags-g", "FLAGS", SOURCES_CFLAGS_OF + 6, NULL, ANY_TEXT},
    {"cflags-h", "FLAGS", SOURCES_CFLAGS_OF + 7, NULL, ANY_TEXT},
    {"compile-commands", "FILE", SOURCES_DATABASE,
     "take the compiler, its flags, defines and includes of each source from your own build's "
     "compile_commands.json, in place of $CFLAGS and $CXXFLAGS",
     .kind = VALUE_FILE},
    {"inline", NULL, SOURCES_INLINE,
     "put the loop that calls the function behind it in its file, so that it may be inlined, as in a header",
     FLAG},
    {"ldflags", "FLAGS", SOURCES_LDFLAGS, "further flags of the linker, behind $LDFLAGS", ANY_TEXT},
    {"symbol", "NAME", SOURCES_SYMBOL, "the function's name in libraries, where it is another (mangled)",
     ANY_TEXT},
    {"keep", "FOLDER", SOURCES_KEEP,
     "keep what is generated as a kernel of your own in FOLDER, which is made", .kind = VALUE_FOLDER},
    {.help = "  and of `countersign run`"},
    HANDED_ON("budget"),
    HANDED_ON("delta"),
    HANDED_ON("replicates"),
    HANDED_ON("design"),
    HANDED_ON("seed"),
    HANDED_ON("state"),
    HANDED_ON("build"),
    HANDED_ON("layout"),
    HANDED_ON("cpus"),
    HANDED_ON("event"),
    HANDED_ON("no-counters"),
    HANDED_ON("no-simulation"),
    HANDED_ON("simulation-budget"),
    HANDED_ON("memory-limit"),
    HANDED_ON("time-limit"),
    HANDED_ON("scratch"),
    HANDED_ON("output"),
    HANDED_ON("format"),
    HANDED_ON("quiet"),
    {.name = NULL},
};

const struct option_row *duel_source_rows(void) {
    options_inherit(rows, run_options()->rows);
    return rows;
}

static int out_of_memory(void) {
    return fail(EXIT_NOTHING, "out of memory");
}

static int set_option(const struct given_option *given, struct source_arguments *arguments) {
    int option = given->row->value;
    const char **const texts[] = {[SOURCES_CALL - SOURCES_CALL] = &arguments->wanted.call,
                                  [SOURCES_FUNCTION - SOURCES_CALL] = &arguments->wanted.function,
                                  [SOURCES_INCLUDE - SOURCES_CALL] = &arguments->wanted.include,
                                  [SOURCES_SIZES - SOURCES_CALL] = &arguments->sizes,
                                  [SOURCES_INPUTS - SOURCES_CALL] = &arguments->inputs,
                                  [SOURCES_CFLAGS - SOURCES_CALL] = &arguments->cflags,
                                  [SOURCES_LDFLAGS - SOURCES_CALL] = &arguments->request.ldflags,
                                  [SOURCES_SYMBOL - SOURCES_CALL] = &arguments->request.symbol,
                                  [SOURCES_KEEP - SOURCES_CALL] = &arguments->keep,
                                  [SOURCES_SETUP - SOURCES_CALL] = &arguments->setup_file,
                                  [SOURCES_DATABASE - SOURCES_CALL] = &arguments->database};
    arguments->quiet |= !strcmp(given->row->name, "quiet");
    if (!strcmp(given->row->name, "output") && given->text &&
        strstr(given->text, "[0..")) /* no result file */
        return duel_note_setting(&arguments->settings, SETTING_ANSWER, given->text);
    if (option < SOURCES_FIRST)
        return words_addf(&arguments->run, "--%s%s%s", given->row->name, given->text ? "=" : "",
                          given->text ? given->text : "")
                   ? out_of_memory()
                   : 0;
    if (option == SOURCES_ALSO)
        return words_add(&arguments->also, given->text) ? out_of_memory() : 0;
    if (option == SOURCES_TOLERANCE)
        arguments->request.tolerance = given->number;
    else if (option == SOURCES_BATCH)
        arguments->request.batch = given->whole;
    else if (option == SOURCES_FRESH)
        arguments->request.fresh = given->whole;
    else if (option == SOURCES_THREADS) {
        arguments->request.threads = given->whole;
        return words_addf(&arguments->run, "--threads=%s", given->text) ? out_of_memory() : 0;
    } else if (option == SOURCES_INLINE)
        arguments->request.inlined = true;
    else if (option >= SOURCES_CFLAGS_OF)
        arguments->flags[option - SOURCES_CFLAGS_OF] = given->text;
    else if (texts[option - SOURCES_CALL])
        *texts[option - SOURCES_CALL] = given->text;
    else
        return duel_note_setting(&arguments->settings, (enum duel_setting)(option - SOURCES_SETTING),
                                 given->text);
    return 0;
}

static int read_options(int argc, char **argv, struct source_arguments *arguments) {
    struct option_row table[DUEL_ROWS] = {{0}};
    static const struct option_row end[] = {OPTIONS_END};
    add_option_rows(table, duel_source_rows());
    add_option_rows(table, end);
    struct verb_options options = *duel_options();
    options.rows = table;
    int status = words_add(&arguments->run, "run") ? out_of_memory() : 0;
    struct given_option given;
    for (int option; status == 0 && (option = next_option(argc, argv, &options, &given)) != -1;)
        status = option == '?' ? EXIT_USAGE : set_option(&given, arguments);
    if (status == 0 && (argc - optind < 2 || argc - optind > GENERATE_VARIANTS))
        status = fail(EXIT_USAGE, "duel: expected 2 to %d files that define the function, got %d%s",
                      GENERATE_VARIANTS, argc - optind,
                      argc - optind == 1 ? "; name the same file twice to compare flags (--cflags-b)" : "");
    return status;
}

static int set_flags(struct source_arguments *arguments, size_t i) {
    struct duel_variant *variant = &arguments->request.variants[i];
    const char *own = arguments->flags[i], *all = arguments->cflags;
    struct words words = {0};
    if (variant->library && own)
        return fail(EXIT_USAGE, "--cflags-%c: %s is not compiled", (char)('a' + i), variant->summary);
    if (variant->library || (!own && !all && !variant->alone))
        return 0;
    int status = words_split(&words, variant->alone ? arguments->built[i] : "");
    if (status == 0)
        status = words_split(&words, all ? all : "");
    if (status == 0)
        status = words_split(&words, own ? own : "");
    arguments->joined[i] = status ? NULL : words_join(&words);
    words_clear(&words);
    if (!arguments->joined[i])
        return status == -EINVAL ? fail(EXIT_USAGE, "--cflags: a quote is not closed") : out_of_memory();
    variant->flags = arguments->joined[i];
    size_t length = strlen(variant->summary);
    snprintf(variant->summary + length, sizeof variant->summary - length, "%s%s%.100s",
             variant->alone ? ", with the flags of its build" : "", variant->alone && !own ? "" : " ",
             !variant->alone ? arguments->joined[i]
             : own           ? own
                             : "");
    return 0;
}

static int refuse_inlined(const struct source_arguments *arguments) {
    const struct generate_request *request = &arguments->request;
    if (request->inlined && arguments->setup_file)
        return fail(EXIT_USAGE,
                    "--inline: a setup stands behind the function already; leave it out beside --setup");
    for (size_t i = 0; request->inlined && i < request->variant_count; i++)
        if (request->variants[i].library)
            return fail(EXIT_USAGE, "--inline: %s is compiled already; expected sources",
                        request->variants[i].summary);
    return 0;
}

static int find_files(struct source_arguments *arguments, char **paths, size_t count) {
    struct generate_request *request = &arguments->request;
    int status = duel_find_files(request, paths, count);
    if (status == 0)
        status = duel_find_parts(request, &arguments->also);
    if (status == 0 && arguments->database)
        status = duel_flags_of_build(arguments->database, request, arguments->built, arguments->quiet);
    for (size_t i = 0; i < count && status == 0; i++)
        status = set_flags(arguments, i);
    for (size_t i = count; i < GENERATE_VARIANTS && status == 0; i++)
        if (arguments->flags[i])
            status = fail(EXIT_USAGE, "--cflags-%c: there are only %zu files", (char)('a' + i), count);
    return status ? status : refuse_inlined(arguments);
}

static int read_sizes(const char *text, struct generate_request *request) {
    static const uint64_t standard[] = {16, 1024, 65536};
    struct problem problem;
    if (!text) {
        if (request->setup || generate_is_swept(request))
            for (size_t i = 0; i < sizeof standard / sizeof *standard; i++)
                request->sizes[request->size_count++] = standard[i];
        while (!request->setup && request->size_count > 1 && generate_check(request, &problem))
            request->size_count--; /* too long for a narrow type */
        return 0;
    }
    char *copy = strdup(text), *rest = copy;
    int status = copy ? 0 : out_of_memory();
    for (char *word; status == 0 && (word = strsep(&rest, ","));) {
        if (request->size_count == GENERATE_SIZES)
            status = fail(EXIT_USAGE, "--sizes: expected at most %d sizes", GENERATE_SIZES);
        else if (parse_integer_option("--sizes", word, 1, (uint64_t)1 << 40,
                                      &request->sizes[request->size_count++]))
            status = EXIT_USAGE;
    }
    free(copy);
    return status;
}

static int find_setup_file(const char *path, struct generate_setup *setup) {
    char *absolute = realpath(path, NULL);
    int error = absolute && strlen(absolute) < sizeof setup->path ? 0 : absolute ? ENAMETOOLONG : errno;
    setup->cxx = duel_is_cxx(path);
    if (error == 0)
        strcpy(setup->path, absolute);
    free(absolute);
    if (error)
        return fail(EXIT_USAGE, "--setup: %s: %s", path, strerror(error));
    return setup->cxx || duel_is_c(path)
               ? 0
               : fail(EXIT_USAGE, "--setup: expected a C or C++ source (.c, .cpp, .cc, .cxx), got '%s'",
                      path);
}

/* What says how inputs are made, or what is called: the setup does. */
static int refuse_beside_setup(const struct source_arguments *arguments) {
    const char *name = arguments->wanted.call       ? "--call"
                       : arguments->wanted.function ? "--function"
                       : arguments->wanted.include  ? "--include"
                       : arguments->request.symbol  ? "--symbol"
                       : arguments->inputs          ? "--inputs"
                       : arguments->settings.count  ? duel_setting_name(arguments->settings.kinds[0])
                                                    : NULL;
    return name ? fail(EXIT_USAGE,
                       "%s: the setup's make, call and compare say that; leave it out beside --setup", name)
           : arguments->request.fresh
               ? fail(EXIT_USAGE,
                      "--fresh: states of a setup repeat with each run; --batch says how many there are")
               : 0;
}

static int describe_setup(struct source_arguments *arguments) {
    struct generate_request *request = &arguments->request;
    struct generate_setup *setup = &arguments->setup;
    int status = refuse_beside_setup(arguments);
    if (status == 0)
        status = find_setup_file(arguments->setup_file, setup);
    request->setup = setup;
    request->signature = &arguments->signature;
    if (status == 0)
        status = duel_setup_find(request, setup);
    if (status == 0 && request->tolerance > 0 && !setup->functions[SETUP_ANSWER].name[0])
        status = fail(EXIT_USAGE,
                      "--tolerance: the setup's compare says that; leave it out, or let a function answer "
                      "return what is to be compared");
    duel_name_variant(setup->path, arguments->signature.name, SIGNATURE_NAME);
    if (status == 0 && !setup->functions[SETUP_RESET].name[0]) {
        /* They would count what make does before each run. */
        fprintf(
            stderr,
            "note: nothing is counted or simulated, since states are made anew before each run; a function reset in %s "
            "changes that, an empty one where call leaves what it reads as it was\n",
            arguments->setup_file);
        status = words_add(&arguments->run, "--no-counters") ? out_of_memory() : 0;
    }
    return status ? status : read_sizes(arguments->sizes, request);
}

/* What says how inputs are made, or how long they are. */
static int refuse_beside_inputs(const struct source_arguments *arguments) {
    const char *name = arguments->sizes ? "--sizes" : arguments->request.fresh ? "--fresh" : NULL;
    for (size_t i = 0; i < arguments->settings.count && !name; i++) {
        enum duel_setting kind = arguments->settings.kinds[i];
        if (kind == SETTING_FIX || kind == SETTING_INPUT)
            name = duel_setting_name(kind);
    }
    return name ? fail(EXIT_USAGE,
                       "%s: the recording has the values of each call; leave it out beside --inputs", name)
                : 0;
}

/* Calls of a program in place of inputs that are drawn. */
static int take_inputs(struct source_arguments *arguments) {
    struct generate_request *request = &arguments->request;
    struct generate_recorded *recorded = &arguments->recorded;
    struct recording_facts *facts = &arguments->facts;
    struct problem problem;
    char *path = realpath(arguments->inputs, NULL);
    int status = recording_read(arguments->inputs, facts, &problem);
    if (status == 0)
        status = recording_fits(facts, &arguments->signature, arguments->inputs, &problem);
    for (size_t i = 0; i < arguments->signature.count && status == 0; i++) {
        struct argument *argument = &request->arguments[i];
        if (argument->role >= ROLE_INPUT && argument->factor + argument->extra == 0)
            argument->extra = 2; /* as many as were recorded */
        if (argument->role == ROLE_CALLBACK || arguments->signature.parameters[i].type.rows)
            status = problem_set(&problem, EINVAL,
                                 "--inputs: pointers to functions and to pointers are not recorded");
    }
    if (status == 0 && generate_check(request, &problem) == 0) {
        *recorded = (struct generate_recorded){.program = facts->program,
                                               .saved = facts->saved,
                                               .seen = facts->seen,
                                               .offset = facts->offset,
                                               .bytes = facts->bytes,
                                               .digest = facts->digest};
        snprintf(recorded->path, sizeof recorded->path, "%s", path ? path : arguments->inputs);
        generate_take_recorded(request, recorded);
    } else
        status = fail(EXIT_USAGE, "%s", problem.text);
    free(path);
    return status;
}

static int describe_call(struct source_arguments *arguments) {
    struct generate_request *request = &arguments->request;
    struct problem problem;
    if (arguments->setup_file)
        return describe_setup(arguments);
    arguments->wanted.flags = arguments->cflags;
    int status = duel_find_types(request, &arguments->wanted, &arguments->signature, arguments->symbol,
                                 sizeof arguments->symbol);
    if (status)
        return status;
    if (!request->symbol && arguments->symbol[0])
        request->symbol = arguments->symbol;
    request->signature = &arguments->signature;
    generate_defaults(&arguments->signature, request->arguments);
    status = arguments->inputs ? refuse_beside_inputs(arguments) : 0;
    if (status == 0)
        status = duel_apply_settings(&arguments->settings, &arguments->signature, request);
    if (status == 0 && arguments->inputs)
        return take_inputs(arguments);
    if (status == 0)
        status = read_sizes(arguments->sizes, request);
    if (status == 0 && generate_check(request, &problem))
        status = fail(EXIT_USAGE, "duel: %s", problem.text);
    return status;
}

/* A place of its own in the cache for all of this, or the folder that was asked for. */
static int choose_folder(const struct source_arguments *arguments, char *folder, size_t size) {
    char home[4096], name[SIGNATURE_NAME];
    struct problem problem;
    if (arguments->keep) {
        if (!*arguments->keep || access(arguments->keep, F_OK) == 0)
            return fail(EXIT_USAGE, "--keep: %s is there already; expected a folder that can be made",
                        *arguments->keep ? arguments->keep : "an empty name");
        snprintf(folder, size, "%s%s", strchr(arguments->keep, '/') ? "" : "./", arguments->keep);
        return 0;
    }
    if (cache_folder("duel", home, sizeof home, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    generate_name(&arguments->signature, name, sizeof name);
    snprintf(folder, size, "%s/%016llx", home, (unsigned long long)generate_key(&arguments->request));
    cache_use(folder);
    cache_prune(home);
    size_t length = strlen(folder);
    snprintf(folder + length, size - length, "/%s", name);
    return 0;
}

static int generate_and_run(struct source_arguments *arguments, char **command) {
    struct paths paths;
    struct problem problem;
    char folder[8192];
    int status = choose_folder(arguments, folder, sizeof folder);
    if (status)
        return status;
    if (paths_find(&paths, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    if (generate_write(&arguments->request, paths.templates, folder, &problem)) {
        if (arguments->keep)
            cache_remove(folder);
        return fail(EXIT_USAGE, "%s", problem.text);
    }
    if (words_add(&arguments->run, folder))
        return out_of_memory();
    char *taken = *command;
    *command = NULL;
    optind = 0; /* another command line */
    return run_for((int)arguments->run.count, arguments->run.items, taken);
}

int duel_sources_for(int argc, char **argv, char *command) {
    sample_clock_anticipate(); /* while types are found */
    commit_anticipate();
    struct source_arguments *arguments = calloc(1, sizeof *arguments);
    int status = arguments ? read_options(argc, argv, arguments) : out_of_memory();
    if (status == 0)
        status = find_files(arguments, argv + optind, (size_t)(argc - optind));
    if (status == 0)
        status = describe_call(arguments);
    if (status == 0)
        status = generate_and_run(arguments, &command);
    for (size_t i = 0; arguments && i < GENERATE_VARIANTS; i++) {
        free(arguments->joined[i]);
        free(arguments->built[i]);
    }
    if (arguments) {
        words_clear(&arguments->run);
        words_clear(&arguments->also);
    }
    free(arguments);
    free(command);
    return status;
}

int duel_sources(int argc, char **argv) {
    return duel_sources_for(argc, argv, quote_command(argc, argv));
}
