/* What a worker refused an arm for, in words. */
#include "base/numbers.h"
#include "base/option_name.h"
#include "store/result.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof((struct arm_why *)NULL)->variant == RESULT_NAME, "it is the name of a variant");

#define WHOLE_ANSWER "compute the whole answer in each run"
#define OF_THE_WORK "which is part of the work"
#define UNSEEN "among the timed runs, and not when it was verified, so that which one cannot be told"

static void say_answer(const struct arm_why *why, char *text, size_t size) {
    const struct arm_answer *answer = &why->answer;
    const char *advice =
        answer->from_before
            ? "it follows from what was there before: an output that is read, too, or written "
              "in part is given by duel's --in-out NAME"
            : answer->advice;
    unsigned long long index = answer->index, seed = answer->seed;
    if (why->cause == CAUSE_ANOTHER_ANSWER)
        snprintf(
            text, size,
            "%s gives another answer when run again on the same input: %s[%llu]: %s, then %s%s%s (seed %llu)",
            why->variant, answer->output, index, answer->expected, answer->got, *advice ? "; " : "", advice,
            seed);
    else
        snprintf(text, size, "wrong answer from %s%s: %s[%llu]: got %s, expected %s%s%s (%s, seed %llu)",
                 why->variant,
                 answer->among_timed ? " among the timed runs, when elements of its last one were overwritten"
                                     : "",
                 answer->output, index, answer->got, answer->expected, *advice ? "; " : "", advice,
                 answer->by_check ? "by the kernel's own check" : "as the baseline has it", seed);
}

static void say_no_work(const struct arm_why *why, char *text, size_t size) {
    const char *variant = why->variant;
    if (why->cause == CAUSE_IDLE)
        snprintf(
            text, size,
            "%s does no work in its runs: one takes %s ns, a call of an empty function %s ns, and %s items cannot "
            "be handled in that; " WHOLE_ANSWER
            ", not in setup, reset or outputs, and let `work` tell the items "
            "that a run does handle",
            variant, BRIEF(why->run_ns, 2), BRIEF(why->other_ns, 2), BRIEF(why->items, 6));
    else if (why->cause == CAUSE_CONSTANT)
        snprintf(text, size,
                 "%s takes no longer for more work: %.0f runs take %s ns, %.0f take %s ns; " WHOLE_ANSWER
                 ", and keep nothing of it for the next",
                 variant, why->runs, BRIEF(why->run_ns, 3), why->other_runs, BRIEF(why->other_ns, 3));
    else
        snprintf(
            text, size,
            "%s does less where its last answer is still there: a run takes %s ns then, and %s ns where elements "
            "of it were overwritten; " WHOLE_ANSWER,
            variant, BRIEF(why->run_ns, 3), BRIEF(why->other_ns, 3));
}

static const char *error_text(int error) {
    return error == ENOMEM ? "out of memory" : strerror(error);
}

