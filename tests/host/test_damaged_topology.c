/*
 * Topology files that are damaged or odd: opened and usable, or refused with one clear line; never a crash.
 */
#include "host/topology.h"

#include "host/text_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "made_topology.h"

static char source[] = "xml:/tmp/countersign-damaged-XXXXXX";
static unsigned opened, refused;

static void use(struct topology *topology) {
    static struct cpu_choice choice;
    struct topology_facts facts;
    struct cpu_caches caches;
    char text[64];
    topology_get_facts(topology, &facts);
    topology_allowed_text(topology, text, sizeof text);
    for (unsigned threads = 1; threads <= 3 && threads <= facts.allowed_cpus; threads++)
        if (topology_choose(topology, threads, NULL, &choice, NULL) == 0)
            topology_get_caches(topology, choice.cpus[0], &caches);
    topology_choose(topology, 1, "1", &choice, NULL);
    topology_choose(topology, 1, "63", &choice, NULL);
}

static void try_text(const char *text, size_t length) {
    struct topology *topology;
    struct problem problem = {""};
    FILE *file = fopen(source + 4, "w");
    assert_non_null(file);
    fwrite(text, 1, length, file);
    fclose(file);
    int status = topology_open(&topology, source, &problem);
    if (status == 0) {
        use(topology);
        topology_close(topology);
        opened++;
        return;
    }
    refused++;
    if (!problem.text[0] || strchr(problem.text, '\n') || !strstr(problem.text, "countersign-damaged"))
        fail_msg("refused with %d: \"%s\"", status, problem.text);
}

/* `text` with `length` bytes at `at` replaced. */
static void try_replaced(const char *text, size_t at, size_t length, const char *by) {
    char *changed = malloc(strlen(text) + strlen(by) + 1);
    assert_non_null(changed);
    memcpy(changed, text, at);
    strcpy(changed + at, by);
    strcat(changed, text + at + length);
    try_text(changed, strlen(changed));
    free(changed);
}

static const char *const values[] = {"",
                                     "0x0",
                                     "0x00000008",
                                     "0xf...f",
                                     "-1",
                                     "4294967295",
                                     "999999999",
                                     "70000",
                                     "18446744073709551615",
                                     "x",
                                     "PU",
                                     "Core",
                                     "Machine",
                                     "0xffffffff,0xffffffff"};

/* Every attribute taken out, and every value replaced by a third of those in turn: each topology takes a
 * process. */
static void try_attributes(const char *text) {
    size_t turn = 0;
    for (const char *quote = strchr(text, '"'); quote; quote = strchr(quote + 1, '"')) {
        const char *end = strchr(quote + 1, '"'), *start = quote;
        while (start > text && start[-1] != ' ')
            start--;
        try_replaced(text, (size_t)(start - text), (size_t)(end - start) + 1, "");
        for (size_t i = turn++ % 3; i < sizeof values / sizeof *values; i += 3)
            try_replaced(text, (size_t)(quote + 1 - text), (size_t)(end - quote) - 1, values[i]);
        quote = end;
    }
}

static void try_lines_and_lengths(const char *text) {
    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\n") + 1;
        try_replaced(text, (size_t)(line - text), length, "");
        char *twice = strndup(line, length);
        try_replaced(text, (size_t)(line - text), 0, twice);
        free(twice);
        line += length;
    }
    for (size_t length = 0; length < strlen(text); length += 89)
        try_text(text, length);
}

static void damaged_files_get_one_clear_error(void **state) {
    (void)state;
    static const char *const memory[2] = {"1000000000", "0"};
    static const struct made_kind kinds[2] = {{3, "0", {"FrequencyMaxMHz", "3000"}},
                                              {12, "1", {"FrequencyMaxMHz", "4000"}}};
    char *text;
    make_topology(source, kinds, 2, memory);
    assert_int_equal(text_file_read(source + 4, &text), 0);
    try_text(text, strlen(text));
    assert_int_equal(opened, 1);
    try_attributes(text);
    try_lines_and_lengths(text);
    unlink(source + 4);
    free(text);
    print_message("%u opened, %u refused\n", opened, refused);
    assert_true(refused > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(damaged_files_get_one_clear_error)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
