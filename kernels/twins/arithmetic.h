/* Timed text of the kinds that wait for arithmetic. */

/* Each addition waits for the one before. All values are whole and far below 2^53: nothing is rounded. */
TIMED run_latency(const struct twins_state *state, const unsigned char *input, size_t steps) {
    double value = 0;
    (void)state;
    for (size_t i = 0; i < steps; i++) {
        value = value * (input[i] & 1 ? -1.0 : 1.0) + input[i];
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
