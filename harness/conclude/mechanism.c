#include "conclude/mechanism.h"
#include "conclude/fits.h"

#include "base/numbers.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* What became of one claim: a verdict, or all conditions on one number. */
struct judged {
    struct claim claim;
    char text[384];               /* what was predicted and what was found; empty where there is no source */
    char brief[96];               /* what was found alone */
    char absent[2 * RESULT_NAME]; /* the number that no source gives; empty if one does */
};

/* What became of the claims so far. */
struct tally {
    size_t outcomes[CLAIM_OUTCOMES];
    size_t verdicts_held, causes_held; /* of outcomes[CLAIM_HOLDS] */
    size_t left_out;                   /* findings without room below, of those that need to be told */
    char failed[384], open[384], held[384], absent[384];
};

/* Appends a piece whole or not at all. Whether it fitted. */
__attribute__((format(printf, 3, 4))) static bool append(char *text, size_t size, const char *format, ...) {
    size_t length = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    int needed = vsnprintf(text + length, size - length, format, arguments);
    va_end(arguments);
    if (needed >= 0 && (size_t)needed < size - length)
        return true;
    text[length] = '\0';
    return false;
}

static bool append_piece(char *text, size_t size, const char *separator, const char *piece) {
    return !piece[0] || append(text, size, "%s%s", text[0] ? separator : "", piece);
}

const char *prediction_candidate(const struct case_file *file, const struct case_prediction *prediction,
                                 const struct comparison *comparison) {
    return prediction->candidate[0] ? prediction->candidate
           : file->candidate_count  ? file->candidates[0]
                                    : comparison->candidate;
}

static struct interval number_of(const struct counter_result *counter, enum case_subject subject) {
    return subject == SUBJECT_RATIO      ? counter->ratio
           : subject == SUBJECT_BASELINE ? counter->baseline_interval
                                         : counter->candidate_interval;
}

/* What is judged, and with what. */
struct evidence {
    const struct comparison *comparison;
    const struct simulation *simulation;
    bool simulated; /**< the simulated point is one that the prediction is about */
};

static bool can_judge(const struct evidence *evidence, const struct counter_result *counter,
                      enum case_subject subject) {
    return counter->source != SOURCE_NONE && counter->trust != TRUST_UNTRUSTED &&
           (counter->source != SOURCE_SIM || evidence->simulated) &&
           !isnan(number_of(counter, subject).estimate);
}

/* The counted number of that name, else the simulated one; NULL if there is neither. */
static const struct counter_result *find_counter(const struct evidence *evidence, const char *name,
                                                 enum case_subject subject) {
    const struct counter_result *simulated = NULL;
    for (size_t i = 0; i < evidence->comparison->counter_count; i++) {
        const struct counter_result *counter = &evidence->comparison->counters[i];
        if (strcmp(counter->name, name) != 0 || !can_judge(evidence, counter, subject))
            continue;
        if (counter->source != SOURCE_SIM)
            return counter;
        simulated = simulated ? simulated : counter;
    }
    return simulated;
}

/* Whether the whole interval satisfies the condition, none of it, or a part. */
static enum claim_outcome test_interval(struct interval interval, const struct case_condition *condition) {
    if (isnan(interval.low) || isnan(interval.high))
        return CLAIM_OPEN;
    char kind = condition->operator[0];
    if (kind == '=' || kind == '!') {
        bool outside = interval.low > condition->value || interval.high < condition->value;
        bool exact = interval.low == condition->value && interval.high == condition->value;
        if (!outside && !exact)
            return CLAIM_OPEN;
        return (kind == '=') == exact ? CLAIM_HOLDS : CLAIM_FAILS;
    }
    bool at_low = case_condition_holds(condition, interval.low);
    bool at_high = case_condition_holds(condition, interval.high);
    return at_low != at_high ? CLAIM_OPEN : at_low ? CLAIM_HOLDS : CLAIM_FAILS;
}

static enum claim_outcome worse(enum claim_outcome first, enum claim_outcome second) {
    return first == CLAIM_FAILS || second == CLAIM_FAILS ? CLAIM_FAILS
           : first == CLAIM_OPEN                         ? CLAIM_OPEN
                                                         : second;
}

/* Unit of a claim's numbers, after them. */
static void unit_of(const struct case_condition *condition, char unit[24]) {
    enum counter_event event = counter_event_by_name(condition->name);
    if (condition->subject == SUBJECT_RATIO)
        snprintf(unit, 24, "×");
    else if (counter_is_whole(event))
        unit[0] = '\0';
    else if (event != COUNTER_EVENTS && counter_event_info[event].absolute)
        snprintf(unit, 24, " %.20s", counter_event_info[event].unit);
    else
        snprintf(unit, 24, "%s", strcmp(condition->name, "ipc") ? " an item" : "");
}

