/*
 * Revisions of a git repository, each checked out in a worktree of its own. Whatever is done here leaves the
 * user's working tree, index, branches and configuration as they are: all that git notes is the worktrees'
 * own entries below .git/worktrees, which go with them.
 */
#ifndef COMPILE_REVISION_H
#define COMPILE_REVISION_H

#include "base/problem.h"
#include "base/words.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

/** A repository, and the folder in which its worktrees are made. */
struct repository {
    char git_dir[4096];                       /**< absolute */
    char scratch[4096];                       /**< made by repository_open, removed by repository_close */
    int claim;                                /**< on that folder */
    bool shallow;                             /**< older commits are not there */
    bool dirty;                               /**< files under version control differ from the last commit */
    const volatile sig_atomic_t *interrupted; /**< borrowed: NULL, or set to stop what runs */
    unsigned made;                            /**< worktrees so far */
};

/** A commit. Texts are cut where they are longer. */
struct revision {
    char hash[72];
    char name[24]; /**< abbreviated hash, unique in the repository */
    char author[128];
    char date[16]; /**< of authorship, YYYY-MM-DD */
    char subject[256];
    bool submodules; /**< it has some; they are not checked out */
};

/**
 * Finds the repository of `folder` (NULL: the current one; $GIT_DIR counts as for git) and makes a scratch
 * folder below `base` (NULL: $TMPDIR if set, else /var/tmp). Variables such as GIT_DIR and GIT_INDEX_FILE, as
 * they are set where a hook runs, are taken out of this program's environment: builds in worktrees must not
 * follow them to the user's index. Worktrees of programs that were killed are removed. Returns 0, or -errno
 * with the problem: -ENOENT no git, or no repository. Close in any case.
 */
int repository_open(struct repository *repository, const char *folder, const char *base,
                    const volatile sig_atomic_t *interrupted, struct problem *problem);

/** Removes every worktree of this program, with what git notes of it, and the scratch folder, interrupted or
 * not. */
void repository_close(struct repository *repository);

/**
 * Splits REV1..REV2; an empty side is HEAD. Returns 0, or -EINVAL with the problem for anything else, A...B
 * included. The texts are as long as `size` at the most.
 */
int revision_range_split(const char *text, char *first, char *second, size_t size, struct problem *problem);

/** The commit of that name. Returns 0, or -errno with the problem: -ENOENT there is none. */
int revision_find(const struct repository *repository, const char *name, struct revision *revision,
                  struct problem *problem);

/**
 * Hashes of the commits after `good` up to and including `bad`, oldest first, along first parents: a merge is
 * one commit, whatever it brought in. Returns 0, or -errno with the problem: -EINVAL `good` is no ancestor of
 * `bad`. Clear *hashes in any case.
 */
int revision_path(const struct repository *repository, const struct revision *good,
                  const struct revision *bad, struct words *hashes, struct problem *problem);

/** A worktree. Paths of all worktrees of a program are equally long, because code and its timing may depend
 * on the length of a path. */
struct worktree {
    char path[4200];
    char hash[72]; /**< checked out; empty: none, or not known */
    int claim;     /**< on git's entry for it; 0: none */
};

/**
 * Checks a revision out: in a new worktree where worktree->path is empty, else in that one, in which files
 * that are not under version control stay (so that a build goes on from the last one). Returns 0, or -errno
 * with the problem.
 */
int worktree_check_out(struct repository *repository, struct worktree *worktree,
                       const struct revision *revision, struct problem *problem);

/** Removes a worktree; worktree->path becomes empty. */
void worktree_remove(const struct repository *repository, struct worktree *worktree);

/**
 * Runs a shell command in a worktree, at most `time_s` long. Returns 0 and its exit status and what it wrote,
 * to both streams, in *log (free it; NULL where it could not be run); -EINTR, -ETIMEDOUT or another -errno
 * with the problem.
 */
int worktree_build(const struct repository *repository, const struct worktree *worktree, const char *command,
                   double time_s, int *exit_status, char **log, struct problem *problem);

#endif
