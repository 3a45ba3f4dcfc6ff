#include "report/text.h"

static const struct {
    const char *unicode, *ascii;
    enum paint paint;
} marks[] = {
    [FINDING_GOOD] = {"✓ ", "ok   ", PAINT_GREEN},
    [FINDING_NOTE] = {"· ", "note ", PAINT_NONE},
    [FINDING_WARN] = {"! ", "WARN ", PAINT_YELLOW},
};

int report_findings(const struct findings *findings, const struct report_style *style, FILE *stream) {
    struct text out = {0};
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        const char *mark = style->unicode ? marks[finding->level].unicode : marks[finding->level].ascii;
        struct text line = {0};
        text_printf(&line, "%s: %s", finding->topic, finding->what);
        text_wrap_lead(&out, style, mark, marks[finding->level].paint, PAINT_NONE, text_string(&line));
        if (finding->remedy[0])
            text_wrap(&out, style, style->unicode ? "  → " : "     > ", PAINT_NONE, finding->remedy);
        out.failed |= line.failed;
        text_clear(&line);
    }
    int error = text_write(&out, stream);
    text_clear(&out);
    return error;
}
