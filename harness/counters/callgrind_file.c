#include "counters/callgrind_file.h"

#include "host/text_file.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A cost is kept as it is read, and summed up by function and line at the end. */
struct entry {
    char *name, *function_file, *object; /* of the function */
    char *file;
    unsigned line;
    uint64_t cost[CALLGRIND_EVENTS];
};

/* Objects, files and functions are each numbered apart; called ones share the numbers of callers. */
enum name_space { NAMES_OBJECT, NAMES_FILE, NAMES_FUNCTION, NAME_SPACES };

struct names {
    char **by_id;
    size_t capacity;
};

/* Callgrind numbers from 1 on without gaps: a larger number is nonsense, not a name to make room for. */
#define HIGHEST_ID (1u << 24)

static char unknown_name[] = "???";

struct reader {
    struct callgrind_profile *profile;
    struct problem *problem;
    const char *path;
    unsigned line_number;
    bool details;
    struct names names[NAME_SPACES];
    size_t string_capacity;
    char *object, *function_file, *function, *file;
    bool has_instruction, has_line; /* what the file's positions are */
    uint64_t instruction, line;     /* last position: others may be relative to it */
    bool call;                      /* the next cost is that of a call, inclusive */
    bool from_callgrind;
    bool has_events, has_summary, has_totals; /* of the part being read */
    uint64_t summary[CALLGRIND_EVENTS], totals[CALLGRIND_EVENTS];
    struct entry *entries;
    size_t entry_count, entry_capacity, address_capacity;
};

static int expected(struct reader *reader, const char *what) {
    if (reader->line_number == 0)
        return problem_set(reader->problem, EINVAL, "%s is empty; most likely the disk that it is on is full",
                           reader->path);
    return problem_set(reader->problem, EINVAL,
                       "%s:%u: expected %s; it is not a profile of Callgrind, or is damaged", reader->path,
                       reader->line_number, what);
}

static int cut_short(struct reader *reader, const char *what) {
    return problem_set(reader->problem, EINVAL, "%s:%u: expected %s; the file is cut short", reader->path,
                       reader->line_number, what);
}

static int no_memory(struct reader *reader) {
    return problem_set(reader->problem, ENOMEM, "%s: no memory for the profile", reader->path);
}

/* Makes room for one more element. */
static int grow(void **array, size_t *capacity, size_t count, size_t size) {
    if (count < *capacity)
        return 0;
    size_t larger = *capacity ? *capacity * 2 : 64;
    void *moved = realloc(*array, larger * size);
    if (!moved)
        return -ENOMEM;
    *array = moved;
    *capacity = larger;
    return 0;
}

/* A copy that the profile owns; NULL without memory. */
static char *keep_string(struct reader *reader, const char *text, size_t length) {
    struct callgrind_profile *profile = reader->profile;
    if (grow((void **)&profile->strings, &reader->string_capacity, profile->string_count, sizeof(char *)))
        return NULL;
    char *copy = strndup(text, length);
    if (copy)
        profile->strings[profile->string_count++] = copy;
    return copy;
}

static void skip_blanks(const char **at) {
    while (**at == ' ' || **at == '\t')
        (*at)++;
}

static bool line_ends(const char *at) {
    return *at == '\0' || *at == '\r';
}

/* Reads a decimal or 0x number; false where there is none or it does not fit. */
static bool read_number(const char **at, uint64_t *number) {
    int base = (*at)[0] == '0' && (*at)[1] == 'x' ? 16 : 10;
    const char *digits = *at + (base == 16 ? 2 : 0);
    if (base == 16 ? !isxdigit((unsigned char)*digits) : !isdigit((unsigned char)*digits))
        return false;
    char *end;
    errno = 0;
    *number = strtoull(digits, &end, base);
    *at = end;
    return errno == 0;
}

