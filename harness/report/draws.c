#include "report/draws.h"

#include "report/format.h"

#include <math.h>
#include <string.h>

bool draws_have_kinds(const struct run *run, const struct comparison *comparison) {
    const struct value_groups *kinds = &comparison->kinds;
    return kinds->high_count > 0 && log(kinds->high / kinds->low) > log1p(run->settings.delta);
}

/* Replicates of one link are one unit: then kinds are of links. */
static const char *what_was_drawn(const struct run *run, const struct comparison *comparison) {
    if (comparison->units < comparison->replicates)
        return "links";
    return strcmp(run->settings.layout, "random") == 0 ? "processes or links" : "processes";
}

void draws_print_kinds(const struct run *run, const struct comparison *comparison, struct text *text) {
    const struct value_groups *kinds = &comparison->kinds;
    char low[FORMAT_SIZE], high[FORMAT_SIZE];
    format_number(kinds->low, low);
    format_number(kinds->high, high);
    text_printf(text, "two kinds of %s: %s× in %zu, %s× in %zu of %zu", what_was_drawn(run, comparison), low,
                kinds->low_count, high, kinds->high_count, kinds->low_count + kinds->high_count);
}

bool draws_are_serial(const struct comparison *comparison) {
    return comparison->units > 0 && comparison->serial.p_value < ESTIMATE_SERIAL_LEVEL;
}

void draws_print_serial(const struct comparison *comparison, struct text *text) {
    text_printf(text,
                "neighbouring replicates resemble each other (correlation %s, p %s%s): something lasted "
                "over several of them, and the interval is wider for it",
                BRIEF(comparison->serial.correlation, 2), comparison->serial.p_value < 1e-4 ? "" : "= ",
                BRIEF(comparison->serial.p_value, 2));
}

void draws_print_count(const struct comparison *comparison, struct text *text) {
    size_t units = comparison->units, replicates = comparison->replicates;
    if (units == 0)
        return;
    text_printf(text, "%zu%s", replicates, replicates == 1 ? " replicate" : " replicates");
    if (units < replicates)
        text_printf(text, " of %zu links, which count once each", units);
    text_printf(text, "; a kind that up to %s %% of the %s are may have been missed by all",
                BRIEF(100 * verdict_missed_share(units), 2), units < replicates ? "links" : "processes");
}
