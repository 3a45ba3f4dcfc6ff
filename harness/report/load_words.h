/* What is said of a load, the same on the terminal, in Markdown and on a page. */
#ifndef REPORT_LOAD_WORDS_H
#define REPORT_LOAD_WORDS_H

#include "report/format.h"
#include "report/notes.h"
#include "store/load.h"

#define LOAD_WORDS (2 * FORMAT_SIZE + 8) /**< bytes enough for a rate in words */

/** "requests/s", "p50", "p99", "p99.9"; of what no comparison is of, its name as a target. */
const char *load_quantity_word(enum slo_quantity quantity);

/** A value in the unit that its quantity has: "1.20 ms", "0.1 %", "64 MiB", "12.4K"; "–" where it is not known. */
void load_format_value(enum slo_quantity quantity, double value, char text[FORMAT_SIZE]);

/** Two values, where they are times in one unit. */
void load_format_values(enum slo_quantity quantity, double first, double second, char first_text[FORMAT_SIZE],
                        char second_text[FORMAT_SIZE]);

/** "30 %, 12.4K/s", or "back to back" of share 0. */
void load_format_rate(const struct load *load, double share, char text[LOAD_WORDS]);

/** What a request was, how requests arrived, from how many clients, of how many processes, and what shares are of: a sentence. */
void load_print_setup(const struct load *load, struct text *text);

/** Of each variant: why it is invalid, what of its p99 is waiting, whether the clients or what they wait for limits it, requests that failed or were not served; where servers
 * and all of it ran. 0 or -ENOMEM; free with notes_close. */
int load_notes_open(struct notes *notes, const struct load *load);

#endif
