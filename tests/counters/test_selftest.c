#include "counters/selftest.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct recorded {
    enum counter_event event;
    int trust;
    char says[64];
    struct selftest_reading reading;
};

static int loop_by_name(const char *name) {
    static const char *const names[SELFTEST_LOOPS] = {"chain", "random", "chase", "walk", "fill"};
    for (int i = 0; i < SELFTEST_LOOPS; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

static void read_line(struct recorded *recorded, const char *line) {
    char word[64], rest[128] = "";
    if (line[0] == '#' || line[0] == '\n')
        return;
    assert_true(sscanf(line, "%63s %127[^\n]", word, rest) == 2);
    if (strcmp(word, "event") == 0) {
        recorded->event = counter_event_by_name(rest);
        assert_int_not_equal(recorded->event, COUNTER_EVENTS);
    } else if (strcmp(word, "grade") == 0) {
        recorded->trust = counter_trust_by_name(rest);
        assert_true(recorded->trust > 0);
    } else if (strcmp(word, "says") == 0) {
        snprintf(recorded->says, sizeof recorded->says, "%.63s", rest);
    } else {
        int i = loop_by_name(word);
        assert_true(i >= 0);
        struct selftest_reading *reading = &recorded->reading;
        assert_int_equal(sscanf(rest, "%lf %lf %lf %lf %lf", &reading->expected_low[i],
                                &reading->expected_high[i], &reading->measured[i], &reading->repeat[i],
                                &reading->seconds[i]),
                         5);
    }
}

static void read_recorded(const char *name, struct recorded *recorded) {
    char path[512], line[256];
    memset(recorded, 0, sizeof *recorded);
    for (int i = 0; i < SELFTEST_LOOPS; i++)
        recorded->reading.expected_low[i] = recorded->reading.expected_high[i] =
            recorded->reading.measured[i] = recorded->reading.repeat[i] = NAN;
    snprintf(path, sizeof path, "%s/pmu/%s", TEST_DATA, name);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        read_line(recorded, line);
    fclose(file);
}

static void grade_file(const char *name) {
    struct recorded recorded;
    char reason[192];
    double error = 0;
    read_recorded(name, &recorded);
    enum counter_trust trust =
        selftest_grade(recorded.event, &recorded.reading, &error, reason, sizeof reason);
    if ((int)trust != recorded.trust || !strstr(reason, recorded.says))
        fail_msg("%s: graded %s (%s), expected %s (%s)", name, counter_trust_name(trust), reason,
                 counter_trust_name((enum counter_trust)recorded.trust), recorded.says);
    assert_int_equal(reason[0] == '\0', trust == TRUST_TRUSTED);
    assert_null(strchr(reason, '\n'));
}

static void recorded_pmus_get_their_grade(void **state) {
    (void)state;
    int files = 0;
    DIR *folder = opendir(TEST_DATA "/pmu");
    assert_non_null(folder);
    const struct dirent *entry;
    while ((entry = readdir(folder)))
        if (strstr(entry->d_name, ".txt")) {
            grade_file(entry->d_name);
            files++;
        }
    closedir(folder);
    assert_true(files >= 17);
}

static void error_is_that_of_the_worst_loop(void **state) {
    (void)state;
    struct recorded recorded;
    char reason[192];
    double error;
    read_recorded("ten-percent.txt", &recorded);
    selftest_grade(recorded.event, &recorded.reading, &error, reason, sizeof reason);
    assert_float_equal(error, 0.1, 1e-4);
    read_recorded("good-instructions.txt", &recorded);
    selftest_grade(recorded.event, &recorded.reading, &error, reason, sizeof reason);
    assert_true(error < 0.02);
    read_recorded("unread.txt", &recorded);
    selftest_grade(recorded.event, &recorded.reading, &error, reason, sizeof reason);
    assert_true(isnan(error));
}

/* The limits themselves: 2 % is still trusted, 25 % still degraded. */
static void limits_are_where_the_header_says(void **state) {
    (void)state;
    static const struct {
        double measured;
        enum counter_trust trust;
    } steps[] = {{1.019e6, TRUST_TRUSTED},   {1.021e6, TRUST_DEGRADED}, {1.249e6, TRUST_DEGRADED},
                 {1.251e6, TRUST_UNTRUSTED}, {0.981e6, TRUST_TRUSTED},  {0.979e6, TRUST_DEGRADED},
                 {0.749e6, TRUST_UNTRUSTED}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct recorded recorded;
        char reason[192];
        double error;
        read_recorded("half.txt", &recorded);
        recorded.reading.expected_low[SELFTEST_CHAIN] = recorded.reading.expected_high[SELFTEST_CHAIN] = 1e6;
        recorded.reading.measured[SELFTEST_CHAIN] = recorded.reading.repeat[SELFTEST_CHAIN] =
            steps[i].measured;
        assert_int_equal(
            selftest_grade(COUNTER_INSTRUCTIONS, &recorded.reading, &error, reason, sizeof reason),
            steps[i].trust);
    }
}

static void absurd_clock_is_untrusted_in_either_direction(void **state) {
    (void)state;
    struct recorded recorded;
    char reason[192];
    double error;
    read_recorded("good-cycles.txt", &recorded);
    recorded.reading.seconds[SELFTEST_CHAIN] = 0.0001; /* 12.8 GHz */
    assert_int_equal(selftest_grade(COUNTER_CYCLES, &recorded.reading, &error, reason, sizeof reason),
                     TRUST_UNTRUSTED);
    recorded.reading.seconds[SELFTEST_CHAIN] = 0.2; /* 6.4 MHz */
    assert_int_equal(selftest_grade(COUNTER_CYCLES, &recorded.reading, &error, reason, sizeof reason),
                     TRUST_UNTRUSTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_pmus_get_their_grade),
        cmocka_unit_test(error_is_that_of_the_worst_loop),
        cmocka_unit_test(limits_are_where_the_header_says),
        cmocka_unit_test(absurd_clock_is_untrusted_in_either_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
