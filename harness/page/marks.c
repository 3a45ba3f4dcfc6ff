#include "page/marks.h"

static const struct {
    const char *text, *path;
} marks[] = {
    [VERDICT_INVALID] = {"✕", "M-4-4 4 4M4-4-4 4"},
    [VERDICT_FASTER] = {"▲", "M0-5 5 4H-5z"},
    [VERDICT_SLOWER] = {"▼", "M0 5 5-4H-5z"},
    [VERDICT_EQUIVALENT] = {"■", "M-4-4H4V4H-4z"},
    [VERDICT_INCONCLUSIVE] = {"◇", "M0-5 5 0 0 5-5 0z"},
};
#define MARKS (sizeof marks / sizeof *marks)

const char *mark_of_verdict(enum verdict verdict) {
    return (size_t)verdict < MARKS ? marks[verdict].text : "?";
}

void marks_define(struct text *out) {
    for (size_t i = 0; i < MARKS; i++)
        text_printf(out, "<path id=\"m-%s\" d=\"%s\"/>", verdict_name((enum verdict)i), marks[i].path);
}

void verdict_element(struct text *out, enum verdict verdict, bool star) {
    text_printf(out, "<b class=\"%s\">%s %s%s</b>", verdict_name(verdict), mark_of_verdict(verdict),
                verdict_name(verdict), star ? " ★" : "");
}
