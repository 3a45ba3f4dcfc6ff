#include "aligned-records.h"

/* Where an allocator that knows nothing of lines may put the first: 16 bytes behind a line is malloc's usual place. */
void run_shifted(void *state) {
    struct aligned_records *all = state;
    aligned_records_read(all, all->lines + all->offset);
}