/* Reads "(id) name", "(id)" or "name" into *name. */
static int read_name(struct reader *reader, enum name_space space, const char *at, char **name) {
    size_t length = strcspn(at, "\r");
    uint64_t id;
    const char *after = at + 1;
    if (*at != '(' || !read_number(&after, &id) || *after != ')') {
        *name = keep_string(reader, at, length);
        return *name ? 0 : no_memory(reader);
    }
    struct names *names = &reader->names[space];
    after++;
    skip_blanks(&after);
    if (line_ends(after)) {
        *name = id < names->capacity ? names->by_id[id] : NULL;
        return *name ? 0 : expected(reader, "a number that was given a name before");
    }
    if (id > HIGHEST_ID)
        return expected(reader, "a smaller number of a name");
    if (id >= names->capacity) {
        size_t capacity = names->capacity ? names->capacity : 64;
        while (capacity <= id)
            capacity *= 2;
        char **by_id = realloc(names->by_id, capacity * sizeof *by_id);
        if (!by_id)
            return no_memory(reader);
        memset(by_id + names->capacity, 0, (capacity - names->capacity) * sizeof *by_id);
        *names = (struct names){by_id, capacity};
    }
    *name = names->by_id[id] = keep_string(reader, after, length - (size_t)(after - at));
    return *name ? 0 : no_memory(reader);
}

/* Reads "NUMBER", "+N", "-N" or "*", the last three relative to *last; `change`: it becomes the last. */
static int read_position(struct reader *reader, const char **at, uint64_t *last, bool change) {
    uint64_t number = *last, distance;
    char sign = **at;
    if (sign == '*') {
        ++*at;
    } else if (sign == '+' || sign == '-') {
        ++*at;
        if (!read_number(at, &distance) || (sign == '-' ? distance > number : distance > UINT64_MAX - number))
            return expected(reader, "a distance to the last position");
        number = sign == '-' ? number - distance : number + distance;
    } else if (!read_number(at, &number)) {
        return expected(reader, "a position");
    }
    if (**at != ' ' && **at != '\t' && !line_ends(*at))
        return expected(reader, "a blank after the position");
    skip_blanks(at);
    if (change)
        *last = number;
    return 0;
}

static int read_positions(struct reader *reader, const char **at, bool change) {
    int status = 0;
    if (reader->has_instruction)
        status = read_position(reader, at, &reader->instruction, change);
    if (!status && reader->has_line)
        status = read_position(reader, at, &reader->line, change);
    return status;
}

/* Reads costs up to the end of the line; those that are left out are 0. */
static int read_costs(struct reader *reader, const char *at, uint64_t *cost) {
    memset(cost, 0, CALLGRIND_EVENTS * sizeof *cost);
    skip_blanks(&at);
    for (size_t i = 0; !line_ends(at); i++) {
        if (i == reader->profile->event_count)
            return expected(reader, "no more costs than there are events");
        if (!read_number(&at, &cost[i]) || (*at != ' ' && *at != '\t' && !line_ends(at)))
            return expected(reader, "a cost");
        skip_blanks(&at);
    }
    return 0;
}

static int keep_address(struct reader *reader) {
    struct callgrind_profile *profile = reader->profile;
    if (grow((void **)&profile->addresses, &reader->address_capacity, profile->address_count,
             sizeof *profile->addresses))
        return -ENOMEM;
    profile->addresses[profile->address_count++] =
        (struct callgrind_address){reader->object, reader->instruction};
    return 0;
}

static int read_cost_line(struct reader *reader, const char *at) {
    if (!reader->has_events)
        return expected(reader, "a line \"events:\" before costs");
    int status = read_positions(reader, &at, true);
    if (status)
        return status;
    uint64_t cost[CALLGRIND_EVENTS];
    status = read_costs(reader, at, cost);
    if (status)
        return status;
    bool call = reader->call;
    reader->call = false;
    if (!call && reader->has_instruction && keep_address(reader))
        return no_memory(reader);
    if (call || !reader->details)
        return 0;
    if (!reader->function)
        return expected(reader, "a line \"fn=\" before costs");
    if (grow((void **)&reader->entries, &reader->entry_capacity, reader->entry_count, sizeof(struct entry)))
        return no_memory(reader);
    struct entry *entry = &reader->entries[reader->entry_count++];
    unsigned line = reader->has_line && reader->line <= INT32_MAX ? (unsigned)reader->line : 0;
    *entry = (struct entry){reader->function, reader->function_file, reader->object, reader->file, line, {0}};
    memcpy(entry->cost, cost, sizeof cost);
    return 0;
}

