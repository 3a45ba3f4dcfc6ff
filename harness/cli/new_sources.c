/* countersign new --from OLD NEW: a setup out of the types of the function that two sources define. */
#include "cli/new.h"

#include "cli/duel_files.h"
#include "cli/duel_setup.h"
#include "cli/duel_types.h"
#include "compile/setup_draft.h"
#include "report/text.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* All that stands while it is written. */
struct writing {
    const struct new_setup *asked;
    struct generate_request request;
    struct generate_setup setup;
    struct signature signature;
    struct draft draft;
    char symbol[256], name[RESULT_NAME], file[RESULT_NAME + 8], path[4096];
    struct words headers; /* as they are written */
};

bool new_is_source(const char *from) {
    return duel_is_c(from) || duel_is_cxx(from);
}

static int find_function(struct writing *writing) {
    struct generate_request *request = &writing->request;
    struct duel_types_request wanted = {.function = writing->asked->function, .for_setup = true};
    struct words flags = {0};
    const char *cflags = writing->asked->cflags;
    int status = words_split(&flags, cflags ? cflags : "");
    words_clear(&flags);
    if (status)
        return status == -EINVAL ? fail(EXIT_USAGE, "--cflags: a quote is not closed")
                                 : fail(EXIT_NOTHING, "out of memory");
    status = duel_find_files(request, (char **)(uintptr_t)writing->asked->files, 2);
    for (size_t i = 0; i < 2; i++)
        request->variants[i].flags = cflags;
    return status ? status
                  : duel_find_types(request, &wanted, &writing->signature, writing->symbol,
                                    sizeof writing->symbol);
}

/* The name that was asked for, or that of the function, FUNCTION-setup; and where it is written. */
static int name_setup(struct writing *writing, struct problem *problem) {
    const struct new_setup *asked = writing->asked;
    const struct duel_variant *variants = writing->request.variants;
    char function[SIGNATURE_NAME];
    struct stat facts;
    generate_name(&writing->signature, function, sizeof function);
    if (asked->name)
        snprintf(writing->name, sizeof writing->name, "%s", asked->name);
    else
        snprintf(writing->name, sizeof writing->name, "%.40s-setup", function);
    int status = new_check_name(asked->name ? asked->name : writing->name, problem);
    writing->setup.cxx = variants[0].cxx && variants[1].cxx;
    snprintf(writing->file, sizeof writing->file, "%s.%s", writing->name, writing->setup.cxx ? "cpp" : "c");
    if (status == 0)
        status = new_join_path(asked->folder, writing->file, writing->path, problem);
    return status == 0 && lstat(writing->path, &facts) == 0 ? new_refuse_existing(writing->path, problem)
                                                            : status;
}

/* One that lies beside both files is each file's own; another is included from where it lies. */
static int find_header(struct writing *writing, const char *header, struct problem *problem) {
    char beside[8200], absolute[PATH_MAX];
    bool own = header[0] == '<';
    for (size_t i = 0; i < 2 && !own; i++) {
        const char *path = writing->request.variants[i].path;
        snprintf(beside, sizeof beside, "%.*s/%.4000s", (int)(strrchr(path, '/') - path), path, header);
        own = access(beside, R_OK) == 0;
    }
    if (strpbrk(header, "\"\n\\"))
        return problem_set(problem, EINVAL, "--header: expected a file's name or <NAME>, got '%.200s'",
                           header);
    if (!own && !realpath(header, absolute))
        return problem_set(problem, errno, "--header: %s: %s, neither here nor beside the sources", header,
                           strerror(errno));
    return words_add(&writing->headers, own ? header : absolute)
               ? problem_set(problem, ENOMEM, "out of memory")
               : 0;
}

/* "countersign duel OLD NEW --setup FILE", to be freed; NULL: out of memory. */
static char *duel_command(const struct writing *writing) {
    const struct new_setup *asked = writing->asked;
    const struct draft *draft = &writing->draft;
    struct words words = {0};
    bool narrow = false;
    for (size_t i = 0; i < draft->count; i++)
        narrow |= (draft->parts[i].length && draft->parts[i].type->size == 1) ||
                  draft->parts[i].each[0] == '('; /* n rows of n elements */
    int status = words_split(&words, "countersign duel");
    for (size_t i = 0; i < 2 && status == 0; i++)
        status = words_add(&words, asked->files[i]);
    if (status == 0)
        status = words_add(&words, "--setup") || words_add(&words, writing->path);
    if (status == 0 && (narrow || !draft->items[0]))
        status = words_addf(&words, "--sizes=%s", narrow ? "16,100" : "1");
    if (status == 0 && asked->cflags)
        status = words_addf(&words, "--cflags=%s", asked->cflags);
    char *command = status ? NULL : words_join(&words);
    words_clear(&words);
    return command;
}

