/* What both variants do with the text once they have it. */
#include "word-count.h"

#include <unistd.h>

int word_count_read(const struct word_count *input, unsigned char *to, size_t size, size_t offset) {
    while (size) {
        ssize_t got = pread(input->descriptor, to, size, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got ? -errno : -EIO;
        to += got;
        size -= (size_t)got;
        offset += (size_t)got;
    }
    return 0;
}

#define FEW 128 /* of which a byte can hold the count, so that a vector holds many counts */

uint64_t word_count_starts(const unsigned char *text, size_t size) {
    uint64_t words = 0;
    for (size_t i = 0; i < size;) {
        size_t end = size - i < FEW ? size : i + FEW;
        unsigned char few = 0;
        for (; i < end; i++)
            few = (unsigned char)(few + ((text[i] > ' ') & (text[i - 1] <= ' ')));
        words += few;
    }
    return words;
}
