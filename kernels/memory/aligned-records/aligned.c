#include "aligned-records.h"

void run_aligned(void *state) {
    struct aligned_records *all = state;
    aligned_records_read(all, all->lines);
}
