/* Where a function lies in a process that runs. */
#ifndef RECORD_PLACES_H
#define RECORD_PLACES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** What was found. */
struct places {
    uint64_t function; /**< its address; 0: nothing in the process defines it */
    uint64_t
        loader; /**< where the dynamic loader comes by whenever it has loaded a library; 0: there is none */
    char file[4096]; /**< that defines the function */
    unsigned count;  /**< functions of that name in this file, at different addresses */
};

/**
 * Looks through the symbols of all files that a process has mapped (the program first), static ones included, as far as
 * they were not stripped. A function that the loader chooses (IFUNC) is none. 0 or -errno.
 */
int places_find(pid_t pid, const char *symbol, struct places *places);

/** The address at which a program that was just executed begins: the loader has loaded its libraries then. 0: not told. */
uint64_t places_entry(pid_t pid);

#endif
