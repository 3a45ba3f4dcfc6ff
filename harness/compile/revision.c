#include "compile/revision.h"

#include "base/command.h"
#include "base/folder.h"
#include "base/numbers.h"
#include "base/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GIT_TIME_S 600

/* git with words of its own, and without what a user's configuration would add: hooks that run on a
 * checkout, daemons, and a refreshed index. */
static int start_git(struct words *command, const struct repository *repository) {
    static const char *const options[] = {"git", "--no-optional-locks",  "-c", "core.hooksPath=/dev/null",
                                          "-c",  "core.fsmonitor=false", "-c", "advice.detachedHead=false"};
    int status = 0;
    for (size_t i = 0; i < sizeof options / sizeof *options && status == 0; i++)
        status = words_add(command, options[i]);
    if (status == 0 && repository->git_dir[0])
        status = words_addf(command, "--git-dir=%s", repository->git_dir);
    return status;
}

/* git's own reason, without its "fatal: " and what follows the first line. */
static void first_reason(const struct command_result *result, char *text, size_t size) {
    const char *from = result->err && *result->err ? result->err : "git does not say why";
    static const char *const marks[] = {"fatal: ", "error: "};
    for (size_t i = 0; i < 2; i++) {
        const char *mark = strstr(from, marks[i]);
        if (mark) {
            from = mark + strlen(marks[i]);
            break;
        }
    }
    snprintf(text, size, "%.*s", (int)strcspn(from, "\n"), from);
}

/* Runs git with the words in `more`, ended by NULL; `wanted` gets its output without the last newline.
 * Returns its exit status, or -errno with the problem. */
static int run_git(const struct repository *repository, const char *const *more, bool stoppable,
                   char **output, char *reason, size_t size, struct problem *problem) {
    struct words command = {0};
    struct command_result result = {0};
    struct command_limits limits = {.time_s = GIT_TIME_S,
                                    .interrupted = stoppable ? repository->interrupted : NULL};
    int status = start_git(&command, repository);
    for (; *more && status == 0; more++)
        status = words_add(&command, *more);
    if (status)
        problem_set(problem, ENOMEM, "out of memory");
    else
        status = command_run(&command, &limits, &result, problem);
    if (status == -ENOENT)
        problem_set(problem, ENOENT, "git is not there: revisions are compared with its help; install it");
    if (status == 0) {
        status = result.exit_status;
        if (reason)
            first_reason(&result, reason, size);
        if (output) {
            *output = result.out;
            result.out = NULL;
            size_t length = strlen(*output);
            if (length && (*output)[length - 1] == '\n')
                (*output)[length - 1] = '\0';
        }
    }
    command_result_clear(&result);
    words_clear(&command);
    return status;
}

/* run_git where anything but success is a problem: "WHAT: git's reason". */
static int ask_git(const struct repository *repository, const char *const *more, char **output,
                   const char *what, struct problem *problem) {
    char reason[384] = "", *own = NULL;
    int status = run_git(repository, more, true, output ? output : &own, reason, sizeof reason, problem);
    free(own);
    if (status > 0)
        return problem_set(problem, EIO, "%s: %s", what, reason);
    return status;
}

/* 1: yes, 0: no, -errno. */
static int is_shallow(const struct repository *repository, struct problem *problem) {
    const char *const question[] = {"rev-parse", "--is-shallow-repository", NULL};
    char *answer = NULL;
    int status = ask_git(repository, question, &answer, "git repository", problem);
    int shallow = status ? status : !strcmp(answer, "true");
    free(answer);
    return shallow;
}

/* Of files under version control alone: a result or a build folder lying about is no change. A repository
 * without files of its own (bare) has none. */
static bool is_dirty(const struct repository *repository, const char *folder) {
    const char *const question[] = {"-C", folder, "status", "--porcelain", "--untracked-files=no", NULL};
    char *answer = NULL;
    bool dirty = run_git(repository, question, true, &answer, NULL, 0, NULL) == 0 && answer && *answer;
    free(answer);
    return dirty;
}

static int forget_variables(const struct repository *repository, struct problem *problem) {
    const char *const question[] = {"rev-parse", "--local-env-vars", NULL};
    char *answer = NULL;
    int status = ask_git(repository, question, &answer, "git", problem);
    for (char *next = answer, *name; status == 0 && (name = strsep(&next, "\n"));)
        if (*name)
            unsetenv(name);
    free(answer);
    return status;
}

