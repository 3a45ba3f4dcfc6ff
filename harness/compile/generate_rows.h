/* Pointers to pointers: how many there are, and how much is behind each. */
#ifndef COMPILE_GENERATE_ROWS_H
#define COMPILE_GENERATE_ROWS_H

#include "compile/generate.h"

/**
 * Lengths that convention gives: of numbers two integers behind the arrays are rows and columns, one is both, and so are
 * two before; strings have up to 16 characters, and structures are one a row. One whose name is that of an end, or that
 * no integer counts, is a single pointer.
 */
void rows_defaults(const struct signature *signature, struct argument *arguments);

/** How many parameters are such. */
size_t rows_count(const struct signature *signature);

/** Bytes that the rows of one call take, with what they are restored from. */
uint64_t rows_bytes(const struct scalar_type *type, const struct argument *argument, uint64_t size);

/** Whether each row has elements: 0, or -EINVAL with the problem. */
int rows_check(const struct generate_request *request, struct problem *problem);

/** Whether rows fit into memory with n = `size`: 0, or -EINVAL with the problem. */
int rows_check_size(const struct generate_request *request, uint64_t size, struct problem *problem);

#endif
