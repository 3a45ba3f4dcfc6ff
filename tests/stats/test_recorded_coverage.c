/*
 * How often the interval of estimate_log_ratio holds the true value where the noise is a real machine's:
 * comparisons are made of recorded replicates, drawn with replacement, of each a stretch of consecutive
 * rounds (Künsch, "The Jackknife and the Bootstrap for General Stationary Observations", Annals of Statistics
 * 17(3), 1989, draws stretches for the same reason: what depends on the round before stays together). The
 * true value is the mean over all replicates and stretches that can be drawn of what a stretch estimates. Run
 * by hand with a factor, `test_stats_recorded_coverage 20`, it gives the figures of docs/METHOD.md.
 */
#include "assert_close.h"
#include "simulated_noise.h"
#include "stats/estimate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_rounds = 80, most_recorded = 96, most_populations = 16, drawn_replicates = 8 };
static size_t factor = 1;

struct population {
    char name[96];
    double ratios[most_recorded][most_rounds];
    size_t rounds[most_recorded];
    size_t count; /**< replicates */
};

static struct population populations[most_populations];
static size_t population_count;

static void read_ratios(char *line, struct population *population) {
    size_t *rounds = &population->rounds[population->count];
    char *end;
    assert_in_range(population->count, 0, most_recorded - 1);
    for (double value = strtod(line, &end); end != line; value = strtod(line, &end)) {
        assert_in_range(*rounds, 0, most_rounds - 1);
        population->ratios[population->count][(*rounds)++] = value * 1e-5;
        line = end;
    }
    population->count++;
}

static int read_populations(void **state) {
    (void)state;
    FILE *file = fopen(TEST_DATA "/samples/recorded.txt", "r");
    char line[4096];
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        if (line[0] == '#')
            continue;
        if (strncmp(line, "population ", 11) == 0) {
            assert_in_range(population_count, 0, most_populations - 1);
            snprintf(populations[population_count++].name, 96, "%.95s", line + 11);
        } else {
            assert_true(population_count > 0);
            read_ratios(line, &populations[population_count - 1]);
        }
    }
    fclose(file);
    return 0;
}

/* Half of what was recorded, so that there are many stretches. */
static size_t stretch_length(const struct population *population, size_t replicate) {
    return population->rounds[replicate] / 2;
}

static size_t count_stretches(const struct population *population, size_t replicate) {
    return population->rounds[replicate] - stretch_length(population, replicate) + 1;
}

/* Mean over all stretches of a recorded replicate. */
static double level_of(const struct population *population, size_t replicate) {
    size_t length = stretch_length(population, replicate), stretches = count_stretches(population, replicate);
    double scratch[most_rounds], sum = 0;
    for (size_t start = 0; start < stretches; start++) {
        memcpy(scratch, &population->ratios[replicate][start], length * sizeof *scratch);
        sum += midmean(scratch, length);
    }
    return sum / (double)stretches;
}

static double true_value(const struct population *population) {
    double sum = 0;
    for (size_t i = 0; i < population->count; i++)
        sum += level_of(population, i);
    return sum / (double)population->count;
}

/* Takes off each replicate's level: rounds as recorded, of processes that do not differ. */
static void take_off_levels(struct population *population) {
    for (size_t i = 0; i < population->count; i++) {
        double level = level_of(population, i);
        for (size_t j = 0; j < population->rounds[i]; j++)
            population->ratios[i][j] -= level;
    }
}

struct coverage {
    double combined, within, between;
};

static struct coverage resample(const struct population *population, size_t comparisons) {
    struct cs_random random = cs_random_seed(1989);
    double truth = true_value(population), n = (double)comparisons;
    size_t combined = 0, within = 0, between = 0;
    for (size_t i = 0; i < comparisons; i++) {
        struct replicate_ratios drawn[drawn_replicates];
        for (size_t r = 0; r < drawn_replicates; r++) {
            size_t replicate = (size_t)(cs_random_unit(&random) * (double)population->count);
            size_t start = (size_t)(cs_random_unit(&random) * (double)count_stretches(population, replicate));
            drawn[r] = (struct replicate_ratios){&population->ratios[replicate][start],
                                                 stretch_length(population, replicate), 0};
        }
        struct ratio_estimate e;
        assert_int_equal(estimate_log_ratio(drawn, drawn_replicates, 0.95, &e), 0);
        double miss = fabs(e.log.estimate - truth);
        combined += e.log.low <= truth && truth <= e.log.high;
        within += miss <= e.within_half;
        between += miss <= e.between_half;
    }
    return (struct coverage){(double)combined / n, (double)within / n, (double)between / n};
}

static double allowance(double p, size_t n) {
    return 3 * sqrt(p * (1 - p) / (double)n);
}

static struct coverage show_coverage(const char *how, const struct population *population,
                                     size_t *comparisons) {
    *comparisons = 1000 * factor;
    struct coverage coverage = resample(population, *comparisons);
    print_message(
        "%-14s %-30s %2zu replicates  covers %5.1f %%  within alone %5.1f %%  between alone %5.1f %%\n", how,
        population->name, population->count, 100 * coverage.combined, 100 * coverage.within,
        100 * coverage.between);
    return coverage;
}

/*
 * Points whose processes scatter by 0.1 % are in one population with points whose processes scatter by 2 %:
 * which of them are drawn decides the width, and Student's t is on the safe side of such a mixture.
 */
static bool is_mixed(const struct population *population) {
    return strcmp(population->name, "system calls, writing") == 0;
}

static void test_recorded_processes_are_covered(void **state) {
    (void)state;
    assert_true(population_count >= 10);
    for (size_t i = 0; i < population_count; i++) {
        size_t comparisons;
        double covers = show_coverage("as recorded", &populations[i], &comparisons).combined;
        double most = is_mixed(&populations[i]) ? 0.985 : 0.97;
        assert_true(covers >= 0.94 - allowance(0.94, comparisons));
        assert_true(covers <= most + allowance(most, comparisons));
    }
}

/*
 * Without what processes differ by, replicates still differ in how noisy they are: too wide is the safe side.
 */
static void test_recorded_rounds_alone_are_covered(void **state) {
    (void)state;
    for (size_t i = 0; i < population_count; i++) {
        struct population level = populations[i];
        size_t comparisons;
        take_off_levels(&level);
        assert_close(true_value(&level), 0, 1e-12);
        double covers = show_coverage("levels off", &level, &comparisons).combined;
        assert_true(covers >= 0.94 - allowance(0.94, comparisons));
    }
}

int main(int argc, char **argv) {
    if (argc > 1)
        factor = strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded_processes_are_covered),
        cmocka_unit_test(test_recorded_rounds_alone_are_covered),
    };
    return cmocka_run_group_tests(tests, read_populations, NULL);
}
