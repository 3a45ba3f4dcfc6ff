#include "harness_sample.h"

#include "worker/worker_context.h"

static void do_nothing(void *state) {
    (void)state;
}

void (*const volatile harness_empty_run)(void *state) = do_nothing;

static const struct cs_kernel kernel = {CS_KERNEL_HEADER, .name = "empty"};
static struct worker_job job = {.mode = WORKER_MEASURE};
static struct worker worker = {.job = &job, .module.kernel = &kernel};

double harness_sample_open(void) {
    sample_clock_open(&job.clock);
    worker.run[0] = harness_empty_run;
    return job.clock.ticks_per_ns;
}

const char *harness_clock_name(void) {
    return job.clock.name;
}

uint64_t harness_clock_now(void) {
    return sample_clock_now(&job.clock);
}

uint64_t harness_sample(uint64_t runs) {
    return worker_stretch(&worker, 0, runs);
}

uint64_t harness_clock_pairs(uint64_t count) {
    const struct sample_clock *clock = &job.clock;
    uint64_t ticks = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t start = sample_clock_now(clock);
        ticks += sample_clock_now(clock) - start;
    }
    return ticks;
}
