#include "peer.h"
#include "text-scan.h"

#include <hs/hs.h>

struct scanner {
    hs_database_t *database;
    hs_scratch_t *scratch;
};

static int prepare(const struct cs_env *env, void *state) {
    struct scanner *scanner = peer_state(state);
    hs_compile_error_t *error = NULL;
    if (hs_compile("\\n", 0, HS_MODE_BLOCK, NULL, &scanner->database, &error) != HS_SUCCESS) {
        int status = cs_fail(env, ENOTSUP, "Hyperscan: %s", error->message);
        hs_free_compile_error(error);
        return status;
    }
    if (hs_alloc_scratch(scanner->database, &scanner->scratch) != HS_SUCCESS) {
        hs_free_database(scanner->database);
        return cs_fail(env, ENOMEM, "Hyperscan: no memory");
    }
    return 0;
}

static void release(void *state) {
    struct scanner *scanner = peer_state(state);
    hs_free_scratch(scanner->scratch);
    hs_free_database(scanner->database);
}

/* Where a match ends is one behind the byte. */
static int note(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context) {
    (void)id, (void)from, (void)flags;
    uint32_t **answer = context;
    *(*answer)++ = (uint32_t)(to - 1);
    return 0;
}

static int add(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context) {
    (void)id, (void)from, (void)to, (void)flags;
    ++*(uint32_t *)context;
    return 0;
}

/* The lines of a run are found in one scan, as one would with it; the blocks are counted one by one. */
static void run(void *state) {
    struct text *text = state;
    const struct scanner *scanner = peer_state(state);
    const char *window = (const char *)text_take_window(text);
    if (text->task == TASK_FIND) {
        uint32_t *answer = text->answers;
        hs_scan(scanner->database, window, (unsigned)text->window_bytes, 0, scanner->scratch, note, &answer);
        return;
    }
    for (size_t i = 0; i < text->pieces; i++) {
        text->answers[i] = 0;
        hs_scan(scanner->database, window + i * text->block, (unsigned)text->block, 0, scanner->scratch, add,
                &text->answers[i]);
    }
}

PEER(hyperscan) = {.name = "hyperscan",
                   .run = run,
                   .summary = "hs_scan for the byte",
                   .prepare = prepare,
                   .release = release};
