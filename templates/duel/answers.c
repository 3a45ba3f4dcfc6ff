/*
 * Whether two answers that differ are as good as each other: by what the user says of them, in the order in which
 * kernel.c gives outputs. Where they are not, what would make them so, if anything simple does.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "duel.h"

/* One array of the answer, or the result: its fields' outputs, one behind the other. */
struct part {
    const struct duel_argument *argument;
    const struct cs_output *expected, *got;
    size_t elements;      /* of one call, the largest */
    const size_t *before; /* of recorded calls: elements before each, and of all; or NULL */
};

/* Elements of all calls before one. */
static size_t first_of(const struct part *part, size_t call) {
    return part->before ? part->before[call] : call * part->elements;
}

static size_t elements_of(const struct part *part, size_t call) {
    return first_of(part, call + 1) - first_of(part, call);
}

struct comparison {
    const struct duel *duel;
    const struct duel_answer *answer;
    struct part parts[DUEL_MOST_OUTPUTS];
    size_t count;
};

/* How strictly a part is looked at. */
struct rule {
    bool unordered;
    int limit;
    double tolerance, absolute, norm;
};

static const unsigned char *at(const struct cs_output *output, const struct duel_field *field, size_t i) {
    return (const unsigned char *)output->data + i * field->size;
}

static double real_at(const struct cs_output *output, const struct duel_field *field, size_t i) {
    float single;
    double real;
    memcpy(&single, at(output, field, i), sizeof single);
    if (field->size == sizeof single)
        return (double)single;
    memcpy(&real, at(output, field, i), sizeof real);
    return real;
}

/* By its bits: flags of the user's may let the compiler take all numbers for finite. */
static bool is_finite(double real) {
    uint64_t bits;
    memcpy(&bits, &real, sizeof bits);
    return (bits >> 52 & 0x7ff) != 0x7ff;
}

static bool is_nan(double real) {
    uint64_t bits;
    memcpy(&bits, &real, sizeof bits);
    return !is_finite(real) && bits << 12;
}

static int64_t whole_at(const struct cs_output *output, const struct duel_field *field, size_t i) {
    uint64_t bits = 0;
    unsigned shift = 64 - 8 * (unsigned)field->size;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    memcpy((unsigned char *)&bits + 8 - field->size, at(output, field, i), field->size);
#else
    memcpy(&bits, at(output, field, i), field->size);
#endif
    return field->kind == DUEL_SIGNED ? (int64_t)(bits << shift) >> shift : (int64_t)bits;
}

static bool is_close(const struct part *part, size_t f, size_t i, size_t j, const struct rule *rule) {
    const struct duel_field *field = &part->argument->fields[f];
    if (!memcmp(at(&part->expected[f], field, i), at(&part->got[f], field, j), field->size))
        return true;
    if (field->kind != DUEL_FLOAT)
        return false;
    double x = real_at(&part->expected[f], field, i), y = real_at(&part->got[f], field, j);
    if (!is_finite(x) || !is_finite(y))
        return is_nan(x) && is_nan(y);
    double apart = fabs(x - y);
    return x == y || (rule->tolerance > 0 && apart <= rule->tolerance * fmax(fabs(x), fabs(y))) ||
           (rule->absolute > 0 && apart <= rule->absolute);
}

/* Elements of a call that count, by the result or by what an argument points to. */
static size_t count_of(const struct comparison *comparison, const struct cs_output *result,
                       const struct part *part, int limit, size_t call, bool of_got) {
    const struct duel_answer *answer = comparison->answer;
    const struct duel_field *field = NULL;
    const struct cs_output *output = NULL;
    size_t all = elements_of(part, call);
    if (limit == DUEL_RETURN) {
        output = result;
        field = answer->result->fields;
    }
    for (size_t i = 0; limit >= 0 && i < comparison->count; i++)
        if (comparison->parts[i].argument == &answer->arguments[limit] &&
            elements_of(&comparison->parts[i], call)) {
            output = of_got ? comparison->parts[i].got : comparison->parts[i].expected;
            field = answer->arguments[limit].fields;
            call = first_of(&comparison->parts[i], call);
        }
    int64_t count = output ? whole_at(output, field, call) : (int64_t)all;
    return count < 0 ? 0 : (size_t)count < all ? (size_t)count : all;
}

static int compare_bytes(const void *a, const void *b, void *size) {
    return memcmp(a, b, *(size_t *)size);
}

static int compare_reals(const void *a, const void *b, void *size) {
    double x, y;
    float u, v;
    memcpy(&x, a, *(size_t *)size == sizeof x ? sizeof x : 0);
    memcpy(&u, a, sizeof u);
    memcpy(&y, b, *(size_t *)size == sizeof y ? sizeof y : 0);
    memcpy(&v, b, sizeof v);
    if (*(size_t *)size != sizeof x)
        x = (double)u, y = (double)v;
    return (x > y) - (x < y);
}

