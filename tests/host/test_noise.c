#include "host/noise.h"

#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static bool close_to(double value, double expected) {
    return fabs(value - expected) < 1e-9;
}

static void shares_are_of_all_cpus_time(void **state) {
    (void)state;
    struct noise noise;
    const struct noise_reading first = {.monotonic_ns = 1000000000,
                                        .steal_ms = 100,
                                        .busy_ms = 500,
                                        .cpu_times_known = true,
                                        .own_cpu_ns = 200000000,
                                        .throttled_us = 10,
                                        .core_ghz = 3.0,
                                        .involuntary_switches = 5,
                                        .migrations = 1,
                                        .migrations_known = true};
    const struct noise_reading last = {.monotonic_ns = 3000000000,
                                       .steal_ms = 180,
                                       .busy_ms = 2600,
                                       .cpu_times_known = true,
                                       .own_cpu_ns = 2100000000,
                                       .throttled_us = 250010,
                                       .core_ghz = 2.7,
                                       .involuntary_switches = 217,
                                       .voluntary_switches = 3,
                                       .migrations = 4,
                                       .migrations_known = true,
                                       .minor_faults = 7,
                                       .major_faults = 1};
    noise_between(&first, &last, 2, &noise);
    assert_true(close_to(noise.wall_s, 2));
    assert_true(close_to(noise.steal_share, 0.08 / 4));
    assert_true(close_to(noise.other_load_share, (2.1 - 1.9) / 4));
    assert_int_equal(noise.involuntary_switches, 212);
    assert_int_equal(noise.voluntary_switches, 3);
    assert_int_equal(noise.migrations, 3);
    assert_true(noise.migrations_known);
    assert_int_equal(noise.minor_faults, 7);
    assert_int_equal(noise.major_faults, 1);
    assert_true(close_to(noise.throttled_s, 0.25));
    assert_true(close_to(noise.frequency_drift, -0.1));
}

static void impossible_shares_are_clipped(void **state) {
    (void)state;
    struct noise noise;
    const struct noise_reading first = {
        .monotonic_ns = 0, .busy_ms = 100, .steal_ms = 50, .cpu_times_known = true};
    const struct noise_reading last = {.monotonic_ns = 100000000,
                                       .busy_ms = 190,
                                       .steal_ms = 40,
                                       .cpu_times_known = true,
                                       .own_cpu_ns = 99000000};
    noise_between(&first, &last, 1, &noise); /* our own time is finer than the kernel's ticks */
    assert_true(noise.other_load_share == 0);
    assert_true(noise.steal_share == 0);
    assert_true(noise.frequency_drift == 0);
}

static void unknown_shares_are_not_zero(void **state) {
    (void)state;
    struct noise noise;
    const struct noise_reading first = {.monotonic_ns = 0}, last = {.monotonic_ns = 1000000000};
    noise_between(&first, &last, 1, &noise);
    assert_true(isnan(noise.steal_share));
    assert_true(isnan(noise.other_load_share));
    assert_false(noise.migrations_known);
    const struct noise_reading known = {.monotonic_ns = 0, .cpu_times_known = true};
    noise_between(&known, &known, 1, &noise);
    assert_true(isnan(noise.steal_share));
}

static void quiet_is_not_described(void **state) {
    (void)state;
    char text[64] = "before";
    const struct noise quiet = {.wall_s = 1,
                                .steal_share = 0.02,
                                .other_load_share = NAN,
                                .involuntary_switches = 50,
                                .frequency_drift = 0.02,
                                .minor_faults = 1000};
    noise_describe(&quiet, text, sizeof text);
    assert_string_equal(text, "");
    /* One tick of /proc/stat in a quarter of a second is 4 % of it, and tells nothing. */
    const struct noise one_tick = {.wall_s = 0.25, .steal_share = 0.04, .other_load_share = 0.08};
    noise_describe(&one_tick, text, sizeof text);
    assert_string_equal(text, "");
}