/* "l1d-misses" for a ratio, "l1d-misses of soa" for a variant's own number. */
static void name_number(const struct comparison *comparison, const struct case_condition *condition,
                        char *text, size_t size) {
    const char *variant =
        condition->subject == SUBJECT_BASELINE ? comparison->baseline : comparison->candidate;
    if (condition->subject == SUBJECT_RATIO)
        snprintf(text, size, "%s", condition->name);
    else
        snprintf(text, size, "%s of %s", condition->name, variant);
}

static const struct point_value *find_value(const struct point *point, const char *name) {
    for (size_t i = 0; i < point->count; i++)
        if (strcmp(point->values[i].name, name) == 0)
            return &point->values[i];
    return NULL;
}

/* " at n = 4096": what differs at the simulated point; empty where it is the measured one. */
static void name_scaled_point(const struct simulation *simulation, const struct comparison *comparison,
                              char *text, size_t size) {
    text[0] = '\0';
    for (size_t i = 0; simulation->scaled && i < simulation->point.count; i++) {
        const struct point_value *value = &simulation->point.values[i];
        const struct point_value *measured = find_value(&comparison->point, value->name);
        if (!measured || measured->value != value->value)
            append(text, size, "%s%.40s = %" PRId64, text[0] ? ", " : " at ", value->name, value->value);
    }
}

/* Why a number cannot be judged. */
static void tell_absence(const struct evidence *evidence, const struct case_condition *condition,
                         struct judged *judged) {
    const struct comparison *comparison = evidence->comparison;
    struct evidence elsewhere = *evidence;
    char name[2 * RESULT_NAME], where[96];
    bool baseline = find_counter(evidence, condition->name, SUBJECT_BASELINE);
    bool candidate = find_counter(evidence, condition->name, SUBJECT_CANDIDATE);
    name_number(comparison, condition, name, sizeof name);
    judged->claim.basis = CLAIM_NO_SOURCE;
    elsewhere.simulated = true;
    if (find_counter(&elsewhere, condition->name, condition->subject)) {
        name_scaled_point(evidence->simulation, comparison, where, sizeof where);
        snprintf(judged->text, sizeof judged->text, "%s simulated%s alone, which is outside", name, where);
        judged->claim.basis = CLAIM_ELSEWHERE;
    } else if (condition->subject == SUBJECT_RATIO && baseline && candidate) {
        snprintf(judged->text, sizeof judged->text, "no ratio of %.63s: %.63s has none", condition->name,
                 comparison->baseline);
        judged->claim.basis = CLAIM_NO_RATIO;
    } else if (condition->subject == SUBJECT_RATIO && baseline) {
        snprintf(judged->absent, sizeof judged->absent, "%.58s of %.63s", condition->name,
                 comparison->candidate);
        memcpy(judged->claim.variant, comparison->candidate, sizeof judged->claim.variant);
    } else {
        memcpy(judged->absent, name, sizeof judged->absent);
    }
}

static bool is_different(const struct comparison *comparison) {
    return comparison->verdict == VERDICT_FASTER || comparison->verdict == VERDICT_SLOWER;
}

/*
 * Which way a counter moved, and how far on a logarithmic scale; what only one of the two has, all the way.
 */
static double movement(const struct counter_result *counter) {
    const struct interval *baseline = &counter->baseline_interval, *candidate = &counter->candidate_interval;
    if (counter->ratio.low <= 1 && counter->ratio.high >= 1)
        return 0;
    if (!isnan(counter->ratio.estimate))
        return log(counter->ratio.estimate);
    return candidate->low > baseline->high ? INFINITY : candidate->high < baseline->low ? -INFINITY : 0;
}

/*
 * Whether the counter can be the reason for a difference in time: neither is that time again, nor what the
 * variant takes in return. A kernel's own counter may be better when
 * it is larger.
 */
static bool is_cause(const struct comparison *comparison, const struct counter_result *counter) {
    static const char *const times[] = {"cycles",      "reference-cycles", "task-clock",  "user-time",
                                        "system-time", "memory",           "peak-memory", "prepare-time",
                                        "latency-p50", "latency-p95",      "latency-p99", "latency-max"};
    double moved = movement(counter), needed = 0.1 * fabs(log(comparison->speedup.estimate));
    for (size_t i = 0; counter->source != SOURCE_APP && i < sizeof times / sizeof *times; i++)
        if (!strcmp(counter->name, times[i]))
            return false;
    if (moved == 0 || fabs(moved) < needed)
        return false;
    bool more_is_faster = !strcmp(counter->name, "ipc");
    return counter->source == SOURCE_APP ||
           (moved > 0) == ((comparison->verdict == VERDICT_SLOWER) != more_is_faster);
}

