/* Colours, characters and widths of the terminal. */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

#include "report/report.h"

#include <stddef.h>

/** Columns beyond which running text is hard to read; tables may be wider. */
#define STYLE_PROSE 100

enum paint {
    PAINT_NONE,
    PAINT_BOLD,
    PAINT_DIM,
    PAINT_GREEN,
    PAINT_RED,
    PAINT_YELLOW,
    PAINT_MAGENTA,
    PAINT_CYAN
};

/** The sequence that starts a colour; "" without colour. */
const char *style_start(const struct report_style *style, enum paint paint);
/** The sequence that ends it. */
const char *style_stop(const struct report_style *style, enum paint paint);

/** Colour of a verdict: green faster, red slower, plain equivalent, yellow inconclusive, magenta invalid. */
enum paint style_verdict_paint(enum verdict verdict);

/** Columns of UTF-8 text on a terminal, one a code point: true of everything that the reports print
 * themselves. */
size_t style_width(const char *string);

/**
 * Makes foreign text fit for the terminal: control characters become spaces, bytes that are not UTF-8 and
 * characters that show nothing but steer others (direction, joining, tags) "?"; without `unicode` the
 * characters that the reports use are written in ASCII ("×" as "x"), all others "?". `to` holds `size` bytes;
 * text that does not fit is cut between characters. `from` and `to` must not overlap.
 */
void style_clean(const struct report_style *style, const char *from, char *to, size_t size);

/** Bytes that style_clean may need for `from`, the ending NUL included. */
size_t style_clean_size(const char *from);

/** Cuts `string` to at most `columns`, with "…" or "..." at the end where something was lost. */
void style_cut(const struct report_style *style, char *string, size_t columns);

#endif
