/* Text that grows in memory: a report is composed whole, then written once, so that a write error keeps its
 * errno. */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "report/style.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/**
 * Start with {0}; free with text_clear. Once memory ran out, `failed` stays set and nothing more is added.
 */
struct text {
    char *data; /**< ends with a NUL; NULL while empty */
    size_t length, capacity;
    bool failed;
};

void text_clear(struct text *text);

/** Appends a string. */
void text_add(struct text *text, const char *string);

/** Appends `length` bytes. */
void text_add_bytes(struct text *text, const char *bytes, size_t length);

__attribute__((format(printf, 2, 3))) void text_printf(struct text *text, const char *format, ...);

/** Appends `count` times `string`. */
void text_repeat(struct text *text, const char *string, size_t count);

/** What was composed; "" while empty. */
const char *text_string(const struct text *text);

/** Appends `string` in a colour, or plainly where the style has none. */
void text_paint(struct text *text, const struct report_style *style, enum paint paint, const char *string);

/**
 * Appends `string` as a paragraph: `lead` before its first line, later lines indented by the lead's width, no
 * line wider than the style, nor than STYLE_PROSE. Breaks at spaces, but neither around "=" nor before "%",
 * nor between an option and its number; a longer word is cut. The string is cleaned by style_clean first.
 */
void text_wrap(struct text *text, const struct report_style *style, const char *lead, enum paint paint,
               const char *string);

/** Appends a line across the text, as wide as text_wrap makes it. */
void text_rule(struct text *text, const struct report_style *style);

/** text_wrap with a colour for the lead alone. */
void text_wrap_lead(struct text *text, const struct report_style *style, const char *lead,
                    enum paint lead_paint, enum paint paint, const char *string);

/** Writes and flushes. Returns 0; -ENOMEM where composing failed; -errno of the stream. */
int text_write(const struct text *text, FILE *stream);

#endif
