/* The files of a duel of functions: what each is, its name, and the sources that it is linked with. */
#ifndef CLI_DUEL_FILES_H
#define CLI_DUEL_FILES_H

#include "base/words.h"
#include "compile/generate.h"

/** By the name's end: a source, or a header that defines functions. */
bool duel_is_c(const char *path);
bool duel_is_cxx(const char *path);

/** What is left of a file's name before its first dot, in letters that a variant's name may have. */
void duel_name_variant(const char *path, char *name, size_t size);

/**
 * Fills request->variants, but for their flags, from paths as they were given. Names that are the same become those of
 * the files' folders, or end in -a, -b …. 0, or an exit status after a message.
 */
int duel_find_files(struct generate_request *request, char **paths, size_t count);

/**
 * Finds the sources `also` of every variant: the one beside the variant's file where there is one, else that in the
 * current folder. 0, or an exit status after a message.
 */
int duel_find_parts(struct generate_request *request, const struct words *also);

#endif
