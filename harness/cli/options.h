/* The one table of options: parser, --help, manual page and completions are made from it. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** What the value of an option is, so that it can be checked and completed. */
enum value_kind {
    VALUE_TEXT,    /**< whatever the verb makes of it */
    VALUE_NUMBER,  /**< from `least` to `most` */
    VALUE_WHOLE,   /**< from `first` to `last` */
    VALUE_SIZE,    /**< 16M to 1024T */
    VALUE_WORD,    /**< one of `words` */
    VALUE_FILE,    /**< a file, new or old */
    VALUE_FOLDER,  /**< a folder */
    VALUE_COMMAND, /**< words of a shell */
    VALUE_CASE,    /**< name of a case, or a folder */
    VALUE_VERB,    /**< name of a verb */
    VALUE_NONE     /**< there is none */
};

/** One option, or, without a name, a heading above those that follow it. */
struct option_row {
    const char *name; /**< without its dashes; NULL: `help` is a heading, or the end if that is NULL too */
    const char *argument; /**< what stands for its value; NULL: it takes none */
    int value;            /**< what next_option returns: above 255, below 4096; 0: see options_inherit */
    const char *help;     /**< what it does and its default, one line of any length; NULL: another row says */
    enum value_kind kind;
    double least, most;
    uint64_t first, last;
    const char *const *words; /**< ended by NULL */
    char letter;              /**< its short name; 0: it has none */
    bool elsewhere;           /**< explained by another verb: named here in one line, below its heading */
};

/** For rows of tables. */
#define NUMBER_FROM(low, high) .kind = VALUE_NUMBER, .least = (low), .most = (high)
#define WHOLE_FROM(low, high) .kind = VALUE_WHOLE, .first = (low), .last = (high)
#define FLAG .kind = VALUE_NONE
#define ANY_TEXT .kind = VALUE_TEXT
#define ONE_OF(...)                                                                                          \
    .kind = VALUE_WORD, .words = (const char *const[]) {                                                     \
        __VA_ARGS__, NULL                                                                                    \
    }
/** Ends a table, with the options that every verb has. */
#define OPTIONS_END                                                                                          \
    {"help", NULL, OPTION_HELP, "this text (-h)", FLAG}, {                                                   \
        .name = NULL                                                                                         \
    }
enum { OPTION_HELP = 256, OPTION_VERSION, OPTION_FIRST };

/** What a verb's command line may hold, and what is said about it. */
struct verb_options {
    const char *usage;             /**< lines of usage and what the verb does */
    const struct option_row *rows; /**< ended by OPTIONS_END */
    const char *ending;            /**< below the options; NULL: nothing */
    enum value_kind operands;      /**< what completes arguments that are no options */
    const char *const *words;      /**< with VALUE_WORD */
};

/** An option of the command line with its value, checked and read as its row says. */
struct given_option {
    const struct option_row *row;
    const char *text; /**< NULL: it takes none */
    double number;    /**< VALUE_NUMBER */
    uint64_t whole;   /**< VALUE_WHOLE, VALUE_SIZE */
    size_t choice;    /**< VALUE_WORD: index among its words */
};

/**
 * Next option, as getopt_long with long options alone: the value of its row; -1 at the end. Prints the error
 * and returns '?' for an unknown option, a missing or superfluous value, or one that its row does not allow.
 * --help (-h) and --version (-V) are answered here, and end the program.
 */
int next_option(int argc, char **argv, const struct verb_options *verb, struct given_option *given);

/** Completes rows without a value of their own: what they leave open is as the row of that name in `from`. */
void options_inherit(struct option_row *rows, const struct option_row *from);

/** Whether it is what its name stands for in its table: the first, and rather one explained there. */
bool option_is_first(const struct option_row *rows, const struct option_row *row);

/**
 * Prints the explanation of a verb, or of all of the program, to standard output; returns the exit status.
 */
int print_verb_help(const struct verb_options *verb);
int print_version(void);

/** Reads a whole number or a number within limits; on failure prints what was expected of `option` and
 * returns -1. */
int parse_number_option(const char *option, const char *text, double low, double high, double *value);
int parse_integer_option(const char *option, const char *text, uint64_t low, uint64_t high, uint64_t *value);

/** Reads a size such as "512M", "2G", "4GiB" or bytes. As parse_number_option. */
int parse_size_option(const char *option, const char *text, uint64_t *bytes);

#endif
