#include "host/proc_text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *next_line(const char *line) {
    const char *end = strchr(line, '\n');
    return end ? end + 1 : NULL;
}

static const char *skip_blanks(const char *text) {
    return text + strspn(text, " \t");
}

static void copy_span(const char *start, size_t length, char *copy, size_t size) {
    if (length >= size)
        length = size - 1;
    memcpy(copy, start, length);
    copy[length] = '\0';
}

/* The value of a line that has the key, else NULL. */
static const char *value_of_line(const char *line, const char *key, char separator) {
    size_t length = strlen(key);
    line = skip_blanks(line);
    if (strncmp(line, key, length) != 0)
        return NULL;
    const char *after = skip_blanks(line + length);
    if (separator == ' ')
        return after > line + length ? after : NULL;
    return *after == separator ? skip_blanks(after + 1) : NULL;
}

bool text_value(const char *text, const char *key, char separator, char *value, size_t size) {
    value[0] = '\0';
    for (const char *line = text; line; line = next_line(line)) {
        const char *start = value_of_line(line, key, separator);
        if (!start)
            continue;
        size_t length = strcspn(start, "\n");
        while (length && isspace((unsigned char)start[length - 1]))
            length--;
        if (length >= 2 && (start[0] == '"' || start[0] == '\'') && start[length - 1] == start[0]) {
            start++;
            length -= 2;
        }
        copy_span(start, length, value, size);
        return true;
    }
    return false;
}

bool text_number(const char *text, const char *key, char separator, uint64_t *number) {
    char value[32], *end;
    if (!text_value(text, key, separator, value, sizeof value) || !isdigit((unsigned char)value[0]))
        return false;
    /* Base 0 would take a leading zero for octal; the kernel marks hexadecimal alone. */
    bool hexadecimal = value[0] == '0' && (value[1] == 'x' || value[1] == 'X');
    *number = strtoull(value, &end, hexadecimal ? 16 : 10);
    return end != value;
}

bool text_bracketed(const char *text, char *word, size_t size) {
    const char *open = strchr(text, '[');
    const char *close = open ? strchr(open, ']') : NULL;
    word[0] = '\0';
    if (!close)
        return false;
    copy_span(open + 1, (size_t)(close - open - 1), word, size);
    return true;
}

bool stat_cpu_ticks(const char *text, unsigned cpu, struct cpu_ticks *ticks) {
    char key[24];
    snprintf(key, sizeof key, "cpu%u", cpu);
    for (const char *line = text; line; line = next_line(line)) {
        const char *values = value_of_line(line, key, ' ');
        if (!values)
            continue;
        /* user nice system idle iowait irq softirq steal; guest time, behind them, is part of user time. */
        unsigned long long time[8] = {0};
        int got = sscanf(values, "%llu %llu %llu %llu %llu %llu %llu %llu", &time[0], &time[1], &time[2],
                         &time[3], &time[4], &time[5], &time[6], &time[7]);
        if (got < 4)
            return false;
        ticks->busy = time[0] + time[1] + time[2] + time[5] + time[6];
        ticks->steal = time[7];
        return true;
    }
    return false;
}

/* Where the block of `cpu` starts, or the text itself. */
static const char *cpuinfo_block(const char *text, unsigned cpu) {
    for (const char *line = text; line; line = next_line(line)) {
        const char *value = value_of_line(line, "processor", ':');
        if (value && isdigit((unsigned char)*value) && strtoul(value, NULL, 10) == cpu)
            return line;
    }
    return text;
}

static int number_or_zero(const char *text, const char *key) {
    uint64_t number;
    return text_number(text, key, ':', &number) ? (int)number : 0;
}

static void identify_arm(const char *block, struct cpu_identity *identity) {
    unsigned implementer = (unsigned)number_or_zero(block, "CPU implementer");
    identity->family = number_or_zero(block, "CPU architecture");
    identity->model_number = number_or_zero(block, "CPU part");
    identity->stepping = number_or_zero(block, "CPU revision");
    const char *vendor = arm_implementer(implementer);
    snprintf(identity->vendor, sizeof identity->vendor, "%s", vendor ? vendor : "");
    arm_cpu_name(implementer, (unsigned)identity->model_number, identity->model, sizeof identity->model);
}

void cpuinfo_identify(const char *text, unsigned cpu, struct cpu_identity *identity) {
    char implementer[16];
    const char *block = cpuinfo_block(text, cpu);
    *identity = (struct cpu_identity){0};
    if (!text_value(block, "flags", ':', identity->flags, sizeof identity->flags))
        text_value(block, "Features", ':', identity->flags, sizeof identity->flags);
    if (text_value(block, "CPU implementer", ':', implementer, sizeof implementer)) {
        identify_arm(block, identity);
        return;
    }
    text_value(block, "model name", ':', identity->model, sizeof identity->model);
    text_value(block, "vendor_id", ':', identity->vendor, sizeof identity->vendor);
    text_value(block, "microcode", ':', identity->microcode, sizeof identity->microcode);
    identity->family = number_or_zero(block, "cpu family");
    identity->model_number = number_or_zero(block, "model");
    identity->stepping = number_or_zero(block, "stepping");
}

double pressure_avg10(const char *text) {
    char value[128];
    double share;
    if (!text_value(text, "some", ' ', value, sizeof value) || sscanf(value, "avg10=%lf", &share) != 1)
        return NAN;
    return share;
}

static bool has_word(const char *text, const char *word) {
    size_t length = strlen(word);
    for (text += strspn(text, " \t\n"); *text; text += strspn(text, " \t\n")) {
        size_t span = strcspn(text, " \t\n");
        if (span == length && memcmp(text, word, length) == 0)
            return true;
        text += span;
    }
    return false;
}

bool clocksource_rejects_tsc(const char *current, const char *available) {
    static const char *const built_on_tsc[] = {"tsc", "kvm-clock", "hyperv", "xen"};
    for (size_t i = 0; i < sizeof built_on_tsc / sizeof *built_on_tsc; i++)
        if (strncmp(current, built_on_tsc[i], strlen(built_on_tsc[i])) == 0)
            return false;
    return current[0] && !has_word(available, "tsc");
}

bool sched_migrations(const char *text, uint64_t *migrations) {
    return text_number(text, "se.nr_migrations", ':', migrations);
}
