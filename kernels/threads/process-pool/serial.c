#include "process-pool.h"

void run_serial(void *state) {
    struct job *job = state;
    do_items(job, 0, job->n);
}
