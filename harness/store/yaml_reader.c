#include "store/yaml_reader.h"

#include "base/numbers.h"
#include "store/suggest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *scalar_text(const yaml_node_t *node) {
    return (const char *)node->data.scalar.value;
}

/* Text that holds a zero byte would be cut where C ends it. */
static bool has_zero_byte(const yaml_node_t *node) {
    return strlen(scalar_text(node)) != node->data.scalar.length;
}

static bool is_quoted(const yaml_node_t *node) {
    return node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
}

int yaml_problem(const struct yaml_reader *reader, const struct yaml_entry *entry, const char *format, ...) {
    char text[560];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return problem_set(reader->problem, EINVAL, "%s:%d: %s%s%s", reader->path, entry->line, entry->place,
                       *entry->place ? ": " : "", text);
}

int yaml_type_problem(const struct yaml_reader *reader, const struct yaml_entry *entry, const char *wanted) {
    const yaml_node_t *node = entry->node;
    if (node->type == YAML_MAPPING_NODE)
        return yaml_problem(reader, entry, "expected %s, got a mapping", wanted);
    if (node->type == YAML_SEQUENCE_NODE)
        return yaml_problem(reader, entry, "expected %s, got a list", wanted);
    if (!node->data.scalar.length && !is_quoted(node))
        return yaml_problem(reader, entry, "expected %s, got nothing", wanted);
    return yaml_problem(reader, entry, "expected %s, got \"%.60s\"", wanted, scalar_text(node));
}

static int read_bytes(int file, char *bytes, size_t limit, size_t *length) {
    *length = 0;
    while (*length < limit) {
        ssize_t count = read(file, bytes + *length, limit - *length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -errno;
        if (count == 0)
            break;
        *length += (size_t)count;
    }
    return 0;
}

static int read_file(const char *path, char *bytes, size_t *length, struct problem *problem) {
    struct stat facts;
    int file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file < 0) {
        int error = errno;
        return problem_set(problem, error, "%s: cannot open: %s", path, strerror(error));
    }
    if (fstat(file, &facts) == 0 && !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode)) {
        close(file); /* a pipe would be waited for, and a device read, without an end */
        return problem_set(problem, EINVAL, "%s: expected a file, got a pipe, a socket or a device", path);
    }
    int error = read_bytes(file, bytes, YAML_FILE_LIMIT + 1, length);
    close(file);
    if (error)
        return problem_set(problem, -error, "%s: cannot read: %s", path, strerror(-error));
    if (*length > YAML_FILE_LIMIT)
        return problem_set(problem, EFBIG, "%s: expected at most %d bytes", path, YAML_FILE_LIMIT);
    return 0;
}

static int syntax_problem(const yaml_parser_t *parser, const char *path, struct problem *problem) {
    if (parser->error == YAML_MEMORY_ERROR)
        return problem_set(problem, ENOMEM, "%s: out of memory", path);
    if (parser->error == YAML_READER_ERROR)
        return problem_set(problem, EINVAL, "%s: byte %zu: not YAML: %s", path, parser->problem_offset,
                           parser->problem);
    return problem_set(problem, EINVAL, "%s:%zu: not YAML: %s%s%s", path, parser->problem_mark.line + 1,
                       parser->context ? parser->context : "", parser->context ? ": " : "", parser->problem);
}

/* A second document would be ignored in silence. */
static int refuse_second_document(yaml_parser_t *parser, const char *path, struct problem *problem) {
    yaml_document_t second;
    if (!yaml_parser_load(parser, &second))
        return syntax_problem(parser, path, problem);
    const yaml_node_t *root = yaml_document_get_root_node(&second);
    int error = root ? problem_set(problem, EINVAL, "%s:%zu: expected one document, got a second", path,
                                   second.start_mark.line + 1)
                     : 0;
    yaml_document_delete(&second);
    return error;
}

