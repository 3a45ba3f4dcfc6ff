#!/usr/bin/python3 -B
"""Pointers to pointers: strings, rows of a matrix, nodes; what they lead to is made, restored and compared."""
import shutil

from program import SHORT, main
from test_duel_sources import DuelSources

HEAD = "#include <stddef.h>\n#include <stdint.h>\n#include <stdlib.h>\n#include <string.h>\n"
SORT = HEAD + """void sort(const char **words, size_t n) {
    for (size_t i = 1; i < n LESS; i++)
        for (size_t j = i; j > 0 && strcmp(words[j - 1], words[j]) > 0; j--) {
            const char *kept = words[j]; words[j] = words[j - 1]; words[j - 1] = kept;
        }
}
"""
QSORT = HEAD + """static int order(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }
void sort(const char **words, size_t n) { qsort(words, n, sizeof *words, order); }
"""
LONGEST = HEAD + """const char *longest(const char *const *words, size_t n) {
    size_t at = 0;
    for (size_t i = 1; i < n; i++)
        if (strlen(words[i]) > strlen(words[at])) at = i;
    WRITE;
    return words[at] + strlen(words[at]) - 1 + MORE;
}
"""
SCALE = HEAD + """void scale(float **m, int rows, int cols) {
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < cols MORE; j++)
            m[i][j] *= 2;
}
"""
NUMBER = HEAD + """size_t blanks(const char *s, char **end) {
    size_t count = 0;
    while (*s && count < 3) count += *s++ == ' ';
    *end = (char *)s + MORE;
    return count;
}
"""
NODES = "struct node { int32_t key; double weight; };\n" + """double weigh(struct node **nodes, int count) {
    double sum = 0;
    for (int i = 0; nodes[i]; i++) sum += nodes[i]->weight * nodes[i]->key * (i < count);
    for (int i = 0; i < count; i++) nodes[i]->key FORM;
    return sum;
}
"""
OPTIONS = [*SHORT, "--no-counters", "--layout", "fixed"]


