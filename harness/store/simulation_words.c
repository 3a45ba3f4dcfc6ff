/* Why nothing was simulated, in words. */
#include "base/numbers.h"
#include "base/option_name.h"
#include "store/causes.h"

#include <stdbool.h>
#include <stdio.h>

static void say_impossible(const struct simulation_numbers *numbers, char *text, size_t size) {
    bool memory = numbers->event == COUNTER_LLC_MISSES;
    snprintf(text, size, "what was simulated is not what was timed: %s %s are more than any core %s",
             BRIEF(numbers->rate, 3),
             memory                                   ? "GB/s from memory"
             : numbers->event == COUNTER_INSTRUCTIONS ? "instructions a cycle"
             : numbers->event == COUNTER_DATA_READS   ? "reads a cycle"
             : numbers->event == COUNTER_DATA_WRITES  ? "writes a cycle"
                                                      : "L1D misses a cycle",
             memory ? "reads" : "does; another path, or instructions that stand for many");
}

/* Both begin alike: the point was made smaller for the same cause. */
static void say_scale(const struct simulation_why *why, char *text, size_t size) {
    const struct simulation_numbers *numbers = &why->numbers;
    int length = snprintf(text, size, "simulated whole it would take about %.0f s (%s), and ",
                          numbers->seconds, option_name(SETTING_SIMULATION_BUDGET));
    if (length < 0 || (size_t)length >= size)
        return;
    if (why->cause == SIMULATION_OTHER_SCALE)
        snprintf(text + length, size - (size_t)length, "smaller it is another: %s %s an item%s, %s%s",
                 BRIEF(numbers->count, 3), counter_event_info[numbers->event].name,
                 why->here ? why->here : "", BRIEF(numbers->smaller, 3), why->there ? why->there : "");
    else
        snprintf(text + length, size - (size_t)length, "that a smaller point is like it could not be shown");
}

void simulation_words(const struct simulation_why *why, char *text, size_t size) {
    const struct simulation_numbers *numbers = &why->numbers;
    const char *said = why->said ? why->said : "";
    text[0] = '\0';
    switch (why->cause) {
    case SIMULATION_COUNTED:
    case SIMULATION_CAUSES:
        break;
    case SIMULATION_NO_TOOL:
    case SIMULATION_UNREADABLE:
    case SIMULATION_OTHER:
        snprintf(text, size, "%s", said);
        break;
    case SIMULATION_NO_PORTABLE_BUILD:
        snprintf(text, size,
                 "there is no portable build beside %.100s, and Valgrind cannot run every native one", said);
        break;
    case SIMULATION_INTERRUPTED:
        snprintf(text, size, "interrupted before it was simulated");
        break;
    case SIMULATION_INVALID_ARM:
        snprintf(text, size, "invalid");
        break;
    case SIMULATION_BASELINE_AGAIN:
        snprintf(text, size, "the baseline again");
        break;
    case SIMULATION_SEVERAL_THREADS:
        if (numbers->threads > 0)
            snprintf(text, size,
                     "%.0f threads: Callgrind runs one at a time, so caches and waiting would be others",
                     numbers->threads);
        else
            snprintf(text, size, "%s", said);
        break;
    case SIMULATION_SERVER:
        snprintf(text, size, "it needs the server %s, whose work would not be simulated", said);
        break;
    case SIMULATION_NO_ARM:
        snprintf(text, size, "no variant could be simulated");
        break;
    case SIMULATION_FAILED:
        if (numbers->seconds > 0)
            snprintf(text, size, "under Valgrind: %.100s; %s gives it longer", said,
                     option_name(SETTING_SIMULATION_BUDGET));
        else
            snprintf(text, size, "under Valgrind: %.170s", said);
        break;
    case SIMULATION_IMPOSSIBLE:
        say_impossible(numbers, text, size);
        break;
    case SIMULATION_OTHER_PATH:
        snprintf(text, size,
                 "it takes another path: %.0f %% of its time goes to code that its simulated run never "
                 "reaches%s%s%s",
                 100 * numbers->share, *said ? " (" : "", said, *said ? ")" : "");
        break;
    case SIMULATION_STRINGS:
        snprintf(text, size,
                 "its string instructions (rep movs, rep stos) take %.0f %% of its time, and each stands for "
                 "many: Callgrind counts every repetition",
                 100 * numbers->share);
        break;
    case SIMULATION_OTHER_BUILD:
        snprintf(text, size,
                 "only the portable build can be simulated, and as timed it is another case: %s× as fast as "
                 "the baseline, the native build %s×",
                 BRIEF(numbers->portable, 3), BRIEF(numbers->native, 3));
        break;
    case SIMULATION_OTHER_SCALE:
    case SIMULATION_UNKNOWN_SCALE:
        say_scale(why, text, size);
        break;
    }
}
