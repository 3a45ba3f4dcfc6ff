/* What two runs say differently of machine, settings and builds: their own JSON, key by key, so that a field that is
 * added later is looked at too. */
#include "store/change.h"
#include "store/result_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Measured anew by each run, drawn, or told by another key as well. */
static const char *const ignored[] = {"host.machine",
                                      "host.clock.ticks_per_ns",
                                      "host.clock.reason",
                                      "host.core_clock",
                                      "settings.seed",
                                      "settings.cpu_reason",
                                      NULL};

/* By these a machine is recognised. How many CPUs may be used, and the memory that is left to the kernel, differ from day
 * to day on one machine. */
static const char *const identity[] = {"host.cpu_model",
                                       "host.cpu_vendor",
                                       "host.cpu_family",
                                       "host.cpu_model_number",
                                       "host.cpu_stepping",
                                       "host.microcode",
                                       "host.cpu_flags",
                                       "host.architecture",
                                       "host.kernel",
                                       "host.topology.packages",
                                       "host.topology.numa_nodes",
                                       "host.topology.cores",
                                       "host.topology.cpus",
                                       "host.topology.threads_per_core",
                                       "host.topology.cpu_kinds",
                                       "host.topology.performance_cpus",
                                       "host.topology.l1d_bytes",
                                       "host.topology.l2_bytes",
                                       "host.topology.l3_bytes",
                                       "host.topology.line_bytes",
                                       "host.topology.l3_sharing_cpus",
                                       NULL};

static bool is_among(const char *const *names, const char *name) {
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static int add_difference(struct run_changes *changes, const struct difference *difference) {
    for (size_t i = 0; i < changes->difference_count; i++) {
        const struct difference *known = &changes->differences[i];
        if (!strcmp(known->what, difference->what) && !strcmp(known->before, difference->before) &&
            !strcmp(known->after, difference->after))
            return 0;
    }
    struct difference *grown =
        realloc(changes->differences, (changes->difference_count + 1) * sizeof *changes->differences);
    if (!grown)
        return -ENOMEM;
    changes->differences = grown;
    grown[changes->difference_count++] = *difference;
    changes->same_machine &= !difference->identity;
    return 0;
}

static void value_text(const json_t *json, char *text, size_t size) {
    if (!json || json_is_string(json)) {
        snprintf(text, size, "%s", json ? json_string_value(json) : "");
        return;
    }
    char *dump = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(6));
    snprintf(text, size, "%s", dump ? dump : "");
    free(dump);
}

static bool has_word(const char *text, const char *word, size_t length) {
    for (const char *at = text; (at = strstr(at, word)) != NULL; at++) {
        bool starts = at == text || at[-1] == ' ', ends = at[length] == ' ' || at[length] == '\0';
        if (starts && ends)
            return true;
    }
    return false;
}

/* Words of `text` that `other` lacks: a hundred flags that both have say nothing. */
static void words_alone(const char *text, const char *other, char *alone, size_t size) {
    size_t used = 0;
    *alone = '\0';
    while (*(text += strspn(text, " "))) {
        char word[64];
        size_t length = strcspn(text, " ");
        snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word - 1), text);
        if (!has_word(other, word, strlen(word)) && used + strlen(word) + 2 < size)
            used += (size_t)sprintf(alone + used, "%s%s", used ? " " : "", word);
        text += length;
    }
}

/* Values of one key, which are no objects. Flags in another order are the same flags. */
static int compare_values(const char *what, const json_t *before, const json_t *after,
                          struct run_changes *changes) {
    struct difference difference = {.identity = is_among(identity, what)};
    if (is_among(ignored, what) || (before && after && json_equal(before, after)))
        return 0;
    snprintf(difference.what, sizeof difference.what, "%.63s", what);
    if (before && after && strcmp(what, "host.cpu_flags") == 0) {
        const char *old = json_string_value(before), *new = json_string_value(after);
        words_alone(old, new, difference.before, sizeof difference.before);
        words_alone(new, old, difference.after, sizeof difference.after);
        if (!difference.before[0] && !difference.after[0])
            return 0;
    } else {
        value_text(before, difference.before, sizeof difference.before);
        value_text(after, difference.after, sizeof difference.after);
    }
    return add_difference(changes, &difference);
}

static int compare_objects(const char *prefix, const json_t *before, const json_t *after,
                           struct run_changes *changes) {
    json_t *all = json_object(), *value;
    const char *key;
    int status =
        all && !json_object_update(all, (json_t *)before) && !json_object_update_missing(all, (json_t *)after)
            ? 0
            : -ENOMEM;
    json_object_foreach(all, key, value) {
        char what[128];
        const json_t *old = json_object_get(before, key), *new = json_object_get(after, key);
        snprintf(what, sizeof what, "%s.%s", prefix, key);
        if (status || is_among(ignored, what))
            continue;
        status = json_is_object(old) && json_is_object(new) ? compare_objects(what, old, new, changes)
                                                            : compare_values(what, old, new, changes);
    }
    json_decref(all);
    return status;
}

/* Of files from before CPU flags were kept, nobody can say that they are of one machine. */
static int compare_unknown(const struct run *before, const struct run *after, struct run_changes *changes) {
    if (before->host.cpu_flags[0] || after->host.cpu_flags[0])
        return 0;
    return add_difference(changes, &(struct difference){.what = "host.cpu_flags", .identity = true});
}

static int add_texts(const char *what, const char *before, const char *after, struct run_changes *changes) {
    struct difference difference = {.identity = false};
    if (strcmp(before, after) == 0)
        return 0;
    snprintf(difference.what, sizeof difference.what, "%s", what);
    snprintf(difference.before, sizeof difference.before, "%.511s", before);
    snprintf(difference.after, sizeof difference.after, "%.511s", after);
    return add_difference(changes, &difference);
}

/* Each pair of compilers and flags once, over the points of each case that both runs have. */
static int compare_builds(const struct run *before, const struct run *after, struct run_changes *changes) {
    int status = add_texts("version", before->version, after->version, changes);
    for (size_t i = 0; i < before->measurement_count && status == 0; i++)
        for (size_t k = 0; k < after->measurement_count && status == 0; k++) {
            const struct measurement *old = &before->measurements[i], *new = &after->measurements[k];
            if (strcmp(old->case_name, new->case_name) || strcmp(old->kernel, new->kernel))
                continue;
            status = add_texts("build.compiler", old->compiler, new->compiler, changes);
            if (status == 0)
                status = add_texts("build.flags", old->flags, new->flags, changes);
            break;
        }
    return status;
}

int run_differences(const struct run *before, const struct run *after, struct run_changes *changes) {
    json_t *old = NULL, *new = NULL;
    changes->same_machine = true;
    int status = fields_write(fingerprint_fields, &before->host, &old, NULL, NULL);
    if (status == 0)
        status = fields_write(fingerprint_fields, &after->host, &new, NULL, NULL);
    if (status == 0)
        status = compare_objects("host", old, new, changes);
    if (status == 0)
        status = compare_unknown(before, after, changes);
    json_decref(old);
    json_decref(new);
    old = new = NULL;
    if (status == 0)
        status = fields_write(run_settings_fields, &before->settings, &old, NULL, NULL);
    if (status == 0)
        status = fields_write(run_settings_fields, &after->settings, &new, NULL, NULL);
    if (status == 0)
        status = compare_objects("settings", old, new, changes);
    json_decref(old);
    json_decref(new);
    if (status == 0)
        status = add_texts("settings.build", before->settings.build, after->settings.build, changes);
    return status ? status : compare_builds(before, after, changes);
}
