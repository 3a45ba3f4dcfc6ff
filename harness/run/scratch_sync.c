#include "run/scratch_sync.h"

#include "stats/quantile.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define WRITES 9
#define BYTES 4096

/* The first write gives the file its block, and is not counted. */
static double median_write_ns(int descriptor) {
    char block[BYTES] = {0};
    double ns[WRITES];
    for (int i = -1; i < WRITES; i++) {
        struct timespec begun, done;
        clock_gettime(CLOCK_MONOTONIC, &begun);
        if (pwrite(descriptor, block, sizeof block, 0) != BYTES || fdatasync(descriptor) < 0)
            return NAN;
        clock_gettime(CLOCK_MONOTONIC, &done);
        block[0]++;
        if (i >= 0)
            ns[i] = (double)(done.tv_sec - begun.tv_sec) * 1e9 + (double)(done.tv_nsec - begun.tv_nsec);
    }
    return quantile(ns, WRITES, 0.5);
}

double scratch_sync_ns(const char *folder) {
    char path[4200];
    snprintf(path, sizeof path, "%.4095s/sync", folder);
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return NAN;
    double ns = median_write_ns(descriptor);
    close(descriptor);
    unlink(path);
    return ns;
}
