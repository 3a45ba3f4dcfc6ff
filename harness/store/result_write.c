#include "store/json_file.h"
#include "store/result_json.h"

#include <errno.h>

int run_print_json(const struct run *run, FILE *stream) {
    json_t *json = NULL;
    int error = run_to_json(run, &json, NULL);
    if (!error)
        error = json_file_print(json, stream);
    json_decref(json);
    return error;
}

int run_save(const struct run *run, const char *path, struct problem *problem) {
    json_t *json = NULL;
    struct problem reason = {""};
    int error = run_to_json(run, &json, &reason);
    if (error)
        return problem_set(problem, -error, "%s: the run cannot be written: %s", path, reason.text);
    error = json_file_save(json, path, problem);
    json_decref(json);
    return error;
}