static void what_stands_out_is_described(void **state) {
    (void)state;
    char text[256], narrow[12];
    const struct noise noise = {.wall_s = 2,
                                .steal_share = 0.041,
                                .other_load_share = 0.25,
                                .involuntary_switches = 212,
                                .throttled_s = 0.35,
                                .frequency_drift = -0.031,
                                .major_faults = 1};
    noise_describe(&noise, text, sizeof text);
    assert_string_equal(text, "steal 4.1 %, other load 25.0 %, throttled for 0.35 s by the CPU quota, core "
                              "frequency -3.1 %, 212 involuntary switches, 1 major page fault");
    noise_describe(&noise, narrow, sizeof narrow);
    assert_memory_equal(narrow, "steal 4.1 %", sizeof narrow);
}

static void stretches_add_up(void **state) {
    (void)state;
    const struct noise one = {.wall_s = 1,
                              .steal_share = 0.08,
                              .other_load_share = NAN,
                              .frequency_drift = 0.05,
                              .involuntary_switches = 3,
                              .migrations = 1,
                              .migrations_known = true,
                              .throttled_s = 0.5};
    const struct noise other = {
        .wall_s = 3, .other_load_share = 0.5, .frequency_drift = -0.03, .involuntary_switches = 4};
    struct noise sum = {0};
    noise_add(&sum, &one);
    assert_true(sum.migrations_known);
    noise_add(&sum, &other);
    assert_true(sum.wall_s == 4 && fabs(sum.steal_share - 0.02) < 1e-12 && sum.throttled_s == 0.5);
    assert_true(isnan(sum.other_load_share) && fabs(sum.frequency_drift + 0.01) < 1e-12);
    assert_int_equal(sum.involuntary_switches, 7);
    assert_int_equal(sum.migrations, 1);
    assert_false(sum.migrations_known);
}

static void read_pair(void (*act)(void), struct noise *noise) {
    struct noise_reading first, last;
    unsigned cpu = (unsigned)sched_getcpu();
    noise_read(&first, &cpu, 1);
    act();
    noise_read(&last, &cpu, 1);
    assert_true(last.own_cpu_ns > first.own_cpu_ns);
    noise_between(&first, &last, 1, noise);
}

static void touch_pages(void) {
    size_t size = 100 * (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(pages, MAP_FAILED);
    madvise(pages, size, MADV_NOHUGEPAGE);
    for (size_t i = 0; i < size; i += (size_t)sysconf(_SC_PAGESIZE))
        ((volatile char *)pages)[i] = 1;
    munmap(pages, size);
}

static void page_faults_are_counted(void **state) {
    (void)state;
    struct noise noise;
    read_pair(touch_pages, &noise);
    assert_true(noise.minor_faults >= 100);
    assert_true(noise.wall_s > 0);
    assert_true(isnan(noise.steal_share) || (noise.steal_share >= 0 && noise.steal_share <= 1));
}

static void sleep_shortly(void) {
    struct timespec pause = {.tv_nsec = 1000000};
    nanosleep(&pause, NULL);
}

static void voluntary_switches_are_counted(void **state) {
    (void)state;
    struct noise noise;
    read_pair(sleep_shortly, &noise);
    assert_true(noise.voluntary_switches >= 1);
}

static void migrations_are_counted(void **state) {
    (void)state;
    cpu_set_t before, one;
    struct noise_reading first, last;
    struct noise noise;
    unsigned cpus[2], count = 0;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    for (unsigned cpu = 0; cpu < CPU_SETSIZE && count < 2; cpu++)
        if (CPU_ISSET(cpu, &before))
            cpus[count++] = cpu;
    CPU_ZERO(&one);
    CPU_SET(cpus[0], &one);
    if (count < 2 || sched_setaffinity(0, sizeof one, &one)) {
        skip();
        return;
    }
    noise_read(&first, cpus, 2);
    CPU_ZERO(&one);
    CPU_SET(cpus[1], &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    noise_read(&last, cpus, 2);
    sched_setaffinity(0, sizeof before, &before);
    noise_between(&first, &last, 2, &noise);
    if (!noise.migrations_known)
        skip();
    else
        assert_true(noise.migrations >= 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_of_all_cpus_time),  cmocka_unit_test(impossible_shares_are_clipped),
        cmocka_unit_test(unknown_shares_are_not_zero),  cmocka_unit_test(quiet_is_not_described),
        cmocka_unit_test(what_stands_out_is_described), cmocka_unit_test(stretches_add_up),
        cmocka_unit_test(page_faults_are_counted),      cmocka_unit_test(voluntary_switches_are_counted),
        cmocka_unit_test(migrations_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
