/* The one way for foreign text into HTML and XML. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "report/text.h"

/**
 * Appends foreign text as the content of an element or of an attribute in double quotes: what means something to
 * HTML is escaped; control characters, marks of direction and other unseen characters, and what is not UTF-8, are
 * replaced as on a terminal (style_clean).
 */
void html_add(struct text *out, const char *string);

/** `<TAG>STRING</TAG>`; `tag` may have attributes, and is ours. */
void html_element(struct text *out, const char *tag, const char *string);

/** The same without an end, which HTML implies: of td, th, li, dt, dd before the next one or the end of their parent. */
void html_item(struct text *out, const char *tag, const char *string);

#endif
