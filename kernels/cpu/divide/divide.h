/* State of the divide kernel: numbers, of which `uses` after each other are divided by the same divisor. */
#ifndef DIVIDE_H
#define DIVIDE_H

#include <countersign.h>

struct divide {
    uint32_t *numbers;   /**< n */
    uint32_t *divisors;  /**< n / uses, above 0 */
    uint32_t *quotients; /**< n */
    size_t n;            /**< a whole number of times `uses` */
    size_t uses;         /**< numbers that are divided by the same divisor */
};

/** A run divides group by group; `divide_group` is each variant's own. */
#define DIVIDE_RUN(run)                                                                                      \
    void run(void *state) {                                                                                  \
        struct divide *divide = state;                                                                       \
        size_t uses = divide->uses;                                                                          \
        for (size_t start = 0, group = 0; start < divide->n; start += uses, group++)                         \
            divide_group(divide->quotients + start, divide->numbers + start, uses, divide->divisors[group]); \
    }

void run_divide(void *state);
void run_reciprocal(void *state);
void run_power_of_two(void *state);

#endif
