#include "store/case_file.h"

#include "store/load.h"
#include "store/suggest.h"
#include "store/yaml_reader.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_TARGET 1.25

static int read_axis_value(struct yaml_reader *reader, const struct yaml_entry *entry, size_t index,
                           void *data) {
    struct case_axis *axis = data;
    if (index >= CASE_VALUES)
        return yaml_problem(reader, entry, "expected at most %d values", CASE_VALUES);
    int64_t number = 0;
    char text[RESULT_NAME] = "";
    enum yaml_integer kind = yaml_integer_of(entry->node, &number);
    if (kind == YAML_INTEGER_TOO_LARGE)
        return yaml_type_problem(reader, entry, "a whole number of 64 bits");
    if (kind == YAML_NOT_INTEGER) {
        double fraction;
        if (entry->node->type == YAML_SCALAR_NODE &&
            parse_number((const char *)entry->node->data.scalar.value, &fraction))
            return yaml_type_problem(reader, entry, "a whole number (unquoted) or the name of a choice");
        int error =
            yaml_read_text(reader, entry, "a whole number or the name of a choice", text, sizeof text);
        if (error)
            return error;
    }
    for (size_t i = 0; i < axis->count; i++)
        if (axis->values[i].number == number && strcmp(axis->values[i].text, text) == 0)
            return yaml_problem(reader, entry, "expected each value once, got %s a second time",
                                (const char *)entry->node->data.scalar.value);
    axis->values[axis->count].number = number;
    memcpy(axis->values[axis->count].text, text, sizeof text);
    axis->count++;
    return 0;
}

struct axis_list {
    struct case_axis *axes;
    size_t *count;
};

static int read_axis(struct yaml_reader *reader, const struct yaml_entry *entry, size_t index, void *data) {
    struct axis_list *list = data;
    if (index >= RESULT_PARAMETERS)
        return yaml_problem(reader, entry, "expected at most %d parameters", RESULT_PARAMETERS);
    struct case_axis *axis = &list->axes[index];
    if (strlen(entry->key) >= sizeof axis->parameter)
        return yaml_problem(reader, entry, "expected a name of at most %zu bytes",
                            sizeof axis->parameter - 1);
    strcpy(axis->parameter, entry->key);
    axis->line = entry->line;
    ++*list->count;
    return yaml_each_element(reader, entry, true, "a list of whole numbers or names of choices",
                             read_axis_value, axis);
}

static int read_axes(struct yaml_reader *reader, const struct yaml_entry *entry, struct case_axis *axes,
                     size_t *count) {
    struct axis_list list = {axes, count};
    return yaml_each_key(reader, entry, "a mapping of parameters to values", read_axis, &list);
}

/* Splits "< 0.1" into operator and rest; without an operator it is "==". */
static const char *split_operator(const char *text, char operator[3]) {
    static const char *const operators[] = {"<=", ">=", "==", "!=", "<", ">"};
    text += strspn(text, " ");
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t length = strlen(operators[i]);
        if (strncmp(text, operators[i], length) == 0) {
            strcpy(operator, operators[i]);
            text += length;
            return text + strspn(text, " ");
        }
    }
    strcpy(operator, "==");
    return text;
}

struct condition_list {
    struct case_condition *conditions;
    size_t *count, limit;
    enum case_subject subject;
    bool choices; /**< names of choices may stand where numbers do */
    const char *key;
    int line;
};

#define NUMBER_CONDITION "a condition such as \"< 0.1\" or \">= 1024\""

