/* Text that somebody else wrote, for messages. */
#ifndef BASE_PLAIN_TEXT_H
#define BASE_PLAIN_TEXT_H

/**
 * Replaces by '?', in place, every byte of `text` that is no UTF-8 and every character that would move a
 * terminal's cursor, give it commands or turn the order of what is read: controls (C0, C1, delete), line and
 * paragraph separators, and the marks of bidirectional text (Unicode Standard Annex 9).
 */
void plain_text(char *text);

#endif
