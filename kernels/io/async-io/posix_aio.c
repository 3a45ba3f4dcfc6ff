/* POSIX's aio_read, as glibc has it: requests of one descriptor are handed to one thread, which reads one after the other. */
#define _GNU_SOURCE /* aio_init */
#include "async-io.h"

#include <aio.h>

struct posix_aio {
    struct aiocb *requests;
    const struct aiocb **pending; /* what aio_suspend waits for: NULL where a slot has no request */
    struct slot *slots;
};

/* 0 or -errno. */
static int begin_read(struct reads *reads, size_t slot, uint32_t block) {
    struct aiocb *request = &reads->posix_aio->requests[slot];
    *request = (struct aiocb){.aio_fildes = reads->descriptor,
                              .aio_buf = buffer_of(reads, slot),
                              .aio_nbytes = reads->block,
                              .aio_offset = offset_of(reads, block),
                              .aio_sigevent = {.sigev_notify = SIGEV_NONE}};
    return aio_read(request) == 0 ? 0 : -errno;
}

/* Takes what has come; how much. */
static size_t take_completed(struct reads *reads) {
    struct posix_aio *aio = reads->posix_aio;
    size_t taken = 0;
    for (size_t i = 0; i < reads->depth; i++) {
        int error = aio->pending[i] ? aio_error(&aio->requests[i]) : EINPROGRESS;
        if (error == EINPROGRESS)
            continue;
        ssize_t got = aio_return(&aio->requests[i]);
        take_block(reads, aio->slots[i].item, buffer_of(reads, i), error ? -error : got);
        cs_end(reads->recorder, aio->slots[i].begun);
        aio->pending[i] = NULL;
        taken++;
    }
    return taken;
}

static size_t fill_slots(struct reads *reads, const uint32_t *blocks, size_t begun, size_t flying) {
    struct posix_aio *aio = reads->posix_aio;
    for (size_t i = 0; i < reads->depth && begun < reads->count && reads->error == 0; i++) {
        if (aio->pending[i])
            continue;
        aio->slots[i] = (struct slot){begun, cs_begin(reads->recorder)};
        int status = begin_read(reads, i, blocks[begun]);
        if (status) {
            reads->error = status;
            break;
        }
        aio->pending[i] = &aio->requests[i];
        begun++;
        reads->in_flight += ++flying;
    }
    return begun;
}

void run_posix_aio(void *state) {
    struct reads *reads = state;
    const uint32_t *blocks = take_blocks(reads);
    size_t begun = 0, taken = 0;
    while ((begun < reads->count && reads->error == 0) || taken < begun) {
        begun = fill_slots(reads, blocks, begun, begun - taken);
        if (taken < begun && aio_suspend(reads->posix_aio->pending, (int)reads->depth, NULL) < 0 &&
            errno != EINTR)
            reads->error = -errno;
        taken += take_completed(reads);
    }
}

/* glibc's thread begins with the first request, and stays: one that a run started would be a change that it leaves. */
int prepare_posix_aio(const struct cs_env *env, void *state) {
    struct reads *reads = state;
    struct posix_aio *aio = reads->posix_aio = cs_array(env, "state of aio", 1, struct posix_aio);
    aio->requests = cs_array(env, "requests", reads->depth, struct aiocb);
    aio->pending = cs_array(env, "requests in flight", reads->depth, const struct aiocb *);
    aio->slots = cs_array(env, "items in flight", reads->depth, struct slot);
    aio_init(&(struct aioinit){.aio_threads = 1, .aio_num = (int)reads->depth, .aio_idle_time = 3600});
    int status = begin_read(reads, 0, 0);
    const struct aiocb *first = &aio->requests[0];
    while (status == 0 && aio_error(first) == EINPROGRESS)
        aio_suspend(&first, 1, NULL);
    if (status == 0 && aio_return(&aio->requests[0]) < 0)
        status = -aio_error(first);
    return status ? cs_fail(env, -status, "cannot read by aio_read: %s", strerror(-status)) : 0;
}