static int read_condition(struct yaml_reader *reader, const struct yaml_entry *entry, size_t index,
                          void *data) {
    (void)index;
    struct condition_list *list = data;
    const char *wanted = list->choices ? NUMBER_CONDITION " or the name of a choice" : NUMBER_CONDITION;
    if (*list->count >= list->limit)
        return yaml_problem(reader, entry, "expected at most %d conditions", CASE_CONDITIONS);
    struct case_condition *condition = &list->conditions[*list->count];
    char text[RESULT_NAME];
    int error = yaml_read_text(reader, entry, wanted, text, sizeof text);
    if (error)
        return error;
    if (strlen(list->key) >= sizeof condition->name)
        return yaml_problem(reader, entry, "expected a name of at most %zu bytes",
                            sizeof condition->name - 1);
    strcpy(condition->name, list->key);
    condition->line = list->line;
    condition->subject = list->subject;
    const char *operand = split_operator(text, condition->operator);
    if (!parse_number(operand, &condition->value)) {
        condition->value = 0;
        bool equality = condition->operator[1] == '=' && strchr("=!", condition->operator[0]);
        if (!list->choices || !*operand || !equality || strpbrk(operand, "<>=! "))
            return yaml_type_problem(reader, entry, wanted);
        strcpy(condition->text, operand);
    }
    if (!list->choices && condition->value < 0)
        return yaml_problem(reader, entry, "expected a number of at least 0, which counts are, got %g",
                            condition->value);
    ++*list->count;
    return 0;
}

static int read_conditions_of_key(struct yaml_reader *reader, const struct yaml_entry *entry, size_t index,
                                  void *data) {
    (void)index;
    struct condition_list *list = data;
    list->key = entry->key;
    list->line = entry->line;
    return yaml_each_element(reader, entry, true, "a condition or a list of conditions", read_condition,
                             list);
}

static int read_where(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    struct case_prediction *prediction = data;
    struct condition_list list = {.conditions = prediction->where,
                                  .count = &prediction->where_count,
                                  .limit = CASE_CONDITIONS,
                                  .choices = true};
    return yaml_each_key(reader, entry, "a mapping of parameters to conditions", read_conditions_of_key,
                         &list);
}

static int read_counter_conditions(struct yaml_reader *reader, const struct yaml_entry *entry,
                                   enum case_subject subject, struct case_prediction *prediction) {
    struct condition_list list = {.conditions = prediction->counters,
                                  .count = &prediction->counter_count,
                                  .limit = prediction->counter_count + CASE_CONDITIONS,
                                  .subject = subject};
    return yaml_each_key(reader, entry, "a mapping of counters to conditions", read_conditions_of_key, &list);
}

static int read_counters(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    return read_counter_conditions(reader, entry, SUBJECT_RATIO, data);
}

static int read_baseline_items(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    return read_counter_conditions(reader, entry, SUBJECT_BASELINE, data);
}

static int read_candidate_items(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    return read_counter_conditions(reader, entry, SUBJECT_CANDIDATE, data);
}

static const struct yaml_key per_item_keys[] = {
    {"baseline", read_baseline_items}, {"candidate", read_candidate_items}, {NULL, NULL}};

static int read_per_item(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    return yaml_read_keys(reader, entry, "a mapping with baseline or candidate", per_item_keys, data);
}

static int read_prediction_candidate(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    struct case_prediction *prediction = data;
    return yaml_read_text(reader, entry, "the name of a variant", prediction->candidate,
                          sizeof prediction->candidate);
}

/* A mistake cannot be predicted: an invalid comparison is never what a case wants to show. */
static const enum verdict predictable[] = {VERDICT_FASTER, VERDICT_SLOWER, VERDICT_EQUIVALENT,
                                           VERDICT_INCONCLUSIVE};

static const char *predictable_name(const void *data, size_t index) {
    (void)data;
    return index < sizeof predictable / sizeof *predictable ? verdict_name(predictable[index]) : NULL;
}

static int read_verdict(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    struct case_prediction *prediction = data;
    char text[RESULT_NAME], suggestion[256];
    int error = yaml_read_text(reader, entry, "a verdict", text, sizeof text);
    if (error)
        return error;
    for (size_t i = 0; predictable_name(NULL, i); i++)
        if (strcmp(predictable_name(NULL, i), text) == 0) {
            prediction->verdict = (int)predictable[i];
            return 0;
        }
    struct name_list names = {predictable_name, NULL};
    return yaml_problem(reader, entry, "expected a verdict, got \"%s\"%s", text,
                        suggest_names(text, &names, suggestion, sizeof suggestion));
}