/* The elements of a call, whole and in order: fields one behind the other. To be freed; NULL: no memory. */
static unsigned char *sort_call(const struct part *part, const struct cs_output *outputs, size_t call,
                                size_t count, size_t *size) {
    const struct duel_argument *argument = part->argument;
    *size = 0;
    for (size_t f = 0; f < argument->field_count; f++)
        *size += argument->fields[f].size;
    unsigned char *all = malloc(count * *size + 1), *to = all;
    for (size_t i = 0; all && i < count; i++)
        for (size_t f = 0; f < argument->field_count; f++) {
            memcpy(to, at(&outputs[f], &argument->fields[f], first_of(part, call) + i),
                   argument->fields[f].size);
            to += argument->fields[f].size;
        }
    bool reals = argument->field_count == 1 && argument->fields[0].kind == DUEL_FLOAT;
    if (all)
        qsort_r(all, count, *size, reals ? compare_reals : compare_bytes, size);
    return all;
}

static bool is_permutation(const struct part *part, size_t call, size_t count, const struct rule *rule) {
    size_t size;
    unsigned char *a = sort_call(part, part->expected, call, count, &size),
                  *b = sort_call(part, part->got, call, count, &size);
    bool same = a && b && !memcmp(a, b, count * size);
    if (a && b && !same && part->argument->field_count == 1) {
        const struct cs_output expected = {.data = a}, got = {.data = b};
        const struct part sorted = {part->argument, &expected, &got, count, NULL};
        same = true;
        for (size_t i = 0; i < count && same; i++)
            same = is_close(&sorted, 0, i, i, rule);
    }
    free(a);
    free(b);
    return same;
}

/* Euclidean, of the difference and of what is expected. */
static bool is_near(const struct part *part, size_t f, size_t from, size_t count, double norm) {
    const struct duel_field *field = &part->argument->fields[f];
    double apart = 0, all = 0;
    for (size_t i = from; i < from + count; i++) {
        double x = real_at(&part->expected[f], field, i), y = real_at(&part->got[f], field, i);
        if (!is_finite(x) || !is_finite(y))
            return false;
        apart += (x - y) * (x - y);
        all += x * x;
    }
    return sqrt(apart) <= norm * sqrt(all);
}

/* *index: the first element that differs, of field *f. */
static bool is_call_equal(const struct part *part, size_t call, size_t count, const struct rule *rule,
                          size_t *f, size_t *index) {
    size_t repeats = elements_of(part, call) == 1 ? part->argument->fields[0].count : 1;
    if (rule->unordered && repeats == 1 && is_permutation(part, call, count, rule))
        return true;
    for (*f = 0; *f < part->argument->field_count; ++*f) {
        const struct duel_field *field = &part->argument->fields[*f];
        size_t from = first_of(part, call) * field->count, scalars = count * field->count;
        if (rule->norm > 0 && field->kind == DUEL_FLOAT && is_near(part, *f, from, scalars, rule->norm))
            continue;
        for (*index = from; *index < from + scalars; ++*index)
            if (!is_close(part, *f, *index, *index, rule))
                return false;
    }
    return true;
}

static bool is_part_equal(const struct comparison *comparison, const struct part *part,
                          const struct rule *rule, size_t *f, size_t *index) {
    const struct part *result = &comparison->parts[0];
    for (size_t call = 0; call < comparison->duel->sets; call++) {
        size_t wanted = count_of(comparison, result->expected, part, rule->limit, call, false);
        size_t found = count_of(comparison, result->got, part, rule->limit, call, true);
        if (wanted == found && is_call_equal(part, call, wanted, rule, f, index))
            continue;
        if (wanted != found) /* told by what counts them */
            *f = 0, *index = first_of(part, call) * part->argument->fields[0].count;
        return false;
    }
    return true;
}

static struct rule rule_of(const struct comparison *comparison, const struct duel_argument *argument) {
    const struct duel_answer *answer = comparison->answer;
    return (struct rule){argument->unordered, argument->limit, answer->tolerance, answer->absolute,
                         answer->norm};
}

static bool ask_user(const struct comparison *comparison, const struct part *part, size_t *index) {
    const struct duel_field *field = part->argument->fields;
    struct rule rule = rule_of(comparison, part->argument);
    for (size_t call = 0; call < comparison->duel->sets; call++) {
        size_t from = first_of(part, call), f;
        size_t wanted = count_of(comparison, comparison->parts[0].expected, part, rule.limit, call, false);
        size_t found = count_of(comparison, comparison->parts[0].got, part, rule.limit, call, true);
        if (wanted == found &&
            (is_call_equal(part, call, wanted, &rule, &f, index) ||
             comparison->answer->equal(at(part->expected, field, from), at(part->got, field, from), wanted)))
            continue;
        *index = from;
        return false;
    }
    return true;
}

