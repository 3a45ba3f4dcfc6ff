/*
 * countersign completion: scripts for shells, and the options of the manual page, from the tables of options.
 */
#include "cli/cli.h"

#include "report/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct option_row rows[] = {OPTIONS_END};

static const struct verb_options options = {
    .usage =
        "usage: countersign completion bash|zsh|fish\n\n"
        "Prints what makes a shell complete verbs, options and their values. An installation has it where "
        "shells\n"
        "look for it; without one, `source <(countersign completion bash)` serves the shell at hand.\n\n",
    .rows = rows,
    .operands = VALUE_WORD,
    .words = (const char *const[]){"bash", "zsh", "fish", NULL}};

const struct verb_options *completion_options(void) {
    return &options;
}

/* Calls `take` with each option of a verb, of each name once. */
static void each_option(const struct verb *verb,
                        void (*take)(struct text *out, const struct verb *verb, const struct option_row *row),
                        struct text *out) {
    const struct option_row *table = verb->options()->rows;
    for (const struct option_row *row = table; row->name || row->help; row++)
        if (row->name && option_is_first(table, row))
            take(out, verb, row);
}

static void add_words(struct text *out, const char *const *words) {
    for (size_t i = 0; words && words[i]; i++)
        text_printf(out, "%s%s", i ? " " : "", words[i]);
}

static void add_verbs(struct text *out) {
    for (size_t i = 0; verbs[i].name; i++)
        text_printf(out, "%s%s", i ? " " : "", verbs[i].name);
}

/* What an option does, up to where details begin, without what shells would read in it. */
static void add_summary(struct text *out, const struct option_row *row) {
    static const char *const ends[] = {" (", ";", ": ", ". ", ", e.g."};
    size_t length = row->help ? strlen(row->help) : 0;
    for (size_t i = 0; row->help && i < sizeof ends / sizeof *ends; i++) {
        const char *end = strstr(row->help, ends[i]);
        if (end && (size_t)(end - row->help) < length)
            length = (size_t)(end - row->help);
    }
    for (size_t i = 0; i < length; i++)
        if (!strchr("'`[]\\:$\"", row->help[i]))
            text_add_bytes(out, &row->help[i], 1);
}

/* bash: one `case` with a branch for each option that takes a value, one for each verb's options. */

static void add_bash_value(struct text *out, const struct verb *verb, const struct option_row *row) {
    if (!row->argument)
        return;
    text_printf(out, "    \"%s --%s\") ", verb->name, row->name);
    switch (row->kind) {
    case VALUE_WORD:
        text_add(out, "words='");
        add_words(out, row->words);
        text_add(out, "'");
        break;
    case VALUE_FILE:
        text_add(out, "action=file");
        break;
    case VALUE_FOLDER:
        text_add(out, "action=directory");
        break;
    case VALUE_COMMAND:
        text_add(out, "action=command");
        break;
    case VALUE_CASE:
        text_add(out, "words=$(_countersign_cases)");
        break;
    default:
        text_add(out, ":");
    }
    text_add(out, " ;;\n");
}

static void add_option_word(struct text *out, const struct verb *verb, const struct option_row *row) {
    (void)verb;
    text_printf(out, " --%s", row->name);
}

static void add_bash_operands(struct text *out, const struct verb *verb) {
    const struct verb_options *table = verb->options();
    text_printf(out, "    %s) options='", verb->name);
    each_option(verb, add_option_word, out);
    text_add(out, "'");
    if (table->operands == VALUE_WORD) {
        text_add(out, " words='");
        add_words(out, table->words);
        text_add(out, "'");
    } else if (table->operands == VALUE_CASE)
        text_add(out, " words=$(_countersign_cases) action=file");
    else if (table->operands != VALUE_NONE)
        text_printf(out, " action=%s", table->operands == VALUE_COMMAND ? "command" : "file");
    text_add(out, " ;;\n");
}

static void write_bash(struct text *out) {
    text_add(out, "# bash completion for countersign; made by `countersign completion bash`\n"
                  "_countersign_cases() {\n"
                  "  countersign list cases 2>/dev/null | sed -n 's/^  \\([^ ][^ ]*\\) .*/\\1/p'\n"
                  "}\n\n"
                  "_countersign() {\n"
                  "  local current=${COMP_WORDS[COMP_CWORD]} previous= verb= options= words= action=\n"
                  "  [ \"$COMP_CWORD\" -gt 0 ] && previous=${COMP_WORDS[COMP_CWORD-1]}\n"
                  "  # bash parts --option=value at the sign\n"
                  "  if [ \"$current\" = = ]; then\n"
                  "    current=\n"
                  "  elif [ \"$previous\" = = ]; then\n"
                  "    previous=${COMP_WORDS[COMP_CWORD-2]}\n"
                  "  fi\n"
                  "  [ \"$COMP_CWORD\" -gt 1 ] && verb=${COMP_WORDS[1]}\n"
                  "  COMPREPLY=()\n"
                  "  case \"$verb $previous\" in\n");
    for (size_t i = 0; verbs[i].name; i++)
        each_option(&verbs[i], add_bash_value, out);
    text_add(out, "    *)\n"
                  "    case \"$verb\" in\n"
                  "    '') options='--help --version' words='help ");
    add_verbs(out);
    text_add(out, "' ;;\n    help) words='");
    add_verbs(out);
    text_add(out, "' ;;\n");
    for (size_t i = 0; verbs[i].name; i++)
        add_bash_operands(out, &verbs[i]);
    text_add(out, "    esac ;;\n"
                  "  esac\n"
                  "  case $current in -*) words=$options action= ;; esac\n"
                  "  COMPREPLY=($(compgen ${action:+-A \"$action\"} -W \"$words\" -- \"$current\"))\n"
                  "  case $action in file | directory) compopt -o filenames 2>/dev/null ;; esac\n"
                  "  return 0\n"
                  "}\n"
                  "complete -F _countersign countersign\n");
}

