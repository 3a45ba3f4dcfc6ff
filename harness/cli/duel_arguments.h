/* What a duel's command line says of a function's arguments and answers. */
#ifndef CLI_DUEL_ARGUMENTS_H
#define CLI_DUEL_ARGUMENTS_H

#include "compile/generate.h"

/**
 * In the order in which they are applied: lengths first, since they say what is a length; then values, which say how long
 * elements are; then what is in and out, which may be filled.
 */
enum duel_setting {
    SETTING_LENGTH,
    SETTING_FIX,
    SETTING_IN_OUT,
    SETTING_INPUT,
    SETTING_ANSWER,
    SETTING_CALLBACK,
    SETTING_COMPARE
};

/** "NAME=VALUE" options in the order they were given. */
struct duel_settings {
    const char *texts[64];
    enum duel_setting kinds[64];
    size_t count;
};

/** "--length" and so on. */
const char *duel_setting_name(enum duel_setting setting);

/** Keeps one for later. 0, or EXIT_USAGE after a message. */
int duel_note_setting(struct duel_settings *settings, enum duel_setting setting, const char *text);

/** Applies all to defaults, which generate_defaults made. 0, or EXIT_USAGE after a message. */
int duel_apply_settings(const struct duel_settings *settings, struct signature *signature,
                        struct generate_request *request);

#endif
