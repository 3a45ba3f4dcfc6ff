/* State of the text-scan kernel: text in lines, and what a scan finds in it. */
#ifndef TEXT_SCAN_H
#define TEXT_SCAN_H

#include <countersign.h>

/** The byte that is looked for. */
#define TEXT_BYTE '\n'

enum text_task { TASK_FIND, TASK_COUNT };

/** A piece is a line, its end included (find), or a block of equal size (count). */
struct text {
    unsigned char *bytes; /**< windows * window_bytes */
    size_t windows;       /**< before the first comes again */
    size_t window_bytes;  /**< what one run scans */
    size_t next;          /**< window of the next run */
    enum text_task task;
    size_t pieces;     /**< of a window */
    size_t block;      /**< bytes of a block */
    uint32_t *answers; /**< find: where in the window each line ends; count: line ends in each block */

    uint32_t *line_ends; /**< for check: where in the text each line ends, ascending */
    size_t lines;
};

/** The text of this run: another at each run, since a predictor learns lengths of lines that come again. */
static inline const unsigned char *text_take_window(struct text *text) {
    return text->bytes + cs_window(&text->next, 1, text->windows) * text->window_bytes;
}

/** Returns the first TEXT_BYTE from `at` on, or `end`. */
typedef const unsigned char *text_find(const unsigned char *at, const unsigned char *end);

/** Returns how many bytes of `size` are TEXT_BYTE. */
typedef size_t text_count(const unsigned char *bytes, size_t size);

/**
 * What every variant does with its own two functions: they are given as names to an inlined function, so that
 * no call through a pointer is left.
 */
__attribute__((always_inline)) static inline void text_scan(struct text *text, text_find *find,
                                                            text_count *count) {
    const unsigned char *window = text_take_window(text), *end = window + text->window_bytes, *at = window;
    if (text->task == TASK_COUNT) {
        for (size_t i = 0; i < text->pieces; i++, at += text->block)
            text->answers[i] = (uint32_t)count(at, text->block);
        return;
    }
    for (size_t i = 0; i < text->pieces; i++) {
        at = find(at, end);
        text->answers[i] = (uint32_t)(at - window);
        at++;
    }
}

void run_byte(void *state);
void run_word(void *state);
void run_vector(void *state);
void run_library(void *state);
int vector_supported(char *reason, size_t reason_size);

#endif
