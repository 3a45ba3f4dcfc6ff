/* A block is asked for, waited for and taken before the next one. */
#include "async-io.h"

void run_pread(void *state) {
    struct reads *reads = state;
    const uint32_t *blocks = take_blocks(reads);
    for (size_t i = 0; i < reads->count && reads->error == 0; i++) {
        uint64_t begun = cs_begin(reads->recorder);
        reads->in_flight++;
        take_block(reads, i, reads->buffers, read_block(reads, blocks[i], reads->buffers));
        cs_end(reads->recorder, begun);
    }
}
