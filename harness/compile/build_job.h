/* One kernel_build under way: what its steps, a file each, hand on. Private to them. */
#ifndef COMPILE_BUILD_JOB_H
#define COMPILE_BUILD_JOB_H

#include "base/command.h"
#include "compile/dependencies.h"
#include "compile/kernel_build.h"
#include "compile/source_rules.h"

#include <stdint.h>

struct build_job {
    const struct kernel_build_request *request;
    struct kernel_build *build;
    struct problem *problem;
    struct command_limits limits;
    struct toolchain toolchain;
    struct kernel_needs needs;
    struct source_rules rules;
    struct words sources, parts;            /* parts: of sources, merged into their objects */
    struct words compile_flags, link_flags; /* those that the needs ask for */
    struct words objects[BUILD_KINDS];
    bool missing[BUILD_KINDS]; /* this build's sources do not compile, or nobody asks for it */
    bool has_cxx;
    bool is_clang;  /* CXX: it makes no unique symbols */
    char *folder;   /* absolute */
    char name[256]; /* of the modules */
    char cache[4096];
    uint64_t compilers; /* key of all compilers' versions and of the processor */
    uint64_t begun;     /* ns since 1970 */
    uint64_t key[BUILD_KINDS];
};

int build_out_of_memory(struct problem *problem);
bool build_has_suffix(const char *text, const char *suffix);

/** Messages: more of them, how long they are, and back to that length. */
void build_add_messages(struct kernel_build *build, const char *said);
size_t build_messages_length(const struct kernel_build *build);
void build_cut_messages(struct kernel_build *build, size_t length);

/** Runs a tool; what it said on stderr goes into the messages. -ENOEXEC for another exit status than 0. */
int build_run_tool(struct build_job *job, const struct words *command, struct command_result *result,
                   const char *doing, const char *what);

/** build_needs.c: which compilers there are, and the flags of packages, libraries and OpenMP. */
int build_identify_compilers(struct build_job *job);
int build_collect_flags(struct build_job *job);

/** After a tool refused: -ENOPKG with the problem where a library that is named is missing, else `status`. */
int build_explain_needs(struct build_job *job, int status);

/**
 * build_compile.c: finds the names of all objects of a build, and compiles those that are not there. What
 * only the build lacks that is not demanded is no failure: then job->missing[kind].
 */
int build_name_objects(struct build_job *job, enum build_kind kind);
int build_compile_objects(struct build_job *job, enum build_kind kind);
bool build_is_cxx(const char *source);
const struct words *build_flags_of(const struct build_job *job, bool cxx, enum build_kind kind);

/** A compiler's failure in words of ours, where the user's file does not define the function that is called.
 */
void build_explain_compiler(struct build_job *job);

/** -ENOEXEC of the build that is not demanded only means that it cannot be had. */
int build_excuse(struct build_job *job, enum build_kind kind, int status);

/** build_link.c: links STEM.KIND.so, and leaves beside it what it is linked from; `part` is a folder to do so
 * in. */
int build_link(struct build_job *job, enum build_kind kind, const char *part, const char *stem);

#endif
