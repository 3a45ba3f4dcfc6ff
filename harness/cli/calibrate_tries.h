/* The comparisons of `calibrate`: which there are, how long they take, and running them. */
#ifndef CLI_CALIBRATE_TRIES_H
#define CLI_CALIBRATE_TRIES_H

#include "cli/calibrate_kinds.h"
#include "cli/cli.h"
#include "measure/runner.h"
#include "store/calibration.h"

/** The kernels that are tried: sizes of planted work, and the same work in other surroundings. */
enum calibrate_kernel { CALIBRATE_PLANTED, CALIBRATE_TWINS, CALIBRATE_KERNELS };

/** What runs tries; calibrate_tries_open fills it. */
struct calibrate_tries {
    struct supervisor *supervisor; /**< borrowed */
    /** Borrowed: kinds, sizes, numbers of tries and settings: the request. */
    struct calibration *calibration;
    struct plan_case *kernels; /**< by enum calibrate_kernel */
    struct plan plan;          /**< of one case and point, changed from try to try */
    double startup_s;          /**< of a process, as measured once */
    bool quiet;                /**< no progress; set after opening */
};

/**
 * Describes the kernels in the folder `kernels` and decides which of the kinds asked for can be tried here:
 * those that cannot get their reason in calibration.kinds[].skipped. Sets calibration.l2_bytes and
 * dram_bytes. Returns 0 or -errno with the problem. Close with calibrate_tries_close in any case.
 */
int calibrate_tries_open(struct calibrate_tries *tries, struct supervisor *supervisor, const char *kernels,
                         struct calibration *calibration, struct problem *problem);
void calibrate_tries_close(struct calibrate_tries *tries);

/** Comparisons of a whole calibration, at the most, and about how long they take. */
size_t calibrate_tries_count(const struct calibrate_tries *tries);
double calibrate_tries_seconds(const struct calibrate_tries *tries);

/**
 * Runs all of them, every pair once before any is repeated, each time in another random order; where
 * identical code has another number of tries, they are spread evenly. So a calibration that is cut short has
 * tried all of them about as often as they were to be. Adds each to the calibration as it is
 * complete. Where calibration.until_settled is set, leaves out what is settled before each pass over the
 * pairs. Ends early when supervisor->interrupted is set: calibration.complete is false then. Returns 0, or
 * -errno where the harness itself failed.
 */
int calibrate_tries_run(struct calibrate_tries *tries, struct problem *problem);

#endif
