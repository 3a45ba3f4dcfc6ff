/* One call in sixteen more. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>

double f(const double *p, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += exp(p[i]);
        if (i % 16 == 0) {
            double again = exp(sum - p[i] > 500 ? 1 : p[i] / 2);
            __asm__ volatile("" : : "x"(again));
        }
    }
    return sum;
}
