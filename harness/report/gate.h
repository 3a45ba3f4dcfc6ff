/* What came of a gate: for people, for a pull request, and for what reads JUnit. */
#ifndef REPORT_GATE_H
#define REPORT_GATE_H

#include "report/report.h"
#include "store/gate.h"

/** A row a requirement, the smallest slowdown that this run would have found, and the answer. 0 or -errno. */
int report_gate(const struct gate *gate, const struct report_style *style, FILE *stream);

/** The same as GitHub-flavoured Markdown: for a step's summary or a comment. */
int report_gate_markdown(const struct gate *gate, FILE *stream);

/** JUnit XML: a test case a requirement; refuted ones fail, open ones too where the policy says so, else they are skipped. */
int report_gate_junit(const struct gate *gate, FILE *stream);

/** GitHub's workflow commands: ::error for what fails the gate, ::warning for what stays open. */
int report_gate_annotations(const struct gate *gate, FILE *stream);

#endif
