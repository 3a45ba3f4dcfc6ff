/* countersign duel FILE FILE --call …: files or libraries that define one function. */
#include "cli/cli.h"
#include "cli/duel.h"

#include "base/words.h"
#include "build/cache.h"
#include "build/generate.h"
#include "cli/run_start.h"

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char duel_sources_help[] =
    "functions: FILEs are C or C++ sources, or shared libraries, that define the same function\n"
    "  --call PROTOTYPE    of the function, e.g. 'uint64_t f(const uint32_t *p, size_t n)'\n"
    "  --sizes N,N…        lengths n of the arrays (default 16,1024,65536)\n"
    "  --input NAME=FILL   values of an argument: uniform, sorted, zeros, small:MAX, range:LOW..HIGH, text "
    "or\n"
    "                      file:PATH (default: uniform over all of the type, [0,1), or text for char)\n"
    "  --fix NAME=VALUE    one value of a scalar argument\n"
    "  --length NAME=N     elements of an array, where its length is not the integer behind it: NAME=m, "
    "NAME=2*n,\n"
    "                      NAME=n+1, NAME=16\n"
    "  --in-out NAME       an array that is read and written; restored before each run\n"
    "  --tolerance X       largest relative difference of floating-point answers (default 0: the same bits)\n"
    "  --threads N         threads that the function may use (default: the calling one alone)\n"
    "  --batch N           calls a run, each of other arguments (default 64, fewer where they exceed 256 "
    "KiB)\n"
    "  --cflags FLAGS      further compiler flags of all sources, behind $CFLAGS or $CXXFLAGS\n"
    "  --cflags-a FLAGS    of the first file alone; --cflags-b of the second, to --cflags-h\n"
    "  --ldflags FLAGS     further flags of the linker, behind $LDFLAGS\n"
    "  --symbol NAME       the function's name in libraries, where it is another (mangled)\n"
    "  --keep FOLDER       keep what is generated as a kernel of your own in FOLDER, which is made\n"
    "  and of `countersign run`: --budget, --delta, --replicates, --design, --seed, --state, --build, "
    "--layout,\n"
    "   --cpus, --event, --no-counters, --no-simulation, --simulation-budget, --memory-limit, --time-limit,\n"
    "   --scratch, --output, --format; with --git, --build is no option of `run` but the command that "
    "builds\n\n";

/* "NAME=VALUE" options in the order they were given. */
struct settings {
    const char *texts[64];
    int options[64];
    size_t count;
};

struct source_arguments {
    const char *call, *sizes, *batch, *threads, *tolerance, *keep, *cflags, *flags[GENERATE_VARIANTS];
    struct settings settings;
    struct words run; /* command line of `run` */
    struct signature signature;
    struct generate_request request;
    char *joined[GENERATE_VARIANTS]; /* what request.variants[].flags point to */
};

enum {
    OPTION_CALL = 256,
    OPTION_SIZES,
    OPTION_INPUT,
    OPTION_FIX,
    OPTION_LENGTH,
    OPTION_IN_OUT,
    OPTION_TOLERANCE,
    OPTION_BATCH,
    OPTION_THREADS,
    OPTION_CFLAGS,
    OPTION_LDFLAGS,
    OPTION_SYMBOL,
    OPTION_KEEP,
    OPTION_RUN,       /* handed on with a value */
    OPTION_RUN_ALONE, /* handed on without */
    OPTION_CFLAGS_OF  /* and the following, one a file */
};

