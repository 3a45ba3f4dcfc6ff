/* cmocka 1.1 compares floats, not doubles. */
#ifndef TESTS_ASSERT_CLOSE_H
#define TESTS_ASSERT_CLOSE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/** Fails unless |got - expected| <= tolerance; a NAN on either side fails. */
#define assert_close(got, expected, tolerance) assert_true(fabs((got) - (expected)) <= (tolerance))

#endif
