#include "counters/callgrind_file.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Recorded with Valgrind 3.19.0: a loop with an inlined function of a header, a recursion, and qsort. */
#define DEMO TEST_DATA "/callgrind/demo.callgrind"
/* The same program with --dump-instr=yes --collect-jumps=yes. */
#define DEMO_JUMPS TEST_DATA "/callgrind/demo-jumps.callgrind"

#define HEADER "# callgrind format\nversion: 1\ncreator: callgrind-3.19.0\npositions: line\nevents: Ir Dr\n"

/* Loads a profile given as text. */
static int load_text(const char *text, size_t length, int details, struct callgrind_profile *profile,
                     struct problem *problem) {
    char path[] = "/tmp/countersign-test-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), length);
    close(fd);
    int status = callgrind_file_load(profile, path, details, problem);
    unlink(path);
    return status;
}

static void assert_refused(const char *text, const char *part) {
    struct callgrind_profile profile;
    struct problem problem = {""};
    assert_int_equal(load_text(text, strlen(text), 1, &profile, &problem), -EINVAL);
    if (!strstr(problem.text, part))
        fail_msg("'%s' does not speak of '%s'", problem.text, part);
    assert_null(profile.strings);
    assert_null(profile.lines);
    assert_null(profile.functions);
}

static void load(const char *path, struct callgrind_profile *profile) {
    struct problem problem = {""};
    int status = callgrind_file_load(profile, path, 1, &problem);
    if (status)
        fail_msg("%s", problem.text);
}

static const struct callgrind_function *find_function(const struct callgrind_profile *profile,
                                                      const char *name) {
    for (size_t i = 0; i < profile->function_count; i++)
        if (!strcmp(profile->functions[i].name, name))
            return &profile->functions[i];
    fail_msg("no function %s", name);
    return NULL;
}

static uint64_t line_cost(const struct callgrind_profile *profile, const char *file, unsigned line,
                          const char *event) {
    uint64_t sum = 0;
    for (size_t i = 0; i < profile->line_count; i++)
        if (profile->lines[i].line == line && !strcmp(profile->lines[i].file, file))
            sum += profile->lines[i].cost[callgrind_event(profile, event)];
    return sum;
}

static void assert_costs(const uint64_t *cost, const uint64_t *expected, size_t count) {
    for (size_t i = 0; i < count; i++)
        assert_int_equal(cost[i], expected[i]);
}

/* The file's "totals" line; "summary" differs, as the collection was switched within a basic block. */
static void totals_are_the_files(void **state) {
    (void)state;
    static const uint64_t totals[] = {1033713, 267911, 123253, 79,    16,    188, 79,
                                      3,       187,    142612, 12910, 34388, 8};
    for (int details = 0; details < 2; details++) {
        struct callgrind_profile profile;
        assert_int_equal(callgrind_file_load(&profile, DEMO, details, NULL), 0);
        assert_int_equal(profile.event_count, 13);
        assert_costs(profile.total, totals, 13);
        assert_int_equal(profile.line_count > 0, details);
        assert_int_equal(callgrind_event(&profile, "Ir"), 0);
        assert_int_equal(callgrind_event(&profile, "Bim"), 12);
        assert_int_equal(callgrind_event(&profile, "I"), -1);
        callgrind_profile_clear(&profile);
    }
}

static void self_costs_add_up_to_totals(void **state) {
    (void)state;
    static const char *const files[] = {DEMO, DEMO_JUMPS};
    for (size_t f = 0; f < 2; f++) {
        struct callgrind_profile profile;
        load(files[f], &profile);
        for (size_t event = 0; event < profile.event_count; event++) {
            uint64_t functions = 0, lines = 0;
            for (size_t i = 0; i < profile.function_count; i++)
                functions += profile.functions[i].cost[event];
            for (size_t i = 0; i < profile.line_count; i++)
                lines += profile.lines[i].cost[event];
            assert_int_equal(functions, profile.total[event]);
            assert_int_equal(lines, profile.total[event]);
        }
        callgrind_profile_clear(&profile);
    }
}

/* Addresses as objdump has them, of the binaries that the instructions are in. */
static void instructions_that_ran_are_listed(void **state) {
    (void)state;
    struct callgrind_profile profile;
    bool program = false, library = false;
    load(DEMO, &profile);
    assert_int_equal(profile.address_count, 0);
    callgrind_profile_clear(&profile);
    load(DEMO_JUMPS, &profile);
    for (size_t i = 0; i < profile.address_count; i++) {
        const struct callgrind_address *address = &profile.addresses[i];
        program |= address->address == 0x114f && !strcmp(address->object, "/src/demo");
        library |= address->address == 0x10a0c0 && strcmp(address->object, "/src/demo") != 0;
    }
    assert_true(program && library);
    callgrind_profile_clear(&profile);
}

/* Numbers of `callgrind_annotate --threshold=100` on the same file. It gives inlined code to a function of
 * the header (18,000 and 15,007 instructions for walk), which here is part of the function it was inlined
 * into. */