static const struct option source_options[] = {
    {"call", required_argument, NULL, OPTION_CALL},
    {"sizes", required_argument, NULL, OPTION_SIZES},
    {"input", required_argument, NULL, OPTION_INPUT},
    {"fix", required_argument, NULL, OPTION_FIX},
    {"length", required_argument, NULL, OPTION_LENGTH},
    {"in-out", required_argument, NULL, OPTION_IN_OUT},
    {"tolerance", required_argument, NULL, OPTION_TOLERANCE},
    {"batch", required_argument, NULL, OPTION_BATCH},
    {"threads", required_argument, NULL, OPTION_THREADS},
    {"cflags", required_argument, NULL, OPTION_CFLAGS},
    {"cflags-a", required_argument, NULL, OPTION_CFLAGS_OF},
    {"cflags-b", required_argument, NULL, OPTION_CFLAGS_OF + 1},
    {"cflags-c", required_argument, NULL, OPTION_CFLAGS_OF + 2},
    {"cflags-d", required_argument, NULL, OPTION_CFLAGS_OF + 3},
    {"cflags-e", required_argument, NULL, OPTION_CFLAGS_OF + 4},
    {"cflags-f", required_argument, NULL, OPTION_CFLAGS_OF + 5},
    {"cflags-g", required_argument, NULL, OPTION_CFLAGS_OF + 6},
    {"cflags-h", required_argument, NULL, OPTION_CFLAGS_OF + 7},
    {"ldflags", required_argument, NULL, OPTION_LDFLAGS},
    {"symbol", required_argument, NULL, OPTION_SYMBOL},
    {"keep", required_argument, NULL, OPTION_KEEP},
    {"budget", required_argument, NULL, OPTION_RUN},
    {"delta", required_argument, NULL, OPTION_RUN},
    {"replicates", required_argument, NULL, OPTION_RUN},
    {"design", required_argument, NULL, OPTION_RUN},
    {"seed", required_argument, NULL, OPTION_RUN},
    {"state", required_argument, NULL, OPTION_RUN},
    {"build", required_argument, NULL, OPTION_RUN},
    {"layout", required_argument, NULL, OPTION_RUN},
    {"cpus", required_argument, NULL, OPTION_RUN},
    {"event", required_argument, NULL, OPTION_RUN},
    {"no-counters", no_argument, NULL, OPTION_RUN_ALONE},
    {"no-simulation", no_argument, NULL, OPTION_RUN_ALONE},
    {"simulation-budget", required_argument, NULL, OPTION_RUN},
    {"memory-limit", required_argument, NULL, OPTION_RUN},
    {"time-limit", required_argument, NULL, OPTION_RUN},
    {"scratch", required_argument, NULL, OPTION_RUN},
    {"output", required_argument, NULL, OPTION_RUN},
    {"format", required_argument, NULL, OPTION_RUN},
    {NULL, 0, NULL, 0},
};

static int out_of_memory(void) {
    return fail(EXIT_NOTHING, "out of memory");
}

static int note_setting(struct settings *settings, int option, const char *text) {
    if (settings->count == sizeof settings->texts / sizeof *settings->texts)
        return fail(EXIT_USAGE, "duel: more than %zu options about arguments", settings->count);
    settings->options[settings->count] = option;
    settings->texts[settings->count++] = text;
    return 0;
}

static int set_option(int option, const char *name, struct source_arguments *arguments) {
    const char **const texts[] = {[OPTION_CALL - OPTION_CALL] = &arguments->call,
                                  [OPTION_SIZES - OPTION_CALL] = &arguments->sizes,
                                  [OPTION_TOLERANCE - OPTION_CALL] = &arguments->tolerance,
                                  [OPTION_BATCH - OPTION_CALL] = &arguments->batch,
                                  [OPTION_THREADS - OPTION_CALL] = &arguments->threads,
                                  [OPTION_CFLAGS - OPTION_CALL] = &arguments->cflags,
                                  [OPTION_LDFLAGS - OPTION_CALL] = &arguments->request.ldflags,
                                  [OPTION_SYMBOL - OPTION_CALL] = &arguments->request.symbol,
                                  [OPTION_KEEP - OPTION_CALL] = &arguments->keep};
    if (option == OPTION_RUN)
        return words_addf(&arguments->run, "--%s=%s", name, optarg) ? out_of_memory() : 0;
    if (option == OPTION_RUN_ALONE)
        return words_addf(&arguments->run, "--%s", name) ? out_of_memory() : 0;
    if (option >= OPTION_CFLAGS_OF)
        arguments->flags[option - OPTION_CFLAGS_OF] = optarg;
    else if (texts[option - OPTION_CALL])
        *texts[option - OPTION_CALL] = optarg;
    else
        return note_setting(&arguments->settings, option, optarg);
    return 0;
}

