/* A profile in words and tables. */
#ifndef REPORT_PROFILE_H
#define REPORT_PROFILE_H

#include "report/report.h"
#include "store/profile.h"

/**
 * For the terminal: variants side by side where there are several (time, likely bound, what each cause could
 * explain), then for each variant the judgement in words, its hottest functions and lines, and the text of
 * the top lines. Returns 0, -ENOMEM, or -errno of the stream.
 */
int report_profile(const struct profile *profile, const struct report_style *style, FILE *stream);

/** The same as GitHub-flavoured Markdown. */
int report_profile_markdown(const struct profile *profile, FILE *stream);

#endif
