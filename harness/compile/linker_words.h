/* What a linker's complaint means to somebody who has never seen one. */
#ifndef COMPILE_LINKER_WORDS_H
#define COMPILE_LINKER_WORDS_H

#include "base/problem.h"

#include <stdbool.h>

/**
 * Replaces `problem` where `said` (what GNU ld, gold or lld wrote, may be NULL) names a function that no
 * library has, or a library that is not there: which it is, and how one is named, by an option of the command
 * line (`by_option`) or in the folder. Else leaves it.
 */
void linker_words_explain(const char *said, const char *folder, bool by_option, struct problem *problem);

#endif