static void functions_are_those_of_callgrind_annotate(void **state) {
    (void)state;
    static const uint64_t sort[] = {634738, 140555, 94960, 9, 0, 92, 9, 0, 92, 101581, 10908, 31381, 2},
                          order[] = {244832, 91812, 0, 0, 1},
                          walk[] = {18000 + 15007, 2, 0, 1, 0, 0, 1, 0, 0, 6000, 6, 0, 0},
                          fib[] = {1142, 88, 91, 11, 0, 0, 11, 0, 0, 143, 55, 0, 0};
    static const char *const files[] = {DEMO, DEMO_JUMPS};
    for (size_t f = 0; f < 2; f++) {
        struct callgrind_profile profile;
        load(files[f], &profile);
        assert_costs(find_function(&profile, "msort_with_tmp.part.0'2")->cost, sort, 13);
        assert_costs(find_function(&profile, "order")->cost, order, 5);
        assert_costs(find_function(&profile, "walk.constprop.0")->cost, walk, 13);
        assert_costs(find_function(&profile, "fib")->cost, fib, 13);
        assert_string_equal(find_function(&profile, "order")->file, "/src/demo.c");
        assert_string_equal(find_function(&profile, "order")->object, "/src/demo");
        callgrind_profile_clear(&profile);
    }
}

/* Numbers of callgrind_annotate's annotated source. */
static void lines_are_those_of_callgrind_annotate(void **state) {
    (void)state;
    static const char *const files[] = {DEMO, DEMO_JUMPS};
    for (size_t f = 0; f < 2; f++) {
        struct callgrind_profile profile;
        load(files[f], &profile);
        assert_int_equal(line_cost(&profile, "/src/mix.h", 5, "Ir"), 9000);
        assert_int_equal(line_cost(&profile, "/src/mix.h", 6, "Ir"), 3000);
        assert_int_equal(line_cost(&profile, "/src/mix.h", 7, "Ir"), 6000);
        for (size_t i = 0; i < profile.line_count; i++)
            if (!strcmp(profile.lines[i].file, "/src/mix.h"))
                assert_string_equal(profile.functions[profile.lines[i].function].name, "walk.constprop.0");
        callgrind_profile_clear(&profile);
    }
}

static void calls_and_jumps_are_no_self_cost(void **state) {
    (void)state;
    const char *text = HEADER "ob=(1) /src/a\nfl=(1) a.c\nfn=(1) main\n10 5 1\n"
                              "cob=(2) /src/b\ncfi=(2) b.c\ncfn=(2) other\ncalls=3 +20\n+1 1000 100\n"
                              "jfi=(2)\njfn=(2)\njcnd=2/5 14\n*\njump=4 9\n*\n* 7\n"
                              "fi=(3) c.h\n-1 11\nfe=(1)\n+0x2 13 2\nfn=(2)\n3 17\n\ntotals: 53 3\n";
    struct callgrind_profile profile;
    struct problem problem = {""};
    if (load_text(text, strlen(text), 1, &profile, &problem))
        fail_msg("%s", problem.text);
    assert_int_equal(find_function(&profile, "main")->cost[0], 36);
    assert_int_equal(find_function(&profile, "other")->cost[0], 17);
    assert_int_equal(line_cost(&profile, "a.c", 10, "Dr"), 1);
    assert_int_equal(line_cost(&profile, "a.c", 11, "Ir"), 7);
    assert_int_equal(line_cost(&profile, "c.h", 10, "Ir"), 11);
    assert_int_equal(line_cost(&profile, "a.c", 12, "Ir"), 13);
    callgrind_profile_clear(&profile);
}

static void names_may_be_written_out(void **state) {
    (void)state;
    const char *text = "events: Ir\nfl=a file.c\nfn=operator()(int)\n1 2\nfn=main\n2 3\r\nsummary: 5\n";
    struct callgrind_profile profile;
    struct problem problem = {""};
    if (load_text(text, strlen(text), 1, &profile, &problem))
        fail_msg("%s", problem.text);
    assert_int_equal(find_function(&profile, "operator()(int)")->cost[0], 2);
    assert_string_equal(find_function(&profile, "main")->file, "a file.c");
    assert_string_equal(find_function(&profile, "main")->object, "???");
    callgrind_profile_clear(&profile);
}

static void parts_are_added(void **state) {
    (void)state;
    const char *text = HEADER "fl=(1) a.c\nfn=(1) main\n7 5 1\ntotals: 5 1\n\npart: 2\npositions: line\n"
                              "events: Ir Dr\nsummary: 9 9\nfn=(1)\n7 20 2\ntotals: 20 2\n";
    struct callgrind_profile profile;
    struct problem problem = {""};
    if (load_text(text, strlen(text), 1, &profile, &problem))
        fail_msg("%s", problem.text);
    assert_int_equal(profile.total[0], 25);
    assert_int_equal(profile.line_count, 1);
    assert_int_equal(profile.lines[0].cost[1], 3);
    callgrind_profile_clear(&profile);
}