static int read_bound(struct yaml_reader *reader, const struct yaml_entry *entry, size_t index, void *data) {
    double *bounds = data;
    if (index >= 2)
        return yaml_problem(reader, entry, "expected two numbers, got a third");
    int error = yaml_read_number(reader, entry, &bounds[index]);
    if (!error && index == 1 && bounds[0] > bounds[1])
        error = yaml_problem(reader, entry, "expected the lower number first, got %g after %g", bounds[1],
                             bounds[0]);
    return error;
}

static int read_crossover_range(struct yaml_reader *reader, const struct yaml_entry *entry, size_t index,
                                void *data) {
    struct case_prediction *prediction = data;
    double bounds[2] = {0, 0};
    const yaml_node_t *node = entry->node;
    if (index)
        return yaml_problem(reader, entry, "expected one parameter, got a second");
    if (strlen(entry->key) >= sizeof prediction->crossover_parameter)
        return yaml_problem(reader, entry, "expected a name of at most %d bytes", RESULT_NAME - 1);
    if (node->type == YAML_SEQUENCE_NODE &&
        node->data.sequence.items.top - node->data.sequence.items.start == 1)
        return yaml_problem(reader, entry, "expected two numbers [low, high], got one");
    int error = yaml_each_element(reader, entry, false, "two numbers [low, high]", read_bound, bounds);
    if (error)
        return error;
    strcpy(prediction->crossover_parameter, entry->key);
    prediction->crossover_low = bounds[0];
    prediction->crossover_high = bounds[1];
    return 0;
}

static int read_crossover(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    int error =
        yaml_each_key(reader, entry, "a mapping of one parameter to [low, high]", read_crossover_range, data);
    if (!error && !*((struct case_prediction *)data)->crossover_parameter)
        error = yaml_problem(reader, entry, "expected one parameter, got none");
    return error;
}

static const char *growth_word(const void *data, size_t index) {
    (void)data;
    return index < GROWTH_KINDS ? growth_name((enum growth_kind)index) : NULL;
}

/* "n^2" is easier to type than "n²". */
static int read_growth_kind(struct yaml_reader *reader, const struct yaml_entry *entry, int *kind) {
    char text[RESULT_NAME], suggestion[256];
    int error = yaml_read_text(reader, entry, "a growth such as \"n log n\"", text, sizeof text);
    if (error)
        return error;
    for (*kind = 0; *kind < GROWTH_KINDS; ++*kind)
        if (strcmp(text, growth_name((enum growth_kind) * kind)) == 0 ||
            (*kind == GROWTH_SQUARE && strcmp(text, "n^2") == 0))
            return 0;
    struct name_list names = {growth_word, NULL};
    return yaml_problem(reader, entry, "expected a growth, got \"%s\"%s", text,
                        suggest_names(text, &names, suggestion, sizeof suggestion));
}

static int read_growth_baseline(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    return read_growth_kind(reader, entry, &((struct case_prediction *)data)->growth[0]);
}

static int read_growth_candidate(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    return read_growth_kind(reader, entry, &((struct case_prediction *)data)->growth[1]);
}

static const struct yaml_key growth_keys[] = {
    {"baseline", read_growth_baseline}, {"candidate", read_growth_candidate}, {NULL, NULL}};

