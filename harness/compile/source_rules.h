/*
 * kernel.sources in a kernel's folder: what single sources are compiled with, and which of their symbols
 * others may see, so that files that define the same names go into one module.
 */
#ifndef COMPILE_SOURCE_RULES_H
#define COMPILE_SOURCE_RULES_H

#include "base/command.h"
#include "base/problem.h"
#include "base/words.h"
#include "compile/toolchain.h"

#define SOURCE_RULES 16
#define SOURCE_PARTS 64

/** The function that a variant only calls, so that the variant's own machine code says nothing of it. */
struct source_call {
    char variant[64];
    char *function; /**< as the prototype has it; in a library the symbol */
    char *path;     /**< the library, or the user's source */
    char *source;   /**< which of the folder's sources includes that; NULL for a library */
};

/** A source whose object goes into another source's, before symbols of that are hidden. */
struct source_part {
    char source[64], owner[64];
    char *path; /**< the user's file that it includes */
    struct words flags;
};

/**
 * What the file says. Lines: `SOURCE SYMBOL FLAG…`, `alone SOURCE` (behind its own), `part SOURCE OWNER PATH FLAG…`,
 * `link FLAG…`, `calls VARIANT FUNCTION PATH [SOURCE]`, and comments with #.
 */
struct source_rules {
    struct {
        char source[64], symbol[64];
        struct words flags;
        bool alone; /* its flags are all there are: not $CFLAGS and $CXXFLAGS */
    } rules[SOURCE_RULES];
    size_t count;
    struct source_part parts[SOURCE_PARTS];
    size_t part_count;
    struct words link;
    struct source_call calls[SOURCE_RULES];
    size_t call_count;
};

/** Reads FOLDER/kernel.sources; where there is none there are no rules. Returns 0, or -errno with the problem
 * (file and line). Clear it in any case. */
int source_rules_read(struct source_rules *rules, const char *folder, struct problem *problem);
void source_rules_clear(struct source_rules *rules);

/** The symbol that alone stays visible in the object of a source (a path), or NULL: all. */
const char *source_rules_symbol(const struct source_rules *rules, const char *source);

/** Whether the source, or the one that it is a part of, is compiled with its own flags in place of $CFLAGS and $CXXFLAGS. */
bool source_rules_alone(const struct source_rules *rules, const char *source);
/** The part that a source (a path) is, or NULL: it is none. */
const struct source_part *source_rules_part(const struct source_rules *rules, const char *source);

/** Whether the part goes into the object of `source` (a path). */
bool source_rules_owns(const struct source_part *part, const char *source);

/**
 * Appends the flags of a source; for the portable build without those that choose a processor. 0 or -ENOMEM.
 */
int source_rules_add_flags(const struct source_rules *rules, const char *source, enum build_kind kind,
                           struct words *command);

/**
 * Merges the objects of a source's parts into its own, the first of `objects`, and leaves only the symbol visible that
 * the rules name; does nothing where they name none. The linker (a compiler's command) links it relocatably out of its section groups, of
 * which it would else take one object's for two; $OBJCOPY (objcopy) then hides the rest. Returns 0, or -errno
 * with the problem: -ENOEXEC where a tool refused.
 */
int source_rules_isolate(const struct source_rules *rules, const struct words *linker, const char *source,
                         const struct words *objects, const struct command_limits *limits,
                         struct problem *problem);

#endif