static int find_repository(struct repository *repository, const char *folder, struct problem *problem) {
    const char *const question[] = {"-C", folder, "rev-parse", "--absolute-git-dir", NULL};
    char reason[384] = "", *answer = NULL;
    int status = run_git(repository, question, true, &answer, reason, sizeof reason, problem);
    if (status > 0)
        status =
            problem_set(problem, ENOENT, "%s: %s; name another folder with --repository", folder, reason);
    else if (status == 0) {
        repository->dirty = is_dirty(repository, folder);
        if (snprintf(repository->git_dir, sizeof repository->git_dir, "%s", answer) >=
            (int)sizeof repository->git_dir)
            status = problem_set(problem, ENAMETOOLONG, "%s: the path is too long", folder);
    }
    free(answer);
    return status;
}

/* git looks whether the folder is a worktree of this repository before it removes it. */
static void forget_worktree(const struct repository *repository, const char *path) {
    /* Twice: also one that git was killed in making, which is locked. */
    const char *const order[] = {"worktree", "remove", "--force", "--force", path, NULL};
    struct problem ignored;
    run_git(repository, order, false, NULL, NULL, 0, &ignored);
}

/* Of the worktrees that git knows, those of this process. */
static void forget_own(const struct repository *repository) {
    const char *const question[] = {"worktree", "list", "--porcelain", NULL};
    size_t length = strlen(repository->scratch);
    struct problem ignored;
    char *answer = NULL;
    if (run_git(repository, question, false, &answer, NULL, 0, &ignored) == 0)
        for (char *next = answer, *line; (line = strsep(&next, "\n"));)
            if (!strncmp(line, "worktree ", 9) && !strncmp(line + 9, repository->scratch, length) &&
                line[9 + length] == '/') {
                forget_worktree(repository, line + 9);
                folder_remove(line + 9);
            }
    free(answer);
}

/* A line of a file, without the line's end; empty where there is none. */
static void read_line(const char *path, char *line, int size) {
    FILE *file = fopen(path, "re");
    line[0] = '\0';
    if (file && fgets(line, size, file))
        line[strcspn(line, "\n")] = '\0';
    if (file)
        fclose(file);
}

/* Those of programs that are gone: the claim is on git's own entry, which all see that share the repository,
 * wherever the worktrees themselves are. */
static void forget_abandoned(const struct repository *repository) {
    const char *const question[] = {"rev-parse", "--git-common-dir", NULL};
    struct problem ignored;
    char *common = NULL, entries[PATH_MAX] = "";
    if (run_git(repository, question, false, &common, NULL, 0, &ignored) == 0)
        snprintf(entries, sizeof entries, "%s/worktrees", common);
    free(common);
    DIR *stream = entries[0] ? opendir(entries) : NULL;
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        char path[PATH_MAX + 256], link[PATH_MAX + 272], tree[PATH_MAX];
        int claim;
        snprintf(path, sizeof path, "%s/%s", entries, entry->d_name);
        snprintf(link, sizeof link, "%s/gitdir", path);
        if (entry->d_name[0] == '.' || !claim_is_abandoned(path, &claim))
            continue;
        read_line(link, tree, sizeof tree);
        char *end = strrchr(tree, '/'); /* "/.git" */
        if (end) {
            *end = '\0';
            forget_worktree(repository, tree);
        }
        close(claim);
    }
    if (stream)
        closedir(stream);
}

int repository_open(struct repository *repository, const char *folder, const char *base,
                    const volatile sig_atomic_t *interrupted, struct problem *problem) {
    *repository = (struct repository){.interrupted = interrupted};
    int status = find_repository(repository, folder ? folder : ".", problem);
    if (status == 0)
        status = forget_variables(repository, problem);
    if (status == 0) {
        forget_abandoned(repository);
        int shallow = is_shallow(repository, problem);
        repository->shallow = shallow > 0;
        repository->claim =
            shallow < 0 ? shallow
                        : scratch_open(repository->scratch, sizeof repository->scratch, base, problem);
        status = repository->claim < 0 ? repository->claim : 0;
    }
    return status;
}