static bool is_tried(const struct comparison *comparison, const struct part *part, struct rule rule) {
    size_t f, index;
    return is_part_equal(comparison, part, &rule, &f, &index);
}

/* A count that is always 0 counts nothing. */
static bool is_counted(const struct comparison *comparison, const struct duel_argument *by, struct rule rule,
                       const struct part *part, int limit) {
    size_t all = 0;
    if (by->field_count != 1 || by->fields[0].kind == DUEL_FLOAT || part->elements < 2)
        return false;
    rule.limit = limit;
    for (size_t call = 0; call < comparison->duel->sets; call++)
        all += count_of(comparison, comparison->parts[0].expected, part, limit, call, false);
    return all > 0 && is_tried(comparison, part, rule);
}

/* Whether each call's first element is equal: it is one value and no array. */
static bool is_single(const struct comparison *comparison, const struct part *part, struct rule rule) {
    bool single = part->elements > 1 && !part->argument->of && rule.limit == DUEL_ALL;
    size_t f, index;
    for (size_t call = 0; call < comparison->duel->sets && single; call++)
        single = is_call_equal(part, call, 1, &rule, &f, &index);
    return single;
}

/* The largest difference between the numbers of a part, relative and absolute; huge where there is no such. */
static void find_differences(const struct comparison *comparison, const struct part *part, double *relative,
                             double *absolute, double *most) {
    *relative = *absolute = *most = 0;
    for (size_t f = 0; f < part->argument->field_count; f++) {
        const struct duel_field *field = &part->argument->fields[f];
        size_t count = first_of(part, comparison->duel->sets) * field->count;
        for (size_t i = 0; i < count; i++) {
            const struct rule exact = {0};
            if (is_close(part, f, i, i, &exact))
                continue;
            bool real = field->kind == DUEL_FLOAT;
            double x = real ? real_at(&part->expected[f], field, i) : 0;
            double y = real ? real_at(&part->got[f], field, i) : 0, apart = fabs(x - y);
            if (!real || !is_finite(x) || !is_finite(y)) {
                *relative = *absolute = 1e300;
                continue;
            }
            *relative = fmax(*relative, apart / fmax(fabs(x), fabs(y)));
            *absolute = fmax(*absolute, apart);
            *most = fmax(*most, fabs(x));
        }
    }
}

static void advise(const struct comparison *comparison, const struct part *part, struct rule rule, char *text,
                   size_t size) {
    const char *name = part->argument->name;
    const struct duel_answer *answer = comparison->answer;
    struct rule loose = rule;
    loose.unordered = true;
    bool has_return = answer->result->field_count == 1 && !answer->offsets;
    double relative, absolute, most;
    find_differences(comparison, part, &relative, &absolute, &most);
    if (has_return && is_counted(comparison, answer->result, rule, part, DUEL_RETURN)) {
        snprintf(text, size,
                 "as many elements as are returned are equal: --answer '%s[0..return)' looks at no others",
                 name);
        return;
    }
    for (size_t i = 0; i < answer->argument_count; i++)
        if (answer->arguments[i].role >= DUEL_OUTPUT && &answer->arguments[i] != part->argument &&
            is_counted(comparison, &answer->arguments[i], rule, part, (int)i)) {
            snprintf(text, size,
                     "as many elements as %s counts are equal: --answer '%s[0..*%s)' looks at no others",
                     answer->arguments[i].name, name, answer->arguments[i].name);
            return;
        }
    if (is_single(comparison, part, rule))
        snprintf(text, size, "the first element of each call is equal: --length %s=1 makes it one value",
                 name);
    else if (!rule.unordered && is_tried(comparison, part, loose))
        snprintf(text, size, "the same elements in another order: --compare unordered allows that");
    else if (has_return && is_counted(comparison, answer->result, loose, part, DUEL_RETURN))
        snprintf(
            text, size,
            "equal but for order, up to the count that is returned: --answer '%s[0..return)' --compare unordered",
            name);
    else if (relative <= 1e-3)
        snprintf(text, size, "relative differences up to %.2g: --tolerance %.0e allows them", relative,
                 2 * relative);
    else if (absolute <= 1e-3 * most)
        snprintf(
            text, size,
            "differences up to %.2g, of values up to %.2g: --compare absolute=%.0e or norm=1e-3 allow them",
            absolute, most, 2 * absolute);
}

