/* A folder of a test's own, below /var/tmp, for as long as its group runs. */
#ifndef TEST_BASE_H
#define TEST_BASE_H

#include <stdlib.h>
#include <unistd.h>

static char base[] = "/var/tmp/countersign-test-XXXXXX";

static int make_base(void **state) {
    (void)state;
    return mkdtemp(base) ? 0 : -1;
}

/* Refused where a test left something. */
static int remove_base(void **state) {
    (void)state;
    return rmdir(base);
}

#endif
