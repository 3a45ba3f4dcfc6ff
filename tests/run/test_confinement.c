/* A child that is confined tries what it may and what it may not. */
#include "run/confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
    char base[64], own[96], inside[128], outside[128];
};

static int make_place(void **state) {
    struct place *place = calloc(1, sizeof *place);
    *state = place;
    snprintf(place->base, sizeof place->base, "/var/tmp/countersign-test-XXXXXX");
    if (!mkdtemp(place->base))
        return -1;
    snprintf(place->own, sizeof place->own, "%s/own", place->base);
    snprintf(place->inside, sizeof place->inside, "%s/inside", place->own);
    snprintf(place->outside, sizeof place->outside, "%s/outside", place->base);
    int fd = open(place->outside, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    bool written = fd >= 0 && write(fd, "kept", 4) == 4;
    close(fd);
    return mkdir(place->own, 0700) || !written;
}

static int remove_place(void **state) {
    struct place *place = *state;
    unlink(place->inside);
    unlink(place->outside);
    rmdir(place->own);
    int status = rmdir(place->base);
    free(place);
    return status;
}

/* What `act` gives in a child that is confined to its own folder: 0, or an errno. */
static int act_confined(const struct place *place, int (*act)(const struct place *place)) {
    pid_t pid = fork();
    if (pid == 0)
        _exit(confine_writes(place->own) ? 255 : act(place));
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int try_open(const char *path, int flags) {
    int fd = open(path, flags | O_CLOEXEC, 0600);
    int error = fd < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    return error;
}

static int write_inside(const struct place *place) {
    return try_open(place->inside, O_RDWR | O_CREAT | O_TRUNC);
}

static int write_null(const struct place *place) {
    (void)place;
    return try_open("/dev/null", O_WRONLY);
}

static int share_memory(const struct place *place) {
    char name[64];
    (void)place;
    snprintf(name, sizeof name, "/countersign-test-%d", (int)getpid());
    int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    int error = fd < 0 || ftruncate(fd, 4096) != 0 || shm_unlink(name) != 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    return error;
}

static int read_outside(const struct place *place) {
    return try_open(place->outside, O_RDONLY);
}

static int write_outside(const struct place *place) {
    return try_open(place->outside, O_WRONLY);
}

static int make_outside(const struct place *place) {
    char path[200];
    snprintf(path, sizeof path, "%s-more", place->outside);
    return try_open(path, O_WRONLY | O_CREAT);
}

static int remove_outside(const struct place *place) {
    return unlink(place->outside) ? errno : 0;
}

static int move_outside(const struct place *place) {
    int error = write_inside(place);
    char path[200];
    snprintf(path, sizeof path, "%s-more", place->outside);
    return error ? 254 : rename(place->inside, path) ? errno : 0;
}

static int truncate_outside(const struct place *place) {
    return truncate(place->outside, 0) ? errno : 0;
}

static int signal_parent(const struct place *place) {
    (void)place;
    return kill(getppid(), 0) ? errno : 0;
}

static int signal_child(const struct place *place) {
    (void)place;
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    int error = kill(pid, SIGKILL) ? errno : 0;
    waitpid(pid, NULL, 0);
    return error;
}

/* What `act` gives in a child from which the folder `hidden` is hidden, or an error. */
static int act_hidden(const struct place *place, const char *hidden, int (*act)(const struct place *place)) {
    pid_t pid = fork();
    if (pid == 0)
        _exit(hide_folder(hidden) ? 255 : act(place));
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int read_inside(const struct place *place) {
    return try_open(place->inside, O_RDONLY);
}

/* By a link to a folder above, as /lib is one. */
static int read_by_link(const struct place *place) {
    char path[200];
    snprintf(path, sizeof path, "%s-link/own/inside", place->base);
    return try_open(path, O_RDONLY);
}

/* What a program needs to start, is read again by what it opened, or finds out about itself. */
static int read_system(const struct place *place) {
    char path[64];
    (void)place;
    int memory = memfd_create("memory", MFD_CLOEXEC);
    snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
    int error = try_open("/proc/self/exe", O_RDONLY);
    error = error ? error : try_open("/proc/self/maps", O_RDONLY);
    error = error ? error : try_open("/dev/null", O_RDONLY);
    return error ? error : try_open(path, O_RDONLY);
}

static void need(int version) {
    if (confinement_version() < version)
        skip();
}

static void its_own_folder_is_free(void **state) {
    need(1);
    assert_int_equal(act_confined(*state, write_inside), 0);
    assert_int_equal(access(((struct place *)*state)->inside, F_OK), 0);
    assert_int_equal(act_confined(*state, write_null), 0);
    assert_int_equal(act_confined(*state, share_memory), 0);
}

static void reading_is_free(void **state) {
    need(1);
    assert_int_equal(act_confined(*state, read_outside), 0);
}

static void nothing_is_written_elsewhere(void **state) {
    const struct place *place = *state;
    struct stat facts;
    need(1);
    assert_int_equal(act_confined(place, write_outside), EACCES);
    assert_int_equal(act_confined(place, make_outside), EACCES);
    assert_int_equal(act_confined(place, remove_outside), EACCES);
    int error = act_confined(place, move_outside);
    assert_true(error == EACCES || error == EXDEV);
    assert_int_equal(stat(place->outside, &facts), 0);
    assert_int_equal(facts.st_size, 4);
}

static void nothing_is_truncated_elsewhere(void **state) {
    need(3);
    assert_int_equal(act_confined(*state, truncate_outside), EACCES);
}

static void only_its_own_processes_are_signalled(void **state) {
    need(6);
    assert_int_equal(act_confined(*state, signal_parent), EPERM);
    assert_int_equal(act_confined(*state, signal_child), 0);
}

static void what_is_hidden_cannot_be_read(void **state) {
    const struct place *place = *state;
    char link[96];
    need(1);
    snprintf(link, sizeof link, "%s-link", place->base);
    assert_int_equal(write_inside(place), 0);
    assert_int_equal(symlink(place->base, link), 0);
    int direct = act_hidden(place, place->own, read_inside),
        linked = act_hidden(place, place->own, read_by_link);
    char hidden[112];
    snprintf(hidden, sizeof hidden, "%s/own", link);
    int named = act_hidden(place, hidden, read_inside);
    unlink(link);
    assert_int_equal(direct, EACCES);
    assert_int_equal(linked, EACCES);
    assert_int_equal(named, EACCES);
}

static void what_lies_beside_can_be_read(void **state) {
    const struct place *place = *state;
    need(1);
    assert_int_equal(act_hidden(place, place->own, read_outside), 0);
    assert_int_equal(act_hidden(place, place->own, read_system), 0);
    assert_int_equal(act_hidden(place, place->own, write_inside), EACCES); /* is O_RDWR */
}

static void hiding_what_is_not_there_hides_nothing(void **state) {
    const struct place *place = *state;
    need(1);
    assert_int_equal(write_inside(place), 0);
    assert_int_equal(act_hidden(place, "/nowhere/at/all", read_inside), 0);
}

static void a_folder_that_is_not_there_is_an_error(void **state) {
    (void)state;
    assert_true(confine_writes("/nowhere/at/all") < 0);
}

static void doctor_says_which_it_is(void **state) {
    (void)state;
    struct findings findings = {.count = 0};
    confinement_findings(&findings);
    assert_int_equal(findings.count, 1);
    assert_string_equal(findings.items[0].topic, "confinement");
    bool confined = strstr(findings.items[0].what, "own folder and to shared memory only") != NULL;
    assert_int_equal(confined, confinement_version() > 0);
    assert_int_equal(findings.items[0].remedy[0] != '\0', confinement_version() < 0);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_PLACE(its_own_folder_is_free),
        IN_PLACE(reading_is_free),
        IN_PLACE(nothing_is_written_elsewhere),
        IN_PLACE(nothing_is_truncated_elsewhere),
        IN_PLACE(only_its_own_processes_are_signalled),
        IN_PLACE(what_is_hidden_cannot_be_read),
        IN_PLACE(what_lies_beside_can_be_read),
        IN_PLACE(hiding_what_is_not_there_hides_nothing),
        cmocka_unit_test(a_folder_that_is_not_there_is_an_error),
        cmocka_unit_test(doctor_says_which_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