/* What is claimed, of a number that is not known yet. */
static void start_claim(const struct comparison *comparison, const struct case_condition *conditions,
                        size_t count, struct claim *claim) {
    *claim = (struct claim){.basis = CLAIM_BY_NUMBER, .found = {NAN, NAN, NAN}};
    memcpy(claim->name, conditions->name, sizeof claim->name);
    if (conditions->subject == SUBJECT_BASELINE)
        memcpy(claim->variant, comparison->baseline, sizeof claim->variant);
    else if (conditions->subject == SUBJECT_CANDIDATE)
        memcpy(claim->variant, comparison->candidate, sizeof claim->variant);
    for (size_t i = 0; i < count; i++)
        append(claim->predicted, sizeof claim->predicted, "%s%s %.15g", i ? " and " : "",
               conditions[i].operator, conditions[i].value);
}

/* Conditions `count` on one number, together. */
static struct judged test_number(const struct evidence *evidence, const struct case_condition *conditions,
                                 size_t count) {
    struct judged judged = {.claim = {.outcome = CLAIM_HOLDS}};
    char name[2 * RESULT_NAME], bounds[96] = "", range[64] = "", where[96] = "";
    const struct counter_result *counter = find_counter(evidence, conditions->name, conditions->subject);
    name_number(evidence->comparison, conditions, name, sizeof name);
    start_claim(evidence->comparison, conditions, count, &judged.claim);
    if (!counter) {
        judged.claim.outcome = CLAIM_OPEN;
        tell_absence(evidence, conditions, &judged);
        return judged;
    }
    char unit[24];
    unit_of(conditions, unit);
    struct interval interval = number_of(counter, conditions->subject);
    for (size_t i = 0; i < count; i++) {
        judged.claim.outcome = worse(judged.claim.outcome, test_interval(interval, &conditions[i]));
        append(bounds, sizeof bounds, "%s %s %.15g%s", i ? " and" : "", conditions[i].operator,
               conditions[i].value, conditions->subject == SUBJECT_RATIO ? unit : "");
    }
    if (conditions->subject != SUBJECT_RATIO)
        append(bounds, sizeof bounds, "%s", unit);
    if (judged.claim.outcome == CLAIM_OPEN && !isnan(interval.low))
        snprintf(range, sizeof range, ", %s to %s", BRIEF(interval.low, 3), BRIEF(interval.high, 3));
    else if (judged.claim.outcome == CLAIM_OPEN)
        snprintf(range, sizeof range, ", without an interval");
    judged.claim.cause = is_cause(evidence->comparison, counter);
    judged.claim.source = counter->source;
    judged.claim.found = interval;
    if (counter->source == SOURCE_SIM)
        name_scaled_point(evidence->simulation, evidence->comparison, where, sizeof where);
    snprintf(judged.text, sizeof judged.text, "predicted %.64s%s, %s %s%s%s (%s%s)", name, bounds,
             counter->source == SOURCE_SIM ? "simulated" : "measured", BRIEF(interval.estimate, 3),
             conditions->subject == SUBJECT_RATIO ? unit : "", where, counter_source_name(counter->source),
             range);
    snprintf(judged.brief, sizeof judged.brief, "%.48s %s%s (%s)", name, BRIEF(interval.estimate, 3),
             conditions->subject == SUBJECT_RATIO ? "×" : "", counter_source_name(counter->source));
    return judged;
}

static struct judged test_verdict(const struct case_prediction *prediction,
                                  const struct comparison *comparison) {
    struct judged judged = {.claim = {CLAIM_BY_VERDICT, .found = {NAN, NAN, NAN}}};
    const char *measured = verdict_name(comparison->verdict);
    judged.claim.outcome = (int)comparison->verdict == prediction->verdict ? CLAIM_HOLDS
                           : comparison->verdict == VERDICT_INCONCLUSIVE   ? CLAIM_OPEN
                                                                           : CLAIM_FAILS;
    snprintf(judged.text, sizeof judged.text, "predicted %s, measured %s",
             verdict_name((enum verdict)prediction->verdict), measured);
    snprintf(judged.claim.predicted, sizeof judged.claim.predicted, "%s",
             verdict_name((enum verdict)prediction->verdict));
    snprintf(judged.brief, sizeof judged.brief, "%s", measured);
    return judged;
}

