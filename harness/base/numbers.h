/*
 * Numbers for people: everyday notation, never an exponent, at most as many significant digits as are asked
 * for. What a program reads (CSV, JSON, code) is written elsewhere, in full.
 */
#ifndef BASE_NUMBERS_H
#define BASE_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Whether all `length` bytes of `text` are one decimal number that is finite: "12", "-0.5", ".5", "1e3"; no
 * blank, no hexadecimal, no "inf", whatever the locale. Then it is in `value`.
 */
bool number_read(const char *text, size_t length, double *value);

/** The same for a whole number: digits, a minus before them or none. */
bool number_read_whole(const char *text, size_t length, int64_t *value);

#define NUMBER_SIZE 40 /**< bytes enough for any of these texts */

/**
 * `digits` (1 to 6) significant digits, zeros at the end kept: "4.71", "10.0", "1310". From ten million on in
 * millions and what lies above ("12.3M", "1.23G", "4.5T", ">999T"); what is not 0 but below 0.0001 is
 * "<0.0001". No zero has a sign. What is no number, or not finite, is "–". Returns `text`.
 */
const char *number_padded(double value, int digits, char text[NUMBER_SIZE]);

/** As number_padded, without zeros at the end of decimals: "10", "0.25". */
const char *number_brief(double value, int digits, char text[NUMBER_SIZE]);

/** Bytes, three significant digits: "512 B", "67.2 MiB", "2.00 GiB". Below 0, which no size is: "–". */
const char *number_bytes(double bytes, char text[NUMBER_SIZE]);

/** Seconds in s, ms, µs or ns, `digits` significant digits, brief: "1.5 s", "32 ms". Below 0: "–". */
const char *number_seconds(double seconds, int digits, char text[NUMBER_SIZE]);

/** These within the arguments of a printf, for as long as the enclosing block lasts. */
#define PADDED(value, digits) number_padded((value), (digits), (char[NUMBER_SIZE]){""})
#define BRIEF(value, digits) number_brief((value), (digits), (char[NUMBER_SIZE]){""})
#define BYTES(value) number_bytes((value), (char[NUMBER_SIZE]){""})
#define SECONDS(value, digits) number_seconds((value), (digits), (char[NUMBER_SIZE]){""})

#endif
