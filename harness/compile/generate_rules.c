#include "compile/generate_rules.h"

#include "base/words.h"
#include "compile/generate_callback.h"
#include "compile/text_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Clears them. 0 or -ENOMEM, as `status` is. */
static int print_words(FILE *stream, struct words *words, int status, const char *end) {
    char *line = status ? NULL : words_join(words);
    if (line)
        fprintf(stream, "%s%s", line, end);
    status = line ? 0 : -ENOMEM;
    free(line);
    words_clear(words);
    return status;
}

int generate_print_quotes(FILE *stream, const struct duel_variant *variant) {
    struct words words = {0};
    const char *slash = strrchr(variant->path, '/');
    int status = words_add(&words, "-iquote");
    if (status == 0)
        status = words_addf(&words, "%.*s", (int)(slash - variant->path + 1), variant->path);
    fputc(' ', stream);
    return print_words(stream, &words, status, "");
}

static void name_part(const struct duel_part *part, size_t variant, size_t i, char name[32]) {
    snprintf(name, 32, "part_%zu_%zu.%s", variant, i, part->cxx ? "cpp" : "c");
}

static const char *ending(const struct duel_variant *variant) {
    return variant->cxx ? "cpp" : "c";
}

static int print_call(FILE *stream, const struct generate_request *request, size_t i) {
    const struct duel_variant *variant = &request->variants[i];
    char loop[32];
    snprintf(loop, sizeof loop, "countersign_run_%zu", i);
    const char *symbol = request->inlined                      ? loop
                         : request->setup                      ? request->setup->functions[SETUP_CALL].name
                         : variant->library && request->symbol ? request->symbol
                                                               : request->signature->name;
    struct words words = {0};
    int status = words_add(&words, "calls");
    if (status == 0)
        status = words_add(&words, variant->name);
    if (status == 0)
        status = words_add(&words, symbol);
    if (status == 0)
        status = words_add(&words, request->setup ? request->setup->path : variant->path);
    if (status == 0 && !variant->library)
        status = words_addf(&words, "source_%zu.%s", i, ending(variant));
    return print_words(stream, &words, status, "\n");
}

static int print_flags(FILE *stream, const struct duel_variant *variant, bool quotes) {
    fputs(" -fvisibility=hidden -ffunction-sections", stream);
    int status = quotes ? generate_print_quotes(stream, variant) : 0;
    fprintf(stream, " %s\n", variant->flags ? variant->flags : "");
    return status;
}

static int print_rule(FILE *stream, const struct generate_request *request, size_t i) {
    const struct duel_variant *variant = &request->variants[i];
    const char *symbol = request->setup ? "setup" : request->inlined ? "run" : "duel";
    fprintf(stream, "source_%zu.%s countersign_%s_%zu", i, ending(variant), symbol, i);
    int status = print_flags(stream, variant, request->setup != NULL);
    if (variant->alone)
        fprintf(stream, "alone source_%zu.%s\n", i, ending(variant));
    for (size_t part = 0; part < variant->part_count && status == 0; part++) {
        char name[32];
        struct words words = {0};
        name_part(&variant->parts[part], i, part, name);
        status = words_add(&words, "part");
        if (status == 0)
            status = words_add(&words, name);
        if (status == 0)
            status = words_addf(&words, "source_%zu.%s", i, ending(variant));
        if (status == 0)
            status = words_add(&words, variant->parts[part].path);
        status = print_words(stream, &words, status, "");
        if (status == 0)
            status = print_flags(stream, variant, false);
    }
    return status;
}

static int write_part(const struct duel_part *part, const char *name, const char *folder,
                      struct problem *problem) {
    struct text_file file;
    if (strpbrk(part->path, "\"\n\r"))
        return problem_set(problem, EINVAL,
                           "%s: a file's name with a quote or a line's end cannot be included", part->path);
    int status = text_file_open(&file, folder, name, problem);
    if (status)
        return status;
    fprintf(file.stream, "#include \"%s\"\n", part->path);
    return text_file_close(&file, problem);
}

int generate_rules(const struct generate_request *request, const char *folder, struct problem *problem) {
    struct text_file file;
    int status = text_file_open(&file, folder, "kernel.sources", problem);
    if (status)
        return status;
    fputs("# source, the one symbol that others may see, further flags; part: source, of which, the file\n",
          file.stream);
    for (size_t i = 0; i < request->variant_count && status == 0; i++)
        if (!request->variants[i].library)
            status = print_rule(file.stream, request, i);
    if (request->compare) {
        fprintf(file.stream, "compare.%s countersign_equal", ending(&request->variants[0]));
        if (status == 0)
            status = print_flags(file.stream, &request->variants[0], false);
    }
    if (generate_has_callbacks(request)) {
        fprintf(file.stream, "callbacks.%s countersign_callback",
                generate_callback_is_cxx(request) ? "cpp" : "c");
        if (status == 0)
            status = print_flags(file.stream, &request->variants[0], false);
    }
    fprintf(file.stream, "link -ldl %s\n", request->ldflags ? request->ldflags : "");
    for (size_t i = 0; i < request->variant_count && status == 0; i++)
        status = print_call(file.stream, request, i);
    int closed = text_file_close(&file, problem);
    if (status)
        return problem_set(problem, -status, "out of memory");
    for (size_t i = 0; i < request->variant_count && closed == 0; i++)
        for (size_t part = 0; part < request->variants[i].part_count && closed == 0; part++) {
            char name[32];
            name_part(&request->variants[i].parts[part], i, part, name);
            closed = write_part(&request->variants[i].parts[part], name, folder, problem);
        }
    return closed;
}
