#include "compile/text_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int text_file_open(struct text_file *file, const char *folder, const char *name, struct problem *problem) {
    *file = (struct text_file){0};
    if (snprintf(file->path, sizeof file->path, "%s/%s", folder, name) >= (int)sizeof file->path)
        return problem_set(problem, ENAMETOOLONG, "%s: the path is too long", folder);
    file->stream = open_memstream(&file->text, &file->size);
    return file->stream ? 0 : problem_set(problem, ENOMEM, "out of memory");
}

static bool is_there(const struct text_file *file) {
    char block[4096];
    size_t at = 0, got = 0;
    FILE *stream = fopen(file->path, "re");
    bool same = stream != NULL;
    while (same && (got = fread(block, 1, sizeof block, stream)) > 0) {
        same = got <= file->size - at && !memcmp(block, file->text + at, got);
        at += got;
    }
    if (stream)
        fclose(stream);
    return same && at == file->size;
}

/* Two of the same duel may run at a time: each file is whole or the other's. */
static int write_file(const struct text_file *file) {
    char part[8300];
    snprintf(part, sizeof part, "%s.%ld.part", file->path, (long)getpid());
    FILE *stream = fopen(part, "we");
    if (!stream)
        return errno;
    bool failed = fwrite(file->text, 1, file->size, stream) != file->size;
    if (fclose(stream) == 0 && !failed && rename(part, file->path) == 0)
        return 0;
    int error = errno ? errno : EIO;
    unlink(part);
    return error;
}

int text_file_close(struct text_file *file, struct problem *problem) {
    bool failed = ferror(file->stream);
    failed |= fclose(file->stream) != 0;
    int error = failed ? ENOMEM : is_there(file) ? 0 : write_file(file);
    free(file->text);
    return error ? problem_set(problem, error, "%s: %s", file->path, strerror(error)) : 0;
}
