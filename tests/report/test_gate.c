#include "report/gate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct gate_check checks[] = {{.subject = "./parse <a&b> \"c\"\033[31m",
                                      .requirement = "at most 2 % slower",
                                      .outcome = GATE_REFUTED,
                                      .finding = "+5 % time\n::error::forged",
                                      .detectable = 0.031,
                                      .seconds = 1.5},
                                     {.subject = "a:b,c",
                                      .requirement = "instructions < 1.02",
                                      .outcome = GATE_OPEN,
                                      .finding = "no source",
                                      .detectable = NAN},
                                     {.subject = "same",
                                      .requirement = "at most 2 % slower",
                                      .outcome = GATE_EQUAL,
                                      .finding = "equal",
                                      .detectable = NAN}};
static struct gate gate = {.base = "1111111", .head = "2222222", .checks = checks, .count = 3};

static char *print(int (*write)(const struct gate *gate, FILE *stream)) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_int_equal(write(&gate, stream), 0);
    fclose(stream);
    return text;
}

static int on_a_terminal(const struct gate *of, FILE *stream) {
    const struct report_style style = {.unicode = true, .width = 100};
    return report_gate(of, &style, stream);
}

static void assert_says(int (*write)(const struct gate *gate, FILE *stream), const char *part) {
    char *text = print(write);
    if (!strstr(text, part))
        fail_msg("'%s' is not in:\n%s", part, text);
    assert_null(strchr(text, '\033'));
    free(text);
}

static void the_answer_and_what_it_is_worth(void **state) {
    (void)state;
    gate.policy = GATE_RETRY;
    assert_says(on_a_terminal,
                "failed: 2222222 against 1111111: 1 of 3 requirements refuted, 1 open, which passes");
    assert_says(on_a_terminal, "would have refuted with 95 %: 3.1 %");
    assert_says(on_a_terminal, "open: instructions < 1.02; no source");
    gate.policy = GATE_FAIL;
    assert_says(on_a_terminal, "1 open, which fails");
    checks[0].detectable = NAN;
    assert_says(on_a_terminal, "no slowdown could have been refuted");
    checks[0].detectable = 0.031;
    assert_says(report_gate_markdown, "| at most 2 % slower | refuted |");
}

static void xml_holds_its_text(void **state) {
    (void)state;
    gate.policy = GATE_RETRY;
    assert_says(report_gate_junit,
                "name=\"./parse &#60;a&#38;b&#62; &#34;c&#34; [31m: at most 2 % slower\" time=\"1.500\"");
    assert_says(report_gate_junit, "tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\"");
    assert_says(report_gate_junit, "<skipped message=\"no source\"/>");
    gate.policy = GATE_FAIL;
    assert_says(report_gate_junit, "failures=\"2\" errors=\"0\" skipped=\"0\"");
    assert_says(report_gate_junit, "<failure message=\"no source\" type=\"open\"/>");
}

/* No text of a command ends an annotation and begins another. */
static void annotations_are_a_line_each(void **state) {
    (void)state;
    gate.policy = GATE_RETRY;
    char *text = print(report_gate_annotations);
    assert_string_equal(
        text,
        "::error title=./parse <a&b> \"c\" [31m::at most 2 %25 slower: refuted: +5 %25 time ::error::forged\n"
        "::warning title=a%3Ab%2Cc::instructions < 1.02: open: no source\n");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_answer_and_what_it_is_worth),
                                       cmocka_unit_test(xml_holds_its_text),
                                       cmocka_unit_test(annotations_are_a_line_each)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
