/* Reading result files from where they lie. */
#include "store/json_file.h"
#include "store/result_file.h"
#include "store/result_json.h"

#include <stdlib.h>
#include <string.h>

/* Says of what file a problem is. */
static int add_path(int error, const char *path, const struct problem *reason, struct problem *problem) {
    return error ? problem_set(problem, -error, "%s: %s", path, reason->text) : 0;
}

/* Takes `json` over. */
static int read_run(json_t *json, struct run *run, const char *path, struct problem *problem) {
    struct problem reason = {""};
    int error = run_from_json(json, run, &reason);
    json_decref(json);
    return add_path(error, path, &reason, problem);
}

int run_load(struct run *run, const char *path, struct problem *problem) {
    json_t *json = NULL;
    memset(run, 0, sizeof *run);
    int error = json_file_load(&json, path, problem);
    return error ? error : read_run(json, run, path, problem);
}

size_t result_count(const char *path) {
    return json_file_results(path);
}

/* Takes `json` over. */
static int read_any(json_t *json, struct result_file *file, const char *path, struct problem *problem) {
    struct problem reason = {""};
    const char *schema = json_string_value(json_object_get(json, "schema"));
    file->kind = !schema                                   ? RESULT_RUN
                 : strcmp(schema, CALIBRATION_SCHEMA) == 0 ? RESULT_CALIBRATION
                 : strcmp(schema, LOAD_SCHEMA) == 0        ? RESULT_LOAD
                                                           : RESULT_RUN;
    int error = file->kind == RESULT_CALIBRATION ? calibration_from_json(json, &file->calibration, &reason)
                : file->kind == RESULT_LOAD      ? load_from_json(json, &file->load, &reason)
                                                 : run_from_json(json, &file->run, &reason);
    json_decref(json);
    return add_path(error, path, &reason, problem);
}

int result_file_load(struct result_file *file, const char *path, struct problem *problem) {
    json_t *json = NULL;
    memset(file, 0, sizeof *file);
    int error = json_file_load(&json, path, problem);
    return error ? error : read_any(json, file, path, problem);
}

int result_file_load_text(struct result_file *file, const char *path, char **text, size_t *length,
                          struct problem *problem) {
    json_t *json = NULL;
    memset(file, 0, sizeof *file);
    int error = json_file_load_text(&json, path, text, length, problem);
    if (error)
        return error;
    error = read_any(json, file, path, problem);
    if (error) {
        free(*text);
        *text = NULL;
    }
    return error;
}

void result_file_clear(struct result_file *file) {
    run_clear(&file->run);
    calibration_clear(&file->calibration);
    load_clear(&file->load);
}

const struct file_digest *result_file_digest(const struct result_file *file) {
    return file->kind == RESULT_CALIBRATION ? &file->calibration.digest
           : file->kind == RESULT_LOAD      ? &file->load.digest
                                            : &file->run.digest;
}