static int read_growth_parameter(struct yaml_reader *reader, const struct yaml_entry *entry, size_t index,
                                 void *data) {
    struct case_prediction *prediction = data;
    if (index)
        return yaml_problem(reader, entry, "expected one parameter, got a second");
    if (strlen(entry->key) >= sizeof prediction->growth_parameter)
        return yaml_problem(reader, entry, "expected a name of at most %d bytes", RESULT_NAME - 1);
    strcpy(prediction->growth_parameter, entry->key);
    int error =
        yaml_read_keys(reader, entry, "a mapping with baseline or candidate", growth_keys, prediction);
    if (!error && prediction->growth[0] < 0 && prediction->growth[1] < 0)
        error = yaml_problem(reader, entry, "expected baseline or candidate, got neither");
    return error;
}

static int read_growth(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    int error = yaml_each_key(reader, entry, "a mapping of one parameter to baseline or candidate",
                              read_growth_parameter, data);
    if (!error && !*((struct case_prediction *)data)->growth_parameter)
        error = yaml_problem(reader, entry, "expected one parameter, got none");
    return error;
}

static int read_evidence(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    static const char wanted[] = "\"contains TEXT\" or \"lacks TEXT\"";
    struct case_prediction *prediction = data;
    char text[sizeof prediction->evidence + sizeof "contains "];
    int error = yaml_read_text(reader, entry, wanted, text, sizeof text);
    size_t word = error ? 0 : strcspn(text, " "), start = word + strspn(text + word, " ");
    if (error)
        return error;
    prediction->evidence_lacking = word == 5 && !strncmp(text, "lacks", word);
    if ((!prediction->evidence_lacking && (word != 8 || strncmp(text, "contains", word) != 0)) ||
        !text[start] || strlen(text + start) >= sizeof prediction->evidence)
        return yaml_problem(reader, entry, "expected %s, TEXT of 1 to %zu bytes, got \"%s\"", wanted,
                            sizeof prediction->evidence - 1, text);
    strcpy(prediction->evidence, text + start);
    return 0;
}

static const struct yaml_key prediction_keys[] = {
    {"where", read_where},
    {"candidate", read_prediction_candidate},
    {"verdict", read_verdict},
    {"counters", read_counters},
    {"per-item", read_per_item},
    {"evidence", read_evidence},
    {"crossover", read_crossover},
    {"growth", read_growth},
    {NULL, NULL},
};

static int read_prediction(struct yaml_reader *reader, const struct yaml_entry *entry, size_t index,
                           void *data) {
    struct case_file *file = data;
    if (index >= CASE_PREDICTIONS)
        return yaml_problem(reader, entry, "expected at most %d predictions", CASE_PREDICTIONS);
    struct case_prediction *prediction = &file->predictions[index];
    prediction->verdict = prediction->growth[0] = prediction->growth[1] = -1;
    prediction->line = entry->line;
    file->prediction_count++;
    int error = yaml_read_keys(reader, entry, "a mapping with where, verdict, counters and so on",
                               prediction_keys, prediction);
    bool predicts = prediction->verdict >= 0 || prediction->counter_count || *prediction->evidence ||
                    *prediction->crossover_parameter || *prediction->growth_parameter;
    if (!error && !predicts)
        error = yaml_problem(
            reader, entry,
            "expected a verdict, counters, per-item, evidence, a crossover or growth, got none of them");
    return error;
}

static int read_predict(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    return yaml_each_element(reader, entry, false, "a list of predictions", read_prediction, data);
}

static int read_title(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    struct case_file *file = data;
    return yaml_read_text(reader, entry, "text", file->title, sizeof file->title);
}

static int read_kernel(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    struct case_file *file = data;
    file->kernel_line = entry->line;
    return yaml_read_text(reader, entry, "the name of a kernel", file->kernel, sizeof file->kernel);
}

static int read_baseline(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    struct case_file *file = data;
    file->baseline_line = entry->line;
    return yaml_read_text(reader, entry, "the name of a variant", file->baseline, sizeof file->baseline);
}