/* "calls=COUNT POSITION": the position is the callee's, and no later one is relative to it. */
static int read_call(struct reader *reader, const char *at) {
    uint64_t count;
    if (!read_number(&at, &count) || *at != ' ')
        return expected(reader, "a number of calls and a position");
    skip_blanks(&at);
    reader->call = true;
    return read_positions(reader, &at, false);
}

/* A line "key=value". */
static int read_assignment(struct reader *reader, const char *key, size_t length, const char *value) {
    static const struct {
        const char *key;
        enum name_space space;
        bool other; /* of a callee or of a jump's target: only its number is worth noting */
    } keys[] = {{"ob", NAMES_OBJECT, false},    {"fl", NAMES_FILE, false},     {"fi", NAMES_FILE, false},
                {"fe", NAMES_FILE, false},      {"fn", NAMES_FUNCTION, false}, {"cob", NAMES_OBJECT, true},
                {"cfi", NAMES_FILE, true},      {"cfl", NAMES_FILE, true},     {"cfn", NAMES_FUNCTION, true},
                {"jobj", NAMES_OBJECT, true},   {"jfi", NAMES_FILE, true},     {"jfn", NAMES_FUNCTION, true},
                {"frfn", NAMES_FUNCTION, true}, {"rfn", NAMES_FUNCTION, true}};
    if ((length == 5 && !strncmp(key, "calls", 5)) || (length == 6 && !strncmp(key, "rcalls", 6)))
        return read_call(reader, value);
    if (length == 4 && (!strncmp(key, "jcnd", 4) || !strncmp(key, "jump", 4)))
        return 0; /* the next line is a position without costs */
    size_t i = 0;
    while (i < sizeof keys / sizeof *keys &&
           (strlen(keys[i].key) != length || strncmp(keys[i].key, key, length)))
        i++;
    if (i == sizeof keys / sizeof *keys)
        return expected(reader, "a name, a call or a cost");
    char *name;
    int status = read_name(reader, keys[i].space, value, &name);
    if (status || keys[i].other)
        return status;
    if (keys[i].space == NAMES_OBJECT)
        reader->object = name;
    else if (keys[i].space == NAMES_FUNCTION)
        reader->function = name, reader->file = reader->function_file;
    else
        reader->file = name;
    if (!strncmp(key, "fl", 2))
        reader->function_file = name;
    return 0;
}

static int read_events(struct reader *reader, const char *at) {
    struct callgrind_profile *profile = reader->profile;
    size_t count = 0;
    bool first = profile->event_count == 0;
    for (skip_blanks(&at); !line_ends(at); skip_blanks(&at), count++) {
        size_t length = strcspn(at, " \t\r");
        if (count == CALLGRIND_EVENTS || length >= sizeof profile->events[0])
            return expected(reader, "at most 16 events with names of at most 15 characters");
        if (first)
            memcpy(profile->events[count], at, length);
        else if (count >= profile->event_count || strlen(profile->events[count]) != length ||
                 strncmp(profile->events[count], at, length))
            return expected(reader, "the same events in every part");
        at += length;
    }
    if (count == 0 || (!first && count != profile->event_count))
        return expected(reader, first ? "names of events" : "the same events in every part");
    profile->event_count = count;
    return 0;
}

