/* What the verbs share that compare revisions: their options, and building a revision for the user to see. */
#ifndef CLI_REVISIONS_H
#define CLI_REVISIONS_H

#include "cli/cli.h"
#include "compile/revision.h"

/** What the options below say; zeroed before. */
struct revision_options {
    const char *range;  /**< --git */
    const char *build;  /**< NULL: nothing is to be built */
    const char *folder; /**< NULL: the current one */
    double build_limit_s;
};

enum { REVISION_GIT = 512, REVISION_BUILD, REVISION_REPOSITORY, REVISION_BUILD_LIMIT, REVISION_LIBRARY };

/** Takes one of them but the library. 0. */
int revision_option(struct revision_options *options, const struct given_option *given);

/** A revision with the worktree that it is checked out in. */
struct revision_place {
    struct revision revision;
    struct worktree tree;
};

/** An open repository and the two ends of the range. */
struct revisions {
    struct revision_options options;
    struct repository repository;
    struct revision ends[2];
    bool quiet; /**< nothing is said but errors */
};

/**
 * Catches signals, opens the repository and finds both ends; scratch folder below `scratch` (NULL: the
 * default). Says on stderr, unless `quiet` (kept), what the user may not expect: changes that are not
 * committed, submodules. Returns 0 or the exit status after printing why. Close in any case.
 */
int revisions_open(struct revisions *revisions, const struct revision_options *options, const char *scratch,
                   bool quiet);
void revisions_close(struct revisions *revisions);

/**
 * Checks place->revision out, in place->tree if that is one already, and builds it. Returns 0; -ENOEXEC where
 * the build failed or took too long (problem: "building 1a2b3c4 failed (exit 2)"); -EINTR; or another -errno
 * with the problem. *log is what the build wrote (free it), NULL where it did not run.
 */
int revisions_build(struct revisions *revisions, struct revision_place *place, char **log,
                    struct problem *problem);

/** The same for a build that must not fail: its output is printed to stderr if it does. Returns 0 or the exit
 * status after printing why; an interruption is left to the caller to tell. */
int revisions_build_or_say(struct revisions *revisions, struct revision_place *place);

/** `text` with {}, $COUNTERSIGN_TREE and ${COUNTERSIGN_TREE} replaced by `path`. NULL: no memory; free it. */
char *revisions_command(const char *text, const char *path);

#endif
