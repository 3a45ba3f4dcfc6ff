/* Verification inside the worker: every live arm against the baseline and the kernel's own check. */
#include "worker/verify.h"
#include "worker/worker_context.h"

#include <stdlib.h>
#include <string.h>

#define AGAIN 3 /* runs of what was wrong, to see whether it is so each time */

int worker_outputs(struct worker *worker, size_t arm, struct cs_output *outputs, size_t *count) {
    int status = kernel_host_outputs(&worker->host, worker->module.kernel, worker->state,
                                     worker->job->arms[arm].variant, outputs, count);
    worker_end_child(worker);
    if (status)
        worker_invalidate(worker, arm,
                          &(struct arm_why){.cause = CAUSE_OUTPUTS_UNREAD, .error = abs(status)});
    return status;
}

/* Of outputs with as many elements as there are items an item has one at least; else an item may be a bit. */
static double find_item_bytes(double items, const struct cs_output *outputs, size_t count) {
    double bytes = 0;
    for (size_t o = 0; o < count; o++)
        if ((double)outputs[o].count >= items)
            bytes += (double)output_element_size(outputs[o].type);
    return bytes > 0 ? bytes : 0.125;
}

/* Among the timed runs, and to be told from them by nothing. */
static bool is_spot(const struct worker *worker) {
    return worker->phase == PHASE_TIME;
}

/*
 * Leaves the answer of `arm` in *answer. 1: done; 0: the arm became invalid; -errno: harness failure.
 * Poison comes before reset: a variant that works in place finds its inputs again, one that writes elsewhere
 * finds poison, which is that of `salt`, or (`spoil`) its last answer, of which some elements were overwritten.
 */
static int run_over(struct worker *worker, size_t arm, unsigned salt, bool spoil, struct answer *answer) {
    const struct cs_kernel *kernel = worker->module.kernel;
    unsigned variant = worker->job->arms[arm].variant;
    struct cs_output outputs[CS_MAX_OUTPUTS];
    size_t count;
    if (worker_outputs(worker, arm, outputs, &count))
        return 0;
    worker->item_bytes = find_item_bytes(worker->report->work.items, outputs, count);
    if (spoil)
        output_spoil(outputs, count, worker_draw_secret(worker), false);
    else
        output_poison(outputs, count, salt);
    int status = kernel->poison ? kernel->poison(worker->state, variant) : 0;
    if (status) {
        worker_invalidate(worker, arm,
                          &(struct arm_why){.cause = CAUSE_OUTPUTS_UNPOISONED, .error = abs(status)});
        return 0;
    }
    kernel_host_reset(&worker->host, kernel, worker->state);
    if (!is_spot(worker) && (status = worker_conduct_start(worker)))
        return status;
    worker->spot_ticks[arm] = worker_run_once(worker, arm);
    worker_end_child(worker);
    if (!is_spot(worker) && !worker_conduct_judge(worker, arm))
        return 0;
    if (worker_outputs(worker, arm, outputs, &count)) {
        kernel_host_forgive(&worker->host);
        return 0;
    }
    status = answer_copy(answer, outputs, count);
    if (status == -EINVAL) {
        worker_invalidate(worker, arm, &(struct arm_why){.cause = CAUSE_OUTPUTS_EMPTY});
        return 0;
    }
    return status ? worker_fail(worker, FAILURE_HARNESS, -status, "no memory to copy the answer of %s",
                                worker_arm_name(worker, arm))
                  : 1;
}

static int run_poisoned(struct worker *worker, size_t arm, struct answer *answer) {
    return run_over(worker, arm, worker->poison + (unsigned)arm, is_spot(worker), answer);
}

/* `why` has the cause and what else is known of the answer. */
static void report_mismatch(struct worker *worker, size_t arm, struct arm_why *why,
                            const struct cs_mismatch *mismatch) {
    struct arm_answer *answer = &why->answer;
    snprintf(answer->output, sizeof answer->output, "%s", mismatch->output ? mismatch->output : "output");
    answer->index = mismatch->index < INT64_MAX ? mismatch->index : INT64_MAX;
    memcpy(answer->got, mismatch->got, sizeof answer->got - 1);
    memcpy(answer->expected, mismatch->expected, sizeof answer->expected - 1);
    memcpy(answer->advice, mismatch->advice, sizeof answer->advice - 1);
    answer->seed = worker->job->seed;
    worker_invalidate(worker, arm, why);
}

