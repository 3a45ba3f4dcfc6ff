/* State of the word-count kernel: a file in memory, and how many words are in it. */
#ifndef WORD_COUNT_H
#define WORD_COUNT_H

#include <countersign.h>

#include <sys/types.h>

/** Everything a run reads. */
struct word_count {
    int descriptor;        /**< of the file */
    size_t size;           /**< its bytes */
    size_t chunk;          /**< stream: bytes a read */
    unsigned char *buffer; /**< stream: room for a chunk and the byte before it */
    uint64_t words;        /**< the answer */
    uint64_t expected;     /**< counted while the text was made, for check */
    int error;             /**< 0, or why a run gave up, as -errno */
};

/** pread(2) of `size` bytes at `offset`, in as many calls as it takes. Returns 0, -errno, or -EIO at the file's end. */
int word_count_read(const struct word_count *input, unsigned char *to, size_t size, size_t offset);

/** Words that start in `text`, of `size` bytes; text[-1] is the byte before it, or a blank. */
uint64_t word_count_starts(const unsigned char *text, size_t size);

void run_load_all(void *state);
void run_stream(void *state);
int prepare_stream(const struct cs_env *env, void *state);

#endif
