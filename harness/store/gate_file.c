/* The expectations file of a gate. */
#include "store/gate.h"
#include "store/yaml_reader.h"

#include <math.h>
#include <string.h>

static int read_of(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    struct gate_expectation *expectation = data;
    return yaml_read_text(reader, entry, "a command or a function, as the gate is given it", expectation->of,
                          sizeof expectation->of);
}

/* "2%" or "2 %". */
static int read_slowdown(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    struct gate_expectation *expectation = data;
    char text[32];
    int error = yaml_read_text(reader, entry, "a percentage such as 2%", text, sizeof text);
    size_t length = error ? 0 : strspn(text, "0123456789.");
    const char *rest = text + length + (error ? 0 : strspn(text + length, " "));
    if (error)
        return error;
    bool percent = length > 0 && *rest == '%' && !rest[1];
    text[length] = '\0';
    if (!percent || !parse_number(text, &expectation->max_slowdown) || expectation->max_slowdown > 1000)
        return yaml_problem(reader, entry, "expected a percentage from 0%% to 1000%%");
    expectation->max_slowdown /= 100;
    return 0;
}

static int read_verdict(struct yaml_reader *reader, const struct yaml_entry *entry, size_t index,
                        void *data) {
    struct gate_expectation *expectation = data;
    char text[RESULT_NAME];
    (void)index;
    int error = yaml_read_text(reader, entry, "faster, slower or equivalent", text, sizeof text);
    int verdict = error ? 0 : verdict_by_name(text);
    if (error)
        return error;
    if (verdict != VERDICT_FASTER && verdict != VERDICT_SLOWER && verdict != VERDICT_EQUIVALENT)
        return yaml_problem(reader, entry, "expected faster, slower or equivalent, got \"%s\"", text);
    expectation->verdicts |= 1u << verdict;
    return 0;
}

static int read_verdicts(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    return yaml_each_element(reader, entry, true, "a verdict or a list of them", read_verdict, data);
}

static int read_target(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    struct gate_expectation *expectation = data;
    int error = yaml_read_number(reader, entry, &expectation->target);
    if (!error && !(expectation->target > 0))
        error = yaml_problem(reader, entry, "expected a speedup above 0, got %g", expectation->target);
    return error;
}

/* "64M", or bytes. */
static int read_memory(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    struct gate_expectation *expectation = data;
    static const char units[] = "KMG";
    char text[32];
    int error = yaml_read_text(reader, entry, "a size such as 64M", text, sizeof text);
    if (error)
        return error;
    size_t length = strspn(text, "0123456789.");
    const char *unit = text[length] ? strchr(units, text[length]) : NULL;
    bool whole = length > 0 && (text[length] == '\0' || (unit && text[length + 1] == '\0'));
    text[length] = '\0';
    if (!whole || !parse_number(text, &expectation->most_memory) || !(expectation->most_memory > 0))
        return yaml_problem(reader, entry, "expected a size such as 64M, 2G or bytes");
    for (const char *u = units; unit && u <= unit; u++)
        expectation->most_memory *= 1024;
    return 0;
}

static int read_counter(struct yaml_reader *reader, const struct yaml_entry *entry, size_t index,
                        void *data) {
    struct gate_expectation *expectation = data;
    char text[RESULT_NAME];
    (void)index;
    if (expectation->counter_count == GATE_COUNTERS)
        return yaml_problem(reader, entry, "expected at most %d counters", GATE_COUNTERS);
    struct case_condition *condition = &expectation->counters[expectation->counter_count];
    int error = yaml_read_text(reader, entry, "a bound on the ratio such as \"< 1.02\"", text, sizeof text);
    if (error)
        return error;
    size_t length = strspn(text, "<>=");
    const char *number = text + length + strspn(text + length, " ");
    bool known = (text[0] == '<' || text[0] == '>') && (length == 1 || (length == 2 && text[1] == '='));
    if (!known || !parse_number(number, &condition->value) || condition->value < 0)
        return yaml_problem(reader, entry, "expected a bound on the ratio such as \"< 1.02\" or \">= 0.5\"");
    if (strlen(entry->key) >= sizeof condition->name)
        return yaml_problem(reader, entry, "expected the name of a counter; `countersign list events`");
    strcpy(condition->name, entry->key);
    memcpy(condition->operator, text, length);
    condition->line = entry->line;
    expectation->counter_count++;
    return 0;
}

static int read_counters(struct yaml_reader *reader, const struct yaml_entry *entry, void *data) {
    return yaml_each_key(reader, entry, "a mapping of counters to bounds", read_counter, data);
}

static const struct yaml_key keys[] = {{"of", read_of},
                                       {"max-slowdown", read_slowdown},
                                       {"verdict", read_verdicts},
                                       {"target", read_target},
                                       {"memory", read_memory},
                                       {"counters", read_counters},
                                       {NULL, NULL}};

static int read_expectation(struct yaml_reader *reader, const struct yaml_entry *entry, size_t index,
                            void *data) {
    struct gate_file *file = data;
    if (index >= GATE_EXPECTATIONS)
        return yaml_problem(reader, entry, "expected at most %d expectations", GATE_EXPECTATIONS);
    struct gate_expectation *expectation = &file->expectations[file->count++];
    *expectation = (struct gate_expectation){
        .max_slowdown = NAN, .target = NAN, .most_memory = NAN, .line = entry->line};
    return yaml_read_keys(reader, entry, "a mapping of what is expected", keys, expectation);
}

int gate_file_load(struct gate_file *file, const char *path, struct problem *problem) {
    struct yaml_reader reader;
    memset(file, 0, sizeof *file);
    int error = yaml_reader_open(&reader, path, problem);
    if (error)
        return error;
    struct yaml_entry root = yaml_root(&reader);
    error = yaml_each_element(&reader, &root, false, "a list of expectations", read_expectation, file);
    yaml_reader_close(&reader);
    return error;
}
