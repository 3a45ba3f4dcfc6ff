#include "stats/schedule.h"

static void make_block(struct schedule *schedule) {
    size_t arms = schedule->arms;
    uint32_t label[SCHEDULE_MAX_ARMS], shift[SCHEDULE_MAX_ARMS];
    for (size_t i = 0; i < arms; i++)
        label[i] = shift[i] = (uint32_t)i;
    cs_random_shuffle(&schedule->random, label, arms);
    cs_random_shuffle(&schedule->random, shift, arms);
    for (size_t row = 0; row < arms; row++)
        for (size_t position = 0; position < arms; position++)
            schedule->block[row][position] = label[(position + shift[row]) % arms];
    schedule->next = 0;
}

void schedule_start(struct schedule *schedule, uint64_t seed, size_t arms) {
    schedule->random = cs_random_seed(seed);
    schedule->arms = arms;
    schedule->next = arms;
}

const uint32_t *schedule_next(struct schedule *schedule) {
    if (schedule->next == schedule->arms)
        make_block(schedule);
    return schedule->block[schedule->next++];
}