/* getopt_long gives the option's value; of those with one value, its name is what was typed, made whole. */
static const char *name_of_option(const char *word) {
    size_t length = strcspn(word + 2, "=");
    for (size_t i = 0; source_options[i].name; i++)
        if (strlen(source_options[i].name) == length && !strncmp(source_options[i].name, word + 2, length))
            return source_options[i].name;
    for (size_t i = 0; source_options[i].name; i++)
        if (!strncmp(source_options[i].name, word + 2, length))
            return source_options[i].name;
    return "";
}

static int read_options(int argc, char **argv, struct source_arguments *arguments) {
    int status = words_add(&arguments->run, "run") ? out_of_memory() : 0;
    while (status == 0) {
        int option = next_option(argc, argv, source_options);
        if (option == -1)
            break;
        if (option == '?')
            return EXIT_USAGE;
        const char *word = argv[optind - 1];
        if (strncmp(word, "--", 2) || (optarg && word == optarg))
            word = argv[optind - 2];
        status = set_option(option, name_of_option(word), arguments);
    }
    if (status == 0 && (argc - optind < 2 || argc - optind > GENERATE_VARIANTS))
        status = fail(EXIT_USAGE, "duel: expected 2 to %d files that define the function, got %d%s",
                      GENERATE_VARIANTS, argc - optind,
                      argc - optind == 1 ? "; name the same file twice to compare flags (--cflags-b)" : "");
    return status;
}

static bool ends_in(const char *text, const char *const *suffixes) {
    size_t length = strlen(text);
    for (size_t i = 0; suffixes[i]; i++)
        if (length > strlen(suffixes[i]) && !strcmp(text + length - strlen(suffixes[i]), suffixes[i]))
            return true;
    return false;
}

static bool is_library(const char *path) {
    unsigned char head[EI_NIDENT + 2] = "";
    FILE *file = fopen(path, "re");
    size_t got = file ? fread(head, 1, sizeof head, file) : 0;
    if (file)
        fclose(file);
    return got == sizeof head && !memcmp(head, ELFMAG, SELFMAG) && head[EI_NIDENT] == ET_DYN;
}

static int find_file(const char *path, struct duel_variant *variant) {
    static const char *const c[] = {".c", NULL}, *const cxx[] = {".cpp", ".cc", ".cxx", ".C", ".c++", NULL};
    char *absolute = realpath(path, NULL);
    struct stat facts;
    if (!absolute || stat(absolute, &facts) != 0 || strlen(absolute) >= sizeof variant->path) {
        int error = absolute ? ENAMETOOLONG : errno;
        free(absolute);
        return fail(EXIT_USAGE, "%s: %s", path, strerror(error));
    }
    strcpy(variant->path, absolute);
    free(absolute);
    variant->cxx = ends_in(path, cxx);
    variant->library = S_ISREG(facts.st_mode) && !variant->cxx && !ends_in(path, c) && is_library(path);
    if (!S_ISREG(facts.st_mode) || (!variant->library && !variant->cxx && !ends_in(path, c)))
        return fail(EXIT_USAGE,
                    "%s: expected a C or C++ source (.c, .cpp, .cc, .cxx) or a shared library; objects and "
                    "archives are linked into one with: cc -shared -o NAME.so",
                    path);
    snprintf(variant->summary, sizeof variant->summary, "%.100s", path);
    return 0;
}

/* What is left of the file's name before its first dot, in letters that a variant's name may have. */
static void name_variant(const char *path, char *name, size_t size) {
    const char *slash = strrchr(path, '/');
    size_t length = 0;
    for (const char *c = slash ? slash + 1 : path; *c && *c != '.' && length + 1 < size; c++)
        name[length++] = isalnum((unsigned char)*c) && (unsigned char)*c < 128
                             ? (char)tolower((unsigned char)*c)
                         : *c == '_' ? '_'
                                     : '-';
    name[length] = '\0';
    if (!length)
        snprintf(name, size, "variant");
}

