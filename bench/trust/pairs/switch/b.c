/* The same in a chain of ifs, the rarest first. */
#include <stddef.h>
#include <stdint.h>

uint64_t f(const uint32_t *p, size_t n) {
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t kind = p[i] & 7;
        __asm__ volatile("" : "+r"(kind));
        if (kind == 7)
            sum ^= sum << 5;
        else if (kind == 6)
            sum += (uint64_t)p[i] << 11;
        else if (kind == 5)
            sum = ~sum;
        else if (kind == 4)
            sum += sum >> 9;
        else if (kind == 3)
            sum -= p[i] >> 3;
        else if (kind == 2)
            sum *= 3;
        else if (kind == 1)
            sum ^= p[i];
        else
            sum += 7;
    }
    return sum;
}
