/*
 * A thin layer over libyaml's documents (yaml_parser_load) that turns every surprise into "path:line: key:
 * expected X, got Y". libcyaml cannot describe mappings with free keys, which case files are made of. Private
 * to store/.
 */
#ifndef STORE_YAML_READER_H
#define STORE_YAML_READER_H

#include "base/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yaml.h>

#define YAML_FILE_LIMIT (256 * 1024) /**< bytes; a case file is a page */

/** One parsed file. */
struct yaml_reader {
    const char *path; /**< for messages; the caller's */
    struct problem *problem;
    yaml_document_t document;
};

/** A key and its value, with the way to it for messages: "predict[0].where.n". */
struct yaml_entry {
    char place[192];
    const char *key; /**< of a mapping's entry; NULL for the root and for elements */
    const yaml_node_t *node;
    int line; /**< of the key, or of the node where there is none */
};

/** Parses a file of one document. Returns 0, then close it; or -errno with the problem. */
int yaml_reader_open(struct yaml_reader *reader, const char *path, struct problem *problem);
void yaml_reader_close(struct yaml_reader *reader);

/** Sets "path:line: place: TEXT" and returns -EINVAL. */
__attribute__((format(printf, 3, 4))) int
yaml_problem(const struct yaml_reader *reader, const struct yaml_entry *entry, const char *format, ...);

/** Refuses a node: "expected WANTED, got a list". Returns -EINVAL. */
int yaml_type_problem(const struct yaml_reader *reader, const struct yaml_entry *entry, const char *wanted);

/** The document's root as an entry. */
struct yaml_entry yaml_root(struct yaml_reader *reader);

/** What is done with each entry of a mapping or element of a sequence; a non-zero return ends the walk. */
typedef int (*yaml_visitor)(struct yaml_reader *reader, const struct yaml_entry *entry, size_t index,
                            void *data);

/** Visits the entries of a mapping in order. Refuses what is not a mapping, keys that are not text and
 * duplicates. */
int yaml_each_key(struct yaml_reader *reader, const struct yaml_entry *mapping, const char *wanted,
                  yaml_visitor visit, void *data);

/**
 * Visits the elements of a sequence; a single scalar or mapping counts as a sequence of one where `single`.
 */
int yaml_each_element(struct yaml_reader *reader, const struct yaml_entry *sequence, bool single,
                      const char *wanted, yaml_visitor visit, void *data);

/** One key that a mapping may have. */
struct yaml_key {
    const char *name; /**< NULL ends a table */
    int (*read)(struct yaml_reader *reader, const struct yaml_entry *entry, void *data);
};

/** Reads a mapping by a table; an unknown key is refused with the nearest and all allowed ones. */
int yaml_read_keys(struct yaml_reader *reader, const struct yaml_entry *mapping, const char *wanted,
                   const struct yaml_key *keys, void *data);

/** Copies a non-empty scalar of fewer than `size` bytes. */
int yaml_read_text(const struct yaml_reader *reader, const struct yaml_entry *entry, const char *wanted,
                   char *text, size_t size);

/** Reads an unquoted number. */
int yaml_read_number(const struct yaml_reader *reader, const struct yaml_entry *entry, double *value);

/** Whether the node is an unquoted whole number of 64 bits; *value is set where it is. */
enum yaml_integer { YAML_IS_INTEGER, YAML_NOT_INTEGER, YAML_INTEGER_TOO_LARGE };
enum yaml_integer yaml_integer_of(const yaml_node_t *node, int64_t *value);

/** Whole text as a finite decimal number, whatever the locale. */
bool parse_number(const char *text, double *value);

#endif