static void tell_apart(struct generate_request *request) {
    bool same[GENERATE_VARIANTS] = {false};
    for (size_t i = 0; i < request->variant_count; i++)
        for (size_t j = 0; j < request->variant_count; j++)
            same[i] |= i != j && !strcmp(request->variants[i].name, request->variants[j].name);
    bool any = false;
    for (size_t i = 0; i < request->variant_count; i++)
        any |= same[i];
    for (size_t i = 0; i < request->variant_count && any; i++) {
        size_t length = strlen(request->variants[i].name);
        snprintf(request->variants[i].name + length, sizeof request->variants[i].name - length, "-%c",
                 (char)('a' + i));
    }
}

static int set_flags(struct source_arguments *arguments, size_t i) {
    struct duel_variant *variant = &arguments->request.variants[i];
    const char *own = arguments->flags[i], *all = arguments->cflags;
    struct words words = {0};
    if (variant->library && own)
        return fail(EXIT_USAGE, "--cflags-%c: %s is not compiled", (char)('a' + i), variant->summary);
    if (variant->library || (!own && !all))
        return 0;
    int status = words_split(&words, all ? all : "");
    if (status == 0)
        status = words_split(&words, own ? own : "");
    arguments->joined[i] = status ? NULL : words_join(&words);
    words_clear(&words);
    if (!arguments->joined[i])
        return status == -EINVAL ? fail(EXIT_USAGE, "--cflags: a quote is not closed") : out_of_memory();
    variant->flags = arguments->joined[i];
    size_t length = strlen(variant->summary);
    snprintf(variant->summary + length, sizeof variant->summary - length, " %.100s", arguments->joined[i]);
    return 0;
}

static int find_files(struct source_arguments *arguments, char **paths, size_t count) {
    struct generate_request *request = &arguments->request;
    request->variant_count = count;
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        status = find_file(paths[i], &request->variants[i]);
        name_variant(paths[i], request->variants[i].name, 32);
    }
    for (size_t i = 0; i < count && status == 0; i++)
        status = set_flags(arguments, i);
    for (size_t i = count; i < GENERATE_VARIANTS && status == 0; i++)
        if (arguments->flags[i])
            status = fail(EXIT_USAGE, "--cflags-%c: there are only %zu files", (char)('a' + i), count);
    tell_apart(request);
    return status;
}

static int read_sizes(const char *text, struct generate_request *request) {
    static const uint64_t standard[] = {16, 1024, 65536};
    struct problem problem;
    if (!text) {
        if (generate_is_swept(request))
            for (size_t i = 0; i < sizeof standard / sizeof *standard; i++)
                request->sizes[request->size_count++] = standard[i];
        while (request->size_count > 1 && generate_check(request, &problem))
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

/* The parameter that "NAME=VALUE" or "NAME" speaks of; *value is behind the "=". -1 after a message. */
static int find_parameter(const struct source_arguments *arguments, const char *option, const char *text,
                          bool with_value, const char **value) {
    char name[SIGNATURE_NAME];
    size_t length = strcspn(text, "=");
    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), text);
    *value = text[length] ? text + length + 1 : text + length;
    int found = signature_find(&arguments->signature, name);
    if (found < 0)
        fail(EXIT_USAGE, "%s: %s has no parameter named '%s'", option, arguments->signature.name, name);
    else if (with_value != (text[length] == '='))
        return fail(-1, "%s: expected %s, got '%s'", option, with_value ? "NAME=VALUE" : "NAME", text);
    return found;
}