void repository_close(struct repository *repository) {
    if (!repository->scratch[0])
        return;
    if (repository->made)
        forget_own(repository);
    scratch_close(repository->scratch, repository->claim);
}

int revision_range_split(const char *text, char *first, char *second, size_t size, struct problem *problem) {
    const char *dots = strstr(text, "..");
    if (!dots)
        return problem_set(
            problem, EINVAL,
            "expected REV1..REV2, got '%s'; what is not committed can be given as a revision, too: "
            "%s..$(git stash create)",
            text, *text ? text : "HEAD");
    if (dots[2] == '.' || strstr(dots + 2, ".."))
        return problem_set(problem, EINVAL, "expected REV1..REV2, with two dots once, got '%s'", text);
    size_t length = (size_t)(dots - text);
    if (length >= size || strlen(dots + 2) >= size)
        return problem_set(problem, ENAMETOOLONG, "'%.40s…': the name of a revision is too long", text);
    snprintf(first, size, "%.*s", length ? (int)length : 4, length ? text : "HEAD");
    snprintf(second, size, "%s", dots[2] ? dots + 2 : "HEAD");
    return 0;
}

static int find_hash(const struct repository *repository, const char *name, char **hash,
                     struct problem *problem) {
    char *wanted = NULL;
    if (asprintf(&wanted, "%s^{commit}", name) < 0)
        return problem_set(problem, ENOMEM, "out of memory");
    const char *const question[] = {"rev-parse", "--verify", "--quiet", "--end-of-options", wanted, NULL};
    int status = run_git(repository, question, true, hash, NULL, 0, problem);
    free(wanted);
    if (status > 0)
        return problem_set(problem, ENOENT, "no commit '%s' in %s%s", name, repository->git_dir,
                           repository->shallow
                               ? ", which is a shallow clone: older commits come with `git fetch "
                                 "--unshallow`"
                               : "; `git log --oneline --all` shows what there is");
    return status;
}

int revision_find(const struct repository *repository, const char *name, struct revision *revision,
                  struct problem *problem) {
    char *hash = NULL, *facts = NULL, *modules = NULL;
    *revision = (struct revision){0};
    int status = find_hash(repository, name, &hash, problem);
    if (status == 0) {
        const char *const question[] = {"log",
                                        "--max-count=1",
                                        "--no-show-signature",
                                        "--no-color",
                                        "--no-notes",
                                        "--format=%H%n%h%n%an%n%as%n%s",
                                        "--no-patch",
                                        hash,
                                        NULL};
        status = ask_git(repository, question, &facts, name, problem);
    }
    if (status == 0) {
        const char *const question[] = {"ls-tree", "--name-only", "--full-tree", hash, ".gitmodules", NULL};
        status = ask_git(repository, question, &modules, name, problem);
    }
    if (status == 0) {
        char *next = facts;
        struct {
            char *to;
            size_t size;
        } fields[] = {{revision->hash, sizeof revision->hash},
                      {revision->name, sizeof revision->name},
                      {revision->author, sizeof revision->author},
                      {revision->date, sizeof revision->date},
                      {revision->subject, sizeof revision->subject}};
        for (size_t i = 0; i < sizeof fields / sizeof *fields && next; i++)
            snprintf(fields[i].to, fields[i].size, "%s", strsep(&next, "\n"));
        revision->submodules = *modules != '\0';
    }
    free(hash);
    free(facts);
    free(modules);
    return status;
}

int revision_path(const struct repository *repository, const struct revision *good,
                  const struct revision *bad, struct words *hashes, struct problem *problem) {
    const char *const kinship[] = {"merge-base", "--is-ancestor", good->hash, bad->hash, NULL};
    char range[160], reason[384] = "", *answer = NULL;
    int status = run_git(repository, kinship, true, NULL, reason, sizeof reason, problem);
    if (status == 1)
        return problem_set(
            problem, EINVAL,
            "%s is no ancestor of %s%s; `git merge-base %s %s` names a commit that is one of both",
            good->name, bad->name, repository->shallow ? " as far as this shallow clone goes" : "",
            good->name, bad->name);
    if (status > 0)
        return problem_set(problem, EIO, "%s..%s: %s", good->name, bad->name, reason);
    if (status < 0)
        return status;
    snprintf(range, sizeof range, "%s..%s", good->hash, bad->hash);
    const char *const question[] = {"rev-list", "--reverse", "--first-parent", range, NULL};
    status = ask_git(repository, question, &answer, range, problem);
    for (char *next = answer, *hash; status == 0 && (hash = strsep(&next, "\n"));)
        if (*hash && words_add(hashes, hash))
            status = problem_set(problem, ENOMEM, "out of memory");
    free(answer);
    return status;
}

