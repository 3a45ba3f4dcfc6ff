/* One error, in words: what, where, what to do. */
#ifndef BASE_PROBLEM_H
#define BASE_PROBLEM_H

/**
 * Text of a failure. Library functions that can fail for reasons a user must read take one, fill it together
 * with a negative errno, and print nothing themselves.
 */
struct problem {
    char text[768];
};

/**
 * Fills `problem` (which may be NULL) and returns -error, so that a caller writes
 *     return problem_set(problem, EINVAL, "%s: no such case; `countersign list` shows them", name);
 */
__attribute__((format(printf, 3, 4))) int problem_set(struct problem *problem, int error, const char *format,
                                                      ...);

#endif
