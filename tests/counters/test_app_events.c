#include "counters/app_events.h"

#include <errno.h>
#include <papi.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>

#include <cmocka.h>

static long long counts[2];

static long long read_count(void *context, size_t index) {
    return ((const long long *)context)[index];
}

static const char *const names[] = {"comparisons", "cache hits"};
static const struct app_events_source source = {
    .kernel = "lookup", .names = names, .count = 2, .read = read_count, .context = counts};

static bool has_component(const char *name) {
    int component = PAPI_get_component_index(name);
    const PAPI_component_info_t *info = component < 0 ? NULL : PAPI_get_component_info(component);
    return info && !info->disabled;
}

/* What PAPI counts of an event while the kernel's own counter goes from `before` to `after`. */
static long long count_through_papi(const char *name, long long *count, long long before, long long after) {
    int code, set = PAPI_NULL;
    long long value = -1;
    *count = before;
    assert_int_equal(PAPI_event_name_to_code(name, &code), PAPI_OK);
    assert_int_equal(PAPI_create_eventset(&set), PAPI_OK);
    assert_int_equal(PAPI_add_event(set, code), PAPI_OK);
    assert_int_equal(PAPI_start(set), PAPI_OK);
    *count = after;
    assert_int_equal(PAPI_stop(set, &value), PAPI_OK);
    assert_int_equal(PAPI_cleanup_eventset(set), PAPI_OK);
    assert_int_equal(PAPI_destroy_eventset(&set), PAPI_OK);
    return value;
}

static void papi_reads_the_kernels_own_counters(void **state) {
    (void)state;
    struct app_events *events;
    int status = app_events_open(&source, &events);
    if (status == -ENOTSUP) {
        print_message("libsde is not installed\n");
        skip();
    }
    assert_int_equal(status, 0);
    assert_int_equal(PAPI_library_init(PAPI_VER_CURRENT), PAPI_VER_CURRENT);
    if (!has_component("sde")) {
        print_message("this PAPI has no sde component\n");
        app_events_close(events);
        skip();
    }
    assert_true(count_through_papi("sde:::countersign::lookup.comparisons", &counts[0], 1000, 1234) == 234);
    assert_true(count_through_papi("sde:::countersign::lookup.cache hits", &counts[1], 5, 5) == 0);
    app_events_close(events);
}

/* libsde would crash. */
static void a_second_time_is_refused(void **state) {
    (void)state;
    struct app_events *events;
    int status = app_events_open(&source, &events);
    if (status == -ENOTSUP)
        skip();
    assert_int_equal(status, -EALREADY);
    assert_null(events);
}

static void too_many_are_refused(void **state) {
    (void)state;
    struct app_events_source many = source;
    struct app_events *events;
    many.count = APP_EVENTS + 1;
    assert_int_equal(app_events_open(&many, &events), -EINVAL);
    assert_null(events);
    app_events_close(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(papi_reads_the_kernels_own_counters),
        cmocka_unit_test(a_second_time_is_refused),
        cmocka_unit_test(too_many_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
