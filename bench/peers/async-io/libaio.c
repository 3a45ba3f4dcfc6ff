/* Linux's older asynchronous reads, by libaio: a call hands requests in, and another one takes what has come. */
#include "async-io.h"
#include "peer.h"

#include <libaio.h>

struct reader {
    io_context_t context;
    struct iocb *requests, **ready;
    struct io_event *events;
    struct slot *slots;
    unsigned *free;
    size_t free_count;
};
_Static_assert(sizeof(struct reader) <= PEER_STATE, "no room for the reader");

static int prepare(const struct cs_env *env, void *state) {
    struct reads *reads = state;
    struct reader *reader = peer_state(state);
    reader->requests = cs_array(env, "requests", reads->depth, struct iocb);
    reader->ready = cs_array(env, "requests to hand in", reads->depth, struct iocb *);
    reader->events = cs_array(env, "events", reads->depth, struct io_event);
    reader->slots = cs_array(env, "slots", reads->depth, struct slot);
    reader->free = cs_array(env, "free slots", reads->depth, unsigned);
    for (; reader->free_count < reads->depth; reader->free_count++)
        reader->free[reader->free_count] = (unsigned)reader->free_count;
    int status = io_setup((int)reads->depth, &reader->context);
    return status < 0 ? cs_fail(env, -status, "cannot have %zu requests in flight by libaio", reads->depth)
                      : 0;
}

static void release(void *state) {
    struct reader *reader = peer_state(state);
    io_destroy(reader->context);
}

static struct iocb *make_request(struct reads *reads, struct reader *reader, size_t item, uint32_t block) {
    unsigned slot = reader->free[--reader->free_count];
    struct iocb *request = &reader->requests[slot];
    io_prep_pread(request, reads->descriptor, buffer_of(reads, slot), reads->block, offset_of(reads, block));
    request->data = (void *)(uintptr_t)slot;
    reads->in_flight += reads->depth - reader->free_count;
    reader->slots[slot] = (struct slot){item, cs_begin(reads->recorder)};
    return request;
}

/* Waits for the first to come, and takes all that have. */
static void take_events(struct reads *reads, struct reader *reader) {
    int count = io_getevents(reader->context, 1, (long)reads->depth, reader->events, NULL);
    if (count < 0 && count != -EINTR)
        reads->error = count;
    for (int i = 0; i < count; i++) {
        unsigned slot = (unsigned)(uintptr_t)reader->events[i].data;
        take_block(reads, reader->slots[slot].item, buffer_of(reads, slot), (ssize_t)reader->events[i].res);
        cs_end(reads->recorder, reader->slots[slot].begun);
        reader->free[reader->free_count++] = slot;
    }
}

/* Hands all in, in as many calls as that takes; what is refused is an error, and never in flight. */
static void hand_in(struct reads *reads, struct reader *reader, size_t count) {
    for (size_t done = 0; done < count;) {
        int taken = io_submit(reader->context, (long)(count - done), reader->ready + done);
        if (taken > 0) {
            done += (size_t)taken;
            continue;
        }
        reads->error = taken < 0 ? taken : -EAGAIN;
        for (; done < count; done++)
            reader->free[reader->free_count++] = (unsigned)(uintptr_t)reader->ready[done]->data;
    }
}

static void run(void *state) {
    struct reads *reads = state;
    struct reader *reader = peer_state(state);
    const uint32_t *blocks = take_blocks(reads);
    size_t begun = 0;
    while ((begun < reads->count && reads->error == 0) || reader->free_count < reads->depth) {
        size_t count = 0;
        for (; begun < reads->count && reads->error == 0 && reader->free_count; begun++)
            reader->ready[count++] = make_request(reads, reader, begun, blocks[begun]);
        hand_in(reads, reader, count);
        if (reader->free_count < reads->depth)
            take_events(reads, reader);
    }
}

PEER(libaio) = {.name = "libaio",
                .prepare = prepare,
                .release = release,
                .run = run,
                .flags = CS_IO,
                .summary = "io_submit and io_getevents"};
