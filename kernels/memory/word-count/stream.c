#include "word-count.h"

int prepare_stream(const struct cs_env *env, void *state) {
    struct word_count *input = state;
    input->buffer = cs_array(env, "buffer", input->chunk + 1, unsigned char);
    return 0;
}

void run_stream(void *state) {
    struct word_count *input = state;
    unsigned char *text = input->buffer + 1;
    uint64_t words = 0;
    text[-1] = ' ';
    input->error = 0;
    for (size_t done = 0; done < input->size && input->error == 0;) {
        size_t size = input->size - done < input->chunk ? input->size - done : input->chunk;
        input->error = word_count_read(input, text, size, done);
        words += word_count_starts(text, size);
        text[-1] = text[size - 1]; /* a word may go on in the next chunk */
        done += size;
    }
    input->words = words;
}