static int parse_bytes(struct yaml_reader *reader, const char *bytes, size_t length) {
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return problem_set(reader->problem, ENOMEM, "%s: out of memory", reader->path);
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, length);
    int error = 0;
    if (!yaml_parser_load(&parser, &reader->document)) {
        error = syntax_problem(&parser, reader->path, reader->problem);
    } else {
        if (!yaml_document_get_root_node(&reader->document))
            error = problem_set(reader->problem, EINVAL, "%s: the file is empty", reader->path);
        else
            error = refuse_second_document(&parser, reader->path, reader->problem);
        if (error)
            yaml_document_delete(&reader->document);
    }
    yaml_parser_delete(&parser);
    return error;
}

int yaml_reader_open(struct yaml_reader *reader, const char *path, struct problem *problem) {
    *reader = (struct yaml_reader){.path = path, .problem = problem};
    char *bytes = malloc(YAML_FILE_LIMIT + 1);
    if (!bytes)
        return problem_set(problem, ENOMEM, "%s: out of memory", path);
    size_t length = 0;
    int error = read_file(path, bytes, &length, problem);
    if (!error)
        error = parse_bytes(reader, bytes, length);
    free(bytes);
    return error;
}

void yaml_reader_close(struct yaml_reader *reader) {
    yaml_document_delete(&reader->document);
}

struct yaml_entry yaml_root(struct yaml_reader *reader) {
    struct yaml_entry root = {.node = yaml_document_get_root_node(&reader->document)};
    root.line = (int)root.node->start_mark.line + 1;
    return root;
}

static const yaml_node_t *node_at(struct yaml_reader *reader, int index) {
    return yaml_document_get_node(&reader->document, index);
}

/* A case needs none, and what a tag asks for would be ignored in silence. */
static int refuse_tag(const struct yaml_reader *reader, const struct yaml_entry *entry) {
    static const char *const plain[] = {YAML_STR_TAG, YAML_SEQ_TAG, YAML_MAP_TAG};
    const char *tag = (const char *)entry->node->tag;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (!tag || strcmp(tag, plain[i]) == 0)
            return 0;
    return yaml_problem(reader, entry, "expected no tag, got %.60s", tag);
}

/* Whether an earlier key of the mapping has the same text. */
static bool key_seen_before(struct yaml_reader *reader, const yaml_node_t *mapping,
                            const yaml_node_pair_t *pair) {
    const char *key = scalar_text(node_at(reader, pair->key));
    for (const yaml_node_pair_t *earlier = mapping->data.mapping.pairs.start; earlier < pair; earlier++)
        if (strcmp(scalar_text(node_at(reader, earlier->key)), key) == 0)
            return true;
    return false;
}

int yaml_each_key(struct yaml_reader *reader, const struct yaml_entry *mapping, const char *wanted,
                  yaml_visitor visit, void *data) {
    const yaml_node_t *node = mapping->node;
    if (node->type != YAML_MAPPING_NODE)
        return yaml_type_problem(reader, mapping, wanted);
    size_t index = 0;
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = node_at(reader, pair->key);
        struct yaml_entry entry = {.node = key, .line = (int)key->start_mark.line + 1};
        snprintf(entry.place, sizeof entry.place, "%s", mapping->place);
        if (key->type != YAML_SCALAR_NODE || !key->data.scalar.length || has_zero_byte(key))
            return yaml_type_problem(reader, &entry, "a key that is text");
        snprintf(entry.place, sizeof entry.place, "%.100s%s%.80s", mapping->place, *mapping->place ? "." : "",
                 scalar_text(key));
        if (key_seen_before(reader, node, pair))
            return yaml_problem(reader, &entry, "expected each key once, got it a second time");
        entry.key = scalar_text(key);
        entry.node = node_at(reader, pair->value);
        int error = refuse_tag(reader, &entry);
        if (!error)
            error = visit(reader, &entry, index++, data);
        if (error)
            return error;
    }
    return 0;
}