static int apply_setting(struct source_arguments *arguments, int option, const char *text) {
    static const char *const names[] = {[OPTION_INPUT - OPTION_INPUT] = "--input",
                                        [OPTION_FIX - OPTION_INPUT] = "--fix",
                                        [OPTION_LENGTH - OPTION_INPUT] = "--length",
                                        [OPTION_IN_OUT - OPTION_INPUT] = "--in-out"};
    const char *name = names[option - OPTION_INPUT], *value;
    struct problem problem;
    int i = find_parameter(arguments, name, text, option != OPTION_IN_OUT, &value);
    if (i < 0)
        return EXIT_USAGE;
    const struct signature_parameter *parameter = &arguments->signature.parameters[i];
    struct argument *argument = &arguments->request.arguments[i];
    bool pointer = parameter->type.pointer;
    if (argument->role == ROLE_LENGTH)
        return fail(EXIT_USAGE,
                    "%s: %s is the length of an array, which --sizes tells; --length says if another is",
                    name, parameter->name);
    if (option == OPTION_IN_OUT) {
        if (!pointer || parameter->type.constant)
            return fail(EXIT_USAGE, "--in-out: %s is no pointer to what may be written", parameter->name);
        argument->role = ROLE_IN_OUT;
        return 0;
    }
    if (pointer ? option == OPTION_FIX : option == OPTION_LENGTH)
        return fail(EXIT_USAGE, "%s: %s is %s", name, parameter->name, pointer ? "an array" : "no array");
    if (option == OPTION_INPUT && argument->role == ROLE_OUTPUT)
        return fail(EXIT_USAGE, "--input: %s is an output; --in-out %s if it is read, too", parameter->name,
                    parameter->name);
    if (option == OPTION_FIX && (isalpha((unsigned char)value[0]) || !*value))
        return fail(EXIT_USAGE, "--fix: expected a number, got '%s'", text);
    int status = option == OPTION_LENGTH ? generate_read_length(&arguments->signature, (size_t)i, value,
                                                                arguments->request.arguments, &problem)
                                         : generate_read_fill(parameter, value, argument, &problem);
    return status ? fail(EXIT_USAGE, "%s%s%s", option == OPTION_LENGTH ? "" : name,
                         option == OPTION_LENGTH ? "" : ": ", problem.text)
                  : 0;
}

/* Lengths first, since they say what is a length; then what is in and out, which may be given values. */
static int apply_settings(struct source_arguments *arguments) {
    static const int order[] = {OPTION_LENGTH, OPTION_IN_OUT, OPTION_INPUT, OPTION_FIX};
    const struct settings *settings = &arguments->settings;
    for (size_t pass = 0; pass < sizeof order / sizeof *order; pass++)
        for (size_t i = 0; i < settings->count; i++)
            if (settings->options[i] == order[pass] &&
                apply_setting(arguments, settings->options[i], settings->texts[i]))
                return EXIT_USAGE;
    return 0;
}

static int describe_call(struct source_arguments *arguments) {
    struct generate_request *request = &arguments->request;
    struct problem problem;
    if (signature_read(&arguments->signature, arguments->call, &problem))
        return fail(EXIT_USAGE, "%s", problem.text);
    request->signature = &arguments->signature;
    generate_defaults(&arguments->signature, request->arguments);
    int status = apply_settings(arguments);
    if (status == 0)
        status = read_sizes(arguments->sizes, request);
    if (status == 0 && generate_check(request, &problem))
        status = fail(EXIT_USAGE, "duel: %s", problem.text);
    if (status == 0 && arguments->batch &&
        parse_integer_option("--batch", arguments->batch, 1, 1 << 24, &request->batch))
        status = EXIT_USAGE;
    if (status == 0 && arguments->threads) {
        if (parse_integer_option("--threads", arguments->threads, 1, 1024, &request->threads))
            status = EXIT_USAGE;
        else if (words_addf(&arguments->run, "--threads=%s", arguments->threads))
            status = out_of_memory();
    }
    if (status == 0 && arguments->tolerance &&
        parse_number_option("--tolerance", arguments->tolerance, 0, 0.999, &request->tolerance))
        status = EXIT_USAGE;
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
    cache_prune(home);
    snprintf(folder, size, "%s/%016llx/%s", home, (unsigned long long)generate_key(&arguments->request),
             name);
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
    struct source_arguments *arguments = calloc(1, sizeof *arguments);
    int status = arguments ? read_options(argc, argv, arguments) : out_of_memory();
    if (status == 0)
        status = find_files(arguments, argv + optind, (size_t)(argc - optind));
    if (status == 0)
        status = describe_call(arguments);
    if (status == 0)
        status = generate_and_run(arguments, &command);
    for (size_t i = 0; arguments && i < GENERATE_VARIANTS; i++)
        free(arguments->joined[i]);
    if (arguments)
        words_clear(&arguments->run);
    free(arguments);
    free(command);
    return status;
}

int duel_sources(int argc, char **argv) {
    return duel_sources_for(argc, argv, quote_command(argc, argv));
}