/* What a variant says itself is no measurement; but it names a cause. */
static struct judged test_evidence(const struct case_prediction *prediction, const struct arm *arm) {
    struct judged judged = {.claim = {.basis = CLAIM_BY_EVIDENCE,
                                      .outcome = CLAIM_OPEN,
                                      .name = "evidence",
                                      .found = {NAN, NAN, NAN},
                                      .cause = true}};
    const char *word = prediction->evidence_lacking ? "lacks" : "contains";
    snprintf(judged.claim.variant, sizeof judged.claim.variant, "%s", arm ? arm->variant : "");
    snprintf(judged.claim.predicted, sizeof judged.claim.predicted, "%s %.80s", word, prediction->evidence);
    if (!arm || !arm->evidence[0]) {
        judged.claim.basis = CLAIM_NO_SOURCE;
        snprintf(judged.absent, sizeof judged.absent, "evidence%s%s", arm ? " of " : "",
                 arm ? arm->variant : "");
        return judged;
    }
    if (arm->evidence_changes) { /* of all but two texts nothing is kept */
        snprintf(judged.text, sizeof judged.text,
                 "predicted evidence that %s \"%s\", but it changed between replicates", word,
                 prediction->evidence);
        return judged;
    }
    size_t line = strcspn(arm->evidence, "\n");
    judged.claim.outcome = !strstr(arm->evidence, prediction->evidence) == prediction->evidence_lacking
                               ? CLAIM_HOLDS
                               : CLAIM_FAILS;
    snprintf(judged.text, sizeof judged.text, "predicted evidence that %s \"%s\", got \"%.*s%s\"", word,
             prediction->evidence, (int)(line < 80 ? line : 80), arm->evidence,
             line > 80 || arm->evidence[line] ? " …" : "");
    snprintf(judged.brief, sizeof judged.brief, "evidence %s \"%.48s\"", word, prediction->evidence);
    return judged;
}

/* Keeps a claim as a value, and its words where there is room. 0 or -ENOMEM. */
static int add_claim(struct tally *tally, const struct judged *judged, struct comparison *comparison) {
    enum claim_outcome outcome = judged->claim.outcome;
    bool fits;
    struct claim *claims = reallocarray(comparison->claims, comparison->claim_count + 1, sizeof *claims);
    if (!claims)
        return -ENOMEM;
    comparison->claims = claims;
    claims[comparison->claim_count++] = judged->claim;
    tally->outcomes[outcome]++;
    tally->verdicts_held += judged->claim.basis == CLAIM_BY_VERDICT && outcome == CLAIM_HOLDS;
    tally->causes_held += judged->claim.cause && outcome == CLAIM_HOLDS;
    if (outcome == CLAIM_HOLDS)
        fits = append_piece(tally->held, sizeof tally->held, ", ", judged->brief);
    else if (outcome == CLAIM_FAILS)
        fits = append_piece(tally->failed, sizeof tally->failed, "; ", judged->text);
    else if (judged->absent[0])
        fits = append_piece(tally->absent, sizeof tally->absent, ", ", judged->absent);
    else
        fits = append_piece(tally->open, sizeof tally->open, "; ", judged->text);
    tally->left_out += !fits && outcome != CLAIM_HOLDS;
    return 0;
}

static int test_prediction(const struct case_prediction *prediction, const struct simulation *simulation,
                           const struct arm *candidate, struct comparison *comparison, struct tally *tally) {
    int status = 0;
    struct evidence evidence = {comparison, simulation,
                                !simulation->scaled ||
                                    case_prediction_applies(prediction, &simulation->point)};
    struct judged judged;
    if (prediction->verdict >= 0) {
        judged = test_verdict(prediction, comparison);
        status = add_claim(tally, &judged, comparison);
    }
    for (size_t i = 0, count; i < prediction->counter_count && status == 0; i += count) {
        const struct case_condition *first = &prediction->counters[i];
        for (count = 1; i + count < prediction->counter_count; count++)
            if (first[count].subject != first->subject || strcmp(first[count].name, first->name) != 0)
                break;
        judged = test_number(&evidence, first, count);
        status = add_claim(tally, &judged, comparison);
    }
    if (prediction->evidence[0] && status == 0) {
        judged = test_evidence(prediction, candidate);
        status = add_claim(tally, &judged, comparison);
    }
    return status;
}

/* Counters that a prediction names are worth showing, whichever source they have. */
static void mark_predicted(const struct case_prediction *prediction, struct comparison *comparison) {
    for (size_t i = 0; i < comparison->counter_count; i++)
        for (size_t c = 0; c < prediction->counter_count; c++)
            comparison->counters[i].predicted |=
                strcmp(comparison->counters[i].name, prediction->counters[c].name) == 0;
}

