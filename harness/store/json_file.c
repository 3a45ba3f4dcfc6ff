#include "store/json_file.h"

#include "base/whole_file.h"

#include <errno.h>
#include <unistd.h>

/* Command lines may hold what others should not read. */
#define MODE 0600

/* 17 digits give every double back exactly, so that a file read and written again is the same bytes. */
#define DUMP_FLAGS (JSON_INDENT(1) | JSON_REAL_PRECISION(17))

int json_file_print(const json_t *json, FILE *stream) {
    size_t flags = DUMP_FLAGS | (fileno(stream) >= 0 && isatty(fileno(stream)) ? JSON_ENSURE_ASCII : 0);
    errno = 0; /* isatty sets it for a file */
    if (json_dumpf(json, stream, flags) || fputc('\n', stream) == EOF || fflush(stream))
        return errno ? -errno : -EIO;
    return 0;
}

static int write_json(FILE *stream, const void *json) {
    return json_file_print(json, stream);
}

int json_file_save(const json_t *json, const char *path, struct problem *problem) {
    return whole_file_save(path, MODE, "the result", write_json, json, problem);
}
