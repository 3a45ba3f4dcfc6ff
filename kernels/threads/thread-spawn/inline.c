#include "thread-spawn.h"

void run_inline(void *state) {
    struct batch *batch = state;
    for (size_t i = 0; i < batch->count; i++)
        do_task(&batch->tasks[i]);
}
