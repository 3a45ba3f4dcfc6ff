/* State of the object-pool kernel: requests that take objects, use them and give them back, the oldest first. */
#ifndef OBJECT_POOL_H
#define OBJECT_POOL_H

#include <countersign.h>

/** Of a thread, which serves one request a run. Its objects never reach another thread. */
struct worker {
    uint64_t **ring; /**< objects in use, the oldest of them next to go */
    uint64_t digest; /**< the answer: of all objects, in the order in which they were given back */

    /** Of `arena`: all that a request takes, and how many bytes of it are taken. */
    char *arena;
    size_t arena_taken;

    /** Of `freelist`: a block, how many bytes of it were ever taken, and objects that were given back, linked. */
    char *pool;
    size_t pool_taken;
    uint64_t *free;
} __attribute__((aligned(CS_LINE)));

struct objects {
    size_t n;     /**< objects of a request */
    size_t live;  /**< of these in use at the same time, n at the most */
    size_t words; /**< of an object, 8 bytes each, two at the least and even, as malloc aligns to 16 bytes */
    uint64_t *keys;   /**< n for each worker */
    unsigned threads; /**< workers */
    struct worker *workers;
};

/** An object that is not in use, of objects->words words. */
typedef uint64_t *take_object(const struct objects *objects, struct worker *worker);
typedef void give_object(struct worker *worker, uint64_t *object);
typedef void serve_request(const struct objects *objects, struct worker *worker);

/** Uses an object for the last time. */
static inline uint64_t add_object(uint64_t digest, const uint64_t *object, size_t words) {
    return digest * 3 + (object[0] ^ object[words - 1]);
}

/** A request: each object is written whole, read when `live` more were taken, and given back. */
__attribute__((always_inline)) static inline void serve(const struct objects *objects, struct worker *worker,
                                                        take_object *take, give_object *give) {
    size_t n = objects->n, live = objects->live, words = objects->words, slot = 0;
    const uint64_t *keys = objects->keys + (size_t)(worker - objects->workers) * n;
    uint64_t **ring = worker->ring, digest = 0;
    for (size_t i = 0; i < n + live; i++) {
        if (i >= live) {
            digest = add_object(digest, ring[slot], words);
            give(worker, ring[slot]);
        }
        if (i < n) {
            uint64_t *object = ring[slot] = take(objects, worker), key = keys[i];
            for (size_t word = 0; word < words; word++)
                object[word] = key + word;
        }
        slot = slot + 1 < live ? slot + 1 : 0;
    }
    worker->digest = digest;
}

/** A request by each worker, all at once. */
void serve_all(struct objects *objects, serve_request *serve_one);

void run_malloc(void *state);
int prepare_arena(const struct cs_env *env, void *state);
void run_arena(void *state);
int prepare_freelist(const struct cs_env *env, void *state);
void run_freelist(void *state);

#endif
