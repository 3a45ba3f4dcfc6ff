/* State of the record-packing kernel: the same orders as records of 64, 40 and 20 bytes. */
#ifndef RECORD_PACKING_H
#define RECORD_PACKING_H

#include <countersign.h>

/** Fields as they came to mind, each of the type that comes first to mind: 24 of 64 bytes are padding. */
struct wide {
    uint8_t kind;
    uint64_t id;
    uint8_t open;
    uint64_t customer;
    uint32_t quantity;
    uint64_t cents;
    uint16_t region;
    uint64_t second;
};

/** The same fields, the largest first. */
struct ordered {
    uint64_t id, customer, cents, second;
    uint32_t quantity;
    uint16_t region;
    uint8_t kind, open;
};

/** And no field wider than its values: ids and customers below 2^32, prices below 2^32 cents, seconds until 2106. */
struct narrow {
    uint32_t id, customer, cents, second;
    uint16_t quantity;
    uint8_t region, kind_open;
};

/** What a run makes of its records: every field of each is used. */
struct report {
    uint64_t turnover; /**< cents times quantity, of open orders */
    uint64_t latest;   /**< second */
    uint64_t digest;   /**< of ids and customers */
    uint64_t places;   /**< regions and kinds, added up */
};
#define REPORT_NUMBERS 4

struct records {
    size_t n;
    size_t window;     /**< records of a run */
    size_t next;       /**< where the next run's window starts; n is a whole number of them */
    uint32_t *shuffle; /**< NULL to take records as they lie; else the n records in random order */
    uint64_t seed;     /**< of draw_order */
    struct report report;

    /** Of a variant each. */
    struct wide *wide;
    struct ordered *ordered;
    struct narrow *narrow;
};

/** Order number `index`, from seed and index alone. */
struct wide draw_order(uint64_t seed, size_t index);

/**
 * Lets the compiler make no vectors across records: it would gather one field of several, which is slower than the
 * loop as it is written, and would credit one layout with what the compiler made of another.
 */
#define KEEP_RECORDS_APART(record) __asm__("" : "+r"(record))

/** The report of the next window of `array`, adding records to it by add(&report, record). */
#define REPORT(records, array, add)                                                                          \
    do {                                                                                                     \
        size_t begin = cs_window(&(records)->next, (records)->window, (records)->n);                         \
        const uint32_t *shuffle = (records)->shuffle ? (records)->shuffle + begin : NULL;                    \
        struct report report = {0};                                                                          \
        if (shuffle)                                                                                         \
            for (size_t i = 0; i < (records)->window; i++)                                                   \
                add(&report, (array) + shuffle[i]);                                                          \
        else                                                                                                 \
            for (size_t i = 0; i < (records)->window; i++)                                                   \
                add(&report, (array) + begin + i);                                                           \
        (records)->report = report;                                                                          \
    } while (0)

/** An order's part of the report, its fields as numbers. */
static inline void add_order(struct report *report, uint64_t id, uint64_t customer, uint64_t cents,
                             uint64_t second, uint64_t quantity, uint64_t region, uint64_t kind,
                             uint64_t open) {
    report->turnover += open * cents * quantity;
    report->latest = second > report->latest ? second : report->latest;
    report->digest += id ^ customer;
    report->places += region + kind;
}

void run_wide(void *state);
int prepare_wide(const struct cs_env *env, void *state);
void run_ordered(void *state);
int prepare_ordered(const struct cs_env *env, void *state);
void run_narrow(void *state);
int prepare_narrow(const struct cs_env *env, void *state);

#endif
