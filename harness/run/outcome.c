/* How a worker ended, in words. */
#include "run/outcome.h"

#include "base/numbers.h"
#include "base/option_name.h"
#include "base/plain_text.h"
#include "run/offspring.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_REACH 65536u /* bytes */

enum arm_fault worker_end_fault(enum worker_end end) {
    static const enum arm_fault faults[] = {
        [WORKER_COMPLETED] = FAULT_NONE,          [WORKER_CRASHED] = FAULT_CRASHED,
        [WORKER_STALLED] = FAULT_STALLED,         [WORKER_OUT_OF_MEMORY] = FAULT_OUT_OF_MEMORY,
        [WORKER_INTERRUPTED] = FAULT_INTERRUPTED, [WORKER_TIMED_OUT] = FAULT_TIMED_OUT,
        [WORKER_WITHOUT_SERVER] = FAULT_SERVER,   [WORKER_PRINTED] = FAULT_PRINTED,
        [WORKER_MULTIPLIED] = FAULT_MULTIPLIED};
    return faults[end];
}

bool outcome_printed_too_much(int output) {
    struct stat facts;
    return fstat(output, &facts) == 0 && facts.st_size > OUTCOME_MOST_OUTPUT;
}

/* What libstdc++ says of an exception that nobody caught, on two lines. */
static bool read_exception(const char *said, char *text, size_t size) {
    static const char start[] = "terminate called after throwing an instance of '";
    const char *type = strstr(said, start);
    if (!type)
        return false;
    type += sizeof start - 1;
    const char *what = strstr(type, "what():");
    what = what ? what + strlen("what():") : "";
    what += strspn(what, " ");
    snprintf(text, size, ": an uncaught C++ exception, %.*s%s%.*s", (int)strcspn(type, "'\n"), type,
             *what ? ": " : "", (int)strcspn(what, "\n"), what);
    return true;
}

/* The last line; but where one says that the disk is full, that one, as programs go on to tell what they do about it. */
static const char *telling_line(char *said) {
    char *full = NULL;
    for (char *at = said; (at = strstr(at, strerror(ENOSPC))); at++)
        full = at;
    if (full)
        full[strcspn(full, "\n")] = '\0';
    const char *line = strrchr(said, '\n');
    return line ? line + 1 : said;
}

/* An assertion or an allocator often says what happened. */
void outcome_last_line(int output, char *text, size_t size) {
    char tail[8192]; /* a statement of SQL may stand in it */
    off_t end = lseek(output, 0, SEEK_END);
    off_t start = end > (off_t)sizeof tail - 1 ? end - ((off_t)sizeof tail - 1) : 0;
    ssize_t length = end > 0 ? pread(output, tail, sizeof tail - 1, start) : 0;
    text[0] = '\0';
    while (length > 0 && (tail[length - 1] == '\n' || tail[length - 1] == ' '))
        length--;
    if (length <= 0)
        return;
    tail[length] = '\0';
    if (!read_exception(tail, text, size)) {
        const char *line = telling_line(tail);
        snprintf(text, size, "; it said: %s", line + strspn(line, " \t"));
    }
    plain_text(text);
}

static void explain_limit(const struct supervisor *supervisor, struct worker_outcome *outcome) {
    outcome->end = WORKER_OUT_OF_MEMORY;
    snprintf(outcome->reason, sizeof outcome->reason,
             "ran out of memory during %s: the limit is %.2f GiB (%s)", worker_phase_name(outcome->phase),
             (double)supervisor->limits.memory_bytes / 0x1p30, option_name(SETTING_MEMORY_LIMIT));
}

/* Memory that is not there right beside the stack pointer: the guard of the stack. */
static bool is_beside_stack(const struct worker_status *status) {
    uint64_t address = atomic_load(&status->fault_address), stack = atomic_load(&status->stack_pointer);
    return stack && address + STACK_REACH >= stack && address < stack + STACK_REACH;
}

static bool is_timer_signal(int signal_number) {
    return signal_number == SIGALRM || signal_number == SIGVTALRM || signal_number == SIGPROF;
}

