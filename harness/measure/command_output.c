#include "measure/command_output.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define EXCERPT 32
#define TAIL 1024

struct view {
    const char *bytes;
    size_t size;
};

static int view_open(int file, struct view *view) {
    struct stat facts;
    *view = (struct view){.bytes = ""};
    if (fstat(file, &facts) != 0)
        return -errno;
    if (facts.st_size == 0)
        return 0;
    void *bytes = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_SHARED, file, 0);
    if (bytes == MAP_FAILED)
        return -errno;
    *view = (struct view){bytes, (size_t)facts.st_size};
    return 0;
}

static void view_close(struct view *view) {
    if (view->size)
        munmap((void *)view->bytes, view->size);
}

/* What stands at a place, to the end of its line; bytes that are no text as \xNN. */
static void excerpt(const struct view *view, size_t at, char *text, size_t size) {
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

static size_t first_difference(const struct view *one, const struct view *other) {
    size_t common = one->size < other->size ? one->size : other->size, at = 0;
    while (at < common && one->bytes[at] == other->bytes[at])
        at++;
    return at;
}

static void describe(const struct view *expected, const struct view *other, char *text, size_t size) {
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

int output_compare(int expected, int other, char *text, size_t size) {
    struct view one, two;
    int status = view_open(expected, &one);
    if (status)
        return status;
    status = view_open(other, &two);
    if (status == 0 && (one.size != two.size || memcmp(one.bytes, two.bytes, one.size) != 0)) {
        describe(&one, &two, text, size);
        status = 1;
    }
    view_close(&one);
    view_close(&two);
    return status;
}

void output_last_line(int file, char *text, size_t size) {
    struct view view;
    text[0] = '\0';
    if (view_open(file, &view))
        return;
    size_t end = view.size, start;
    while (end > 0 && (unsigned char)view.bytes[end - 1] <= ' ')
        end--;
    for (start = end; start > 0 && end - start < TAIL && view.bytes[start - 1] != '\n';)
        start--;
    snprintf(text, size, "%.*s", (int)(end - start), view.bytes + start);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e)
            *c = '?';
    view_close(&view);
}