int yaml_each_element(struct yaml_reader *reader, const struct yaml_entry *sequence, bool single,
                      const char *wanted, yaml_visitor visit, void *data) {
    const yaml_node_t *node = sequence->node;
    bool absent = node->type == YAML_SCALAR_NODE && !node->data.scalar.length && !is_quoted(node);
    if (single && node->type == YAML_SCALAR_NODE && !absent)
        return visit(reader, sequence, 0, data);
    if (node->type != YAML_SEQUENCE_NODE)
        return yaml_type_problem(reader, sequence, wanted);
    size_t count = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    for (size_t i = 0; i < count; i++) {
        struct yaml_entry entry = {.node = node_at(reader, node->data.sequence.items.start[i])};
        entry.line = (int)entry.node->start_mark.line + 1;
        snprintf(entry.place, sizeof entry.place, "%.*s[%zu]", (int)sizeof entry.place - 24, sequence->place,
                 i);
        int error = refuse_tag(reader, &entry);
        if (!error)
            error = visit(reader, &entry, i, data);
        if (error)
            return error;
    }
    return count ? 0 : yaml_problem(reader, sequence, "expected %s, got an empty list", wanted);
}

struct key_table {
    const struct yaml_key *keys;
    void *data;
};

static const char *key_name(const void *data, size_t index) {
    return ((const struct yaml_key *)data)[index].name;
}

static int read_key(struct yaml_reader *reader, const struct yaml_entry *entry, size_t index, void *data) {
    (void)index;
    const struct key_table *table = data;
    for (const struct yaml_key *key = table->keys; key->name; key++)
        if (strcmp(key->name, entry->key) == 0)
            return key->read(reader, entry, table->data);
    struct name_list names = {key_name, table->keys};
    char suggestion[256];
    return yaml_problem(reader, entry, "unknown key%s",
                        suggest_names(entry->key, &names, suggestion, sizeof suggestion));
}

int yaml_read_keys(struct yaml_reader *reader, const struct yaml_entry *mapping, const char *wanted,
                   const struct yaml_key *keys, void *data) {
    struct key_table table = {keys, data};
    return yaml_each_key(reader, mapping, wanted, read_key, &table);
}

int yaml_read_text(const struct yaml_reader *reader, const struct yaml_entry *entry, const char *wanted,
                   char *text, size_t size) {
    const yaml_node_t *node = entry->node;
    if (node->type != YAML_SCALAR_NODE || !node->data.scalar.length)
        return yaml_type_problem(reader, entry, wanted);
    if (has_zero_byte(node))
        return yaml_problem(reader, entry, "expected %s, got a zero byte in it", wanted);
    if (node->data.scalar.length >= size)
        return yaml_problem(reader, entry, "expected %s of at most %zu bytes, got %zu", wanted, size - 1,
                            node->data.scalar.length);
    memcpy(text, scalar_text(node), node->data.scalar.length + 1);
    return 0;
}

bool parse_number(const char *text, double *value) {
    return number_read(text, strlen(text), value);
}

int yaml_read_number(const struct yaml_reader *reader, const struct yaml_entry *entry, double *value) {
    const yaml_node_t *node = entry->node;
    if (node->type != YAML_SCALAR_NODE || is_quoted(node) || !parse_number(scalar_text(node), value))
        return yaml_type_problem(reader, entry, "a number");
    return 0;
}

enum yaml_integer yaml_integer_of(const yaml_node_t *node, int64_t *value) {
    if (node->type != YAML_SCALAR_NODE || is_quoted(node))
        return YAML_NOT_INTEGER;
    const char *text = scalar_text(node), *digits = text + (*text == '-');
    if (!*digits || digits[strspn(digits, "0123456789")] || has_zero_byte(node))
        return YAML_NOT_INTEGER;
    errno = 0;
    long long number = strtoll(text, NULL, 10);
    *value = number;
    return errno ? YAML_INTEGER_TOO_LARGE : YAML_IS_INTEGER;
}
