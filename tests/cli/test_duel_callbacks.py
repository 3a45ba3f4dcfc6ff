#!/usr/bin/python3 -B
"""Functions that are given functions: what those do where nothing names one, and how to name one."""
import shutil
import subprocess

from program import SHORT, main
from test_duel_sources import DuelSources

HEAD = """#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
"""
# Exchanges elements of any size.
SWAP = """static void swap(char *a, char *b, size_t size) {
    while (size--) { char kept = *a; *a++ = *b; *b++ = kept; }
}
"""
INSERT = HEAD + SWAP + """void sort(void *base, size_t nmemb, size_t size, int (*compar)(const void *, const void *)) {
    char *p = base;
    for (size_t i = 1; i < nmemb; i++)
        for (size_t j = i; j > 0 && compar(p + (j - 1) * size, p + j * size) > 0; j--)
            swap(p + (j - 1) * size, p + j * size, size);
}
"""
LIBRARY = HEAD + """typedef int order(const void *, const void *);
void sort(void *base, size_t count, size_t bytes, order *compare) { qsort(base, count - LESS, bytes, compare); }
"""
CONTEXT = HEAD + SWAP + """void sort(void *base, size_t n, size_t width, int (*cmp)(const void *, const void *, void *), void *arg) {
    char *p = base;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j > 0 && cmp(p + (j - 1) * width, p + j * width, ARG) > 0; j--)
            swap(p + (j - 1) * width, p + j * width, width);
}
"""
SEARCH = HEAD + """void *find(const void *key, const void *base, size_t nmemb, size_t size, int (*compar)(const void *, const void *)) {
    const char *p = base;
    size_t low = 0, high = nmemb;
    while (low < high) {
        size_t middle = STEP;
        if (compar(p + middle * size, key) < 0) low = middle + 1; else high = middle;
    }
    return (char *)p + low * size;
}
"""
EACH = HEAD + """void each(const int *p, size_t n, void (*visit)(int value, void *context), void *context) {
    for (size_t i = 0; i < n - LESS; i++)
        visit(p[i], context);
}
"""
SUM = "double sum(double (*f)(double), double low, double high) { return f(low) + 2 * f((low + high) / 2) + f(high MORE); }\n"
POINTS = """struct point { int32_t x; float y; };
void sort(struct point *p, size_t n, bool (*less)(const struct point *, const struct point *)) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j > 0 && less(p + j, p + j - 1); j--) {
            struct point kept = p[j]; p[j] = p[j - 1]; p[j - 1] = kept;
        }
}
"""
OPTIONS = [*SHORT, "--no-counters", "--layout", "fixed"]