static int read_candidate(struct yaml_reader *reader, const struct yaml_entry *entry, size_t index,
                          void *data) {
    struct case_file *file = data;
    if (index >= CS_MAX_VARIANTS)
        return yaml_problem(reader, entry, "expected at most %d candidates", CS_MAX_VARIANTS);
    char *name = file->candidates[index];
    int error = yaml_read_text(reader, entry, "the name of a variant", name, sizeof file->candidates[index]);
    for (size_t i = 0; !error && i < index; i++)
        if (strcmp(file->candidates[i], name) == 0)
            error = yaml_problem(reader, entry, "expected each candidate once, got %s a second time", name);
    file->candidate_count = index + 1;
    return error;
}

static int read_candidates(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    ((struct case_file *)data)->candidates_line = entry->line;
    return yaml_each_element(reader, entry, true, "a list of variants", read_candidate, data);
}

static int read_sweep(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    struct case_file *file = data;
    return read_axes(reader, entry, file->sweep, &file->sweep_count);
}

static int read_quick(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    struct case_file *file = data;
    return read_axes(reader, entry, file->quick, &file->quick_count);
}

static int read_full(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    struct case_file *file = data;
    return read_axes(reader, entry, file->full, &file->full_count);
}

static int read_target(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    struct case_file *file = data;
    int error = yaml_read_number(reader, entry, &file->target);
    if (!error && !(file->target > 0))
        error = yaml_problem(reader, entry, "expected a speedup above 0, got %g", file->target);
    return error;
}

static int read_clients(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    double count = 0;
    int error = yaml_read_number(reader, entry, &count);
    if (!error && !(count >= 1 && count <= LOAD_CLIENTS && count == floor(count)))
        error = yaml_problem(reader, entry, "expected a whole number of clients from 1 to %d, got %g",
                             LOAD_CLIENTS, count);
    if (!error)
        ((struct case_file *)data)->clients = (size_t)count;
    return error;
}

static int read_slo(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    return slo_read(reader, entry, &((struct case_file *)data)->slo);
}

/* Whether an event exists is for the program to say: it depends on the libraries of the machine. */
static int read_event(struct yaml_reader *reader, const struct yaml_entry *entry, size_t index, void *data) {
    struct case_file *file = data;
    if (index >= COUNTER_NATIVE_EVENTS)
        return yaml_problem(reader, entry, "expected at most %d events", COUNTER_NATIVE_EVENTS);
    char *name = file->events[index];
    int error = yaml_read_text(reader, entry, "the name of a native event", name, COUNTER_NAME);
    if (!error && counter_event_by_name(name) != COUNTER_EVENTS)
        error = yaml_problem(reader, entry, "%s is in the vocabulary, and counted anyway", name);
    for (size_t i = 0; !error && i < index; i++)
        if (strcmp(file->events[i], name) == 0)
            error = yaml_problem(reader, entry, "expected each event once, got %s a second time", name);
    file->event_lines[index] = entry->line;
    file->event_count = index + 1;
    return error;
}

static int read_events(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    return yaml_each_element(reader, entry, true, "a list of native events", read_event, data);
}

const char *const case_groups[] = {"algorithms", "memory",   "cpu",   "threads", "io",
                                   "database",   "services", "myths", NULL};

/* What a change of this kind does, for `list` and for those who plan work. */
static const char *const techniques[] = {"algorithm",
                                         "allocation",
                                         "asynchrony",
                                         "batching",
                                         "branch-removal",
                                         "caching",
                                         "compiler",
                                         "data-layout",
                                         "data-structure",
                                         "folklore",
                                         "instruction-parallelism",
                                         "memory-parallelism",
                                         "precomputation",
                                         "prefetching",
                                         "threads",
                                         "vectorization",
                                         NULL};
static const char *const degrees[] = {"low", "medium", "high", NULL};

