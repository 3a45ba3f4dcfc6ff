#include "string-building.h"

#include <stdlib.h>

/* Text that grows: nobody has to know how long it will be. */
struct buffer {
    char *text;
    size_t length, capacity;
};

#define FIRST_CAPACITY 64

/* Twice as much as there is, or as is needed. Without memory the run ends here, and verification tells. */
static int grow(struct strings *strings, struct buffer *buffer, size_t needed) {
    size_t capacity = buffer->capacity ? 2 * buffer->capacity : FIRST_CAPACITY;
    while (capacity < needed)
        capacity *= 2;
    char *text = realloc(buffer->text, capacity);
    strings->allocations++;
    if (!text)
        return 0;
    buffer->text = text;
    buffer->capacity = capacity;
    return 1;
}

static int append(struct strings *strings, struct buffer *buffer, const char *piece) {
    size_t length = strlen(piece);
    if (buffer->length + length >= buffer->capacity && !grow(strings, buffer, buffer->length + length + 1))
        return 0;
    memcpy(buffer->text + buffer->length, piece, length);
    buffer->length += length;
    return 1;
}

static void build(struct strings *strings, const char *const *pieces, char *handed) {
    struct buffer buffer = {0};
    for (size_t i = 0; i < strings->n && append(strings, &buffer, pieces[i]); i++)
        ;
    if (buffer.text) {
        buffer.text[buffer.length] = 0;
        memcpy(handed, buffer.text, buffer.length + 1);
    }
    free(buffer.text);
}

void run_doubling(void *state) {
    strings_run(state, build);
}
