#include "commands/command_output.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXCERPT 32
#define TAIL 1024

static int read_all(int file, struct command_output *output, size_t size) {
    output->bytes = malloc(size + 1);
    if (!output->bytes)
        return -ENOMEM;
    while (output->size < size) {
        ssize_t got = pread(file, output->bytes + output->size, size - output->size, (off_t)output->size);
        if (got < 0 && errno != EINTR)
            return -errno;
        if (got == 0)
            break;
        output->size += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

int output_take(int file, struct command_output *output) {
    struct stat facts;
    output_clear(output);
    if (fstat(file, &facts) != 0)
        return -errno;
    int status = facts.st_size > 0 ? read_all(file, output, (size_t)facts.st_size) : 0;
    if (ftruncate(file, 0) != 0 || lseek(file, 0, SEEK_SET) != 0)
        return -errno;
    return status;
}

void output_clear(struct command_output *output) {
    free(output->bytes);
    *output = (struct command_output){0};
}

/* What stands at a place, to the end of its line; bytes that are no text as \xNN. */
static void excerpt(const struct command_output *view, size_t at, char *text, size_t size) {
    size_t length = 0;
    if (at >= view->size) {
        snprintf(text, size, "the end");
        return;
    }
    if (view->bytes[at] == '\n') {
        snprintf(text, size, "the end of the line");
        return;
    }
    length += (size_t)snprintf(text, size, "'");
    for (size_t i = at; i < view->size && i < at + EXCERPT && view->bytes[i] != '\n' && length + 8 < size;
         i++) {
        unsigned char byte = (unsigned char)view->bytes[i];
        length += (size_t)snprintf(text + length, size - length,
                                   byte < 0x20 || byte > 0x7e ? "\\x%02x" : "%c", byte);
    }
    snprintf(text + length, size - length, "'");
}

static size_t first_difference(const struct command_output *one, const struct command_output *other) {
    size_t common = one->size < other->size ? one->size : other->size, at = 0;
    while (at < common && one->bytes[at] == other->bytes[at])
        at++;
    return at;
}

static void describe(const struct command_output *expected, const struct command_output *other, char *text,
                     size_t size) {
    char got[4 * EXCERPT + 16], wanted[4 * EXCERPT + 16];
    size_t at = first_difference(expected, other), line = 1, column = 1;
    for (size_t i = 0; i < at; i++) {
        bool ends = expected->bytes[i] == '\n';
        line += ends;
        column = ends ? 1 : column + 1;
    }
    excerpt(other, at, got, sizeof got);
    excerpt(expected, at, wanted, sizeof wanted);
    snprintf(text, size, "line %zu, byte %zu: got %s, expected %s", line, column, got, wanted);
}

int output_compare(const struct command_output *expected, const struct command_output *other, char *text,
                   size_t size) {
    if (expected->size == other->size &&
        (!other->size || !memcmp(expected->bytes, other->bytes, other->size)))
        return 0;
    describe(expected, other, text, size);
    return 1;
}

void output_last_line(const struct command_output *output, char *text, size_t size) {
    size_t end = output->size, start;
    while (end > 0 && (unsigned char)output->bytes[end - 1] <= ' ')
        end--;
    for (start = end; start > 0 && end - start < TAIL && output->bytes[start - 1] != '\n';)
        start--;
    snprintf(text, size, "%.*s", (int)(end - start), output->bytes ? output->bytes + start : "");
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e)
            *c = '?';
}