/* zsh: _arguments with one specification an option. */

static void add_zsh_action(struct text *out, enum value_kind kind, const char *const *words) {
    switch (kind) {
    case VALUE_WORD:
        text_add(out, "(");
        add_words(out, words);
        text_add(out, ")");
        break;
    case VALUE_FILE:
        text_add(out, "_files");
        break;
    case VALUE_FOLDER:
        text_add(out, "_files -/");
        break;
    case VALUE_COMMAND:
        text_add(out, "_command_names");
        break;
    case VALUE_CASE:
        text_add(out, "_countersign_cases");
        break;
    default:
        text_add(out, " ");
    }
}

static void add_zsh_option(struct text *out, const struct verb *verb, const struct option_row *row) {
    (void)verb;
    text_printf(out, " \\\n      '*--%s%s[", row->name, row->argument ? "=" : "");
    add_summary(out, row);
    text_add(out, "]");
    if (row->argument) {
        text_add(out, ":value:");
        add_zsh_action(out, row->kind, row->words);
    }
    text_add(out, "'");
}

static void write_zsh(struct text *out) {
    text_add(out,
             "#compdef countersign\n"
             "# zsh completion for countersign; made by `countersign completion zsh`\n"
             "_countersign_cases() {\n"
             "  compadd -- $(countersign list cases 2>/dev/null | sed -n 's/^  \\([^ ][^ ]*\\) .*/\\1/p')\n"
             "  _files\n"
             "}\n\n"
             "_countersign() {\n"
             "  local -a verbs=(\n"
             "    'help:explains a verb'\n");
    for (size_t i = 0; verbs[i].name; i++)
        text_printf(out, "    '%s:%s'\n", verbs[i].name, verbs[i].summary);
    text_add(out, "  )\n"
                  "  if (( CURRENT == 2 )); then\n"
                  "    _describe verb verbs\n"
                  "    compadd -- --help --version\n"
                  "    return\n"
                  "  fi\n"
                  "  local verb=$words[2]\n"
                  "  shift words\n"
                  "  (( CURRENT-- ))\n"
                  "  case $verb in\n"
                  "    help) _describe verb verbs ;;\n");
    for (size_t i = 0; verbs[i].name; i++) {
        const struct verb_options *table = verbs[i].options();
        text_printf(out, "    %s) _arguments", verbs[i].name);
        each_option(&verbs[i], add_zsh_option, out);
        if (table->operands != VALUE_NONE) {
            text_add(out, " \\\n      '*:argument:");
            add_zsh_action(out, table->operands, table->words);
            text_add(out, "'");
        }
        text_add(out, " ;;\n");
    }
    text_add(out, "  esac\n"
                  "}\n\n"
                  "if [ \"$funcstack[1]\" = _countersign ]; then\n"
                  "  _countersign \"$@\"\n"
                  "else\n"
                  "  compdef _countersign countersign\n"
                  "fi\n");
}

/* fish: one line an option. */

static void add_fish_value(struct text *out, enum value_kind kind, const char *const *words) {
    switch (kind) {
    case VALUE_WORD:
        text_add(out, " -x -a '");
        add_words(out, words);
        text_add(out, "'");
        break;
    case VALUE_FILE:
        text_add(out, " -r -F");
        break;
    case VALUE_FOLDER:
        text_add(out, " -x -a '(__fish_complete_directories)'");
        break;
    case VALUE_CASE:
        text_add(out, " -r -F -a '(__countersign_cases)'");
        break;
    case VALUE_COMMAND:
        text_add(out, " -x -a '(__fish_complete_command)'");
        break;
    default:
        text_add(out, " -x");
    }
}

static void add_fish_option(struct text *out, const struct verb *verb, const struct option_row *row) {
    text_printf(out, "complete -c countersign -n '__fish_seen_subcommand_from %s' -l %s", verb->name,
                row->name);
    if (row->argument)
        add_fish_value(out, row->kind, row->words);
    text_add(out, " -d '");
    add_summary(out, row);
    text_add(out, "'\n");
}

