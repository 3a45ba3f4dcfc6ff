/* Reading a recorded text in a test. */
#ifndef TESTS_HOST_RECORDED_H
#define TESTS_HOST_RECORDED_H

#include "host/text_file.h"

/* Whole text of tests/data/host/NAME, to be freed. Fails the test where it cannot be read. */
static inline char *recorded(const char *name) {
    char path[512], *text;
    snprintf(path, sizeof path, "%s/host/%s", TEST_DATA, name);
    if (text_file_read(path, &text))
        fail_msg("%s cannot be read", path);
    return text;
}

#endif
