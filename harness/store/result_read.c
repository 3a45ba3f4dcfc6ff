#include "store/result_json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* jansson takes (size_t)-1 for the end of the file, so a read error is kept aside and asked for afterwards.
 */
struct source {
    gzFile file;
    int error;
    bool damaged; /**< by zlib's own account, rather than the operating system's */
};

static size_t read_source(void *buffer, size_t size, void *data) {
    struct source *source = data;
    errno = 0;
    int bytes = gzread(source->file, buffer, (unsigned)size);
    if (bytes > 0)
        return (size_t)bytes;
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
                             : "";
}

static int open_source(const char *path, struct source *source, struct problem *problem) {
    int file =
        strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        int error = errno;
        return problem_set(problem, error, "%s: cannot open: %s%s", path, strerror(error),
                           open_advice(error));
    }
    struct stat status;
    if (fstat(file, &status) == 0 && S_ISDIR(status.st_mode)) {
        close(file);
        return problem_set(problem, EISDIR, "%s: this is a folder; name a result file in it", path);
    }
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
    if (source->error)
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

int run_load(struct run *run, const char *path, struct problem *problem) {
    struct source source = {0};
    json_t *json = NULL;
    memset(run, 0, sizeof *run);
    int error = open_source(path, &source, problem);
    if (error)
        return error;
    error = parse_source(&source, path, &json, problem);
    gzclose(source.file);
    if (error)
        return error;
    struct problem reason = {""};
    error = run_from_json(json, run, &reason);
    json_decref(json);
    return error ? problem_set(problem, -error, "%s: %s", path, reason.text) : 0;
}
