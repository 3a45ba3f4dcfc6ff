/*
 * Where does the line end, and how many lines are there? Text is scanned for one byte: up to the first (find),
 * or through a block for all of them (count).
 */
#include "text-scan.h"

/* Bytes before the first come again, where the case does not say: more lines than a predictor remembers. */
#define LEAST_POOL (1u << 20)

/* Bytes of a line of text that is counted. */
#define MEAN_LINE 40

/* Ends a line at `bytes[at]`. */
static void end_line(struct text *text, size_t at) {
    text->bytes[at] = TEXT_BYTE;
    text->line_ends[text->lines++] = (uint32_t)at;
}

/*
 * Lines from half to one and a half times `length`, spread evenly and shuffled anew in each window: all windows are
 * as long.
 */
static size_t draw_lines(struct cs_random *random, uint32_t *lines, size_t count, size_t length) {
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        lines[i] = (uint32_t)((length + (2 * i + 1) * length / count) / 2);
        bytes += lines[i];
    }
    cs_random_shuffle(random, lines, count);
    return bytes;
}

static void fill_with_lines(struct text *text, struct cs_random *random, uint32_t *lines, size_t length) {
    size_t at = 0;
    for (size_t window = 0; window < text->windows; window++) {
        draw_lines(random, lines, text->pieces, length);
        for (size_t i = 0; i < text->pieces; i++)
            end_line(text, (at += lines[i]) - 1);
    }
}

static void fill_with_blocks(struct text *text, struct cs_random *random) {
    size_t bytes = text->windows * text->window_bytes;
    for (size_t at = cs_random_below(random, 2 * MEAN_LINE); at < bytes;
         at += 1 + cs_random_below(random, 2 * MEAN_LINE))
        end_line(text, at);
}

/* Any byte but the one that is looked for. */
static void fill_with_text(struct text *text, struct cs_random *random) {
    for (size_t i = 0; i < text->windows * text->window_bytes; i++) {
        unsigned char byte = (unsigned char)cs_random_below(random, 255);
        text->bytes[i] = byte == TEXT_BYTE ? 255 : byte;
    }
}

static int setup(const struct cs_env *env, void *state) {
    struct text *text = state;
    struct cs_random random = cs_random_seed(env->seed);
    size_t length = cs_size(env, "length"), bytes = cs_size(env, "bytes");
    text->task = (enum text_task)cs_value(env, "task");
    text->block = length;
    text->pieces = bytes > length ? bytes / length : 1;
    uint32_t *lines = cs_array(env, "lengths of lines", text->pieces, uint32_t);
    text->window_bytes =
        text->task == TASK_FIND ? draw_lines(&random, lines, text->pieces, length) : text->pieces * length;
    text->windows = 1 + LEAST_POOL / text->window_bytes;

    size_t all = text->windows * text->window_bytes;
    text->bytes = cs_array(env, "text", all, unsigned char);
    text->answers =
        cs_answer(env, text->task == TASK_FIND ? "line end" : "lines of block", text->pieces, uint32_t);
    text->line_ends = cs_array(env, "ends of lines", all, uint32_t);
    fill_with_text(text, &random);
    if (text->task == TASK_FIND)
        fill_with_lines(text, &random, lines, length);
    else
        fill_with_blocks(text, &random);
    cs_free(env, lines);
    cs_work(env, text->window_bytes, text->window_bytes);
    cs_rewind(env, &text->next);
    return 0;
}

/* Index of the first line that ends at `at` or behind. */
static size_t lines_before(const struct text *text, size_t at) {
    size_t low = 0, high = text->lines;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (text->line_ends[middle] < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Reads no text: where lines end was kept when they were drawn. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct text *text = state;
    size_t start = cs_last_window(text->next, 1, text->windows) * text->window_bytes;
    size_t first = lines_before(text, start);
    for (size_t i = 0; i < text->pieces; i++) {
        size_t block = start + i * text->block;
        size_t expected = text->task == TASK_FIND
                              ? text->line_ends[first + i] - start
                              : lines_before(text, block + text->block) - lines_before(text, block);
        if (text->answers[i] != expected) {
            *mismatch = (struct cs_mismatch){
                .output = text->task == TASK_FIND ? "line end" : "lines of block", .index = i};
            snprintf(mismatch->got, sizeof mismatch->got, "%u", text->answers[i]);
            snprintf(mismatch->expected, sizeof mismatch->expected, "%zu", expected);
            return CS_WRONG;
        }
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("text-scan", "byte", "scan text for the end of a line, or count the lines"),
    .parameters = {CS_CHOICE("task", TASK_FIND, "find: one line after the other; count: the lines of a block",
                             "find", "count"),
                   CS_NUMBER("length", "bytes", 4, 16777216, 64, "bytes of a line on average, or of a block"),
                   CS_NUMBER("bytes", "bytes", 4, 16777216, 32768,
                             "bytes of one run: as many lines or blocks as fit, one at the least")},
    .variants = {CS_VARIANT("byte", run_byte, "a loop over bytes"),
                 CS_VARIANT("word", run_word, "eight bytes at a time, in a register of 64 bits"),
                 CS_VARIANT("vector", run_vector, "32 bytes at a time (AVX2)", .supported = vector_supported),
                 CS_VARIANT("library", run_library, "memchr; a line at a time, where they are counted")},
    CS_STATE(struct text, setup),
    .check = check,
    .scale = "bytes",
};