static int read_one_of(struct yaml_reader *reader, const struct yaml_entry *entry, const char *const *words,
                       char text[RESULT_NAME]) {
    char wanted[512], hint[512], given[64];
    struct name_list list = name_list_of(words);
    int error = yaml_read_text(reader, entry, "a word", given, sizeof given);
    if (error)
        return error;
    for (size_t i = 0; words[i]; i++)
        if (strcmp(words[i], given) == 0) {
            snprintf(text, RESULT_NAME, "%s", given);
            return 0;
        }
    snprintf(wanted, sizeof wanted, "'%s' is none of its words%s", given,
             suggest_names(given, &list, hint, sizeof hint));
    return yaml_problem(reader, entry, "%s", wanted);
}

static int read_technique(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    return read_one_of(reader, entry, techniques, ((struct case_file *)data)->technique);
}

static int read_effort(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    return read_one_of(reader, entry, degrees, ((struct case_file *)data)->effort);
}

static int read_risk(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    return read_one_of(reader, entry, degrees, ((struct case_file *)data)->risk);
}

static int read_rollback(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    struct case_file *file = data;
    return yaml_read_text(reader, entry, "text", file->rollback, sizeof file->rollback);
}

static int read_cost(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    struct case_file *file = data;
    return yaml_read_text(reader, entry, "text", file->cost, sizeof file->cost);
}

static int read_tag(struct yaml_reader *reader, const struct yaml_entry *entry, size_t index, void *data) {
    struct case_file *file = data;
    if (index >= CASE_TAGS)
        return yaml_problem(reader, entry, "expected at most %d tags", CASE_TAGS);
    char *tag = file->tags[index];
    int error = yaml_read_text(reader, entry, "a tag", tag, RESULT_NAME);
    if (!error && tag[strspn(tag, "abcdefghijklmnopqrstuvwxyz0123456789-")])
        error = yaml_problem(reader, entry, "expected lower-case letters, digits and dashes, got '%s'", tag);
    for (size_t i = 0; !error && i < index; i++)
        if (strcmp(file->tags[i], tag) == 0)
            error = yaml_problem(reader, entry, "expected each tag once, got %s a second time", tag);
    file->tag_count = index + 1;
    return error;
}

static int read_tags(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    return yaml_each_element(reader, entry, true, "a list of tags", read_tag, data);
}

static const struct yaml_key case_keys[] = {
    {"title", read_title},
    {"tags", read_tags},
    {"technique", read_technique},
    {"effort", read_effort},
    {"risk", read_risk},
    {"rollback", read_rollback},
    {"cost", read_cost},
    {"kernel", read_kernel},
    {"baseline", read_baseline},
    {"candidates", read_candidates},
    {"sweep", read_sweep},
    {"quick", read_quick},
    {"full", read_full},
    {"target", read_target},
    {"slo", read_slo},
    {"clients", read_clients},
    {"predict", read_predict},
    {"events", read_events},
    {NULL, NULL},
};

static int line_problem(const struct case_file *file, struct problem *problem, int line, const char *text) {
    return problem_set(problem, EINVAL, "%s:%d: %s", file->path, line, text);
}

/* What only the whole file shows. */
static int check_whole(const struct case_file *file, struct problem *problem) {
    char text[256];
    if (!*file->title || !*file->kernel)
        return line_problem(file, problem, 1,
                            !*file->title ? "title: missing; every case has a title"
                                          : "kernel: missing; every case names the kernel it studies");
    for (size_t i = 0; i < file->candidate_count; i++)
        if (*file->baseline && strcmp(file->candidates[i], file->baseline) == 0) {
            snprintf(text, sizeof text, "candidates: %s is the baseline and cannot be a candidate too",
                     file->baseline);
            return line_problem(file, problem, file->candidates_line, text);
        }
    return 0;
}

static const struct case_axis *find_axis(const struct case_axis *axes, size_t count, const char *parameter) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(axes[i].parameter, parameter) == 0)
            return &axes[i];
    return NULL;
}

/*
 * quick and full replace axes of the sweep; an axis of their own would change which parameters a point has.
 */