class Rows(DuelSources):
    def compare(self, one, two, *options, status=0, end="c"):
        files = [self.write(f"{name}.{end}", text) for name, text in (("a", one), ("b", two))]
        run = self.run_for(status, "duel", *files, *OPTIONS, *options)
        self.assertEqual({c["verified"] for c in run["comparisons"]}, {"wrong" if status else "yes"})
        return run

    def test_strings_that_are_sorted(self):
        self.compare(SORT.replace("LESS", ""), QSORT, "--sizes", "2,50")
        reason = self.reasons(self.compare(SORT.replace("LESS", ""), SORT.replace("LESS", "- 1"), "--sizes", "50", status=3))
        self.assertRegex(reason, r"wrong answer from b: words\[\d+\]: got words\[\d+\] \+ 0, expected words\[\d+\] \+ 0")

    def test_a_result_leads_into_a_row(self):
        right, other = LONGEST.replace("MORE", "0"), LONGEST.replace("MORE", "1").replace("WRITE", "")
        self.compare(right.replace("WRITE", ""), right.replace("WRITE", "") + "\n", "--sizes", "2,50")
        self.assertRegex(self.reasons(self.compare(right.replace("WRITE", ""), other, "--sizes", "50", status=3)),
                         r"result \(offset\)\[0\]: got words\[\d+\] \+ \d+, expected words\[\d+\] \+ \d+")
        # Strings have different lengths: all of one length, the first would be the longest.
        first = right.replace("WRITE", "at = 0")
        self.compare(right.replace("WRITE", ""), first, "--sizes", "50", status=3)
        written = right.replace("WRITE", "((char *)words[1])[0] ^= 1")
        self.assertIn("wrote to words[], which is const", self.reasons(self.compare(right.replace("WRITE", ""), written, "--sizes",
                                                                                    "50", status=3)))

    def test_contents_are_compared_and_restored(self):
        right = SCALE.replace("MORE", "")
        run = self.compare(right, right + "\n", "--sizes", "7,20")
        self.assertEqual([m["items"] % (n * n) for m, n in zip(run["measurements"], (7, 20))], [0, 0])
        self.assertIn("wrong answer from b: m[] (400 a call)[19]",
                      self.reasons(self.compare(right, SCALE.replace("MORE", "- 1"), "--sizes", "20", status=3)))
        self.assertIn("past the end of m[]", self.reasons(self.compare(right, right.replace("*= 2;", "*= 2; m[rows - 1][cols] = 1;"),
                                                                       "--sizes", "20", status=3)))

    def test_an_end_that_is_told(self):
        right = NUMBER.replace("MORE", "0")
        self.compare(right, right + "\n", "--sizes", "50")
        self.assertRegex(self.reasons(self.compare(right, NUMBER.replace("MORE", "1"), "--sizes", "50", status=3)),
                         r"end\[0\]: got s \+ \d+, expected s \+ \d+")
        self.assertIn("got NULL", self.reasons(self.compare(right, right.replace("(char *)s + 0", "NULL"), "--sizes", "50", status=3)))

    def test_pointers_that_lead_elsewhere_are_no_answer(self):
        """Equal by what can be told of them, though each file has a memory of its own."""
        kept = NUMBER.replace("size_t blanks", "static char kept[2];\nsize_t blanks").replace("(char *)s + MORE", "kept + (s[0] != ' ')")
        self.assertIn("end[0]: got a pointer into no argument", self.reasons(self.compare(kept, kept, "--sizes", "50", status=3)))

    def test_structures(self):
        nodes = HEAD + NODES
        fill = ["--input", "nodes.key=range:0..9"]
        self.compare(nodes.replace("FORM", "^= 1"), nodes.replace("FORM", "= nodes[i]->key ^ 1"), "--sizes", "5,30", *fill)
        self.assertIn("nodes[].key", self.reasons(self.compare(nodes.replace("FORM", "^= 1"), nodes.replace("FORM", "^= i != 3"), "--sizes",
                                                               "30", *fill, status=3)))

    def test_an_order_of_strings_that_is_given(self):
        text = SORT.replace("LESS", "").replace("size_t n)", "size_t n, int (*cmp)(const char *, const char *))")
        run = self.compare(text.replace("strcmp(w", "cmp(w"), text, "--sizes", "40")
        self.assertIn("cmp is generated, and orders strings", run["measurements"][0]["arms"][0]["evidence"])

    def test_what_is_generated_compiles_without_warnings(self):
        self.environment["CFLAGS"] = "-O2 -Wall -Wextra -Werror"
        text = SORT.replace("LESS", "").replace("size_t n)", "size_t n, int (*cmp)(const char *, const char *))")
        text = text.replace("strcmp(w", "cmp(w")
        self.compare(text, text + "\n", "--sizes", "8")

    def test_lengths(self):
        self.write("a.c", HEAD + "int f(int **p, int n) { int s = 0; for (int i = 0; i < n; i++) s += p[i][LAST]; return s; }\n",
                   LAST="15")
        run = self.run_for(0, "duel", "a.c", "a.c", *OPTIONS, "--sizes", "40", "--length", "p[]=16", "--input", "p=range:1..2")
        self.assertEqual(run["measurements"][0]["items"] % 40, 0)
        shutil.rmtree(self.results)
        for options, parts in ((["--length", "p[]=m"], ["--length"]), (["--sizes", "100000"], ["rows of one call take", "100000"]),
                               (["--length", "n[]=3"], ["--length"])):
            with self.subTest(options=options):
                self.assert_refused("duel", "a.c", "a.c", *options, parts=parts)
        self.write("b.c", "int f(const int *p, int **q) { return p[0] + **q; }\n")
        self.assert_refused("duel", "b.c", "b.c", "--length", "p=2",
                            parts=["how many elements each row of q has", "--length 'q[]=16'"])
        self.assert_refused("duel", "b.c", "b.c", "--length", "p[]=2", parts=["p is no pointer to pointers"])

    def test_in_cxx_and_inlined(self):
        text = SCALE.replace("MORE", "").replace("void scale", "namespace own { void scale") + "}\n"
        self.compare(text, text + "\n", "--sizes", "9", "--inline", end="cpp")


if __name__ == "__main__":
    main()
