#include "cli/newest.h"

#include "host/fingerprint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int newest_open(struct newest *newest, struct problem *problem) {
    struct topology *topology;
    struct fingerprint *host = calloc(1, sizeof *host);
    *newest = (struct newest){.left = NEWEST_FILES};
    int status = host ? paths_find(&newest->paths, problem) : problem_set(problem, ENOMEM, "out of memory");
    if (status == 0)
        status = topology_open(&topology, NULL, problem);
    if (status == 0) {
        fingerprint_read(host, topology);
        topology_close(topology);
        memcpy(newest->machine, host->machine, sizeof newest->machine);
        newest->names = names_with_suffix(newest->paths.results, ".json", &newest->count);
    }
    free(host);
    return status;
}

void newest_close(struct newest *newest) {
    names_free(newest->names);
    newest->names = NULL;
}

/* Reading a file as text is quick beside taking it apart: whether it can have what is asked for. */
static bool may_name(const char *path, const char *case_name) {
    char quoted[RESULT_NAME + 2], piece[65536 + sizeof quoted];
    size_t length = (size_t)snprintf(quoted, sizeof quoted, "\"%s\"", case_name), kept = 0, got;
    FILE *file = fopen(path, "re");
    bool found = false;
    while (file && !found && (got = fread(piece + kept, 1, 65536, file)) > 0) {
        found = memmem(piece, kept + got, quoted, length) != NULL;
        size_t tail = kept + got < length ? kept + got : length;
        memmove(piece, piece + kept + got - tail, tail);
        kept = tail;
    }
    if (file)
        fclose(file);
    return found;
}

static bool has_case(const struct run *run, const char *case_name) {
    for (size_t i = 0; i < run->comparison_count; i++)
        if (!case_name || strcmp(run->comparisons[i].case_name, case_name) == 0)
            return true;
    return false;
}

/* Names of runs start with their time, so the newest is the last by name. */
int newest_next(struct newest *newest, const char *case_name, struct run *run, char path[8192]) {
    struct problem problem;
    while (newest->names && newest->count && newest->left) {
        snprintf(path, 8192, "%s/%s.json", newest->paths.results, newest->names[--newest->count]);
        newest->left--;
        if ((case_name && !may_name(path, case_name)) || run_load(run, path, &problem))
            continue;
        if (digest_is_sound(&run->digest) && strcmp(run->host.machine, newest->machine) == 0 &&
            has_case(run, case_name))
            return 0;
        run_clear(run);
    }
    return -ENOENT;
}
