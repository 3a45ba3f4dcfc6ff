/* A switch of eight. */
#include <stddef.h>
#include <stdint.h>

uint64_t f(const uint32_t *p, size_t n) {
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        switch (p[i] & 7) {
        case 0:
            sum += 7;
            break;
        case 1:
            sum ^= p[i];
            break;
        case 2:
            sum *= 3;
            break;
        case 3:
            sum -= p[i] >> 3;
            break;
        case 4:
            sum += sum >> 9;
            break;
        case 5:
            sum = ~sum;
            break;
        case 6:
            sum += (uint64_t)p[i] << 11;
            break;
        default:
            sum ^= sum << 5;
        }
    return sum;
}
