#include "store/slo.h"

#include "store/yaml_reader.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = {"throughput", "latency-p50", "latency-p99", "latency-p99.9",
                                    "error-rate", "peak-memory", "cpu-share"};

const char *slo_quantity_name(enum slo_quantity quantity) {
    return (unsigned)quantity < SLO_QUANTITIES ? names[quantity] : "unknown";
}

/* Units that a bound of a quantity may have, and what one of them is. */
struct unit {
    const char *name;
    double factor;
};
static const struct unit times[] = {{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}, {NULL, 0}};
static const struct unit sizes[] = {
    {"bytes", 1}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}, {NULL, 0}};
static const struct unit shares[] = {{"%", 0.01}, {"", 1}, {NULL, 0}};
static const struct unit rates[] = {{"", 1}, {"/s", 1}, {NULL, 0}};

static const struct {
    const struct unit *units;
    const char *wanted;
} kinds[SLO_QUANTITIES] = {
    [SLO_THROUGHPUT] = {rates, "a bound such as \"> 20000 /s\", of requests at the least"},
    [SLO_P50] = {times, "a bound such as \"< 500 us\", with ns, us, ms or s"},
    [SLO_P99] = {times, "a bound such as \"< 500 us\", with ns, us, ms or s"},
    [SLO_P999] = {times, "a bound such as \"< 500 us\", with ns, us, ms or s"},
    [SLO_ERROR_RATE] = {shares, "a bound such as \"< 0.1 %\" or \"< 0.001\""},
    [SLO_PEAK_MEMORY] = {sizes, "a bound such as \"< 64 MiB\", with bytes, KiB, MiB or GiB"},
    [SLO_CPU_SHARE] = {shares, "a bound such as \"< 80 %\" or \"< 0.8\", of one CPU"},
};

/* "< 500 us" into 500000; -1: it is no such bound. */
static int read_bound(const char *text, enum slo_quantity quantity, double *bound) {
    char number[32];
    char operator= quantity == SLO_THROUGHPUT ? '>' : '<';
    text += strspn(text, " ");
    if (*text++ != operator)
        return -1;
    text += *text == '=';
    text += strspn(text, " ");
    size_t length = strspn(text, "0123456789.eE");
    /* The unit may begin with an e of its own in no language that we know; "1e3" is a number. */
    if (length == 0 || length >= sizeof number)
        return -1;
    snprintf(number, sizeof number, "%.*s", (int)length, text);
    text += length;
    text += strspn(text, " ");
    if (!parse_number(number, bound))
        return -1;
    for (const struct unit *unit = kinds[quantity].units; unit->name; unit++)
        if (strcmp(unit->name, text) == 0) {
            *bound *= unit->factor;
            return 0;
        }
    return -1;
}

static int read_target(struct yaml_reader *reader, const struct yaml_entry *entry, struct slo *slo,
                       enum slo_quantity quantity) {
    struct slo_target *target = &slo->targets[slo->count];
    int error = yaml_read_text(reader, entry, kinds[quantity].wanted, target->text, sizeof target->text);
    if (error)
        return error;
    if (read_bound(target->text, quantity, &target->bound))
        return yaml_problem(reader, entry, "expected %s, got \"%s\"", kinds[quantity].wanted, target->text);
    target->quantity = quantity;
    slo->count++;
    return 0;
}

#define READER(name, quantity)                                                                               \
    static int name(struct yaml_reader *reader, const struct yaml_entry *entry, void *slo) {                 \
        return read_target(reader, entry, slo, quantity);                                                    \
    }
READER(read_throughput, SLO_THROUGHPUT)
READER(read_p50, SLO_P50)
READER(read_p99, SLO_P99)
READER(read_p999, SLO_P999)
READER(read_error_rate, SLO_ERROR_RATE)
READER(read_peak_memory, SLO_PEAK_MEMORY)
READER(read_cpu_share, SLO_CPU_SHARE)

static const struct yaml_key keys[] = {{"throughput", read_throughput}, {"latency-p50", read_p50},
                                       {"latency-p99", read_p99},       {"latency-p99.9", read_p999},
                                       {"error-rate", read_error_rate}, {"peak-memory", read_peak_memory},
                                       {"cpu-share", read_cpu_share},   {NULL, NULL}};

int slo_read(struct yaml_reader *reader, const struct yaml_entry *entry, struct slo *slo) {
    slo->count = 0;
    int error = yaml_read_keys(reader, entry, "a mapping of what is limited to its bound", keys, slo);
    if (!error && !slo->count)
        error = yaml_problem(reader, entry, "expected a target, got none");
    return error;
}

int slo_load(struct slo *slo, const char *path, struct problem *problem) {
    struct yaml_reader reader;
    int error = yaml_reader_open(&reader, path, problem);
    if (error)
        return error;
    struct yaml_entry root = yaml_root(&reader);
    error = slo_read(&reader, &root, slo);
    yaml_reader_close(&reader);
    return error;
}
