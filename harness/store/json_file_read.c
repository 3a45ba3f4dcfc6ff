#include "store/json_file.h"

#include "base/numbers.h"
#include "store/embedded.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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
    FILE *copy; /* of all that is read; NULL: none is wanted */
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
        if (source->copy)
            fwrite(buffer, 1, (size_t)bytes, source->copy);
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

static int open_gzip(int file, const char *path, gzFile *gzip, struct problem *problem) {
    *gzip = gzdopen(file, "rb");
    if (*gzip)
        return 0;
    close(file);
    return problem_set(problem, ENOMEM, "%s: out of memory", path);
}

/* The whole of what is no JSON, as it is. */
static char *read_page(gzFile file, size_t *length) {
    char *page = NULL, buffer[65536];
    FILE *stream = open_memstream(&page, length);
    size_t read = 0;
    for (int bytes; stream && read <= JSON_FILE_BYTES && (bytes = gzread(file, buffer, sizeof buffer)) > 0;)
        read += fwrite(buffer, 1, (size_t)bytes, stream);
    if (stream && fclose(stream) == 0 && read <= JSON_FILE_BYTES)
        return page;
    free(page);
    return NULL;
}

/* A file that is in memory alone, at its start; -errno. */
static int file_of_bytes(const void *bytes, size_t size) {
    int file = memfd_create("result", MFD_CLOEXEC);
    for (size_t done = 0; file >= 0 && done < size;) {
        ssize_t written = write(file, (const char *)bytes + done, size - done);
        if (written < 0) {
            close(file);
            return -ENOMEM;
        }
        done += (size_t)written;
    }
    return file < 0 || lseek(file, 0, SEEK_SET) ? -ENOMEM : file;
}

/* Result `number` of a page, 0 where none was named: then it has to be the only one. */
static int choose_result(const char *page, size_t length, size_t number, const char *path, void **bytes,
                         size_t *size, struct problem *problem) {
    size_t count = embedded_count(page, length);
    if (!count)
        return problem_set(problem, EINVAL,
                           "%s: a web page without a result in it; `countersign report` embeds one unless "
                           "it is told not to",
                           path);
    if (number > count || (!number && count > 1))
        return problem_set(problem, EINVAL, "%s: the page holds %zu results; name one, as %.*s#1", path,
                           count, (int)strcspn(path, "#"), path);
    return embedded_decode(page, length, number ? number : 1, path, bytes, size, problem);
}

/* Reads on from the result that a page holds. */
static int enter_page(struct source *source, size_t number, const char *path, struct problem *problem) {
    size_t length = 0, size = 0;
    void *bytes = NULL;
    char *page = read_page(source->file, &length);
    int status = page ? choose_result(page, length, number, path, &bytes, &size, problem)
                      : problem_set(problem, EFBIG, "%s: too large for a report, or out of memory", path);
    free(page);
    int file = status ? status : file_of_bytes(bytes, size);
    free(bytes);
    if (status)
        return status;
    if (file < 0)
        return problem_set(problem, ENOMEM, "%s: out of memory", path);
    gzclose(source->file);
    return open_gzip(file, path, &source->file, problem);
}

/* "report.html#2" is the second result of a page, unless a file has that name. The path without it, the caller's. */
static char *split_number(const char *path, size_t *number) {
    const char *mark = strrchr(path, '#');
    int64_t value = 0;
    bool has =
        mark && access(path, F_OK) != 0 && number_read_whole(mark + 1, strlen(mark + 1), &value) && value > 0;
    *number = has ? (size_t)value : 0;
    return strndup(path, has ? (size_t)(mark - path) : strlen(path));
}

/* A page of a report begins with its doctype, and no JSON does. */
static bool is_page(gzFile file) {
    int first = gzgetc(file);
    if (first >= 0)
        gzungetc(first, file);
    return first == '<';
}

static int open_source(const char *path, struct source *source, struct problem *problem) {
    size_t number;
    char *name = split_number(path, &number);
    int file = name ? open_file(name, problem) : problem_set(problem, ENOMEM, "%s: out of memory", path);
    free(name);
    if (file < 0)
        return file;
    int status = open_gzip(file, path, &source->file, problem);
    if (status == 0 && is_page(source->file))
        status = enter_page(source, number, path, problem);
    else if (status == 0 && number)
        status =
            problem_set(problem, EINVAL, "%s: no page of a report; only those hold several results", path);
    if (status && source->file)
        gzclose(source->file);
    return status;
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

static int load(json_t **json, const char *path, FILE *copy, struct problem *problem) {
    struct source source = {.copy = copy};
    *json = NULL;
    int error = open_source(path, &source, problem);
    if (error)
        return error;
    error = parse_source(&source, path, json, problem);
    gzclose(source.file);
    return error;
}

int json_file_load(json_t **json, const char *path, struct problem *problem) {
    return load(json, path, NULL, problem);
}

int json_file_load_text(json_t **json, const char *path, char **text, size_t *length,
                        struct problem *problem) {
    *text = NULL;
    FILE *copy = open_memstream(text, length);
    int error = copy ? load(json, path, copy, problem) : -ENOMEM;
    if (!copy || (fclose(copy) && !error))
        error = problem_set(problem, ENOMEM, "%s: out of memory", path);
    if (error) {
        json_decref(copy ? *json : NULL);
        *json = NULL;
        free(*text);
        *text = NULL;
    }
    return error;
}

size_t json_file_results(const char *path) {
    struct problem ignored;
    size_t count = 1, length;
    int file = strcmp(path, "-") != 0 ? open_file(path, &ignored) : -ENOENT;
    gzFile gzip = NULL;
    if (file < 0 || open_gzip(file, path, &gzip, &ignored))
        return count;
    if (is_page(gzip)) {
        char *page = read_page(gzip, &length);
        count = page ? embedded_count(page, length) : 1;
        free(page);
    }
    gzclose(gzip);
    return count ? count : 1;
}
