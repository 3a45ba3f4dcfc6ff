/* Verification inside the worker: every live arm against the baseline and the kernel's own check. */
#include "measure/verify.h"
#include "measure/worker_context.h"

#include <string.h>

static const char *arm_name(const struct worker *worker, size_t arm) {
    return worker->module.kernel->variants[worker->job->arms[arm].variant].name;
}

static int get_outputs(struct worker *worker, size_t arm, struct cs_output *outputs, size_t *count) {
    memset(outputs, 0, CS_MAX_OUTPUTS * sizeof *outputs);
    *count = 0;
    int status =
        worker->module.kernel->outputs(worker->state, worker->job->arms[arm].variant, outputs, count);
    if (status == 0 && *count > CS_MAX_OUTPUTS)
        status = -EINVAL;
    if (status)
        worker_invalidate(worker, arm, "%s: its outputs cannot be read: %s", arm_name(worker, arm),
                          strerror(-status));
    return status;
}

/*
 * Leaves the answer of `arm` in *answer. 1: done; 0: the arm became invalid; -errno: harness failure.
 * Poison comes before reset: a variant that works in place finds its inputs again, one that writes elsewhere
 * finds poison.
 */
static int run_poisoned(struct worker *worker, size_t arm, struct answer *answer) {
    const struct cs_kernel *kernel = worker->module.kernel;
    unsigned variant = worker->job->arms[arm].variant;
    struct cs_output outputs[CS_MAX_OUTPUTS];
    size_t count;
    if (get_outputs(worker, arm, outputs, &count))
        return 0;
    output_poison(outputs, count, (unsigned)arm);
    int status = kernel->poison ? kernel->poison(worker->state, variant) : 0;
    if (status) {
        worker_invalidate(worker, arm, "%s: its output cannot be poisoned: %s", arm_name(worker, arm),
                          strerror(-status));
        return 0;
    }
    if (kernel->reset)
        kernel->reset(worker->state);
    worker->run[arm](worker->state);
    if (get_outputs(worker, arm, outputs, &count))
        return 0;
    status = answer_copy(answer, outputs, count);
    if (status == -EINVAL) {
        worker_invalidate(worker, arm, "%s: an output has no data", arm_name(worker, arm));
        return 0;
    }
    return status ? worker_fail(worker, FAILURE_HARNESS, -status, "no memory to copy the answer of %s",
                                arm_name(worker, arm))
                  : 1;
}

static void report_mismatch(struct worker *worker, size_t arm, const char *who,
                            const struct cs_mismatch *mismatch) {
    worker_invalidate(worker, arm, "wrong answer from %s: %s[%zu]: got %s, expected %s (%s, seed %llu)",
                      arm_name(worker, arm), mismatch->output ? mismatch->output : "output", mismatch->index,
                      mismatch->got, mismatch->expected, who, (unsigned long long)worker->job->seed);
}

static int verify_arm(struct worker *worker, size_t arm, struct answer *baseline) {
    const struct cs_kernel *kernel = worker->module.kernel;
    struct answer answer = {0};
    int status = run_poisoned(worker, arm, &answer);
    if (status <= 0)
        return status;
    struct cs_mismatch mismatch = {0};
    if (arm != 0 && !answer_equal(baseline, &answer, kernel->tolerance, &mismatch))
        report_mismatch(worker, arm, "as the baseline has it", &mismatch);
    else if (kernel->check && kernel->check(worker->state, worker->job->arms[arm].variant, &mismatch))
        report_mismatch(worker, arm, "by the kernel's own check", &mismatch);
    else
        worker->report->arms[arm].checked = kernel->check != NULL;
    if (arm == 0)
        *baseline = answer;
    else
        answer_clear(&answer);
    return 0;
}

void worker_check_timed(struct worker *worker) {
    size_t arms[SCHEDULE_MAX_ARMS], count = worker->live_count;
    struct cs_output outputs[CS_MAX_OUTPUTS];
    size_t output_count;
    memcpy(arms, worker->live, sizeof arms);
    for (size_t i = 0; i < count; i++) {
        worker_announce(worker, PHASE_VERIFY_AGAIN, (int)arms[i]);
        get_outputs(worker, arms[i], outputs, &output_count);
    }
}

int worker_verify(struct worker *worker, enum worker_phase phase) {
    struct answer baseline = {0};
    size_t arms[SCHEDULE_MAX_ARMS], count = worker->live_count;
    memcpy(arms, worker->live, sizeof arms);
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        worker_announce(worker, phase, (int)arms[i]);
        status = verify_arm(worker, arms[i], &baseline);
        if (worker->report->arms[0].invalid)
            break;
    }
    answer_clear(&baseline);
    worker_announce(worker, phase, -1);
    return status;
}
