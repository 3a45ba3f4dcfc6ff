#include "measure/forecast.h"

#include "base/numbers.h"
#include "base/option_name.h"

#include <stdio.h>
#include <string.h>

static const char *replicates_cause(const struct point_costs *costs, char *text, size_t size) {
    if (costs->around > costs->timing)
        snprintf(text, size, "a process takes %s s to start, prepare and verify, and there are up to %u (%s)",
                 BRIEF(costs->around, 2), costs->replicates, option_name(SETTING_REPLICATES));
    else
        snprintf(text, size,
                 "its runs are long: %d rounds, the fewest there can be, take %s s, in up to %u processes "
                 "(%s)",
                 RUNNER_MIN_ROUNDS, BRIEF(costs->timing, 2), costs->replicates,
                 option_name(SETTING_REPLICATES));
    return text;
}

void forecast_point(const struct point_costs *costs, struct runner_forecast *forecast) {
    const double replicates = costs->replicates * (costs->around + costs->timing);
    char *text = forecast->cause, part[192];
    *forecast = (struct runner_forecast){.expected_s = replicates + costs->simulation + costs->compiling,
                                         .budget_s = costs->budget};
    /* What makes a tenth of it or less is no cause. */
    if (replicates > 0.1 * forecast->expected_s)
        snprintf(text, sizeof forecast->cause, "%s", replicates_cause(costs, part, sizeof part));
    if (costs->simulation > 0.1 * forecast->expected_s) {
        snprintf(part, sizeof part, "%ssimulating it takes up to %s s (%s)", text[0] ? "; " : "",
                 BRIEF(costs->simulation, 2), option_name(SETTING_NO_SIMULATION));
        strncat(text, part, sizeof forecast->cause - 1 - strlen(text));
    }
    if (costs->compiling > 0.1 * forecast->expected_s) {
        snprintf(part, sizeof part, "%scompiling took %s s", text[0] ? "; " : "", BRIEF(costs->compiling, 2));
        strncat(text, part, sizeof forecast->cause - 1 - strlen(text));
    }
}
