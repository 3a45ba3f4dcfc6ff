/* A run for a pull request: one table with a sentence a candidate, all else folded. */
#include "report/case_view.h"
#include "report/grid.h"
#include "report/markdown.h"
#include "report/summary.h"

#include <string.h>

static const enum verdict verdicts[] = {VERDICT_FASTER, VERDICT_SLOWER, VERDICT_EQUIVALENT,
                                        VERDICT_INCONCLUSIVE, VERDICT_INVALID};
#define VERDICTS (sizeof verdicts / sizeof *verdicts)

static size_t count_verdict(const struct case_view *view, enum verdict verdict) {
    size_t count = 0;
    for (size_t i = 0; i < view->count; i++)
        count += view->rows[i]->verdict == verdict;
    return count;
}

static int print_candidate(struct text *out, const struct run *run, const struct comparison *comparison) {
    struct case_view view;
    struct text sentence = {0};
    int status = case_view_open(&view, run, comparison->case_name, comparison->candidate);
    if (status)
        return status;
    text_add(out, "| ");
    markdown_add(out, comparison->case_name);
    for (size_t i = 0; i < VERDICTS; i++)
        text_printf(out, " | %zu", count_verdict(&view, verdicts[i]));
    text_add(out, " | ");
    summary_print(&view, &sentence);
    markdown_add(out, text_string(&sentence));
    text_add(out, " |\n");
    out->failed |= sentence.failed;
    text_clear(&sentence);
    case_view_close(&view);
    return 0;
}

static bool opens_candidate(const struct run *run, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (strcmp(run->comparisons[i].case_name, run->comparisons[index].case_name) == 0 &&
            strcmp(run->comparisons[i].candidate, run->comparisons[index].candidate) == 0)
            return false;
    return true;
}

static void print_opening(struct text *out, const struct run *run) {
    text_printf(out, "**%zu comparison%s** on ", run->comparison_count,
                run->comparison_count == 1 ? "" : "s");
    markdown_add(out, run->host.cpu_model[0] ? run->host.cpu_model : run->host.machine);
    text_add(out, ", ");
    markdown_add(out, run->started);
    text_add(out, run->complete ? "\n\n" : "; **the run was cut short**\n\n");
    if (!digest_is_sound(&run->digest))
        text_add(out, "**The result file was changed after it was written.**\n\n");
    text_add(out, "| case |");
    for (size_t i = 0; i < VERDICTS; i++)
        text_printf(out, " %s |", verdict_name(verdicts[i]));
    text_add(out, " what came out |\n| :-- | --: | --: | --: | --: | --: | :-- |\n");
}

int report_brief_markdown(const struct run *run, FILE *stream) {
    struct text out = {0};
    int status = 0;
    print_opening(&out, run);
    for (size_t i = 0; i < run->comparison_count && status == 0; i++)
        if (opens_candidate(run, i))
            status = print_candidate(&out, run, &run->comparisons[i]);
    text_add(&out, "\n<details><summary>Every point, with its counters and notes</summary>\n\n");
    if (status == 0)
        status = text_write(&out, stream);
    text_clear(&out);
    if (status == 0)
        status = report_markdown(run, stream);
    if (status == 0)
        text_add(&out, "\n</details>\n\n");
    if (status == 0)
        status = text_write(&out, stream);
    text_clear(&out);
    return status;
}
