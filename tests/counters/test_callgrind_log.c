#include "counters/callgrind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define GREETING                                                                                             \
    "==71== Callgrind, a call-graph generating cache profiler\n==71== Command: countersign "                 \
    "--worker\n==71== \n"

static void expect(const char *log, const char *expected) {
    char path[] = "/tmp/countersign-test-XXXXXX", text[192];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, log, strlen(log)), (ssize_t)strlen(log));
    close(fd);
    callgrind_last_words(path, "ended the process with exit status 1", text, sizeof text);
    unlink(path);
    assert_string_equal(text, expected);
}

static void an_unknown_instruction_is_the_reason(void **state) {
    (void)state;
    expect(GREETING "vex amd64->IR: unhandled instruction bytes: 0x62 0xF1 0x7D\nvex amd64->IR:   REX=0\n"
                    "==71== valgrind: Unrecognised instruction at address 0x1.\n",
           "Valgrind does not know an instruction of it (unhandled instruction bytes: 0x62 0xF1 0x7D)");
}

/* The second as Valgrind 3.19 writes it of what clang 14 compiled with -gdwarf-5; the first is of data that
 * its reader cannot go on with. */
static void debug_data_is_named_with_the_cure(void **state) {
    (void)state;
    expect(GREETING
           "==71== Valgrind: debuginfo reader: ensure_valid failed:\n"
           "==71== Valgrind:   during call to ML_(img_get_UInt)\n==71== Valgrind: I can't recover.\n",
           "Valgrind cannot read its debug data, compile it with -gdwarf-4 (Valgrind: debuginfo reader: "
           "ensure_valid failed:; it ended the process with exit status 1)");
    expect(GREETING "### unhandled dwarf2 abbrev form code 0x25\n",
           "Valgrind cannot read its debug data, compile it with -gdwarf-4 (### unhandled dwarf2 abbrev form "
           "code 0x25; it ended the process with exit status 1)");
}

static void what_it_said_last_is_told(void **state) {
    (void)state;
    expect(GREETING
           "==71== Valgrind's memory management: out of memory:\n==71==    newSuperblock's request\n",
           "ended the process with exit status 1; it said: Valgrind's memory management: out of memory:");
    expect("valgrind: failed to start tool 'callgrind' for platform 'amd64-linux'\n",
           "ended the process with exit status 1; it said: valgrind: failed to start tool 'callgrind' for "
           "platform 'amd64-linux'");
}

static void a_crash_speaks_for_itself(void **state) {
    (void)state;
    expect(GREETING
           "==71== Process terminating with default action of signal 11 (SIGSEGV)\n==71== Events: Ir\n",
           "ended the process with exit status 1");
    char text[64];
    callgrind_last_words("/nowhere/log", "hung", text, sizeof text);
    assert_string_equal(text, "hung");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_instruction_is_the_reason),
        cmocka_unit_test(debug_data_is_named_with_the_cure),
        cmocka_unit_test(what_it_said_last_is_told),
        cmocka_unit_test(a_crash_speaks_for_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
