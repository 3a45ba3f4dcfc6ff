#include "store/profile.h"

#include <stdarg.h>
#include <stdlib.h>

const char *bound_name(enum bound bound) {
    static const char *const names[] = {"not clear", "memory",       "branches", "core",
                                        "front end", "system calls", "waiting"};
    return (size_t)bound < sizeof names / sizeof *names ? names[bound] : "not clear";
}

void profile_clear(struct profile *profile) {
    free(profile->variants);
    *profile = (struct profile){0};
}

void profile_note(struct profile_variant *variant, const char *format, ...) {
    va_list arguments;
    if (variant->note_count == PROFILE_NOTES)
        return;
    char *note = variant->notes[variant->note_count++];
    va_start(arguments, format);
    vsnprintf(note, sizeof variant->notes[0], format, arguments);
    va_end(arguments);
}
