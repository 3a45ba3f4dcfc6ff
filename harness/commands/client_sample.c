#include "commands/command_server.h"

#include "base/option_name.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double unit_ns(const char *unit) {
    static const struct {
        const char *name;
        double ns;
    } units[] = {{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"sec", 1e9}, {"secs", 1e9}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(unit, units[i].name))
            return units[i].ns;
    return NAN;
}

/* "  99%  1.26ms" of wrk, "  99% in 0.0013 secs" of hey. */
static void read_percentile(const char *line, struct arm_latency *latency) {
    double percent, value;
    char unit[16];
    if (sscanf(line, " %lf%% %lf%15s", &percent, &value, unit) != 3 &&
        sscanf(line, " %lf%% in %lf %15s", &percent, &value, unit) != 3)
        return;
    double *places[] = {&latency->p50, &latency->p95, &latency->p99, &latency->max};
    static const double percents[] = {50, 95, 99, 100};
    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++)
        if (percent == percents[i] && isnan(*places[i]))
            *places[i] = value * unit_ns(unit);
}

static int read_rate(const char *text, const char *rate, struct command_sample *sample,
                     struct problem *problem) {
    const char *found = strstr(text, rate);
    const char *number = found ? found + strlen(rate) + strspn(found + strlen(rate), " \t:=") : "";
    char *end;
    double value = strtod(number, &end);
    if (end == number || !(value > 0) || !isfinite(value))
        return found
                   ? problem_set(problem, EINVAL, "printed no number above 0 behind '%s'", rate)
                   : problem_set(problem, EINVAL, "did not print '%s' (%s)", rate, option_name(SETTING_RATE));
    sample->time_ns = 1e9 / value;
    return 0;
}

int client_sample(const void *context, const struct command_output *output, struct command_sample *sample,
                  struct problem *problem) {
    const struct client_words *words = context;
    char *text = strndup(output->bytes ? output->bytes : "", output->size), *rest = NULL;
    *sample =
        (struct command_sample){.time_ns = NAN, .items = 1, .cpu_ns = NAN, .latency = {NAN, NAN, NAN, NAN}};
    if (!text)
        return problem_set(problem, ENOMEM, "printed more than there is memory for");
    int status = words->rate ? read_rate(text, words->rate, sample, problem) : 0;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        read_percentile(line, &sample->latency);
    free(text);
    return status;
}