/*
 * "3 of 4 predictions held, 1 undecided"; "faster as predicted" where the verdict is all that could be
 * judged.
 */
static void tell_held(const struct tally *tally, const struct comparison *comparison, size_t total,
                      char *text, size_t size) {
    size_t held = tally->outcomes[CLAIM_HOLDS];
    if (held == 1 && tally->verdicts_held == 1 && total > 1 && tally->outcomes[CLAIM_FAILS] == 0)
        snprintf(text, size, "%s as predicted", verdict_name(comparison->verdict));
    else if (held == total && total > 1)
        snprintf(text, size, "all %zu predictions held", total);
    else if (total > 1 && tally->outcomes[CLAIM_FAILS] && tally->outcomes[CLAIM_OPEN])
        snprintf(text, size, "%zu of %zu predictions held, %zu undecided", held, total,
                 tally->outcomes[CLAIM_OPEN]);
    else if (total > 1)
        snprintf(text, size, "%zu of %zu predictions held", held, total);
}

/* What failed first, then what could not be judged, then what held; each whole or not at all. */
static void tell(const struct tally *tally, struct comparison *comparison) {
    char *text = comparison->mechanism_text, held[96] = "";
    size_t size = sizeof comparison->mechanism_text;
    size_t total = tally->outcomes[CLAIM_HOLDS] + tally->outcomes[CLAIM_FAILS] + tally->outcomes[CLAIM_OPEN];
    tell_held(tally, comparison, total, held, sizeof held);
    text[0] = '\0';
    if (tally->outcomes[CLAIM_FAILS]) {
        append_piece(text, size, "; ", tally->failed);
        append_piece(text, size, "; ", held);
    } else if (!tally->outcomes[CLAIM_OPEN]) {
        append_piece(text, size, "; ", held);
        append(text, size, "%s%s", held[0] ? ": " : "", tally->held);
    } else {
        if (tally->outcomes[CLAIM_HOLDS])
            append_piece(text, size, "; ", held);
        if (tally->open[0])
            append_piece(text, size, "; ", tally->open);
        if (tally->absent[0])
            append(text, size, "%sno source for %s", text[0] ? "; " : "", tally->absent);
    }
    if (tally->left_out)
        append(text, size, "; and %zu more", tally->left_out);
}

int comparison_explain(const struct case_file *file, const struct simulation *simulation,
                       const struct arm *candidate, struct comparison *comparison) {
    struct tally tally = {0};
    int status = 0;
    free(comparison->claims);
    comparison->claims = NULL;
    comparison->claim_count = 0;
    for (size_t i = 0; i < comparison->counter_count; i++)
        comparison->counters[i].predicted = false;
    comparison->mechanism = MECHANISM_NONE;
    comparison->mechanism_text[0] = '\0';
    if (comparison->verdict == VERDICT_INVALID)
        return 0;
    for (size_t i = 0; i < file->prediction_count && status == 0; i++) {
        const struct case_prediction *prediction = &file->predictions[i];
        if (strcmp(prediction_candidate(file, prediction, comparison), comparison->candidate) == 0 &&
            case_prediction_applies(prediction, &comparison->point)) {
            mark_predicted(prediction, comparison);
            status = test_prediction(prediction, simulation, candidate, comparison, &tally);
        }
    }
    if (tally.outcomes[CLAIM_FAILS])
        comparison->mechanism = MECHANISM_UNEXPLAINED;
    else if (tally.outcomes[CLAIM_OPEN])
        comparison->mechanism = MECHANISM_UNMEASURED;
    else if (tally.outcomes[CLAIM_HOLDS] && !is_different(comparison)) /* there is nothing to cause */
        comparison->mechanism = MECHANISM_EXPLAINED;
    else if (tally.outcomes[CLAIM_HOLDS])
        comparison->mechanism = tally.causes_held ? MECHANISM_EXPLAINED : MECHANISM_HELD;
    tell(&tally, comparison);
    return status;
}

int run_explain(const struct case_file *file, struct run *run) {
    int status = 0;
    for (size_t i = 0; i < run->comparison_count && status == 0; i++) {
        struct comparison *comparison = &run->comparisons[i];
        if (strcmp(comparison->case_name, file->name) == 0)
            status = comparison_explain(
                file, &run->measurements[comparison->measurement].simulation,
                &run->measurements[comparison->measurement].arms[comparison->candidate_arm], comparison);
    }
    if (status == 0)
        status = crossovers_add(file, run);
    return status ? status : growth_explain(file, run);
}