/* "words[3] + 2": bytes behind the beginning of what words[3] pointed to at first. */
static void print_place(const struct comparison *comparison, int64_t place, char *text, size_t size) {
    if (place < 0) {
        snprintf(text, size, "%s", place == DUEL_NULL ? "NULL" : "a pointer into no argument");
        return;
    }
    const struct duel_argument *argument = &comparison->answer->arguments[place / DUEL_SPAN];
    size_t offset = (size_t)(place % DUEL_SPAN), row = duel_row(comparison->duel, argument) * argument->size;
    if (!argument->of)
        snprintf(text, size, "%.20s + %zu", argument->name, offset);
    else
        snprintf(text, size, "%.10s[%zu] + %zu", argument->of->name, offset / row, offset % row);
}

static void print(const struct comparison *comparison, const struct cs_output *output,
                  const struct duel_field *field, size_t i, char *text, size_t size) {
    if (field->kind == DUEL_POINTER)
        print_place(comparison, whole_at(output, field, i), text, size);
    else if (field->kind == DUEL_FLOAT)
        snprintf(text, size, "%.*g", field->size == sizeof(float) ? 9 : 17, real_at(output, field, i));
    else
        snprintf(text, size, field->kind == DUEL_SIGNED ? "%lld" : "%llu",
                 (long long)whole_at(output, field, i));
}

static int refuse(const struct comparison *comparison, const struct part *part, size_t f, size_t index,
                  struct cs_mismatch *mismatch) {
    const struct duel_field *field = &part->argument->fields[f];
    mismatch->output = part->expected[f].name;
    mismatch->index = index;
    print(comparison, &part->expected[f], field, index, mismatch->expected, sizeof mismatch->expected);
    print(comparison, &part->got[f], field, index, mismatch->got, sizeof mismatch->got);
    advise(comparison, part, rule_of(comparison, part->argument), mismatch->advice, sizeof mismatch->advice);
    return CS_WRONG;
}

static int refuse_offsets(const struct comparison *comparison, const struct cs_output *expected,
                          const struct cs_output *got, struct cs_mismatch *mismatch) {
    const struct duel_field place = {.kind = DUEL_POINTER, .size = sizeof(int64_t)};
    size_t call = 0;
    while (!memcmp(at(expected, &place, call), at(got, &place, call), place.size))
        call++;
    mismatch->output = expected->name;
    mismatch->index = call;
    print(comparison, expected, &place, call, mismatch->expected, sizeof mismatch->expected);
    print(comparison, got, &place, call, mismatch->got, sizeof mismatch->got);
    return CS_WRONG;
}

static void add_part(struct comparison *comparison, const struct duel_argument *argument,
                     const struct cs_output *expected, const struct cs_output *got) {
    const struct duel *duel = comparison->duel;
    struct part part = {argument, expected, got, duel_elements(duel, argument), NULL};
    if (argument != comparison->answer->result)
        part.before = duel->arguments[argument - comparison->answer->arguments].before;
    for (size_t call = 0; part.before && call < duel->sets; call++)
        if (elements_of(&part, call) > part.elements)
            part.elements = elements_of(&part, call);
    comparison->parts[comparison->count++] = part;
}

int duel_compare(const struct duel *duel, const struct duel_answer *answer, const struct cs_output *expected,
                 const struct cs_output *got, struct cs_mismatch *mismatch) {
    struct comparison comparison = {.duel = duel, .answer = answer};
    size_t output = answer->offsets, first = answer->offsets || answer->result->field_count == 0;
    if (answer->offsets && memcmp(expected[0].data, got[0].data, duel->sets * sizeof(int64_t)) != 0)
        return refuse_offsets(&comparison, expected, got, mismatch);
    /* the result is part 0, though it may have no output */
    add_part(&comparison, answer->result, expected, got);
    output += answer->offsets ? 0 : answer->result->field_count;
    for (size_t i = 0; i < answer->argument_count; i++)
        if (answer->arguments[i].role >= DUEL_OUTPUT) {
            add_part(&comparison, &answer->arguments[i], expected + output, got + output);
            output += answer->arguments[i].field_count;
        }
    for (size_t i = first; i < comparison.count; i++) {
        const struct part *part = &comparison.parts[i];
        struct rule rule = rule_of(&comparison, part->argument);
        bool asked = answer->equal && (i > 0 || comparison.count == 1);
        size_t f = 0, index = 0;
        if (asked ? !ask_user(&comparison, part, &index)
                  : !is_part_equal(&comparison, part, &rule, &f, &index))
            return refuse(&comparison, part, f, index, mismatch);
    }
    return 0;
}
