/*
 * What a duel of commands tells beside the verdict: how times spread, and what the kernel says of processes.
 */
#ifndef REPORT_COMMANDS_H
#define REPORT_COMMANDS_H

#include "report/case_view.h"

/**
 * A line each for wall time, CPU time, memory, and counts a run, of the only comparison of a view; none where
 * there are several, which have a table, or where no commands were compared.
 */
void command_lines(const struct case_view *view, void (*line)(void *context, const char *text),
                   void *context);

/** Whether commands were measured, of which nobody chooses the build, the caches' state or the layout. */
bool commands_were_measured(const struct run *run);

#endif
