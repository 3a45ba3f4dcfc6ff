#!/usr/bin/python3 -B
"""What the answer of a function is, and inputs of structures: filters, orders, tolerances, fields."""
from program import SHORT, main
from test_duel_sources import DuelSources

FILTER = """#include <stddef.h>
#include <stdint.h>
#include <string.h>
struct point { float x; double y; short id[2]; };
size_t odd(const uint16_t *in, uint16_t *out, size_t n) { size_t c = 0; for (size_t i = 0; i < n; i++) KEEP return c; }
void counted(const uint16_t *in, uint16_t *out, size_t n, size_t *count) { *count = odd(in, out, n); }
void turned(const uint32_t *in, uint32_t *out, size_t n) { for (size_t i = 0; i < n; i++) out[PLACE] = in[i]; }
float sum(const float *p, size_t n) { float a = 0; for (size_t i = 0; i < n; i++) a += p[FROM]; return a; }
_Bool near(float a, float b) { return a - b < 1 && b - a < 1; }
void move(struct point *p, size_t n, double by) { for (size_t i = 0; i < n; i++) { p[i].y += by; p[i].id[1] = STEP; } }
float dot(struct point a, const struct point *b, size_t n) { float s = SIGN a.x; while (n--) s += b[n].x; return s + a.id[1]; }
"""
ONE = {"KEEP": "if (in[i] & 1) out[c++] = in[i];", "PLACE": "i", "FROM": "i", "STEP": "i", "SIGN": ""}
OTHER = {"KEEP": "{ out[c] = in[i]; c += in[i] & 1; }", "PLACE": "n - 1 - i", "FROM": "n - 1 - i", "STEP": "(int)i", "SIGN": "0 +"}


class Answers(DuelSources):
    def setUp(self):
        super().setUp()
        self.files = [self.write("a.c", FILTER, **ONE), self.write("b.c", FILTER, **OTHER)]

    def ask(self, status, function, *options):
        run = self.run_for(status, "duel", *self.files, "--function", function, *SHORT, "--no-counters", "--layout", "fixed",
                           "--sizes", "64", *options)
        self.assertEqual(run["comparisons"][0]["verified"], "wrong" if status else "yes")
        return run["comparisons"][0]["reason"]

    def test_a_filter_is_right_up_to_what_it_counts(self):
        self.assertIn("--answer 'out[0..return)'", self.ask(3, "odd"))
        self.ask(0, "odd", "--answer", "out[0..return)")
        self.assertIn("--answer 'out[0..*count)'", self.ask(3, "counted", "--length", "count=1"))
        self.ask(0, "counted", "--output", "out[0..*count)")
        self.write("b.c", FILTER, **{**OTHER, "KEEP": "if (in[i] & 1) out[c++] = in[i] ^ (c == 3);"})
        self.assertNotIn("--answer", self.ask(3, "odd"))
        self.ask(3, "odd", "--answer", "out[0..return)")

    def test_orders_and_tolerances(self):
        self.assertIn("--compare unordered", self.ask(3, "turned"))
        self.ask(0, "turned", "--compare", "unordered")
        self.assertIn("--tolerance ", self.ask(3, "sum"))
        self.ask(0, "sum", "--compare", "absolute=0.1")
        self.ask(0, "sum", "--compare", "near")

    def test_structures_are_filled_by_their_fields(self):
        self.write("b.c", FILTER, **{**ONE, "SIGN": "+"})
        self.ask(0, "dot", "--input", "b.x=range:0..3")
        self.write("b.c", FILTER, **{**ONE, "SIGN": "-"})
        self.assertIn("result[", self.ask(3, "dot"))
        result = self.run_program("duel", *self.files, "--function", "move")
        self.assertEqual(result.returncode, 2)
        self.assertIn("has arrays in its elements (id)", result.stderr)
        result = self.run_program("duel", *self.files, "--function", "dot", "--input", "b.z=zeros")
        self.assertEqual(result.returncode, 2)
        self.assertIn("b has no field named 'z'", result.stderr)
        self.write("b.c", FILTER.replace("double y", "float y, z"), **OTHER)
        result = self.run_program("duel", *self.files, "--function", "dot")
        self.assertEqual(result.returncode, 2)
        self.assertIn("is another in a.c than in b.c", result.stderr)


if __name__ == "__main__":
    main()
