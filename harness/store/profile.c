#include "store/profile.h"

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
