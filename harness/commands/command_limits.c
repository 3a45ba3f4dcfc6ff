#include "commands/command_limits.h"

#include "base/numbers.h"
#include "base/option_name.h"

#include <ctype.h>
#include <errno.h>
#include <fts.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define SPREAD 65536     /* bytes */
#define STEP 4099        /* bytes; odd, so that no two of SPREAD executions are cut at the same place */
#define TAIL 16384       /* bytes of standard error that are read */
#define MOST_FILES 10000 /* of a folder that are looked at */
#define SHELL_OF_SIGNAL 128

/* The limit that holds: `wanted`, or less where this process may write less. */
static uint64_t limit_in_force(uint64_t wanted, bool *of_shell) {
    struct rlimit own;
    *of_shell = false;
    if (getrlimit(RLIMIT_FSIZE, &own) != 0 || own.rlim_max == RLIM_INFINITY)
        return wanted;
    if (wanted && own.rlim_max > SPREAD && wanted <= own.rlim_max - SPREAD)
        return wanted;
    *of_shell = true;
    return own.rlim_max > 2 * SPREAD ? own.rlim_max - SPREAD : own.rlim_max;
}

uint64_t command_file_limit(uint64_t wanted, uint64_t execution) {
    bool of_shell;
    uint64_t bytes = limit_in_force(wanted, &of_shell);
    return bytes ? bytes + 1 + execution * STEP % SPREAD : 0;
}

static void say_file_limit(const struct command_ending *ending, char *text, size_t size) {
    bool of_shell;
    uint64_t bytes = limit_in_force(ending->file_bytes, &of_shell);
    if (bytes)
        snprintf(text, size, "wrote a file or output beyond the limit of %s MiB (%s)",
                 BRIEF((double)bytes / 0x1p20, 4), of_shell ? "ulimit -f" : option_name(SETTING_FILE_LIMIT));
    else
        snprintf(text, size, "wrote a file or output beyond the limit on its size (ulimit -f)");
}

static void say_signal(const struct command_ending *ending, int number, char *text, size_t size) {
    const char *name = sigabbrev_np(number);
    if (number == SIGXFSZ)
        say_file_limit(ending, text, size);
    else if (number == SIGXCPU)
        snprintf(text, size, "used up the CPU time that a process may have (ulimit -t)");
    else if (number == SIGKILL)
        snprintf(text, size,
                 "was killed by SIGKILL from outside; most likely the system ran out of memory, or its CPU "
                 "time was "
                 "used up (ulimit -t)");
    else
        snprintf(text, size, "was ended by SIG%s", name ? name : "?");
}

/* Statuses that stand for no end of the command's own: sh(1), timeout(1) and env(1) agree on them. */
static void say_status(const struct command_ending *ending, char *text, size_t size) {
    int status = ending->execution->status;
    char signal_text[160];
    if (status == 124)
        snprintf(text, size, "was ended by a time limit of its own (exit status 124 of timeout)");
    else if (status == 126 || status == 127)
        snprintf(text, size, "was not run: %s (exit status %d)",
                 status == 126 ? "no program" : "no such command", status);
    else if (status > SHELL_OF_SIGNAL && sigabbrev_np(status - SHELL_OF_SIGNAL)) {
        say_signal(ending, status - SHELL_OF_SIGNAL, signal_text, sizeof signal_text);
        snprintf(text, size, "%s, behind a shell (exit status %d)", signal_text, status);
    }
}

