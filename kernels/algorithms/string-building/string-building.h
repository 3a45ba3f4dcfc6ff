/* State of the string-building kernel: pieces of text, and the texts that they make. */
#ifndef STRING_BUILDING_H
#define STRING_BUILDING_H

#include <countersign.h>
#include <string.h>

/** A run builds `texts` texts of n pieces each, and hands each over when it is finished. */
struct strings {
    const char **pieces; /**< windows * texts * n strings */
    size_t n;
    size_t texts;
    size_t windows; /**< before the first text comes again */
    size_t next;    /**< window of the next run */
    size_t bytes;   /**< of a text, without the 0 at its end: the same for all */
    char *handed;   /**< answer: `texts` texts of bytes + 1 each */
    char *stored;   /**< the pieces, in the order in which they make texts, a 0 behind each */

    char *strcat_text, *end_text; /**< strcat, end: room for a text, known to be enough */
    uint64_t allocations;         /**< calls of malloc and realloc */
};

/** Builds a text of the strings->n pieces and hands it over to `handed`, as a file or a socket would take it. */
typedef void strings_build(struct strings *strings, const char *const *pieces, char *handed);

/**
 * The texts of this run, other ones each time. `build` is given by name to an inlined function, so that no call
 * through a pointer is left.
 */
__attribute__((always_inline)) static inline void strings_run(struct strings *strings, strings_build *build) {
    const char *const *pieces =
        strings->pieces + cs_window(&strings->next, 1, strings->windows) * strings->texts * strings->n;
    for (size_t text = 0; text < strings->texts; text++)
        build(strings, pieces + text * strings->n, strings->handed + text * (strings->bytes + 1));
}

int prepare_strcat(const struct cs_env *env, void *state);
void run_strcat(void *state);
int prepare_end(const struct cs_env *env, void *state);
void run_end(void *state);
void run_doubling(void *state);

#endif
