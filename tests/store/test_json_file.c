/* A document is whole or not there, whenever the program is killed. */
#include "../base/test_base.h"
#include "store/json_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const char *in_base(const char *name) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", base, name);
    return path;
}

static void save(const char *name, int value) {
    struct problem problem = {""};
    json_t *json = json_pack("{s:i}", "value", value);
    if (json_file_save(json, in_base(name), &problem))
        fail_msg("%s", problem.text);
    json_decref(json);
}

static size_t count_files(const char *ending) {
    size_t count = 0;
    DIR *stream = opendir(base);
    for (struct dirent *entry; (entry = readdir(stream));)
        count += strlen(entry->d_name) > strlen(ending) &&
                 !strcmp(entry->d_name + strlen(entry->d_name) - strlen(ending), ending);
    closedir(stream);
    return count;
}

static void it_replaces_what_was_there(void **state) {
    (void)state;
    struct stat facts;
    for (int i = 0; i < 2; i++) {
        save("a.json", i);
        json_t *json = json_load_file(in_base("a.json"), 0, NULL);
        assert_int_equal(json_integer_value(json_object_get(json, "value")), i);
        json_decref(json);
        assert_int_equal(stat(in_base("a.json"), &facts), 0);
        assert_int_equal(facts.st_mode & 0777, 0600);
    }
    assert_int_equal(count_files(".tmp"), 0);
    unlink(in_base("a.json"));
}

static void nothing_stays_of_a_program_that_is_killed(void **state) {
    (void)state;
    int probe = open(base, O_TMPFILE | O_RDWR, 0600);
    if (probe < 0)
        skip(); /* files have names here from the beginning; the next program removes them */
    close(probe);
    json_t *json = json_array();
    for (int i = 0; i < 200000; i++)
        json_array_append_new(json, json_integer(i));
    for (int i = 0; i < 40; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            for (;;)
                json_file_save(json, in_base("b.json"), NULL), unlink(in_base("b.json"));
        }
        usleep((useconds_t)(5000 + 700 * i));
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        assert_int_equal(count_files(".tmp"), 0);
        unlink(in_base("b.json"));
    }
    json_decref(json);
}

static int leave_behind(const char *name, time_t when) {
    int file = open(in_base(name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const struct timespec times[2] = {{.tv_sec = when}, {.tv_sec = when}};
    assert_true(file >= 0);
    futimens(file, times);
    return file;
}

static void what_others_left_goes(void **state) {
    (void)state;
    time_t now = time(NULL);
    int held = leave_behind(".held.json.11-0.tmp", now - 3600);
    assert_int_equal(flock(held, LOCK_EX), 0);
    close(leave_behind(".left.json.12-0.tmp", now - 3600));
    close(leave_behind(".new.json.13-0.tmp", now));
    close(leave_behind("notes.tmp", now - 3600));
    save("c.json", 1);
    assert_int_equal(access(in_base(".held.json.11-0.tmp"), F_OK), 0);
    assert_int_equal(access(in_base(".left.json.12-0.tmp"), F_OK), -1);
    assert_int_equal(access(in_base(".new.json.13-0.tmp"), F_OK), 0);
    assert_int_equal(access(in_base("notes.tmp"), F_OK), 0);
    close(held);
    static const char *const names[] = {".held.json.11-0.tmp", ".new.json.13-0.tmp", "notes.tmp", "c.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(in_base(names[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_replaces_what_was_there),
        cmocka_unit_test(nothing_stays_of_a_program_that_is_killed),
        cmocka_unit_test(what_others_left_goes),
    };
    return cmocka_run_group_tests(tests, make_base, remove_base);
}