static int write_file(struct writing *writing, struct problem *problem) {
    char *command = duel_command(writing), *whole = NULL;
    size_t size = 0;
    struct text opening = {0};
    FILE *stream = command ? open_memstream(&whole, &size) : NULL;
    if (stream) {
        text_add(&opening, "/*\n * Inputs of ");
        text_add(&opening, writing->signature.name);
        text_add(&opening, ", its call, and what its answer is:\n *     ");
        text_add(&opening, command);
        text_add(&opening, "\n * Put the values that your program has into make.\n */\n");
        setup_draft_write(stream, &writing->draft, text_string(&opening),
                          (const char *const *)writing->headers.items, writing->headers.count);
    }
    bool written = stream && fclose(stream) == 0 && !opening.failed;
    int status =
        written ? new_write(writing->path, whole, problem) : problem_set(problem, ENOMEM, "out of memory");
    text_clear(&opening);
    free(command);
    free(whole);
    return status;
}

/* Behind each file, as `duel` does it; what does not compile is not left there. */
static int try_it(struct writing *writing) {
    struct generate_request *request = &writing->request;
    int status = realpath(writing->path, writing->setup.path)
                     ? 0
                     : fail(EXIT_USAGE, "%s: %s", writing->path, strerror(errno));
    request->setup = &writing->setup;
    request->signature = &writing->signature;
    for (int i = 0; i < 2 && status == 0; i++) {
        status = duel_setup_find(request, &writing->setup);
        struct duel_variant first = request->variants[0];
        request->variants[0] = request->variants[1];
        request->variants[1] = first;
    }
    if (status == 0 && caught_signal)
        status = fail(EXIT_INTERRUPTED + caught_signal, "interrupted; nothing was written");
    if (status)
        unlink(writing->path);
    return status;
}

static int tell(const struct writing *writing) {
    const char *slash = strchr(writing->path, '/') ? "" : "./";
    const struct draft *draft = &writing->draft;
    struct text text = {0};
    char *command = duel_command(writing);
    text_add(&text, slash);
    text_add(&text, writing->path);
    text_add(&text, "\n");
    for (size_t i = 0; i < draft->count; i++) {
        const char *left = setup_draft_left(&draft->parts[i]);
        char line[600];
        snprintf(line, sizeof line, "  to do: %s (%s) %s\n", draft->parts[i].name, draft->parts[i].type->text,
                 left ? left : "");
        text_add(&text, left ? line : "");
    }
    text_add(&text, "next: ");
    text_add(&text, command ? command : "");
    text_add(&text, "\n");
    int status = command && !text.failed ? finish_output(print_text(text_string(&text), stdout), EXIT_DONE)
                                         : fail(EXIT_NOTHING, "out of memory");
    text_clear(&text);
    free(command);
    return status;
}

static int write_setup(struct writing *writing) {
    const struct new_setup *asked = writing->asked;
    struct problem problem;
    int status = find_function(writing);
    if (status)
        return status;
    status = name_setup(writing, &problem);
    for (size_t i = 0; i < asked->headers.count && status == 0; i++)
        status = find_header(writing, asked->headers.items[i], &problem);
    if (status == 0) {
        setup_draft_plan(&writing->draft, &writing->request, &writing->signature, writing->name,
                         writing->setup.cxx);
        status = write_file(writing, &problem);
    }
    if (status)
        return fail(EXIT_USAGE, "%s", problem.text);
    status = try_it(writing);
    return status || asked->quiet ? status : tell(writing);
}

int new_write_setup(const struct new_setup *setup) {
    struct writing *writing = calloc(1, sizeof *writing);
    if (!writing)
        return fail(EXIT_NOTHING, "out of memory");
    writing->asked = setup;
    catch_signals();
    int status = write_setup(writing);
    words_clear(&writing->headers);
    free(writing);
    return status;
}