static void write_fish(struct text *out) {
    text_add(out, "# fish completion for countersign; made by `countersign completion fish`\n"
                  "function __countersign_cases\n"
                  "    countersign list cases 2>/dev/null | string replace -rf '^  (\\S+) .*' '$1'\n"
                  "end\n"
                  "complete -c countersign -f\n"
                  "complete -c countersign -n __fish_use_subcommand -l help -s h -d 'explains the program'\n"
                  "complete -c countersign -n __fish_use_subcommand -l version -s V -d 'tells the version'\n"
                  "complete -c countersign -n __fish_use_subcommand -a help -d 'explains a verb'\n"
                  "complete -c countersign -n '__fish_seen_subcommand_from help' -a '");
    add_verbs(out);
    text_add(out, "'\n");
    for (size_t i = 0; verbs[i].name; i++) {
        const struct verb_options *table = verbs[i].options();
        text_printf(out, "complete -c countersign -n __fish_use_subcommand -a %s -d '%s'\n", verbs[i].name,
                    verbs[i].summary);
        if (table->operands != VALUE_NONE) {
            text_printf(out, "complete -c countersign -n '__fish_seen_subcommand_from %s'", verbs[i].name);
            add_fish_value(out, table->operands, table->words);
            text_add(out, "\n");
        }
        each_option(&verbs[i], add_fish_option, out);
    }
}

/* The manual page: lines `.\" options of VERB` of its template become the verb's options. */

/* Words of the help as roff: ASCII, `command` in bold, a sentence. */
static void add_roff(struct text *out, const char *words, bool sentence) {
    bool bold = false;
    for (const char *c = words; *c; c++) {
        char first = sentence && c == words ? (char)toupper((unsigned char)*c) : *c;
        if (*c == '`')
            text_add(out, (bold = !bold) ? "\\fB" : "\\fR");
        else if (*c == '-')
            text_add(out, "\\-");
        else if (*c == '\\')
            text_add(out, "\\e");
        else if (*c == '\'')
            text_add(out, "\\(aq");
        else if (!strncmp(c, "…", strlen("…"))) {
            text_add(out, "\\&.\\|.\\|.");
            c += strlen("…") - 1;
        } else if (c == words && *c == '.')
            text_add(out, "\\&.");
        else
            text_add_bytes(out, &first, 1);
    }
}

static void add_roff_row(struct text *out, const struct option_row *row) {
    text_add(out, ".TP\n\\fB\\-\\-");
    add_roff(out, row->name, false);
    text_add(out, "\\fR");
    if (row->argument) {
        text_add(out, " \\fI");
        add_roff(out, row->argument, false);
        text_add(out, "\\fR");
    }
    text_add(out, "\n");
    if (!strcmp(row->name, "help"))
        text_add(out, "Explain the verb; \\fB\\-h\\fR for short");
    else
        add_roff(out, row->help, true);
    text_add(out, ".\n");
}

static void add_roff_options(struct text *out, const struct verb *verb) {
    bool listing = false;
    for (const struct option_row *row = verb->options()->rows; row->name || row->help; row++) {
        if (listing && !row->elsewhere)
            text_add(out, ".\n");
        if (!row->name) {
            text_add(out, ".PP\n");
            add_roff(out, row->help + strspn(row->help, "\n "), true);
            text_add(out, ":\n");
        } else if (row->elsewhere) {
            text_add(out, listing ? ", \\fB\\-\\-" : "\\fB\\-\\-");
            add_roff(out, row->name, false);
            text_add(out, "\\fR");
        } else if (row->help)
            add_roff_row(out, row);
        listing = row->elsewhere;
    }
}

static int write_manual(struct text *out, FILE *template) {
    static const char mark[] = ".\\\" options of ";
    char line[1024];
    while (fgets(line, sizeof line, template)) {
        const struct verb *verb = verbs;
        if (strncmp(line, mark, sizeof mark - 1)) {
            text_add(out, line);
            continue;
        }
        line[strcspn(line, "\n")] = '\0';
        while (verb->name && strcmp(verb->name, line + sizeof mark - 1))
            verb++;
        if (!verb->name)
            return fail(EXIT_USAGE, "manual: no verb '%s'", line + sizeof mark - 1);
        add_roff_options(out, verb);
    }
    return EXIT_DONE;
}

int verb_completion(int argc, char **argv) {
    struct text text = {0};
    struct given_option given;
    if (next_option(argc, argv, &options, &given) != -1)
        return EXIT_USAGE;
    const char *what = argc - optind == 1 ? argv[optind] : "";
    int status = EXIT_DONE;
    if (!strcmp(what, "bash"))
        write_bash(&text);
    else if (!strcmp(what, "zsh"))
        write_zsh(&text);
    else if (!strcmp(what, "fish"))
        write_fish(&text);
    else if (!strcmp(what, "manual")) /* for the build: the page, from its template on standard input */
        status = write_manual(&text, stdin);
    else
        status = fail(EXIT_USAGE, "completion: expected bash, zsh or fish, got '%s'", what);
    if (status == EXIT_DONE)
        status = finish_output(text_write(&text, stdout), EXIT_DONE);
    text_clear(&text);
    return status;
}
