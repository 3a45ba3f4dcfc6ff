/* Fields of CSV, RFC 4180, that a spreadsheet takes for nothing but text and numbers. */
#ifndef REPORT_CSV_FIELD_H
#define REPORT_CSV_FIELD_H

#include "report/text.h"
#include "store/result.h"

/** One field on one line, quoted where RFC 4180 asks for it, or another separator does; what would be taken for a
 * formula begins with an apostrophe. `first` opens the record. */
void csv_add_field(struct text *out, bool first, const char *string);

/** A further field: empty for what is not finite, which has no spelling that every reader takes for a number. */
void csv_add_number(struct text *out, double value);

/** A further field: the value of a parameter; empty where the point has none. */
void csv_add_parameter(struct text *out, const struct point *point, const char *name);

#endif
