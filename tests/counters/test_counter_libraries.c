#include "counters/papi_sets.h"
#include "counters/perf_events.h"

#include <papi.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool is_loaded(const char *library) {
    char line[4500];
    bool found = false;
    FILE *maps = fopen("/proc/self/maps", "re");
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps))
        found |= strstr(line, library) != NULL;
    fclose(maps);
    return found;
}

/* In this order: nothing takes a library away again. */
static void libraries_are_loaded_when_they_are_called(void **state) {
    (void)state;
    char version[32], reason[192] = "";
    struct perf_event_attr attribute;
    papi_version_text(version, sizeof version);
    assert_string_equal(version, "");
    assert_false(is_loaded("/libpfm.so"));
    assert_false(is_loaded("/libpapi.so"));
    assert_int_equal(perf_event_encode("perf::TASK-CLOCK", false, &attribute), 0);
    assert_int_equal(attribute.type, PERF_TYPE_SOFTWARE);
    assert_int_equal(attribute.config, PERF_COUNT_SW_TASK_CLOCK);
    assert_true(is_loaded("/libpfm.so"));
    assert_false(is_loaded("/libpapi.so"));
    papi_component(reason, sizeof reason); /* whatever it finds here */
    assert_true(is_loaded("/libpapi.so"));
    papi_version_text(version, sizeof version);
    assert_string_not_equal(version, "");
    assert_string_equal(PAPI_strerror(PAPI_OK), "No error");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(libraries_are_loaded_when_they_are_called)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