static int read_position_kinds(struct reader *reader, const char *at) {
    reader->has_line = reader->has_instruction = false;
    for (skip_blanks(&at); !line_ends(at); skip_blanks(&at)) {
        size_t length = strcspn(at, " \t\r");
        if (length == 4 && !strncmp(at, "line", 4) && !reader->has_line)
            reader->has_line = true;
        else if (((length == 5 && !strncmp(at, "instr", 5)) || (length == 4 && !strncmp(at, "addr", 4))) &&
                 !reader->has_line)
            reader->has_instruction = true;
        else
            return expected(reader, "positions \"line\", \"instr\" or \"instr line\"");
        at += length;
    }
    return 0;
}

/* Adds the totals of the part that ends here to the profile's. */
static int end_part(struct reader *reader) {
    if (!reader->has_events)
        return 0;
    if (reader->call)
        return cut_short(reader, "the cost of a call");
    if (!reader->has_totals && (reader->from_callgrind || !reader->has_summary))
        return cut_short(reader, "a line \"totals:\"");
    const uint64_t *total = reader->has_totals ? reader->totals : reader->summary;
    for (size_t i = 0; i < reader->profile->event_count; i++)
        reader->profile->total[i] += total[i];
    reader->has_events = reader->has_totals = reader->has_summary = false;
    return 0;
}

/* A line "key: value"; most describe the run and are of no use here. */
static int read_field(struct reader *reader, const char *key, size_t length, const char *value) {
    if (length == 7 && !strncmp(key, "version", 7)) {
        uint64_t version;
        skip_blanks(&value);
        if (!read_number(&value, &version) || version != 1)
            return expected(reader, "version 1 of the format");
    } else if (length == 7 && !strncmp(key, "creator", 7)) {
        reader->from_callgrind = strstr(value, "callgrind-") != NULL;
    } else if (length == 6 && !strncmp(key, "thread", 6)) {
        uint64_t thread;
        skip_blanks(&value);
        if (!read_number(&value, &thread) || thread > INT32_MAX)
            return expected(reader, "the number of a thread");
        if (thread > reader->profile->threads)
            reader->profile->threads = (unsigned)thread;
    } else if (length == 3 && !strncmp(key, "cmd", 3)) {
        skip_blanks(&value);
        reader->profile->command = keep_string(reader, value, strlen(value));
        return reader->profile->command ? 0 : no_memory(reader);
    } else if (length == 9 && !strncmp(key, "positions", 9)) {
        return read_position_kinds(reader, value);
    } else if (length == 6 && !strncmp(key, "events", 6)) {
        int status = end_part(reader);
        reader->has_events = true;
        reader->instruction = reader->line = 0;
        return status ? status : read_events(reader, value);
    } else if (length == 7 && !strncmp(key, "summary", 7)) {
        reader->has_summary = true;
        return read_costs(reader, value, reader->summary);
    } else if (length == 6 && !strncmp(key, "totals", 6)) {
        if (!reader->has_events)
            return expected(reader, "a line \"events:\" before \"totals:\"");
        reader->has_totals = true;
        return read_costs(reader, value, reader->totals);
    }
    return 0;
}

static int read_line(struct reader *reader, const char *line) {
    skip_blanks(&line);
    if (line_ends(line) || *line == '#')
        return 0;
    if (isdigit((unsigned char)*line) || *line == '+' || *line == '-' || *line == '*')
        return read_cost_line(reader, line);
    size_t length = strspn(line, "abcdefghijklmnopqrstuvwxyz");
    if (length && line[length] == ':')
        return read_field(reader, line, length, line + length + 1);
    if (length && line[length] == '=') {
        if (reader->call)
            return expected(reader, "the cost of the call before");
        return read_assignment(reader, line, length, line + length + 1);
    }
    return expected(reader, "\"key: value\", \"key=value\" or a cost");
}

static int read_text(struct reader *reader, char *text) {
    int status = 0;
    while (!status && *text) {
        reader->line_number++;
        size_t length = strcspn(text, "\n");
        if (text[length] == '\0')
            return cut_short(reader, "an end of the line");
        text[length] = '\0';
        status = read_line(reader, text);
        text += length + 1;
    }
    if (!status && reader->profile->event_count == 0)
        return expected(reader, "a line \"events:\"");
    return status ? status : end_part(reader);
}

