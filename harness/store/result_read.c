/* Reading result files from where they lie. */
#include "store/calibration.h"
#include "store/json_file.h"
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

int run_load_text(struct run *run, const char *path, char **text, size_t *length, struct problem *problem) {
    json_t *json = NULL;
    memset(run, 0, sizeof *run);
    int error = json_file_load_text(&json, path, text, length, problem);
    if (error)
        return error;
    error = read_run(json, run, path, problem);
    if (error) {
        free(*text);
        *text = NULL;
    }
    return error;
}

size_t result_count(const char *path) {
    return json_file_results(path);
}

int result_load(struct run *run, struct calibration *calibration, bool *is_calibration, const char *path,
                struct problem *problem) {
    json_t *json = NULL;
    struct problem reason = {""};
    memset(run, 0, sizeof *run);
    memset(calibration, 0, sizeof *calibration);
    int error = json_file_load(&json, path, problem);
    if (error)
        return error;
    const char *schema = json_string_value(json_object_get(json, "schema"));
    *is_calibration = schema && strcmp(schema, CALIBRATION_SCHEMA) == 0;
    error = *is_calibration ? calibration_from_json(json, calibration, &reason)
                            : run_from_json(json, run, &reason);
    json_decref(json);
    return add_path(error, path, &reason, problem);
}
