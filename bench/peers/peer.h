/* What the files of rivals share: how they give the variant that is added to those of a kernel, and where they keep things. */
#ifndef PEER_H
#define PEER_H

#include <countersign.h>

/** The variant of this file: PEER(name) = {.name = …}; bench/peers/assemble.py names it in the kernel's list. */
#ifdef __cplusplus
#define PEER(name)                                                                                           \
    extern "C" const struct cs_variant peer_##name;                                                          \
    const struct cs_variant peer_##name
extern "C"
#else
#define PEER(name)                                                                                           \
    extern const struct cs_variant peer_##name;                                                              \
    const struct cs_variant peer_##name
extern
#endif
    /** Where the rival's own state begins, in bytes behind the kernel's; set as the module is loaded. */
    size_t peer_state_offset;

/** Bytes of a rival's own state. */
#define PEER_STATE 256

/** The rival's own state, PEER_STATE zero bytes before its prepare: the kernel's state has no field for it. */
static inline void *peer_state(const void *state) {
    return (char *)(uintptr_t)state + peer_state_offset;
}

#endif
