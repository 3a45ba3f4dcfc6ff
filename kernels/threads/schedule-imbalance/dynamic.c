#include "schedule-imbalance.h"

void run_dynamic(void *state) {
    struct loop *loop = state;
#pragma omp parallel num_threads(loop->threads) firstprivate(loop)
    {
        uint64_t steps = 0;
#pragma omp for schedule(dynamic, 1) nowait
        for (size_t item = 0; item < loop->n; item++)
            steps += do_item(loop, item);
        loop->own[omp_get_thread_num()].steps = steps;
    }
    count_steps(loop);
}
