#include "compile/revision.h"

#include "compile/cache.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A repository of three commits, the second with a build that fails, and a branch that was merged by the
 * third. */
struct fixture {
    char folder[64], user[128], scratch[128];
    struct repository repository;
    struct problem problem;
};

static void shell(const char *folder, const char *script) {
    char command[2048];
    snprintf(command, sizeof command, "cd '%s' && { %s; } >/dev/null 2>&1", folder, script);
    assert_int_equal(system(command), 0);
}

/* What a script in a folder prints, without the last newline. */
static void read_shell(const char *folder, const char *script, char *text, size_t size) {
    char command[1024];
    snprintf(command, sizeof command, "cd '%s' && { %s; } 2>&1", folder, script);
    FILE *stream = popen(command, "r");
    assert_non_null(stream);
    size_t length = fread(text, 1, size - 1, stream);
    pclose(stream);
    text[length && text[length - 1] == '\n' ? length - 1 : length] = '\0';
}

static int set_up(void **state) {
    if (system("git --version >/dev/null 2>&1") != 0) {
        print_message("skip: git is not installed\n");
        exit(77);
    }
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/revision-test-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->user, sizeof fixture->user, "%s/user", fixture->folder);
    snprintf(fixture->scratch, sizeof fixture->scratch, "%s/scratch", fixture->folder);
    assert_int_equal(mkdir(fixture->user, 0700), 0);
    assert_int_equal(mkdir(fixture->scratch, 0700), 0);
    setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
    shell(fixture->user,
          "git init -q -b main && git config user.name 'A. Author' && git config user.email a@example.org && "
          "echo one > file && git add file && git commit -qm 'first subject' && git tag first && "
          "git checkout -qb side && echo side > side && git add side && git commit -qm aside && "
          "git checkout -q main && echo two > file && git commit -qam 'second subject' && git tag second && "
          "git merge -q --no-ff -m third side && git tag third");
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    repository_close(&fixture->repository);
    cache_remove(fixture->folder);
    free(fixture);
    return 0;
}

static void open_repository(struct fixture *fixture) {
    int status =
        repository_open(&fixture->repository, fixture->user, fixture->scratch, NULL, &fixture->problem);
    if (status)
        print_message("%s\n", fixture->problem.text);
    assert_int_equal(status, 0);
}

static struct revision find(struct fixture *fixture, const char *name) {
    struct revision revision;
    assert_int_equal(revision_find(&fixture->repository, name, &revision, &fixture->problem), 0);
    return revision;
}

static void test_range(void **state) {
    (void)state;
    struct problem problem;
    char first[16], second[16];
    static const char *const good[][3] = {
        {"a..b", "a", "b"}, {"..b", "HEAD", "b"}, {"a..", "a", "HEAD"}, {"v1.0..v1.1~2", "v1.0", "v1.1~2"}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(revision_range_split(good[i][0], first, second, sizeof first, &problem), 0);
        assert_string_equal(first, good[i][1]);
        assert_string_equal(second, good[i][2]);
    }
    static const char *const bad[] = {"", "a", "a...b", "a..b..c"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(revision_range_split(bad[i], first, second, sizeof first, &problem), -EINVAL);
        assert_non_null(strstr(problem.text, "expected REV1..REV2"));
    }
    assert_int_equal(revision_range_split("0123456789abcdef0..b", first, second, sizeof first, &problem),
                     -ENAMETOOLONG);
}

static void test_find(void **state) {
    struct fixture *fixture = *state;
    open_repository(fixture);
    struct revision revision = find(fixture, "second");
    char hash[128];
    read_shell(fixture->user, "git rev-parse second", hash, sizeof hash);
    assert_string_equal(revision.hash, hash);
    assert_int_equal(strncmp(revision.hash, revision.name, strlen(revision.name)), 0);
    assert_string_equal(revision.author, "A. Author");
    assert_string_equal(revision.subject, "second subject");
    assert_int_equal(strlen(revision.date), 10);
    assert_false(revision.submodules);
    assert_false(fixture->repository.dirty);
    assert_false(fixture->repository.shallow);
    static const char *const none[] = {"nope", "--all", "", "HEAD^{tree}"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(revision_find(&fixture->repository, none[i], &revision, &fixture->problem), -ENOENT);
        assert_non_null(strstr(fixture->problem.text, "no commit '"));
    }
}

