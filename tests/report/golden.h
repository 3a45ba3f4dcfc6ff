/* Reports into memory, and golden files: tests/data/report/NAME; UPDATE_GOLDEN=1 in the environment rewrites
 * them. */
#ifndef TEST_GOLDEN_H
#define TEST_GOLDEN_H

#include "report/report.h"
#include "report/style.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Opens a stream into memory: report into it, then capture_end. */
struct capture {
    FILE *stream;
    char *data;
    size_t size;
};

static inline FILE *capture_start(struct capture *capture) {
    *capture = (struct capture){0};
    capture->stream = open_memstream(&capture->data, &capture->size);
    assert_non_null(capture->stream);
    return capture->stream;
}

/* What was written; the caller frees it. */
static inline char *capture_end(struct capture *capture) {
    assert_int_equal(fclose(capture->stream), 0);
    return capture->data;
}

static inline char *read_golden(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    char *content = calloc(1, 1 << 20);
    assert_non_null(content);
    size_t length = fread(content, 1, (1 << 20) - 1, file);
    content[length] = '\0';
    fclose(file);
    return content;
}

static inline void assert_golden(const char *text, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, TEST_DATA "/report/%s", name);
    if (getenv("UPDATE_GOLDEN")) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(fputs(text, file) < 0, 0);
        assert_int_equal(fclose(file), 0);
        return;
    }
    char *expected = read_golden(path);
    if (!expected)
        fail_msg("%s is missing; UPDATE_GOLDEN=1 makes it", path);
    assert_string_equal(text, expected);
    free(expected);
}

/* No line wider than `width`, none with blanks at its end. */
static inline void assert_lines_fit(const char *text, size_t width) {
    char *copy = strdup(text);
    assert_non_null(copy);
    for (char *line = copy, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        assert_non_null(end);
        *end = '\0';
        if (style_width(line) > width)
            fail_msg("%zu columns, at most %zu: %s", style_width(line), width, line);
        if (end > line && end[-1] == ' ')
            fail_msg("blanks at the end of: %s|", line);
    }
    free(copy);
}

/* Only ASCII, no control characters but the line feed. */
static inline void assert_plain_ascii(const char *text) {
    for (; *text; text++)
        if (*text != '\n' && (*text < 0x20 || *text > 0x7e))
            fail_msg("not plain ASCII: %.40s", text);
}

#endif