/* Element by element, and where that says no, by what the kernel says of them. */
static bool is_equal(struct worker *worker, const struct answer *expected, const struct answer *got,
                     struct cs_mismatch *mismatch) {
    const struct cs_kernel *kernel = worker->module.kernel;
    struct cs_output wanted[CS_MAX_OUTPUTS], found[CS_MAX_OUTPUTS];
    if (answer_equal(expected, got, kernel->tolerance, mismatch))
        return true;
    if (!kernel->compare || !answer_has_shape(expected, got))
        return false;
    answer_view(expected, wanted);
    answer_view(got, found);
    return kernel->compare(worker->state, wanted, found, got->count, mismatch) == 0;
}

/* The kernel's text may be another after a run. `name`: of an output's size. */
static void name_mismatch(struct cs_mismatch *mismatch, char *name) {
    snprintf(name, sizeof((struct answer *)NULL)->outputs[0].name, "%s",
             mismatch->output ? mismatch->output : "output");
    mismatch->output = name;
}

/*
 * Whether the arm's answer follows from what was in its outputs before: the same over the same poison, another over
 * another. 1, 0 (not, or the arm became invalid), or -errno of the harness.
 */
static int follows_from_poison(struct worker *worker, size_t arm) {
    static const unsigned salts[] = {0, 0, 1};
    struct answer answers[3] = {{.count = 0}};
    struct cs_mismatch mismatch = {0};
    int status = 1;
    for (size_t i = 0; i < 3 && status > 0; i++)
        status = run_over(worker, arm, worker->poison + salts[i], false, &answers[i]);
    if (status > 0)
        status = is_equal(worker, &answers[0], &answers[1], &mismatch) &&
                 !is_equal(worker, &answers[0], &answers[2], &mismatch);
    for (size_t i = 0; i < 3; i++)
        answer_clear(&answers[i]);
    return status;
}

/* Whether there is a way out of a difference that the kernel has no advice for. 0 or -errno of the harness. */
static int find_from_before(struct worker *worker, size_t arm, const struct cs_mismatch *mismatch,
                            struct arm_answer *answer) {
    int status = mismatch->advice[0] ? 0 : follows_from_poison(worker, arm);
    answer->from_before = status > 0;
    return status < 0 ? status : 0;
}

/*
 * Whether the arm, run again on the same input, gives another answer than it did; *answer is that. 1: yes,
 * and it became invalid, or became so for another reason; 0: no; -errno: harness failure.
 */
static int is_unsteady(struct worker *worker, size_t arm, const struct answer *answer) {
    struct cs_mismatch mismatch = {0};
    char name[sizeof answer->outputs[0].name];
    for (int tries = 0; tries < AGAIN; tries++) {
        struct answer again = {0};
        int status = run_poisoned(worker, arm, &again);
        if (status <= 0)
            return status == 0 ? 1 : status;
        bool same = is_equal(worker, answer, &again, &mismatch);
        answer_clear(&again);
        if (same)
            continue;
        name_mismatch(&mismatch, name);
        struct arm_why why = {.cause = CAUSE_ANOTHER_ANSWER};
        status = find_from_before(worker, arm, &mismatch, &why.answer);
        report_mismatch(worker, arm, &why, &mismatch);
        return status ? status : 1;
    }
    return 0;
}

/* A wrong answer that is not the same twice is no wrong algorithm: it is told as what it is, of whichever. */
static int refuse_answer(struct worker *worker, size_t arm, const struct answer *answer,
                         const struct answer *baseline, const struct cs_mismatch *mismatch) {
    struct cs_mismatch kept = *mismatch;
    struct arm_why why = {.cause = CAUSE_WRONG_ANSWER,
                          .answer = {.by_check = !baseline, .among_timed = is_spot(worker)}};
    char name[sizeof answer->outputs[0].name];
    name_mismatch(&kept, name);
    /* Among the timed runs other elements are overwritten each time: only whose fault it is is asked. */
    int status = is_spot(worker) && baseline ? 0 : is_unsteady(worker, arm, answer);
    if (status == 0 && baseline)
        status = is_unsteady(worker, 0, baseline);
    if (status == 0)
        status = find_from_before(worker, arm, &kept, &why.answer);
    if (status == 0)
        report_mismatch(worker, arm, &why, &kept);
    return status < 0 ? status : 0;
}

