#include "cli/duel_types.h"

#include "cli/cli.h"
#include "debug/exports.h"
#include "debug/header.h"
#include "debug/prototype.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COMPILE_SECONDS 120
#define PROTOTYPE_TEXT 1500

/* What one file defines. */
struct defined {
    const char *path; /* as it was given */
    struct definitions definitions;
    bool library;
    bool known; /* false: a library without debug data, of which the other files must tell */
};

/* A header is read once, for the first library: it says the same of all. */
static int read_file(const struct duel_variant *variant, const struct duel_types_request *wanted, bool first,
                     struct defined *defined) {
    const struct command_limits limits = {COMPILE_SECONDS, &caught_signal};
    struct problem problem;
    defined->path = variant->path;
    defined->library = variant->library;
    if (variant->library && wanted->include && !first)
        return 0;
    int status = !variant->library ? definitions_compile(&defined->definitions, variant->path, variant->cxx,
                                                         variant->flags, NULL, &limits, &problem)
                 : wanted->include ? header_read(&defined->definitions, wanted->include, wanted->function,
                                                 wanted->flags, &limits, &problem)
                                   : definitions_read(&defined->definitions, variant->path, true, &problem);
    defined->known = status == 0;
    if (status == -ENODATA && variant->library)
        return 0;
    return status == -EINTR ? fail(EXIT_INTERRUPTED + caught_signal, "interrupted")
           : status         ? fail(EXIT_USAGE, "%s", problem.text)
                            : 0;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* A structure or an enumeration of one name may be another in the other file. */
static bool has_same_fields(const struct scalar_type *a, const struct scalar_type *b) {
    bool same = a->field_count == b->field_count && (a->kind != SCALAR_STRUCTURE || a->size == b->size) &&
                a->columns == b->columns && a->run_count == b->run_count &&
                !memcmp(a->runs, b->runs, a->run_count * sizeof *a->runs) &&
                (!a->enumeration || (a->kind == b->kind && a->size == b->size));
    for (size_t i = 0; i < a->field_count && same; i++) {
        const struct scalar_field *one = &a->fields[i], *other = &b->fields[i];
        same = one->kind == other->kind && one->size == other->size && one->offset == other->offset &&
               one->count == other->count && one->stride == other->stride && !strcmp(one->name, other->name);
    }
    return same;
}

static bool has_same_layouts(const struct signature *a, const struct signature *b) {
    bool same = has_same_fields(&a->result, &b->result);
    for (size_t i = 0; i < a->count && same; i++)
        same = has_same_fields(&a->parameters[i].type, &b->parameters[i].type);
    return same;
}

static bool has_same_types(const struct definition *a, const struct definition *b, bool for_setup) {
    char first[PROTOTYPE_TEXT], second[PROTOTYPE_TEXT];
    definition_types_print(&a->signature, first, sizeof first);
    definition_types_print(&b->signature, second, sizeof second);
    return !strcmp(first, second) && (for_setup || has_same_layouts(&a->signature, &b->signature));
}

static void remove_spaces(char *text) {
    char *to = text;
    for (; *text; text++)
        if (*text != ' ')
            *to++ = *text;
    *to = '\0';
}

/* By its name, or as lists have it, with the names of parameters or without them: from the name on, or all. */
static bool is_wanted(const struct definition *definition, const char *wanted) {
    char text[PROTOTYPE_TEXT], asked[PROTOTYPE_TEXT], head[2 * SIGNATURE_NAME + 1];
    const char *name = definition->signature.name, *colon = strrchr(name, ':');
    if (definition_is_called(definition, wanted))
        return true;
    if (!strchr(wanted, '(') || strlen(wanted) >= sizeof asked)
        return false;
    strcpy(asked, wanted);
    remove_spaces(asked);
    snprintf(head, sizeof head, "%s(", name);
    for (int named = 0; named < 2; named++) {
        (named ? definition_print : definition_types_print)(&definition->signature, text, sizeof text);
        char *begin = strstr(text, head);
        char *from[] = {text, begin, begin && colon ? begin + (colon + 1 - name) : begin};
        for (size_t i = 0; begin && i < sizeof from / sizeof *from; i++) {
            char part[PROTOTYPE_TEXT];
            strcpy(part, from[i]);
            remove_spaces(part);
            if (!strcmp(part, asked))
                return true;
        }
    }
    return false;
}

/* The function of `other` with the same name: with the same types, else any. NULL: there is none. */
static const struct definition *find_same(const struct defined *other, const struct definition *wanted,
                                          bool for_setup) {
    const struct definition *any = NULL;
    for (size_t i = 0; i < other->definitions.count; i++) {
        const struct definition *found = &other->definitions.items[i];
        if (strcmp(found->signature.name, wanted->signature.name) != 0)
            continue;
        if (has_same_types(found, wanted, for_setup))
            return found;
        any = any ? any : found;
    }
    return any;
}

/* What all files define, of which one is to be chosen. */
struct candidates {
    const struct definition *items[256],
        *other; /* other: of another file, with other types than `differing` */
    const struct definition *differing;
    const char *other_path;
    size_t count;
};

/* What a library exports without saying its types is taken on trust: assembly, or a function that the loader chooses (IFUNC). */
static bool is_trusted(const struct defined *file, const struct definition *wanted) {
    return file->library &&
           exports_function(file->path, wanted->symbol[0] ? wanted->symbol : wanted->signature.name);
}

static void add_candidate(const struct defined *files, size_t count, size_t first,
                          const struct definition *wanted, bool for_setup, struct candidates *candidates) {
    for (size_t i = 0; i < count; i++) {
        const struct definition *same = i == first ? wanted : find_same(&files[i], wanted, for_setup);
        if (!same && is_trusted(&files[i], wanted))
            same = wanted;
        if (!same)
            return;
        if (!has_same_types(same, wanted, for_setup)) {
            candidates->differing = wanted;
            candidates->other = same;
            candidates->other_path = files[i].path;
            return;
        }
    }
    if (candidates->count < sizeof candidates->items / sizeof *candidates->items)
        candidates->items[candidates->count++] = wanted;
}

/* Static functions serve the others: they are left out where there are others. */
static void narrow(struct candidates *candidates) {
    size_t external = 0, kept = 0;
    for (size_t i = 0; i < candidates->count; i++)
        external += candidates->items[i]->external;
    for (size_t i = 0; i < candidates->count; i++)
        if (candidates->items[i]->external || external == 0)
            candidates->items[kept++] = candidates->items[i];
    candidates->count = kept;
}

static const char *verb_of(const struct duel_types_request *wanted) {
    return wanted->for_setup ? "new" : "duel";
}

static int refuse_none(const struct defined *files, size_t count, size_t first,
                       const struct duel_types_request *wanted, const struct candidates *candidates) {
    const char *function = wanted->function;
    char own[PROTOTYPE_TEXT], other[PROTOTYPE_TEXT], list[400] = "";
    if (candidates->differing) {
        definition_print(&candidates->differing->signature, own, sizeof own);
        definition_print(&candidates->other->signature, other, sizeof other);
        if (!strcmp(own, other))
            return fail(
                EXIT_USAGE,
                "duel: a structure or an enumeration of '%s' is another in %s than in %s, and cannot be the same input; with a setup "
                "of your own each file makes its own: --setup (docs/DUEL.md)",
                own, base_name(files[first].path), base_name(candidates->other_path));
        return fail(EXIT_USAGE, "%s: the files define it with different types: '%s' in %s, '%s' in %s",
                    verb_of(wanted), own, base_name(files[first].path), other,
                    base_name(candidates->other_path));
    }
    for (size_t i = 0, length = 0; i < files[first].definitions.count && length + 80 < sizeof list; i++)
        length += (size_t)snprintf(list + length, sizeof list - length, "%s%.60s", i ? ", " : "",
                                   files[first].definitions.items[i].signature.name);
    return fail(
        EXIT_USAGE,
        "%s: the %zu files define no function%s%s in common; %s defines %s (templates, and C++'s inline "
        "functions, are found where they are used; `duel --inline --call PROTOTYPE` names one)",
        verb_of(wanted), count, function ? " " : "", function ? function : "", base_name(files[first].path),
        *list ? list : "none");
}

static int refuse_several(const struct candidates *candidates, const struct duel_types_request *wanted) {
    char list[4000] = "", text[PROTOTYPE_TEXT];
    size_t length = 0, listed = 0;
    for (; listed < candidates->count && length + 700 < sizeof list; listed++) {
        const struct definition *one = candidates->items[listed];
        definition_print(&one->signature, text, sizeof text);
        length += (size_t)snprintf(list + length, sizeof list - length, "%s%.600s", listed ? "; " : "",
                                   one->told ? text : one->signature.name);
    }
    return fail(EXIT_USAGE,
                "%s: name one of the %zu functions that the files have in common with --function: %s%s",
                verb_of(wanted), candidates->count, list, listed < candidates->count ? " …" : "");
}

static void add_candidates(const struct defined *files, size_t count, size_t first,
                           const struct duel_types_request *wanted, struct candidates *candidates) {
    const struct definitions *own = &files[first].definitions;
    for (size_t i = 0; i < own->count; i++)
        if (!wanted->function || is_wanted(&own->items[i], wanted->function))
            add_candidate(files, count, first, &own->items[i], wanted->for_setup, candidates);
}

/* Where `new --from` can begin a setup, its command line. */
static int refuse_types(const struct defined *files, size_t count, const struct duel_types_request *wanted,
                        const struct definition *chosen) {
    struct words command = {0};
    const char *function = wanted->function;
    bool can = chosen->told && count == 2 && !files[0].library && !files[1].library &&
               words_split(&command, "countersign new --from") == 0 &&
               words_add(&command, files[0].path) == 0 && words_add(&command, files[1].path) == 0 &&
               (!function || (words_add(&command, "--function") == 0 && words_add(&command, function) == 0));
    char *text = can ? words_join(&command) : NULL;
    int status =
        fail(EXIT_USAGE,
             "duel: %s cannot be called with inputs that are made for it: %s; with a setup of your own it "
             "can: --setup (docs/DUEL.md)%s%s",
             chosen->signature.name, chosen->refusal, text ? "; this writes one: " : "", text ? text : "");
    free(text);
    words_clear(&command);
    return status;
}

static int choose(const struct defined *files, size_t count, size_t first,
                  const struct duel_types_request *wanted, const struct definition **chosen) {
    struct candidates candidates = {.count = 0};
    add_candidates(files, count, first, wanted, &candidates);
    for (size_t i = 0; i < count && candidates.count == 0 && !candidates.differing; i++)
        if (i != first)
            add_candidates(files, count, i, wanted, &candidates);
    narrow(&candidates);
    if (candidates.count == 0)
        return refuse_none(files, count, first, wanted, &candidates);
    if (candidates.count > 1)
        return refuse_several(&candidates, wanted);
    *chosen = candidates.items[0];
    if (wanted->for_setup ? (*chosen)->told : !(*chosen)->refusal[0])
        return 0;
    if (wanted->for_setup)
        return fail(EXIT_USAGE,
                    "new: a setup cannot be written for %s: %s; write one by hand (docs/DUEL.md, Setups)",
                    (*chosen)->signature.name, (*chosen)->refusal);
    return refuse_types(files, count, wanted, *chosen);
}

/* What is another structure in another file cannot be filled field by field there. */
static void close_structures(const struct defined *files, size_t count, const struct definition *chosen,
                             struct signature *signature) {
    bool alike = true;
    for (size_t i = 0; i < count && alike; i++) {
        const struct definition *same = files[i].known ? find_same(&files[i], chosen, true) : NULL;
        alike = !same || has_same_layouts(&same->signature, &chosen->signature);
    }
    signature->result.closed |= !alike;
    for (size_t i = 0; i < signature->count; i++)
        signature->parameters[i].type.closed |= !alike;
}

static int refuse_include(const struct generate_request *request, const struct duel_types_request *wanted) {
    size_t libraries = 0;
    for (size_t i = 0; i < request->variant_count; i++)
        libraries += request->variants[i].library;
    return !wanted->include ? 0
           : wanted->call
               ? fail(EXIT_USAGE, "--include: --call tells the prototype already; leave one of them out")
           : !libraries
               ? fail(EXIT_USAGE, "--include: sources tell their functions' types; it is for libraries")
           : !wanted->function
               ? fail(EXIT_USAGE, "--include: name the function that %s declares: --function NAME",
                      wanted->include)
               : 0;
}

static int find_in_files(const struct generate_request *request, const struct duel_types_request *wanted,
                         struct signature *signature, char *symbol, size_t size) {
    struct defined files[GENERATE_VARIANTS] = {{0}};
    const struct definition *chosen = NULL;
    size_t count = request->variant_count, first = count;
    int status = 0;
    bool header = false;
    for (size_t i = 0; i < count && status == 0; i++) {
        status = read_file(&request->variants[i], wanted, !header, &files[i]);
        header |= files[i].library;
        if (files[i].known && (first == count || (files[first].library && !files[i].library)))
            first = i; /* a source tells names and types as they are meant */
    }
    if (status == 0 && first == count)
        status = fail(
            EXIT_USAGE,
            "duel: none of the libraries has debug data that tells its functions' types; name a header that "
            "does, --include HEADER --function NAME, or tell the prototype: --call 'uint64_t f(const uint32_t "
            "*p, size_t n)'");
    if (status == 0)
        status = choose(files, count, first, wanted, &chosen);
    if (chosen) {
        *signature = chosen->signature;
        close_structures(files, count, chosen, signature);
        snprintf(symbol, size, "%s", strcmp(chosen->symbol, chosen->signature.name) ? chosen->symbol : "");
    }
    for (size_t i = 0; i < count; i++)
        definitions_clear(&files[i].definitions);
    return status;
}

int duel_find_types(const struct generate_request *request, const struct duel_types_request *wanted,
                    struct signature *signature, char *symbol, size_t size) {
    const struct command_limits limits = {COMPILE_SECONDS, &caught_signal};
    struct problem problem;
    bool cxx = wanted->call && strstr(wanted->call, "::");
    symbol[0] = '\0';
    if (refuse_include(request, wanted))
        return EXIT_USAGE;
    if (!wanted->call)
        return find_in_files(request, wanted, signature, symbol, size);
    for (size_t i = 0; i < request->variant_count; i++)
        cxx |= request->variants[i].cxx;
    int status = prototype_read(signature, wanted->call, cxx, &limits, &problem);
    return status == -EINTR ? fail(EXIT_INTERRUPTED + caught_signal, "interrupted")
           : status         ? fail(EXIT_USAGE, "%s", problem.text)
                            : 0;
}