static void say(const struct arm_why *why, char *text, size_t size) {
    const char *variant = why->variant, *said = why->said;
    text[0] = '\0';
    switch (why->cause) {
    case CAUSE_NONE:
    case CAUSES:
        break;
    case CAUSE_OUTPUTS_UNREAD:
        snprintf(text, size, "%s: its outputs cannot be read: %s", variant, strerror(why->error));
        break;
    case CAUSE_OUTPUTS_UNPOISONED:
        snprintf(text, size, "%s: its output cannot be poisoned: %s", variant, strerror(why->error));
        break;
    case CAUSE_OUTPUTS_EMPTY:
        snprintf(text, size, "%s: an output has no data", variant);
        break;
    case CAUSE_WRONG_ANSWER:
    case CAUSE_ANOTHER_ANSWER:
        say_answer(why, text, size);
        break;
    case CAUSE_IDLE:
    case CAUSE_CONSTANT:
    case CAUSE_REMEMBERS:
        say_no_work(why, text, size);
        break;
    case CAUSE_CHANGES_PROCESS:
        snprintf(
            text, size,
            "%s leaves the process changed for its rivals: %s; undo it at the end of each run, or do it in setup, "
            "for all variants alike",
            variant, said);
        break;
    case CAUSE_PRINTS:
        snprintf(text, size, "%s prints in its runs: \"%s\"; leave the output out of what is measured",
                 variant, said);
        break;
    case CAUSE_CHANGED_UNSEEN:
        snprintf(text, size, "a variant changed the process " UNSEEN ": %s", said);
        break;
    case CAUSE_PRINTED_UNSEEN:
        snprintf(text, size, "a variant printed " UNSEEN ": \"%s\"", said);
        break;
    case CAUSE_KEEPS_DESCRIPTORS:
        snprintf(text, size, "%s leaves %s descriptors open at every run: close them, " OF_THE_WORK, variant,
                 BRIEF(why->count, 3));
        break;
    case CAUSE_KEEPS_MEMORY:
        snprintf(text, size,
                 "%s keeps %s bytes of memory at every run: free them, " OF_THE_WORK
                 ", or allocate them in setup",
                 variant, BRIEF(why->count, 3));
        break;
    case CAUSE_STARTS_THREADS:
        snprintf(
            text, size,
            "%s starts threads in its runs, and has one CPU for all of them: make it CS_PARALLEL (duel: %s N)",
            variant, option_name(SETTING_THREADS));
        break;
    case CAUSE_FEWER_THREADS:
        snprintf(
            text, size,
            "%s: %.0f of %.0f threads ran; a variant that is CS_PARALLEL uses all of them, unless it is CS_UP_TO, "
            "too",
            variant, why->count, why->most);
        break;
    case CAUSE_HELPED:
        snprintf(text, size, "%s has other %s do its work; Callgrind counts one thread", variant, said);
        break;
    case CAUSE_PREPARE:
        snprintf(text, size, "%s: prepare: %s%s%s", variant, error_text(why->error), *said ? ": " : "", said);
        break;
    case CAUSE_PREPARE_MEMORY:
        snprintf(text, size, "%s: prepare: no memory for %s: %.0f bytes", variant, said, why->count);
        break;
    case CAUSE_LATENCIES_MANY:
        snprintf(
            text, size,
            "%s records %.0f latencies in a run, and its recorder has room for %.0f: give cs_recorder the most "
            "that a run records",
            variant, why->count, why->most);
        break;
    case CAUSE_LATENCIES_MEMORY:
        snprintf(text, size, "%s: no memory for %.0f latencies", variant, why->count);
        break;
    case CAUSE_LATENCY_LONG:
        snprintf(
            text, size,
            "%s records a latency that is longer than the run that it is of: cs_end wants what cs_begin returned "
            "in the same run",
            variant);
        break;
    case CAUSE_CLIENT_ENDED:
        snprintf(text, size, "%s: client %u of the load ended by %s", variant, why->client, said);
        break;
    }
}

void arm_words_of_placebo(const char *variant, const char *reason, char *text, size_t size) {
    static const char hint[] =
        "; the copy has the state that setup made, and no file-scope variables that setup "
        "filled: keep them in the state";
    snprintf(text, size, "%s in a second loaded copy of its module (the placebo): %.*s%s", variant,
             (int)(RESULT_REASON - RESULT_NAME - sizeof hint - 64), reason, hint);
}

void arm_words(const struct arm_why *why, char *text, size_t size) {
    char whole[1024]; /* the longest of each */
    say(why, whole, sizeof whole);
    size_t length = strlen(whole);
    if (why->client && why->cause != CAUSE_NONE && why->cause != CAUSE_CLIENT_ENDED)
        snprintf(whole + length, sizeof whole - length, " (client %u of the load)", why->client);
    if (why->placebo && why->cause != CAUSE_NONE)
        arm_words_of_placebo(why->variant, whole, text, size);
    else
        snprintf(text, size, "%.*s", (int)size - 1, whole);
}
