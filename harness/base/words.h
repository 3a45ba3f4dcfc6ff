/* Lists of words: command lines and what they are made of. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stddef.h>

/** Words that it owns; items[count] is NULL, so that items is an argv. Starts zeroed. */
struct words {
    char **items; /**< NULL while there are none */
    size_t count;
};

/** Appends a word, or all of another list. Returns 0 or -ENOMEM, which leaves the list as it was or shorter
 * than wanted. */
int words_add(struct words *words, const char *word);
int words_add_all(struct words *words, const struct words *more);

/** Appends a word as printf makes it. */
__attribute__((format(printf, 2, 3))) int words_addf(struct words *words, const char *format, ...);

/**
 * Appends the words of `text`, split as a shell does it: at blanks, with '…', "…" and backslashes, and
 * without any expansion. Returns 0, -ENOMEM, or -EINVAL for a quote that is not closed.
 */
int words_split(struct words *words, const char *text);

/**
 * The words with blanks between them, quoted where a shell needs it. NULL where there is no memory; free it.
 */
char *words_join(const struct words *words);

/** Sorts by the order of bytes. */
void words_sort(struct words *words);

void words_clear(struct words *words);

#endif