static int compare_functions(const struct entry *x, const struct entry *y) {
    int order = strcmp(x->name, y->name);
    if (!order)
        order = strcmp(x->function_file, y->function_file);
    return order ? order : strcmp(x->object, y->object);
}

static int compare_entries(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    int order = compare_functions(x, y);
    if (!order)
        order = strcmp(x->file, y->file);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static void add_costs(uint64_t *sum, const uint64_t *cost) {
    for (size_t i = 0; i < CALLGRIND_EVENTS; i++)
        sum[i] += cost[i];
}

/* Sums the entries up by function and by line. */
static int summarize(struct reader *reader) {
    struct callgrind_profile *profile = reader->profile;
    struct entry *entries = reader->entries;
    if (reader->entry_count == 0)
        return 0;
    qsort(entries, reader->entry_count, sizeof *entries, compare_entries);
    profile->functions = calloc(reader->entry_count, sizeof *profile->functions);
    profile->lines = calloc(reader->entry_count, sizeof *profile->lines);
    if (!profile->functions || !profile->lines)
        return no_memory(reader);
    for (size_t i = 0; i < reader->entry_count; i++) {
        struct entry *entry = &entries[i];
        if (i == 0 || compare_functions(entry - 1, entry))
            profile->functions[profile->function_count++] =
                (struct callgrind_function){entry->name, entry->function_file, entry->object, {0}};
        if (i == 0 || compare_entries(entry - 1, entry))
            profile->lines[profile->line_count++] =
                (struct callgrind_line){profile->function_count - 1, entry->file, entry->line, {0}};
        add_costs(profile->functions[profile->function_count - 1].cost, entry->cost);
        add_costs(profile->lines[profile->line_count - 1].cost, entry->cost);
    }
    return 0;
}

static int check_totals(struct reader *reader) {
    const struct callgrind_profile *profile = reader->profile;
    uint64_t sum[CALLGRIND_EVENTS] = {0};
    for (size_t i = 0; i < profile->function_count; i++)
        add_costs(sum, profile->functions[i].cost);
    for (size_t i = 0; i < profile->event_count; i++)
        if (sum[i] != profile->total[i])
            return problem_set(reader->problem, EINVAL,
                               "%s: its costs of %s add up to %" PRIu64 ", its totals say %" PRIu64
                               "; the file is damaged",
                               reader->path, profile->events[i], sum[i], profile->total[i]);
    return 0;
}

int callgrind_file_load(struct callgrind_profile *profile, const char *path, int details,
                        struct problem *problem) {
    *profile = (struct callgrind_profile){0};
    char *text;
    int status = text_file_read(path, &text);
    if (status)
        return problem_set(problem, -status, "%s: %s", path, strerror(-status));
    struct reader reader = {.profile = profile,
                            .problem = problem,
                            .path = path,
                            .details = details,
                            .object = unknown_name,
                            .function_file = unknown_name,
                            .file = unknown_name,
                            .has_line = true};
    status = read_text(&reader, text);
    if (!status && details)
        status = summarize(&reader);
    if (!status && details)
        status = check_totals(&reader);
    free(text);
    free(reader.entries);
    for (int i = 0; i < NAME_SPACES; i++)
        free(reader.names[i].by_id);
    if (status)
        callgrind_profile_clear(profile);
    return status;
}

int callgrind_event(const struct callgrind_profile *profile, const char *name) {
    for (size_t i = 0; i < profile->event_count; i++)
        if (!strcmp(profile->events[i], name))
            return (int)i;
    return -1;
}

void callgrind_profile_clear(struct callgrind_profile *profile) {
    for (size_t i = 0; i < profile->string_count; i++)
        free(profile->strings[i]);
    free(profile->strings);
    free(profile->addresses);
    free(profile->functions);
    free(profile->lines);
    *profile = (struct callgrind_profile){0};
}
