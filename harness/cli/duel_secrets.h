/*
 * {env:NAME} in a command of a duel: a value of the environment that the command gets, and that is neither stored nor
 * shown.
 */
#ifndef CLI_DUEL_SECRETS_H
#define CLI_DUEL_SECRETS_H

#include "base/problem.h"
#include "base/words.h"

/** Names and values of variables, by turns. Starts zeroed; clear with words_clear. */
struct duel_secrets {
    struct words pairs;
};

/**
 * Notes every {env:NAME} in `text`. 0; -EINVAL with the problem for a name that is none, or one that the environment does not
 * have; -ENOMEM.
 */
int duel_secrets_collect(struct duel_secrets *secrets, const char *text, struct problem *problem);

/**
 * The text with each {env:NAME} as a shell expands it from its environment, so that the value is not in the shell's command
 * line: "$NAME" in quotes of its own, whatever quotes stand around it. NULL: no memory. Free it.
 */
char *duel_secrets_for_shell(const char *text);

/** The word with values in place of {env:NAME}, as no shell will do it. NULL: no memory. Free it. */
char *duel_secrets_reveal(const struct duel_secrets *secrets, const char *word);

/**
 * Puts {env:NAME} in place of every value, and of what can be a piece of one that was cut (6 characters or more), in a
 * text of `size` bytes, which is cut. Values below 4 characters are left: they are in many words.
 */
void duel_secrets_mask(const struct duel_secrets *secrets, char *text, size_t size);

#endif