static void test_no_repository(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(
        repository_open(&fixture->repository, fixture->scratch, fixture->scratch, NULL, &fixture->problem),
        -ENOENT);
    assert_non_null(strstr(fixture->problem.text, "--repository"));
}

static void test_no_git(void **state) {
    struct fixture *fixture = *state;
    char *path = strdup(getenv("PATH"));
    setenv("PATH", "/nowhere", 1);
    int status =
        repository_open(&fixture->repository, fixture->user, fixture->scratch, NULL, &fixture->problem);
    setenv("PATH", path, 1);
    free(path);
    assert_int_equal(status, -ENOENT);
    assert_non_null(strstr(fixture->problem.text, "git is not there"));
}

static void test_dirty_and_shallow(void **state) {
    struct fixture *fixture = *state;
    shell(fixture->user, "echo more >> file; echo new > untracked");
    open_repository(fixture);
    assert_true(fixture->repository.dirty);
    repository_close(&fixture->repository);
    shell(fixture->folder, "git clone -q --depth 1 file://$PWD/user shallow");
    char shallow[128];
    snprintf(shallow, sizeof shallow, "%s/shallow", fixture->folder);
    assert_int_equal(
        repository_open(&fixture->repository, shallow, fixture->scratch, NULL, &fixture->problem), 0);
    assert_true(fixture->repository.shallow);
    assert_false(fixture->repository.dirty);
    struct revision revision;
    assert_int_equal(revision_find(&fixture->repository, "HEAD~1", &revision, &fixture->problem), -ENOENT);
    assert_non_null(strstr(fixture->problem.text, "--unshallow"));
}

static void test_path(void **state) {
    struct fixture *fixture = *state;
    open_repository(fixture);
    struct revision first = find(fixture, "first"), second = find(fixture, "second"),
                    third = find(fixture, "third");
    struct words hashes = {0};
    assert_int_equal(revision_path(&fixture->repository, &first, &third, &hashes, &fixture->problem), 0);
    assert_int_equal(hashes.count, 2);
    assert_string_equal(hashes.items[0], second.hash);
    assert_string_equal(hashes.items[1], third.hash);
    words_clear(&hashes);
    assert_int_equal(revision_path(&fixture->repository, &third, &first, &hashes, &fixture->problem),
                     -EINVAL);
    assert_non_null(strstr(fixture->problem.text, "no ancestor"));
    words_clear(&hashes);
}

/* Everything of the user's that git could have changed. */
static void describe_user(struct fixture *fixture, char *text, size_t size) {
    read_shell(fixture->user,
               "cat file side; cksum < .git/index; git stash list; git reflog; cat .git/config .git/HEAD; "
               "git for-each-ref; ls -A . .git .git/hooks; git worktree list",
               text, size);
}

static void test_worktrees(void **state) {
    struct fixture *fixture = *state;
    char before[8192], after[8192], text[128];
    shell(fixture->user, "printf '#!/bin/sh\\ntouch \"$0.ran\"\\n' > .git/hooks/post-checkout; "
                         "chmod +x .git/hooks/post-checkout; echo more >> file");
    describe_user(fixture, before, sizeof before);
    open_repository(fixture);
    struct revision first = find(fixture, "first"), second = find(fixture, "second");
    struct worktree one = {0}, other = {0};
    assert_int_equal(worktree_check_out(&fixture->repository, &one, &first, &fixture->problem), 0);
    assert_int_equal(worktree_check_out(&fixture->repository, &other, &second, &fixture->problem), 0);
    assert_int_equal(strlen(one.path), strlen(other.path));
    read_shell(one.path, "cat file", text, sizeof text);
    assert_string_equal(text, "one");
    read_shell(other.path, "cat file", text, sizeof text);
    assert_string_equal(text, "two");
    /* What a build left stays, what it changed does not. */
    shell(one.path, "echo built > product; echo changed > file");
    assert_int_equal(worktree_check_out(&fixture->repository, &one, &second, &fixture->problem), 0);
    assert_string_equal(one.hash, second.hash);
    read_shell(one.path, "cat file product", text, sizeof text);
    assert_string_equal(text, "two\nbuilt");
    worktree_remove(&fixture->repository, &one);
    assert_string_equal(one.path, "");
    char scratch[4096];
    snprintf(scratch, sizeof scratch, "%s", fixture->repository.scratch);
    repository_close(&fixture->repository);
    assert_int_equal(access(scratch, F_OK), -1);
    describe_user(fixture, after, sizeof after);
    assert_string_equal(after, before);
}