class Callbacks(DuelSources):
    def compare(self, one, two, *options, status=0):
        run = self.run_for(status, "duel", self.write("a.c", one), self.write("b.c", two), *OPTIONS, *options)
        self.assertEqual(run["comparisons"][0]["verified"], "wrong" if status else "yes")
        return run

    def note(self, run):
        return run["measurements"][0]["arms"][0]["evidence"]

    def test_qsort_and_its_like_without_typing(self):
        other = LIBRARY.replace("bytes", "size").replace("order *compare", "order *compar").replace(", compare)", ", compar)")
        run = self.compare(INSERT, other.replace("LESS", "0"), "--sizes", "2,50")
        self.assertIn("note: compar is generated, and orders by uint64_t; --callback NAME=FUNCTION", self.note(run))
        self.assertEqual({c["verified"] for c in run["comparisons"]}, {"yes"})
        self.assertIn("base", self.reasons(self.compare(INSERT, other.replace("LESS", "1"), "--sizes", "50", status=3)))

    def test_bytes_of_an_element(self):
        for size, words in (("1", "uint8_t"), ("4", "uint32_t"), ("12", "12 bytes as memcmp does")):
            with self.subTest(size=size):
                run = self.compare(INSERT, INSERT + "\n", "--sizes", "30", "--fix", f"size={size}")
                self.assertIn(f"orders {'' if 'bytes' in words else 'by '}{words};", self.note(run))
                self.assertEqual(run["measurements"][0]["items"] % 30, 0)
        shutil.rmtree(self.results)
        self.assert_refused("duel", "a.c", "b.c", "--fix", "size=0", parts=["size: tells the bytes of an element of base", "--fix size=8"])

    def test_a_context_is_handed_on(self):
        run = self.compare(CONTEXT.replace("ARG)", "arg)"), CONTEXT.replace("ARG)", "arg)") + "\n", "--sizes", "30")
        self.assertIn("cmp is generated, and orders by uint64_t, turned round by the context", self.note(run))
        # Bytes that another call's context would not have.
        self.assertIn("base", self.reasons(self.compare(CONTEXT.replace("ARG)", "arg)"),
                                                        CONTEXT.replace("ARG)", '(void *)"a")'), "--sizes", "30", status=3)))

    def test_a_search_looks_into_what_is_in_order(self):
        half, third = SEARCH.replace("STEP", "(low + high) / 2"), SEARCH.replace("STEP", "low + (high - low) / 3")
        self.compare(half, third, "--sizes", "1,1000")
        self.compare(half, third.replace("< 0)", "< 1)"), "--sizes", "20", "--fix", "size=1", status=3)

    def test_visits_and_numbers(self):
        run = self.compare(EACH.replace("LESS", "0"), EACH.replace("LESS", "0") + "\n", "--sizes", "40")
        self.assertIn("visit is generated, and computes with all that it is given, into what it may write to", self.note(run))
        self.assertIn("context", self.reasons(self.compare(EACH.replace("LESS", "0"), EACH.replace("LESS", "1"), "--sizes", "40",
                                                           status=3)))
        self.compare(SUM.replace("MORE", ""), SUM.replace("MORE", "+ 0"))
        self.compare(SUM.replace("MORE", ""), SUM.replace("MORE", "+ 1"), status=3)

    def test_all_fields_of_structures_are_ordered(self):
        """By the first alone, elements that are equal by it would lie in any order."""
        points = HEAD + POINTS
        selecting = points.replace("j = i; j > 0 && less(p + j, p + j - 1); j--) {", "j = n; --j > i;) if (less(p + j, p + i)) {")
        selecting = selecting.replace("p[j] = p[j - 1]; p[j - 1] = kept", "p[j] = p[i]; p[i] = kept")
        run = self.compare(points, selecting, "--sizes", "40", "--input", "p.x=range:0..3")
        self.assertIn("less is generated, and orders by all 2 fields", self.note(run))

    def test_exchange(self):
        text = HEAD + """void turn(void *base, size_t n, size_t size, void (*exchange)(void *, void *)) {
    for (size_t i = 0; i < n / 2 LESS; i++) exchange((char *)base + i * size, (char *)base + (n - 1 - i) * size);
}
"""
        run = self.compare(text.replace("LESS", ""), text.replace("LESS", "+ 0"), "--sizes", "9")
        self.assertIn("exchange is generated, and exchanges 8 bytes", self.note(run))
        self.compare(text.replace("LESS", ""), text.replace("LESS", "- 1"), "--sizes", "9", status=3)

    def test_named(self):
        own = INSERT + "int by_first(const void *a, const void *b) { return *(const char *)a - *(const char *)b; }\n"
        run = self.compare(own, INSERT, "--sizes", "30", "--callback", "compar=by_first", "--fix", "size=1")
        self.assertNotIn("generated", self.note(run))
        # It is really asked: with one that finds all equal, a sort that turns nothing round is right.
        none = HEAD + "void sort(void *base, size_t nmemb, size_t size, int (*compar)(const void *, const void *)) {\n" \
            "    if (nmemb) compar(base, base); (void)size;\n}\n"
        self.compare(own.replace("return *", "return 0 * *").replace("- *", "- 0 * *"), none, "--sizes", "30", "--callback",
                     "compar=by_first")
        self.compare(own, none, "--sizes", "30", status=3)
        result = self.run_program("duel", "a.c", "b.c", *OPTIONS, "--callback", "compar=swap")
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("--callback compar:1:", result.stderr)

    def test_lambdas_and_libraries(self):
        text = "#include <cstddef>\nint most(const int *p, std::size_t n, int (*key)(int)) {\n" \
            "    int most = key(p[0]); for (std::size_t i = 1; i < n; i++) if (key(p[i]) > most) most = key(p[i]); return most; }\n"
        self.write("a.cpp", text)
        self.write("b.cpp", text + "\n")
        run = self.run_for(0, "duel", "a.cpp", "b.cpp", *OPTIONS, "--inline", "--sizes", "20", "--callback",
                           "key=[](int x) { return -x; }")
        self.assertEqual(run["comparisons"][0]["verified"], "yes")
        self.write("l.c", INSERT)
        subprocess.run(["cc", "-O2", "-g", "-shared", "-fPIC", "-o", self.folder / "l.so", self.folder / "l.c"], check=True)
        self.write("b.c", INSERT)
        for options in ([], ["--callback", "compar=(int (*)(const void *, const void *))strcmp"]):
            run = self.run_for(0, "duel", "./l.so", "b.c", *OPTIONS, "--sizes", "20", *options)
            self.assertEqual(run["comparisons"][0]["verified"], "yes")

    def test_refused(self):
        self.write("a.c", "struct pair { int a, b; };\nint f(int x, int (*g)(struct pair)) { return g((struct pair){x, x}); }\n")
        self.assert_refused("duel", "a.c", "a.c", parts=["g: no function of its type can be generated", "--callback g=FUNCTION"])
        for options, part in ((["--callback", "x=g"], "x is no pointer to a function"), (["--input", "g=zeros"], "--callback g="),
                              (["--callback", "g="], "--callback g=FUNCTION"), (["--callback", "y=g"], "no parameter named 'y'"),
                              (["--callback", "g"], "NAME=VALUE")):
            with self.subTest(options=options):
                self.assert_refused("duel", "a.c", "a.c", *options, parts=[part])
        self.write("r.c", "int (*f(int x))(int) { (void)x; return 0; }\n")
        self.assert_refused("duel", "r.c", "r.c", parts=["its result is a pointer to a function"])


if __name__ == "__main__":
    main()
