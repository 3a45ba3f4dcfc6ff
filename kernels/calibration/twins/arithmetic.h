/* Timed text of the kinds that wait for arithmetic. */

/*
 * Each operation waits for the one before; the sign is computed, as a choice might become a branch. All
 * values are whole and far below 2^53: nothing is rounded.
 */
TIMED run_latency(const struct twins_state *state, const unsigned char *input, size_t steps) {
    double value = 0;
    (void)state;
    for (size_t i = 0; i < steps; i++) {
        value = value * (1 - 2 * (input[i] & 1)) + input[i];
        value += 1;
    }
    return (uint64_t)(int64_t)value;
}

/* The divisor, and with it the time, depends on the quotient before. */
TIMED run_division(const struct twins_state *state, const unsigned char *input, size_t steps) {
    uint64_t value = 1;
    (void)state;
    for (size_t i = 0; i < steps; i++)
        value = twins_load64(input + i) / (value % 65536 + 1) + input[i];
    return value;
}