/* A program that makes a worktree in a folder of this name and then waits, or is gone without a word. */
static pid_t start_program(const struct fixture *fixture, bool stays, char name[64]) {
    int made[2];
    assert_int_equal(pipe(made), 0);
    pid_t program = fork();
    if (program == 0) {
        struct repository repository;
        struct worktree tree = {.path = ""};
        struct revision first;
        struct problem problem;
        if (repository_open(&repository, fixture->user, fixture->scratch, NULL, &problem) ||
            revision_find(&repository, "first", &first, &problem) ||
            worktree_check_out(&repository, &tree, &first, &problem))
            _exit(1);
        snprintf(name, 64, "%s", strrchr(repository.scratch, '/') + 1);
        if (write(made[1], name, 64) != 64)
            _exit(1);
        while (stays)
            pause();
        _exit(0);
    }
    assert_int_equal(read(made[0], name, 64), 64);
    close(made[0]);
    close(made[1]);
    return program;
}

/* A program that was killed leaves its folder and git's entry; those of one that lives, and the user's own,
 * are left alone. */
static void test_left_by_the_dead(void **state) {
    struct fixture *fixture = *state;
    char text[4096], gone[64], held[64];
    pid_t dead = start_program(fixture, false, gone);
    assert_int_equal(waitpid(dead, NULL, 0), dead);
    pid_t alive = start_program(fixture, true, held);
    shell(fixture->user, "git worktree add --detach ../own && rm -rf ../own");
    open_repository(fixture);
    read_shell(fixture->user, "git worktree list; ls ../scratch", text, sizeof text);
    kill(alive, SIGKILL);
    assert_int_equal(waitpid(alive, NULL, 0), alive);
    assert_null(strstr(text, gone));
    assert_non_null(strstr(text, held));
    assert_non_null(strstr(text, "/own"));
}

/* As where a hook calls: the variables that it sets would lead builds to the user's index. */
static void test_variables_are_forgotten(void **state) {
    struct fixture *fixture = *state;
    char path[256];
    snprintf(path, sizeof path, "%s/.git", fixture->user);
    setenv("GIT_DIR", path, 1);
    setenv("GIT_INDEX_FILE", "/nowhere/index", 1);
    int status =
        repository_open(&fixture->repository, fixture->scratch, fixture->scratch, NULL, &fixture->problem);
    bool set = getenv("GIT_DIR") || getenv("GIT_INDEX_FILE");
    unsetenv("GIT_DIR");
    unsetenv("GIT_INDEX_FILE");
    assert_int_equal(status, 0);
    assert_string_equal(fixture->repository.git_dir, path);
    assert_false(set);
}

static void test_build(void **state) {
    struct fixture *fixture = *state;
    open_repository(fixture);
    struct revision first = find(fixture, "first");
    struct worktree tree = {0};
    assert_int_equal(worktree_check_out(&fixture->repository, &tree, &first, &fixture->problem), 0);
    int exit_status = -1;
    char *log = NULL;
    assert_int_equal(worktree_build(&fixture->repository, &tree, "cat file; echo wrong >&2; exit 2", 60,
                                    &exit_status, &log, &fixture->problem),
                     0);
    assert_int_equal(exit_status, 2);
    assert_string_equal(log, "one\nwrong\n");
    free(log);
    assert_int_equal(
        worktree_build(&fixture->repository, &tree, "sleep 60", 0.1, &exit_status, &log, &fixture->problem),
        -ETIMEDOUT);
    assert_non_null(strstr(fixture->problem.text, "did not end within 0.1 s"));
    free(log);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_range),
        cmocka_unit_test_setup_teardown(test_find, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_repository, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_git, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_dirty_and_shallow, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_worktrees, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_left_by_the_dead, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_variables_are_forgotten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_build, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
