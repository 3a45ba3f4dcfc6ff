#include "cli/duel_files.h"

#include "cli/cli.h"

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool ends_in(const char *text, const char *const *suffixes) {
    size_t length = strlen(text);
    for (size_t i = 0; suffixes[i]; i++)
        if (length > strlen(suffixes[i]) && !strcmp(text + length - strlen(suffixes[i]), suffixes[i]))
            return true;
    return false;
}

bool duel_is_c(const char *path) {
    static const char *const endings[] = {".c", ".h", NULL};
    return ends_in(path, endings);
}

bool duel_is_cxx(const char *path) {
    static const char *const endings[] = {".cpp", ".cc", ".cxx", ".C", ".c++", ".hpp", ".hxx", ".hh", NULL};
    return ends_in(path, endings);
}

static bool is_library(const char *path) {
    unsigned char head[EI_NIDENT + 2] = "";
    FILE *file = fopen(path, "re");
    size_t got = file ? fread(head, 1, sizeof head, file) : 0;
    if (file)
        fclose(file);
    return got == sizeof head && !memcmp(head, ELFMAG, SELFMAG) && head[EI_NIDENT] == ET_DYN;
}

/* `to` has 4096 bytes. */
static int find_path(const char *path, const char *what, char *to) {
    char *absolute = realpath(path, NULL);
    int error = absolute && strlen(absolute) < 4096 ? 0 : absolute ? ENAMETOOLONG : errno;
    if (error == 0)
        strcpy(to, absolute);
    free(absolute);
    return error ? fail(EXIT_USAGE, "%s%s: %s", what, path, strerror(error)) : 0;
}

static int find_file(const char *path, struct duel_variant *variant) {
    struct stat facts;
    int status = find_path(path, "", variant->path);
    if (status)
        return status;
    bool regular = stat(variant->path, &facts) == 0 && S_ISREG(facts.st_mode);
    bool source = duel_is_c(path) || duel_is_cxx(path);
    variant->cxx = duel_is_cxx(path);
    variant->library = regular && !source && is_library(path);
    if (!regular || (!variant->library && !source))
        return fail(
            EXIT_USAGE,
            "%s: expected a C or C++ source (.c, .cpp, .cc, .cxx, or a header) or a shared library; objects "
            "and archives are linked into one with: cc -shared -o NAME.so",
            path);
    snprintf(variant->summary, sizeof variant->summary, "%.100s", path);
    return 0;
}

void duel_name_variant(const char *path, char *name, size_t size) {
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

static bool share_a_name(const struct generate_request *request) {
    for (size_t i = 0; i < request->variant_count; i++)
        for (size_t j = 0; j < i; j++)
            if (!strcmp(request->variants[i].name, request->variants[j].name))
                return true;
    return false;
}

/* baseline/solution.cpp is told from optimized/solution.cpp by the folders' names. */
static void name_by_folder(struct generate_request *request) {
    char kept[GENERATE_VARIANTS][SIGNATURE_NAME], folder[4096];
    for (size_t i = 0; i < request->variant_count; i++) {
        struct duel_variant *variant = &request->variants[i];
        strcpy(kept[i], variant->name);
        snprintf(folder, sizeof folder, "%s", variant->path);
        *strrchr(folder, '/') = '\0';
        duel_name_variant(folder, variant->name, 32);
    }
    bool in_vain = share_a_name(request);
    for (size_t i = 0; in_vain && i < request->variant_count; i++)
        strcpy(request->variants[i].name, kept[i]);
}

static void tell_apart(struct generate_request *request) {
    if (share_a_name(request))
        name_by_folder(request);
    bool any = share_a_name(request);
    for (size_t i = 0; i < request->variant_count && any; i++) {
        size_t length = strlen(request->variants[i].name);
        snprintf(request->variants[i].name + length, sizeof request->variants[i].name - length, "-%c",
                 (char)('a' + i));
    }
}

int duel_find_files(struct generate_request *request, char **paths, size_t count) {
    request->variant_count = count;
    bool cxx = false;
    for (size_t i = 0; i < count; i++) {
        int status = find_file(paths[i], &request->variants[i]);
        if (status)
            return status;
        duel_name_variant(paths[i], request->variants[i].name, 32);
        cxx |= request->variants[i].cxx;
    }
    for (size_t i = 0; i < count; i++) /* a header .h is of either language */
        request->variants[i].cxx |=
            cxx && request->variants[i].path[strlen(request->variants[i].path) - 1] == 'h';
    tell_apart(request);
    return 0;
}

static int find_part(const struct duel_variant *variant, const char *also, struct duel_part *part) {
    char beside[8200];
    const char *slash = strrchr(variant->path, '/');
    snprintf(beside, sizeof beside, "%.*s/%.4000s", (int)(slash - variant->path), variant->path, also);
    part->cxx = duel_is_cxx(also);
    if (!part->cxx && !duel_is_c(also))
        return fail(EXIT_USAGE, "--also: expected a C or C++ source (.c, .cpp, .cc, .cxx), got '%s'", also);
    return find_path(also[0] != '/' && access(beside, F_OK) == 0 ? beside : also, "--also: ", part->path);
}

int duel_find_parts(struct generate_request *request, const struct words *also) {
    for (size_t v = 0; v < request->variant_count; v++) {
        struct duel_variant *variant = &request->variants[v];
        if (also->count > GENERATE_PARTS)
            return fail(EXIT_USAGE, "--also: more than %d files", GENERATE_PARTS);
        if (also->count && variant->library)
            return fail(EXIT_USAGE, "--also: %s is a library, as it was linked", variant->summary);
        for (size_t i = 0; i < also->count; i++) {
            int status = find_part(variant, also->items[i], &variant->parts[i]);
            if (status)
                return status;
        }
        variant->part_count = also->count;
    }
    return 0;
}