static void explain_signal(const struct supervisor *supervisor, const struct worker_page *page,
                           int signal_number, const char *said, struct worker_outcome *outcome) {
    const char *phase = worker_phase_name(outcome->phase);
    bool caught = atomic_load(&page->status.signal) == signal_number;
    /* An allocation that the limit refused ends in a null pointer or an abort; what was in use tells. */
    if (OUTCOME_LIMITS_MEMORY && caught &&
        (double)atomic_load(&page->status.data_bytes) > 0.75 * (double)supervisor->limits.memory_bytes) {
        explain_limit(supervisor, outcome);
        return;
    }
    outcome->end = WORKER_CRASHED;
    const char *name = sigabbrev_np(signal_number);
    if (signal_number == SIGKILL)
        snprintf(
            outcome->reason, sizeof outcome->reason,
            "was killed by SIGKILL during %s; most likely the system ran out of memory, if it did not send "
            "the signal itself",
            phase);
    else if (signal_number == SIGXFSZ)
        snprintf(outcome->reason, sizeof outcome->reason,
                 "wrote a file beyond the limit of %.2f GiB during %s",
                 (double)supervisor->limits.file_bytes / 0x1p30, phase);
    else if (signal_number == SIGXCPU)
        snprintf(outcome->reason, sizeof outcome->reason,
                 "used up the CPU time that a process may have (ulimit -t) during %s", phase);
    else if (caught && signal_number == SIGSEGV && atomic_load(&page->status.clock_off))
        snprintf(outcome->reason, sizeof outcome->reason,
                 "forbade this process to read the time stamp counter (PR_SET_TSC) during %s", phase);
    else if (caught && (signal_number == SIGSEGV || signal_number == SIGBUS))
        snprintf(outcome->reason, sizeof outcome->reason,
                 "crashed with SIG%s at address 0x%llx during %s%s%s", name,
                 (unsigned long long)atomic_load(&page->status.fault_address), phase,
                 is_beside_stack(&page->status) ? ": its stack overflowed" : "", said);
    else if (signal_number == SIGSEGV && outcome->phase != PHASE_START && !supervisor->prefix)
        /* The worker's handler is there, but its frame has no room. */
        snprintf(outcome->reason, sizeof outcome->reason,
                 "crashed with SIGSEGV during %s: most likely the stack of one of its threads overflowed%s",
                 phase, said);
    else if (is_timer_signal(signal_number)) {
        if (outcome->phase > PHASE_SIZE) /* until then each arm is judged before the next one runs */
            outcome->arm = -1;
        snprintf(outcome->reason, sizeof outcome->reason,
                 "was ended by SIG%s during %s, from a timer that was left running", name, phase);
    } else if (caught && signal_number == SIGILL) {
        char what[160];
        uint32_t size = atomic_load(&page->status.code_bytes);
        illegal_instruction_describe(page->status.code, size <= ILLEGAL_INSTRUCTION_BYTES ? size : 0, what,
                                     sizeof what);
        snprintf(outcome->reason, sizeof outcome->reason,
                 "crashed with SIGILL during %s: %s; give the variant a `supported`, or compile for this "
                 "CPU",
                 phase, what);
    } else
        snprintf(outcome->reason, sizeof outcome->reason, "crashed with SIG%s during %s%s", name ? name : "?",
                 phase, said);
}

void outcome_explain(const struct supervisor *supervisor, const struct worker_page *page, enum worker_end end,
                     int wait_status, int output, struct worker_outcome *outcome) {
    char said[200];
    *outcome = (struct worker_outcome){
        .end = end, .phase = atomic_load(&page->status.phase), .arm = atomic_load(&page->status.arm)};
    outcome_last_line(output, said, sizeof said);
    /* The limit on files holds for it too, and may have been met first. */
    if (end == WORKER_COMPLETED && WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGXFSZ &&
        outcome_printed_too_much(output))
        end = outcome->end = WORKER_PRINTED;
    if (end == WORKER_OUT_OF_MEMORY)
        explain_limit(supervisor, outcome);
    else if (end == WORKER_STALLED)
        snprintf(outcome->reason, sizeof outcome->reason, "hung during %s: no progress for %s s (%s)",
                 worker_phase_name(outcome->phase), BRIEF(supervisor->limits.stall_s, 6),
                 option_name(SETTING_TIME_LIMIT));
    else if (end == WORKER_TIMED_OUT)
        snprintf(outcome->reason, sizeof outcome->reason, "not done within %s s, in %s",
                 BRIEF(supervisor->limits.total_s, 6), worker_phase_name(outcome->phase));
    else if (end == WORKER_PRINTED) {
        /* Seen some time after; only a verified run is judged before the next arm's. */
        if (outcome->phase != PHASE_VERIFY)
            outcome->arm = -1;
        snprintf(outcome->reason, sizeof outcome->reason,
                 "printed more than %lld MiB, in %s%s; leave the output out of what is measured",
                 (long long)(OUTCOME_MOST_OUTPUT >> 20), worker_phase_name(outcome->phase), said);
    } else if (end == WORKER_MULTIPLIED) {
        if (outcome->phase != PHASE_VERIFY) /* seen some time after, as above */
            outcome->arm = -1;
        snprintf(outcome->reason, sizeof outcome->reason,
                 "started more than %d processes, in %s; let a run wait for what it starts", OFFSPRING_MOST,
                 worker_phase_name(outcome->phase));
    } else if (end == WORKER_INTERRUPTED)
        snprintf(outcome->reason, sizeof outcome->reason, "interrupted");
    else if (WIFSIGNALED(wait_status))
        explain_signal(supervisor, page, WTERMSIG(wait_status), said, outcome);
    else if (!page->complete) {
        outcome->end = WORKER_CRASHED;
        snprintf(outcome->reason, sizeof outcome->reason, "ended the process with exit status %d during %s%s",
                 WEXITSTATUS(wait_status), worker_phase_name(outcome->phase), said);
    }
}

void outcome_words(const struct worker_outcome *outcome, const char *variant, char reason[RESULT_REASON]) {
    snprintf(reason, RESULT_REASON, "%s %.*s", variant ? variant : "the kernel",
             RESULT_REASON - RESULT_NAME - 2, outcome->reason);
}
