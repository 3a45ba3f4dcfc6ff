#include "manual-unroll.h"

/* Tom Duff, 1983: the switch jumps into the loop, to where as many are left of the first turn as n modulo 8. */
static uint32_t add_up(const uint32_t *next, size_t n) {
    uint32_t total = 0;
    size_t turns = (n + 7) / 8;
    switch (n % 8) {
    case 0:
        do {
            total += *next++;
            /* fall through */
        case 7:
            total += *next++;
            /* fall through */
        case 6:
            total += *next++;
            /* fall through */
        case 5:
            total += *next++;
            /* fall through */
        case 4:
            total += *next++;
            /* fall through */
        case 3:
            total += *next++;
            /* fall through */
        case 2:
            total += *next++;
            /* fall through */
        case 1:
            total += *next++;
        } while (--turns > 0);
    }
    return total;
}

void run_duff(void *state) {
    struct unroll *unroll = state;
    unroll->total = add_up(unroll->numbers, unroll->n);
}
