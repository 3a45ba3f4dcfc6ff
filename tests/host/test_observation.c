#include "host/observation.h"

#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/personality.h>

#include <cmocka.h>

static struct topology *topology;
static struct fingerprint fingerprint;

static int setup(void **state) {
    (void)state;
    if (topology_open(&topology, NULL, NULL))
        return -1;
    sample_clock_open(&fingerprint.clock);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    topology_close(topology);
    return 0;
}

static void machine_is_watched_for_the_time_asked(void **state) {
    (void)state;
    struct observation observation;
    char allowed[128];
    host_observe(&fingerprint, topology, 0.3, &observation);
    assert_true(observation.noise.wall_s >= 0.3);
    assert_true(observation.noise.voluntary_switches >= 10); /* it sleeps between readings */
    assert_true(observation.slowest_ghz <= observation.fastest_ghz);
    assert_true(observation.memory_available <= observation.memory_total);
    topology_allowed_text(topology, allowed, sizeof allowed);
    assert_string_equal(observation.allowed, allowed);
}

static void impossible_times_are_bounded(void **state) {
    (void)state;
    struct observation observation;
    host_observe(&fingerprint, topology, NAN, &observation);
    assert_true(observation.noise.wall_s >= 0.2);
    host_observe(&fingerprint, topology, -5, &observation);
    assert_true(observation.noise.wall_s >= 0.2);
}

static void aslr_of_the_process_is_seen(void **state) {
    (void)state;
    struct observation observation;
    int before = personality(0xffffffff);
    if (before == -1 || personality((unsigned long)before | ADDR_NO_RANDOMIZE) == -1) {
        skip();
        return;
    }
    host_observe(&fingerprint, topology, 0.2, &observation);
    personality((unsigned long)before & ~(unsigned long)ADDR_NO_RANDOMIZE);
    assert_true(observation.aslr_off_here);
    host_observe(&fingerprint, topology, 0.2, &observation);
    personality((unsigned long)before);
    assert_false(observation.aslr_off_here);
}

static void binding_is_tried_and_undone(void **state) {
    (void)state;
    struct observation observation;
    cpu_set_t before, after;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    host_observe(&fingerprint, topology, 0.2, &observation);
    assert_int_equal(observation.binding, 0);
    assert_int_equal(sched_getaffinity(0, sizeof after, &after), 0);
    assert_true(CPU_EQUAL(&before, &after));
    assert_string_equal(observation.ignored, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(machine_is_watched_for_the_time_asked),
        cmocka_unit_test(impossible_times_are_bounded),
        cmocka_unit_test(binding_is_tried_and_undone),
        cmocka_unit_test(aslr_of_the_process_is_seen),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
