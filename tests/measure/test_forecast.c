/* What a point will take: its processes, its simulation, and what was compiled for it. */
#include "measure/forecast.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct runner_forecast of(struct point_costs costs) {
    struct runner_forecast forecast;
    forecast_point(&costs, &forecast);
    return forecast;
}

static void assert_cause(const struct runner_forecast *forecast, double expected_s, const char *cause) {
    assert_float_equal(forecast->expected_s, expected_s, 1e-9);
    assert_string_equal(forecast->cause, cause);
}

static void processes_are_counted(void **state) {
    (void)state;
    struct runner_forecast forecast = of((struct point_costs){32, 0.5, 0.25, 0, 0, 1});
    assert_cause(&forecast, 24,
                 "a process takes 0.5 s to start, prepare and verify, and there are up to 32 (--replicates)");
    assert_true(runner_forecast_matters(&forecast));
    forecast = of((struct point_costs){32, 0.5, 0.75, 0, 0, 1});
    assert_cause(
        &forecast, 40,
        "its runs are long: 4 rounds, the fewest there can be, take 0.75 s, in up to 32 processes (--replicates)");
}

static void simulation_is_counted(void **state) {
    (void)state;
    struct runner_forecast forecast = of((struct point_costs){32, 0.01, 0.02, 60, 0, 1});
    assert_cause(&forecast, 60.96, "simulating it takes up to 60 s (--no-simulation)");
    assert_true(runner_forecast_matters(&forecast));
    forecast = of((struct point_costs){32, 0.01, 0.02, 0, 0, 1});
    assert_false(runner_forecast_matters(&forecast));
}

static void compiling_is_counted(void **state) {
    (void)state;
    struct runner_forecast forecast = of((struct point_costs){32, 0.02, 0.01, 0, 8, 1});
    assert_cause(
        &forecast, 8.96,
        "a process takes 0.02 s to start, prepare and verify, and there are up to 32 (--replicates); compiling "
        "took 8 s");
    assert_true(runner_forecast_matters(&forecast));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(processes_are_counted),
        cmocka_unit_test(simulation_is_counted),
        cmocka_unit_test(compiling_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
