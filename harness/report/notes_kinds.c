/* The one table of notes: their labels, and what each means for a verdict and asks for. */
#include "report/notes.h"

static const struct {
    const char *label, *meaning;
} kinds[NOTE_COUNT] = {
    [NOTE_INCOMPLETE] = {"INCOMPLETE", NULL},
    [NOTE_COUNTERS] = {"counters", NULL},
    [NOTE_SCALED] = {"scaled", NULL},
    [NOTE_ABSENT] = {"absent", "no verdict needs them; predictions about them stay undecided"},
    [NOTE_NOISE] = {"noise", "other work ran beside these. Intervals hold it, so verdicts stand; what is "
                             "inconclusive for it, a quieter machine may settle"},
    [NOTE_CARRY_OVER] = {"carry-over",
                         "these speedups depend on what ran before. Shown is the middle of both orders; "
                         "where a program has only one, expect up to so much more or less"},
    [NOTE_LAYOUT] = {"layout", "intervals hold it, so verdicts stand"},
    [NOTE_OVERLAP] = {"overlap", NULL},
    [NOTE_REPEATS] = {"repeats", NULL},
    [NOTE_EVIDENCE] = {"evidence", "the variant worked in another way in some replicates: its speedup mixes "
                                   "them"},
    [NOTE_VARIANT] = {"variant", "what the variant says of itself"},
    [NOTE_SERVER] = {"server", "what it takes is beside what the variants take"},
    [NOTE_FILES] = {"files", NULL},
    [NOTE_KINDS] = {"kinds", "the speedup of a process is one of two, and the figure shown is between them: "
                             "expect either"},
    [NOTE_NEIGHBOURS] = {"neighbours", "intervals are wider for it, so verdicts stand"},
    [NOTE_SAME_CODE] = {"same code", NULL},
    [NOTE_LIMITS] = {"limits", "what the verdict would need to be more than it is"},
    [NOTE_SKIPPED] = {"skipped", "not measured: nothing is claimed of it"},
    [NOTE_PLACEBO] = {"placebo", NULL},
    [NOTE_MACHINE] = {"machine", NULL},
    [NOTE_SETTINGS] = {"settings", NULL},
    [NOTE_READING] = {"reading", NULL},
    [NOTE_MARKS] = {"marks", NULL},
};

struct text *notes_add_kind(struct notes *notes, enum note_kind kind) {
    size_t count = notes->count;
    struct text *text = notes_add(notes, kinds[kind].label);
    if (notes->count > count)
        notes->items[count].meaning = kinds[kind].meaning;
    return text;
}