static int check_overrides(const struct case_file *file, const char *key, const struct case_axis *axes,
                           size_t count, struct problem *problem) {
    for (size_t i = 0; i < count; i++)
        if (!find_axis(file->sweep, file->sweep_count, axes[i].parameter))
            return problem_set(problem, EINVAL,
                               "%s:%d: %s.%s: sweep has no %s to override; add it there with its usual value",
                               file->path, axes[i].line, key, axes[i].parameter, axes[i].parameter);
    return 0;
}

/* `length`: of the path of the folder that holds the case's, its slash included. */
static void set_group(struct case_file *file, const char *whole, size_t length) {
    for (size_t i = 0; case_groups[i]; i++) {
        size_t group = strlen(case_groups[i]);
        if (length > group + 1 && whole[length - group - 2] == '/' &&
            strncmp(whole + length - group - 1, case_groups[i], group) == 0)
            snprintf(file->group, sizeof file->group, "%s", case_groups[i]);
    }
}

/* A case's name is its folder's, also for "." and "cases/x/". */
static int set_names(struct case_file *file, const char *folder, struct problem *problem) {
    char *whole = realpath(folder, NULL);
    if (!whole) {
        int error = errno;
        return problem_set(problem, error, "%s: cannot open the case's folder: %s", folder, strerror(error));
    }
    const char *slash = strrchr(whole, '/'), *name = slash ? slash + 1 : whole;
    size_t name_length = strlen(name), length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/')
        length--;
    int error = 0;
    if (name_length >= sizeof file->name)
        error = problem_set(problem, ENAMETOOLONG, "%s: expected a folder name of at most %zu bytes", folder,
                            sizeof file->name - 1);
    else if (length + sizeof "/case.yaml" > sizeof file->path)
        error = problem_set(problem, ENAMETOOLONG, "%s: the path is too long", folder);
    if (!error) {
        memcpy(file->name, name, name_length + 1);
        snprintf(file->path, sizeof file->path, "%.*s/case.yaml", (int)length, folder);
        set_group(file, whole, (size_t)(name - whole));
    }
    free(whole);
    return error;
}

int case_file_load(struct case_file *file, const char *folder, struct problem *problem) {
    memset(file, 0, sizeof *file);
    file->target = DEFAULT_TARGET;
    int error = set_names(file, folder, problem);
    if (error)
        return error;
    struct yaml_reader reader;
    error = yaml_reader_open(&reader, file->path, problem);
    if (error)
        return error;
    struct yaml_entry root = yaml_root(&reader);
    error = yaml_read_keys(&reader, &root, "a mapping with title, kernel, sweep and so on", case_keys, file);
    yaml_reader_close(&reader);
    if (!error)
        error = check_whole(file, problem);
    if (!error)
        error = check_overrides(file, "quick", file->quick, file->quick_count, problem);
    if (!error)
        error = check_overrides(file, "full", file->full, file->full_count, problem);
    return error;
}

static bool compare(double left, const char *operator, double right) {
    bool orequal = operator[1] == '=';
    switch (operator[0]) {
    case '<':
        return left < right || (orequal && left == right);
    case '>':
        return left > right || (orequal && left == right);
    case '!':
        return left != right;
    default:
        return left == right;
    }
}

bool case_condition_holds(const struct case_condition *condition, double value) {
    return !isnan(value) && compare(value, condition->operator, condition->value);
}

static bool condition_holds(const struct case_condition *condition, const struct point *point) {
    for (size_t i = 0; i < point->count; i++) {
        const struct point_value *value = &point->values[i];
        if (strcmp(value->name, condition->name) != 0)
            continue;
        if (*condition->text)
            return *value->choice &&
                   (strcmp(value->choice, condition->text) == 0) == (condition->operator[0] == '=');
        return !*value->choice && compare((double)value->value, condition->operator, condition->value);
    }
    return false;
}

bool case_prediction_applies(const struct case_prediction *prediction, const struct point *point) {
    for (size_t i = 0; i < prediction->where_count; i++)
        if (!condition_holds(&prediction->where[i], point))
            return false;
    return true;
}
