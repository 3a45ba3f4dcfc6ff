/* Do two variants give the same answer? Poisoning, copying and comparing outputs. */
#ifndef WORKER_VERIFY_H
#define WORKER_VERIFY_H

#include "countersign.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** An answer copied out of a kernel's outputs, element after element. */
struct answer {
    struct {
        char name[48];
        enum cs_type type;
        size_t count;
        unsigned char *data;
    } outputs[CS_MAX_OUTPUTS];
    size_t count;
    void *memory; /**< of all of them; NULL: none */
    size_t bytes; /**< there */
};

/** Bytes of one element. */
size_t output_element_size(enum cs_type type);

/** Overwrites every element with a pattern that no right answer is likely to be; `salt` tells arms apart. */
void output_poison(const struct cs_output *outputs, size_t count, unsigned salt);

/**
 * Overwrites 1 to 16 elements of each output, drawn from `seed`, with other bits, also drawn; `touch`: writes
 * the same elements as they are. Who looks at some elements only, before a run, sees neither.
 */
void output_spoil(const struct cs_output *outputs, size_t count, uint64_t seed, bool touch);

/**
 * Copies outputs into an answer (freed by answer_clear). 0, -ENOMEM, or -EINVAL for an output with no data.
 */
int answer_copy(struct answer *answer, const struct cs_output *outputs, size_t count);

void answer_clear(struct answer *answer);

/**
 * Whether two answers are the same: outputs, counts and types agree, and every element is bit-equal, or, for
 * floating-point elements and a tolerance above 0, |a - b| <= tolerance * max(|a|, |b|). Fills *mismatch with
 * the first difference.
 */
bool answer_equal(const struct answer *expected, const struct answer *got, double tolerance,
                  struct cs_mismatch *mismatch);

/** The answer as outputs of one element behind the other, answer->count of them. */
void answer_view(const struct answer *answer, struct cs_output *outputs);

/** Whether two answers have the same outputs, of the same types and numbers of elements. */
bool answer_has_shape(const struct answer *expected, const struct answer *got);

#endif
