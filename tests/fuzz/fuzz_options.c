/* Values of options: numbers, sizes, lists of CPUs, words of a command line. */
#include "fuzz_file.h"

#include "base/words.h"
#include "cli/cli.h"
#include "host/topology.h"
#include "store/yaml_reader.h"

#include <stdarg.h>
#include <string.h>

/* As in the program, without a word. */
int fail(enum exit_status status, const char *format, ...) {
    char text[2 * sizeof(struct problem)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return (int)status;
}

/* Answers of the program that no value asks for. */
int print_verb_help(const struct verb_options *options) {
    (void)options;
    abort();
}

int print_version(void) {
    abort();
}

/* Lists are of a machine of eight. */
static void choose(const char *list) {
    static struct topology *topology;
    static struct cpu_choice choice;
    struct problem problem;
    if (!topology && topology_open(&topology, "pack:2 core:2 pu:2", &problem))
        abort();
    topology_choose(topology, 2, list, &choice, &problem);
}

static void split(const char *text) {
    struct words words = {0};
    if (words_split(&words, text) == 0) {
        char *joined = words_join(&words);
        struct words again = {0};
        if (!joined || words_split(&again, joined) || again.count != words.count)
            abort(); /* what is quoted for a shell is read as it was */
        for (size_t i = 0; i < words.count; i++)
            if (strcmp(words.items[i], again.items[i]) != 0)
                abort();
        words_clear(&again);
        free(joined);
    }
    words_clear(&words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    double number = 0;
    uint64_t whole = 0;
    char *text = strndup((const char *)data, size);
    if (!text)
        abort();
    if (parse_number_option("--budget", text, 0.001, 3600, &number) == 0 &&
        !(number >= 0.001 && number <= 3600))
        abort();
    if (parse_integer_option("--replicates", text, 2, 256, &whole) == 0 && (whole < 2 || whole > 256))
        abort();
    if (parse_size_option("--memory-limit", text, &whole) == 0 && whole < 1 << 24)
        abort();
    parse_number(text, &number);
    choose(text);
    split(text);
    free(text);
    return 0;
}
