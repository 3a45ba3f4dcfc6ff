#include "report/style.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_LEAST 60
#define WIDTH_MOST 200 /* of a table; text_wrap and text_rule stop at STYLE_PROSE */

static const char *const sequences[] = {
    [PAINT_NONE] = "",
    [PAINT_BOLD] = "\033[1m",
    [PAINT_DIM] = "\033[2m",
    [PAINT_GREEN] = "\033[32m",
    [PAINT_RED] = "\033[31m",
    [PAINT_YELLOW] = "\033[33m",
    [PAINT_MAGENTA] = "\033[35m",
    [PAINT_CYAN] = "\033[36m",
};

/* How the characters that the reports use are written without Unicode. */
static const struct {
    uint32_t code;
    const char *ascii;
} ascii_forms[] = {
    {0x00a0, " "},  {0x00b1, "+/-"}, {0x00b5, "u"},   {0x00b7, "-"},  {0x00d7, "x"}, {0x00f7, "/"},
    {0x03bc, "u"},  {0x2013, "-"},   {0x2014, "-"},   {0x2020, "#"},  {0x2018, "'"}, {0x2019, "'"},
    {0x201c, "\""}, {0x201d, "\""},  {0x2026, "..."}, {0x2192, "->"}, {0x2248, "~"}, {0x2264, "<="},
    {0x2265, ">="}, {0x2500, "-"},   {0x2605, "*"},   {0x2713, "v"},  {0x2717, "X"}, {0x25b2, "+"},
    {0x25bc, "-"},  {0x25a0, "="},   {0x25c7, "?"},   {0x2715, "!"},
};

const char *style_start(const struct report_style *style, enum paint paint) {
    return style->color ? sequences[paint] : "";
}

const char *style_stop(const struct report_style *style, enum paint paint) {
    return style->color && paint != PAINT_NONE ? "\033[0m" : "";
}

enum paint style_verdict_paint(enum verdict verdict) {
    switch (verdict) {
    case VERDICT_FASTER:
        return PAINT_GREEN;
    case VERDICT_SLOWER:
        return PAINT_RED;
    case VERDICT_INCONCLUSIVE:
        return PAINT_YELLOW;
    case VERDICT_INVALID:
        return PAINT_MAGENTA;
    case VERDICT_EQUIVALENT:
        break;
    }
    return PAINT_NONE;
}

size_t style_width(const char *string) {
    size_t width = 0;
    for (; *string; string++)
        width += ((unsigned char)*string & 0xc0) != 0x80;
    return width;
}

/* Length in bytes of the UTF-8 character at `bytes` and its code point; 0 if it is not one (RFC 3629). */
static size_t decode(const char *bytes, uint32_t *code) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)bytes[0];
    size_t length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (length > 1 && (first < 0xc2 || first > 0xf4))
        return 0;
    *code = length == 1 ? first : first & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)bytes[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | ((unsigned char)bytes[i] & 0x3f);
    }
    return *code < least[length] || (*code >= 0xd800 && *code < 0xe000) || *code > 0x10ffff ? 0 : length;
}

static const char *ascii_form(uint32_t code) {
    for (size_t i = 0; i < sizeof ascii_forms / sizeof *ascii_forms; i++)
        if (ascii_forms[i].code == code)
            return ascii_forms[i].ascii;
    return "?";
}

/* Characters that show nothing and change how others are shown or read: marks of direction, of joining and
 * breaking, fillers, tags (Unicode TR 36, "Unicode Security Considerations", section 3). */
static const struct {
    uint32_t first, last;
} unseen[] = {
    {0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x061c, 0x061c}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
    {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
    {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0xfffe, 0xffff},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool is_unseen(uint32_t code) {
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
        if (code >= unseen[i].first && code <= unseen[i].last)
            return true;
    return false;
}

void style_clean(const struct report_style *style, const char *from, char *to, size_t size) {
    size_t used = 0;
    while (*from) {
        uint32_t code = 0;
        size_t length = decode(from, &code), step = length ? length : 1;
        const char *piece = from;
        if (!length || is_unseen(code)) {
            piece = "?";
            length = 1;
        } else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
            piece = " ";
            length = 1;
        } else if (code >= 0x80 && !style->unicode) {
            piece = ascii_form(code);
            length = strlen(piece);
        }
        if (used + length + 1 > size)
            break;
        memcpy(to + used, piece, length);
        used += length;
        from += step;
    }
    if (size)
        to[used] = '\0';
}

size_t style_clean_size(const char *from) {
    return 2 * strlen(from) + 1; /* the longest ASCII form has 3 bytes, of a character of 2 */
}

void style_cut(const struct report_style *style, char *string, size_t columns) {
    const char *end = style->unicode ? "…" : "...";
    if (style_width(string) <= columns)
        return;
    size_t end_width = style_width(end), keep = columns > end_width ? columns - end_width : 0, offset = 0;
    while (string[offset] && keep) {
        offset++;
        while (((unsigned char)string[offset] & 0xc0) == 0x80)
            offset++;
        keep--;
    }
    /* What was cut is at least as many columns as the end mark, but may be fewer bytes: "…" has three. */
    if (strlen(string + offset) >= strlen(end) && columns >= end_width)
        memcpy(string + offset, end, strlen(end) + 1);
    else
        string[offset] = '\0';
}

static bool environment_says_utf8(void) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"}; /* POSIX order of precedence */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

static unsigned terminal_width(FILE *stream) {
    const char *columns = getenv("COLUMNS");
    unsigned long width = columns ? strtoul(columns, NULL, 10) : 0;
    struct winsize window;
    if (!width && fileno(stream) >= 0 && ioctl(fileno(stream), TIOCGWINSZ, &window) == 0)
        width = window.ws_col;
    if (!width)
        return STYLE_PROSE;
    return width < WIDTH_LEAST ? WIDTH_LEAST : width > WIDTH_MOST ? WIDTH_MOST : (unsigned)width;
}

struct report_style report_style_for(FILE *stream) {
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    int error = errno; /* isatty sets it for a file, which is no error here */
    bool color = fileno(stream) >= 0 && isatty(fileno(stream)) && !(no_color && *no_color) && terminal &&
                 strcmp(terminal, "dumb") != 0;
    struct report_style style = {
        .color = color, .unicode = environment_says_utf8(), .width = terminal_width(stream)};
    errno = error;
    return style;
}