/*
 * Compares an answer with the baseline's, if that is there already and it is not the baseline's itself. The
 * answer is done with then. 0 or -errno of the harness.
 */
static int compare_answer(struct worker *worker, size_t arm, struct answer answers[]) {
    struct cs_mismatch mismatch = {0};
    int status = 0;
    if (arm == 0 || worker->report->arms[arm].invalid)
        return 0;
    if (!is_equal(worker, &answers[0], &answers[arm], &mismatch))
        status = refuse_answer(worker, arm, &answers[arm], &answers[0], &mismatch);
    answer_clear(&answers[arm]);
    return status;
}

/* Runs one arm, keeps its answer, and hands it to the kernel's own check while the state still holds it. */
static int run_and_check(struct worker *worker, size_t arm, struct answer *answer) {
    const struct cs_kernel *kernel = worker->module.kernel;
    struct cs_mismatch mismatch = {0};
    int status = run_poisoned(worker, arm, answer);
    if (status <= 0 || !kernel->check || is_spot(worker)) /* it may take long */
        return status < 0 ? status : 0;
    int found = kernel->check(worker->state, worker->job->arms[arm].variant, &mismatch);
    worker_end_child(worker);
    found = mismatch.output && found != CS_WRONG && kernel->abi >= 3 ? CS_WRONG : found; /* of cs_expect */
    worker->report->arms[arm].checked = found == 0;
    return found && found != CS_UNCHECKED ? refuse_answer(worker, arm, answer, NULL, &mismatch) : 0;
}

int worker_spot_check(struct worker *worker) {
    size_t before = worker->live_count;
    worker_refuse_idle(worker); /* the reset that follows could wake it up */
    int status = worker->live_count == before ? worker_verify(worker, PHASE_TIME) : 0;
    if (status == 0 && worker->live_count == before)
        worker_refuse_memory(worker);
    if (worker->live_count != before) {
        worker->report->repeat = true;
        worker->report->rounds = 0;
    }
    return status;
}

void worker_check_timed(struct worker *worker) {
    size_t arms[SCHEDULE_MAX_ARMS], count = worker->live_count;
    struct cs_output outputs[CS_MAX_OUTPUTS];
    size_t output_count;
    memcpy(arms, worker->live, sizeof arms);
    for (size_t i = 0; i < count; i++) {
        worker_announce(worker, PHASE_VERIFY_AGAIN, (int)arms[i]);
        worker_outputs(worker, arms[i], outputs, &output_count);
    }
}

/* Whether the baseline is wrong, or an arm spoilt the process for the others. */
static bool is_over(const struct worker *worker) {
    return worker->report->arms[0].invalid || worker->report->repeat;
}

/*
 * In random order, the baseline anywhere in it: who comes first finds another heap and colder caches than who
 * follows, in every process alike if the order were the same. Answers are kept until the baseline's is there.
 */
int worker_verify(struct worker *worker, enum worker_phase phase) {
    struct answer answers[SCHEDULE_MAX_ARMS] = {{.count = 0}};
    size_t arms[SCHEDULE_MAX_ARMS], count = worker_draw_order(worker, phase, arms);
    bool baseline = false;
    int status = 0;
    for (size_t i = 0; i < count && status == 0 && !is_over(worker); i++) {
        worker_announce(worker, phase, (int)arms[i]);
        status = run_and_check(worker, arms[i], &answers[arms[i]]);
        baseline |= arms[i] == 0;
        for (size_t j = arms[i] == 0 ? 0 : i; baseline && j <= i && status == 0 && !is_over(worker); j++)
            status = compare_answer(worker, arms[j], answers);
    }
    for (size_t arm = 0; arm < SCHEDULE_MAX_ARMS; arm++)
        answer_clear(&answers[arm]);
    worker_announce(worker, phase, -1);
    return status;
}
