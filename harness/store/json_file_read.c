#include "store/json_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/*
 * jansson takes (size_t)-1 for the end of the file, so a read error is kept aside and asked for afterwards.
 */
struct source {
    gzFile file;
    int error;
    bool damaged;         /* by zlib's own account, rather than the operating system's */
    size_t bytes, values; /* so far, of the text behind any compression */
    bool in_string, escaped;
};

/* A parsed value takes up to 250 bytes of memory, and two bytes of text, which compress to nothing. So they
 * are counted before jansson sees them: each but the first follows a bracket or a comma. */
static void count_values(struct source *source, const char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (source->in_string) {
            source->in_string = text[i] != '"' || source->escaped;
            source->escaped = text[i] == '\\' && !source->escaped;
        } else {
            source->in_string = text[i] == '"';
            source->values += text[i] == ',' || text[i] == '[' || text[i] == '{';
        }
    }
    source->bytes += size;
}

static bool is_too_large(const struct source *source) {
    return source->bytes > JSON_FILE_BYTES || source->values > JSON_FILE_VALUES;
}

static size_t read_source(void *buffer, size_t size, void *data) {
    struct source *source = data;
    errno = 0;
    int bytes = is_too_large(source) ? 0 : gzread(source->file, buffer, (unsigned)size);
    if (bytes > 0) {
        count_values(source, buffer, (size_t)bytes);
        return is_too_large(source) ? (size_t)-1 : (size_t)bytes;
    }
    int status = Z_OK;
    gzerror(source->file, &status);
    if (status == Z_ERRNO)
        source->error = errno ? errno : EIO;
    else if (status == Z_MEM_ERROR)
        source->error = ENOMEM;
    else if (status != Z_OK && status != Z_STREAM_END)
        source->damaged = true;
    return (size_t)-1;
}

static const char *open_advice(int error) {
    return error == ENOENT   ? "; there is no such file"
           : error == EACCES ? "; it is not readable for this user"
           : error == ENXIO  ? "; name a result file, not a socket or a device"
                             : "";
}

/* A named pipe without a writer would be waited for without an end: it is opened without waiting, and is then
 * empty. Reading waits again, as a pipe of a shell needs it. */
static int open_file(const char *path, struct problem *problem) {
    int file = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                      : open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file < 0) {
        int error = errno;
        return problem_set(problem, error, "%s: cannot open: %s%s", path, strerror(error),
                           open_advice(error));
    }
    struct stat status = {0};
    int error = fstat(file, &status) == 0 ? 0 : -errno;
    if (error == 0 && S_ISDIR(status.st_mode))
        error = problem_set(problem, EISDIR, "%s: this is a folder; name a result file in it", path);
    else if (error == 0 && S_ISBLK(status.st_mode))
        error = problem_set(problem, EINVAL, "%s: this is a device; name a result file", path);
    else if (error)
        error = problem_set(problem, -error, "%s: cannot open: %s", path, strerror(-error));
    else if (strcmp(path, "-") != 0)
        fcntl(file, F_SETFL, fcntl(file, F_GETFL) & ~O_NONBLOCK);
    if (error)
        close(file);
    return error ? error : file;
}

static int open_source(const char *path, struct source *source, struct problem *problem) {
    int file = open_file(path, problem);
    if (file < 0)
        return file;
    source->file = gzdopen(file, "rb");
    if (!source->file) {
        close(file);
        return problem_set(problem, ENOMEM, "%s: out of memory", path);
    }
    return 0;
}

/* Wrong bytes out of a damaged archive look like bad JSON; the checksum at its end tells which it is. */
static void read_to_end(struct source *source) {
    char rest[4096];
    while (read_source(rest, sizeof rest, source) != (size_t)-1)
        ;
}

static int parse_source(struct source *source, const char *path, json_t **json, struct problem *problem) {
    json_error_t syntax;
    *json = json_load_callback(read_source, source, JSON_REJECT_DUPLICATES, &syntax);
    if (!*json && !gzdirect(source->file))
        read_to_end(source);
    int error = 0;
    if (is_too_large(source))
        error =
            problem_set(problem, EFBIG,
                        "%s: too large: %s of JSON, of which this program reads %d MiB and %d values; no run "
                        "is as large, so it is damaged or was made to fill memory",
                        path, source->bytes > JSON_FILE_BYTES ? "too many bytes" : "too many values",
                        JSON_FILE_BYTES >> 20, JSON_FILE_VALUES);
    else if (source->error)
        error = problem_set(problem, source->error, "%s: cannot read: %s", path, strerror(source->error));
    else if (source->damaged)
        error = problem_set(problem, EINVAL, "%s: the gzip data is damaged or cut short", path);
    else if (!*json && json_error_code(&syntax) == json_error_out_of_memory)
        error = problem_set(problem, ENOMEM, "%s: out of memory", path);
    else if (!*json && syntax.position == 0 && gztell(source->file) == 0)
        error = problem_set(problem, EINVAL, "%s: the file is empty", path);
    else if (!*json)
        error = problem_set(problem, EINVAL, "%s:%d:%d: not JSON: %s", path, syntax.line, syntax.column,
                            syntax.text);
    if (error) {
        json_decref(*json);
        *json = NULL;
    }
    return error;
}

int json_file_load(json_t **json, const char *path, struct problem *problem) {
    struct source source = {0};
    *json = NULL;
    int error = open_source(path, &source, problem);
    if (error)
        return error;
    error = parse_source(&source, path, json, problem);
    gzclose(source.file);
    return error;
}