static void nonsense_is_refused_by_line(void **state) {
    (void)state;
    assert_refused("", "is empty; most likely the disk");
    assert_refused("\x7f"
                   "ELF\x02\n",
                   ":1: expected");
    assert_refused("version: 2\n", ":1: expected version 1");
    assert_refused("12 5\n", "\"events:\" before costs");
    assert_refused("events:\n", "names of events");
    assert_refused("events: A B C D E F G H I J K L M N O P Q\n", "at most 16");
    assert_refused("positions: column\n", "positions");
    assert_refused(HEADER "12 5\n", ":6: expected a line \"fn=\"");
    assert_refused(HEADER "fn=(1)\n", ":6: expected a number that was given a name");
    assert_refused(HEADER "fn=(99999999999) main\n", "smaller number");
    assert_refused(HEADER "fn=(1) main\n12 5 6 7\n", ":7: expected no more costs");
    assert_refused(HEADER "fn=(1) main\n12 5 x\n", ":7: expected a cost");
    assert_refused(HEADER "fn=(1) main\n12 99999999999999999999999\n", ":7: expected a cost");
    assert_refused(HEADER "fn=(1) main\n-1 5\n", ":7: expected a distance");
    assert_refused(HEADER "fn=(1) main\n1x 5\n", ":7: expected a blank");
    assert_refused(HEADER "fn=(1) main\ncalls=x 1\n", ":7: expected a number of calls");
    assert_refused(HEADER "fn=(1) main\ncalls=1 5\nfn=(1)\n", ":8: expected the cost of the call");
    assert_refused(HEADER "colour=(1) blue\n", ":6: expected");
    assert_refused(HEADER "fn=(1) main\n1 5\ntotals: 6\n", "add up to 5");
    assert_refused(HEADER "totals: 0\nevents: Ir Dw\n", "same events");
    assert_refused(HEADER "fn=(1) main\n1 5\n", "cut short");
}

/* Wherever a file is cut off, it is refused: a part of the costs is not a smaller profile. */
static void cut_files_are_refused(void **state) {
    (void)state;
    char text[64 * 1024];
    FILE *file = fopen(DEMO, "r");
    assert_non_null(file);
    size_t length = fread(text, 1, sizeof text, file);
    fclose(file);
    struct callgrind_profile profile;
    struct problem problem;
    assert_int_equal(load_text(text, length, 1, &profile, &problem), 0);
    callgrind_profile_clear(&profile);
    for (int details = 0; details < 2; details++)
        for (size_t cut = 0; cut + 1 < length; cut += 97)
            assert_int_equal(load_text(text, cut, details, &profile, &problem), -EINVAL);
    assert_int_equal(load_text(text, length - 1, 1, &profile, &problem), -EINVAL);
}

static void missing_files_are_named(void **state) {
    (void)state;
    struct callgrind_profile profile;
    struct problem problem = {""};
    assert_int_equal(callgrind_file_load(&profile, TEST_DATA "/callgrind/none", 1, &problem), -ENOENT);
    assert_non_null(strstr(problem.text, "callgrind/none"));
    callgrind_profile_clear(&profile);
}

/* --separate-threads=yes --combine-dumps=yes: a part for each. */
static void threads_and_the_command_are_told(void **state) {
    (void)state;
    static const char text[] = HEADER "cmd:  ./walk 1\npart: 1\nthread: 2\nfn=f\n1 2 0\ntotals: 2 0\n"
                                      "part: 1\nthread: 1\nevents: Ir Dr\nfn=f\n1 3 0\ntotals: 3 0\n";
    struct callgrind_profile profile = {0};
    struct problem problem = {""};
    if (load_text(text, sizeof text - 1, 1, &profile, &problem))
        fail_msg("%s", problem.text);
    assert_int_equal(profile.threads, 2);
    assert_string_equal(profile.command, "./walk 1");
    assert_int_equal(profile.total[0], 5);
    callgrind_profile_clear(&profile);
    load(DEMO, &profile);
    assert_int_equal(profile.threads, 0);
    callgrind_profile_clear(&profile);
    assert_refused(HEADER "thread: one\n", "the number of a thread");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_are_the_files),
        cmocka_unit_test(threads_and_the_command_are_told),
        cmocka_unit_test(instructions_that_ran_are_listed),
        cmocka_unit_test(self_costs_add_up_to_totals),
        cmocka_unit_test(functions_are_those_of_callgrind_annotate),
        cmocka_unit_test(lines_are_those_of_callgrind_annotate),
        cmocka_unit_test(calls_and_jumps_are_no_self_cost),
        cmocka_unit_test(names_may_be_written_out),
        cmocka_unit_test(parts_are_added),
        cmocka_unit_test(nonsense_is_refused_by_line),
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(missing_files_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