/* Its .git is a file: "gitdir: " and the path of git's entry. */
static int claim_worktree(struct worktree *worktree, struct problem *problem) {
    static const char mark[] = "gitdir: ";
    char link[sizeof worktree->path + 8], entry[PATH_MAX];
    snprintf(link, sizeof link, "%s/.git", worktree->path);
    read_line(link, entry, sizeof entry);
    int claim = strncmp(entry, mark, strlen(mark)) ? -EINVAL : claim_take(entry + strlen(mark));
    if (claim < 0)
        return problem_set(problem, -claim, "worktree %s: git's entry for it cannot be claimed: %s",
                           worktree->path, strerror(-claim));
    worktree->claim = claim;
    return 0;
}

static int make_worktree(struct repository *repository, struct worktree *worktree, const char *hash,
                         const char *what, struct problem *problem) {
    snprintf(worktree->path, sizeof worktree->path, "%s/tree-%04u", repository->scratch, ++repository->made);
    const char *const order[] = {"worktree", "add", "--detach", "--force", worktree->path, hash, NULL};
    int status = ask_git(repository, order, NULL, what, problem);
    return status ? status : claim_worktree(worktree, problem);
}

static int move_worktree(const struct repository *repository, const struct worktree *worktree,
                         const char *hash, const char *what, struct problem *problem) {
    /* In a worktree, its own .git file says where the repository is. */
    struct repository here = {.interrupted = repository->interrupted};
    const char *const order[] = {"-C",      worktree->path, "checkout", "--quiet",
                                 "--force", "--detach",     hash,       NULL};
    return ask_git(&here, order, NULL, what, problem);
}

int worktree_check_out(struct repository *repository, struct worktree *worktree,
                       const struct revision *revision, struct problem *problem) {
    char what[64];
    snprintf(what, sizeof what, "checking out %s", revision->name);
    claim_renew(repository->claim);
    if (worktree->claim > 0)
        claim_renew(worktree->claim);
    worktree->hash[0] = '\0';
    int status = worktree->path[0] ? move_worktree(repository, worktree, revision->hash, what, problem)
                                   : make_worktree(repository, worktree, revision->hash, what, problem);
    if (status == 0)
        memcpy(worktree->hash, revision->hash, sizeof worktree->hash);
    return status;
}

void worktree_remove(const struct repository *repository, struct worktree *worktree) {
    if (worktree->path[0]) {
        forget_worktree(repository, worktree->path);
        folder_remove(worktree->path);
    }
    if (worktree->claim > 0)
        close(worktree->claim);
    *worktree = (struct worktree){0};
}

int worktree_build(const struct repository *repository, const struct worktree *worktree, const char *command,
                   double time_s, int *exit_status, char **log, struct problem *problem) {
    struct words words = {0};
    struct command_result result = {0};
    struct command_limits limits = {.time_s = time_s, .interrupted = repository->interrupted};
    const char *const all[] = {"/bin/sh", "-c", "exec 2>&1; cd -- \"$0\" && exec /bin/sh -c \"$1\"",
                               worktree->path, command};
    int status = 0;
    *log = NULL;
    for (size_t i = 0; i < sizeof all / sizeof *all && status == 0; i++)
        status = words_add(&words, all[i]);
    if (status)
        problem_set(problem, ENOMEM, "out of memory");
    else
        status = command_run(&words, &limits, &result, problem);
    if (status == -ETIMEDOUT)
        problem_set(problem, ETIMEDOUT, "did not end within %s s; --build-limit allows more",
                    BRIEF(time_s, 6));
    *exit_status = result.exit_status;
    *log = result.out;
    result.out = NULL;
    command_result_clear(&result);
    words_clear(&words);
    return status;
}