/* Whether a file below the folder is as large as it may be; one that is cut is. */
static bool has_full_file(const char *folder, uint64_t bytes) {
    char *const roots[] = {(char *)folder, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    bool full = false;
    size_t seen = 0;
    for (FTSENT *entry; walk && !full && seen < MOST_FILES && (entry = fts_read(walk)); seen++)
        full = entry->fts_info == FTS_F && (uint64_t)entry->fts_statp->st_size >= bytes;
    if (walk)
        fts_close(walk);
    return full;
}

/* What a program says of a call that failed, a shell of a child that was ended (both as the C library has it,
 * untranslated), and a runtime of memory that it did not get. */
static const struct sign {
    int error, signal;
    const char *words; /* where there is neither */
    const char *cause;
    bool ours; /* then `limit` is what was met, most likely */
    enum setting limit;
} signs[] = {
    {.error = EFBIG, .cause = "the limit on the size of a file", .ours = true, .limit = SETTING_FILE_LIMIT},
    {.signal = SIGXFSZ,
     .cause = "the limit on the size of a file",
     .ours = true,
     .limit = SETTING_FILE_LIMIT},
    {.error = ENOSPC, .cause = "a full disk"},
    {.error = EDQUOT, .cause = "the disk quota"},
    {.error = ENOMEM, .cause = "a lack of memory", .ours = true, .limit = SETTING_MEMORY_LIMIT},
    {.words = "MemoryError", .cause = "a lack of memory", .ours = true, .limit = SETTING_MEMORY_LIMIT},
    {.words = "std::bad_alloc", .cause = "a lack of memory", .ours = true, .limit = SETTING_MEMORY_LIMIT},
    {.words = "out of memory", .cause = "a lack of memory", .ours = true, .limit = SETTING_MEMORY_LIMIT},
    {.words = "memory exhausted", .cause = "a lack of memory", .ours = true, .limit = SETTING_MEMORY_LIMIT},
    {.error = EMFILE, .cause = "the limit on open files (ulimit -n)"},
    {.error = ENFILE, .cause = "the system's limit on open files"},
    {.error = EAGAIN, .cause = "the limit on processes (ulimit -u), or another"},
    {.words = "Cannot fork", .cause = "the limit on processes (ulimit -u)"},
    {.signal = SIGXCPU, .cause = "the limit on CPU time (ulimit -t)"},
    {.signal = SIGKILL, .cause = "a kill, most likely for lack of memory"},
    {.signal = SIGSEGV, .cause = "a crash"},
    {.signal = SIGBUS, .cause = "a crash"},
    {.signal = SIGILL, .cause = "a crash"},
    {.signal = SIGFPE, .cause = "a crash"},
    {.signal = SIGABRT, .cause = "a crash"}};

static const char *words_of(const struct sign *sign) {
    return sign->error    ? strerrordesc_np(sign->error)
           : sign->signal ? sigdescr_np(sign->signal)
                          : sign->words;
}

/*
 * As a message has it: at the end of its line, or before " (core dumped)". What a shell says of a child
 * begins the line, follows its own name or the child's number ("sh: line 1: 4242 Killed  ./a"). Elsewhere the
 * words are quoted.
 */
static bool is_said(const char *line, const struct sign *sign) {
    const char *words = words_of(sign);
    for (const char *at = line; (at = strcasestr(at, words)); at++) {
        const char *rest = at + strlen(words), *before = at;
        while (before > line && before[-1] == ' ')
            before--;
        bool begins = before == line || before[-1] == ':';
        bool of_child = before < at && before > line && isdigit((unsigned char)before[-1]);
        bool apart = sign->signal ? begins : at == line || !isalnum((unsigned char)at[-1]);
        bool ends = !rest[strspn(rest, " .!\r")] || !strncmp(rest, " (core dumped", 13);
        if ((apart && ends) || of_child)
            return true;
    }
    return false;
}

static void say_words(const struct command_output *errors, char *text, size_t size) {
    char tail[TAIL + 1];
    size_t start = errors->size > TAIL ? errors->size - TAIL : 0;
    snprintf(tail, sizeof tail, "%.*s", (int)(errors->size - start),
             errors->bytes ? errors->bytes + start : "");
    for (char *next = tail, *line; !text[0] && (line = strsep(&next, "\n"));)
        for (size_t i = 0; !text[0] && i < sizeof signs / sizeof *signs; i++)
            if (is_said(line, &signs[i]))
                snprintf(text, size, "was cut short by %s%s%s%s; it said: %.120s", signs[i].cause,
                         signs[i].ours ? " (" : "", signs[i].ours ? option_name(signs[i].limit) : "",
                         signs[i].ours ? ")" : "", line);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e)
            *c = '?';
}

static void add_last_line(const struct command_output *errors, char *text, size_t size) {
    char last[128];
    size_t length = strlen(text);
    output_last_line(errors, last, sizeof last);
    if (last[0])
        snprintf(text + length, size - length, "; it said: %s", last);
}

void command_limit_met(const struct command_ending *ending, char *text, size_t size) {
    const struct execution *execution = ending->execution;
    bool of_shell, exited = execution->end == EXECUTION_EXITED;
    uint64_t most = limit_in_force(ending->file_bytes, &of_shell);
    text[0] = '\0';
    if (execution->end == EXECUTION_SIGNALED)
        say_signal(ending, execution->status, text, size);
    else if (execution->end == EXECUTION_OUT_OF_MEMORY)
        snprintf(text, size, "used more memory than the limit of %s MiB (%s)",
                 BRIEF((double)ending->memory_bytes / 0x1p20, 4), option_name(SETTING_MEMORY_LIMIT));
    else if (exited && execution->status != 0)
        say_status(ending, text, size);
    if (exited && !text[0] && most &&
        ((ending->output && ending->output->size >= most) ||
         (ending->folder && has_full_file(ending->folder, most))))
        say_file_limit(ending, text, size);
    if (text[0])
        add_last_line(ending->errors, text, size);
    else if (exited)
        say_words(ending->errors, text, size);
}

static enum arm_fault fault_of_limit(const struct execution *execution) {
    return execution->end == EXECUTION_OUT_OF_MEMORY ? FAULT_OUT_OF_MEMORY
           : execution->end == EXECUTION_SIGNALED    ? FAULT_CRASHED
                                                     : FAULT_LIMIT;
}

enum arm_fault command_end_fault(const struct command_ending *ending, char *text, size_t size) {
    const struct execution *execution = ending->execution;
    enum arm_fault fault = FAULT_NONE;
    command_limit_met(ending, text, size);
    if (text[0])
        return fault_of_limit(execution);
    if (execution->end == EXECUTION_TIMED_OUT) {
        fault = FAULT_TIMED_OUT;
        snprintf(text, size, "took longer than %s s (%s)", BRIEF(ending->time_s, 6),
                 option_name(SETTING_TIME_LIMIT));
    } else if (execution->status != 0 && !ending->ignore_failure) {
        fault = FAULT_EXIT_STATUS;
        snprintf(text, size, "ended with exit status %d%s%s%s", execution->status,
                 ending->is_waivable ? " (" : "",
                 ending->is_waivable ? option_name(SETTING_IGNORE_FAILURE) : "",
                 ending->is_waivable ? " lets it)" : "");
    }
    if (fault != FAULT_NONE)
        add_last_line(ending->errors, text, size);
    return fault;
}
