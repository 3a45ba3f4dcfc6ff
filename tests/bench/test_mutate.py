#!/usr/bin/env python3
"""scripts/mutate: what it changes and what it leaves alone; and that its list of equivalents speaks of lines that are there."""
import contextlib
import importlib.machinery
import importlib.util
import io
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("mutate", str(ROOT / "scripts/mutate"))
mutate = importlib.util.module_from_spec(importlib.util.spec_from_loader("mutate", loader))
sys.modules["mutate"] = mutate
loader.exec_module(mutate)

SOURCE = """/* if (a < b) in a comment */
#include <a.h>
#define LIMIT 64
#define TWICE(x) ((x) * 2)
static const char text[] = "a < b && c == 2";
int f(int a, const char *b) {
    if (a < 3 && b)
        g(a);
    x->y = a * 2.5;
    return a;
}
"""


class Mutants(unittest.TestCase):
    def setUp(self):
        self.found = {(mutant.kind, mutant.new.strip()) for mutant in mutate.mutants_of("f.c", SOURCE)}

    def test_each_kind_is_made(self):
        for kind, line in (("comparison", "if (a <= 3 && b)"), ("logic", "if (a < 3 || b)"),
                           ("condition", "if (!(a < 3 && b))"), ("constant", "if (a < 4 && b)"), ("statement", ";"),
                           ("arithmetic", "x->y = a / 2.5;"), ("constant", "x->y = a * 3.75;"),
                           ("constant", "#define LIMIT 65")):
            self.assertIn((kind, line), self.found)

    def test_what_is_no_code_is_left_alone(self):
        changed = {mutant.line for mutant in mutate.mutants_of("f.c", SOURCE)}
        self.assertEqual(changed, {2, 6, 7, 8})

    def test_two_statements_are_left_out(self):
        left_out = [mutant.old.strip() for mutant in mutate.mutants_of("f.c", SOURCE) if mutant.kind == "statement"]
        self.assertEqual(left_out, ["g(a);", "x->y = a * 2.5;"])

    def test_the_draw_is_the_same_for_a_seed_and_begins_the_same(self):
        few, many = mutate.draw("stats", 20, "1"), mutate.draw("stats", 40, "1")
        self.assertEqual(few, many[:20])
        self.assertNotEqual(few, mutate.draw("stats", 20, "2"))
        self.assertEqual(len({mutant.kind for mutant in few}), 6)


class Fake:
    """A tree whose tests are these commands; those whose second word is true see times."""
    def __init__(self, *commands):
        self.tests = [mutate.Test(f"room/{number}", "target", [command], {}, "/", alone)
                      for number, (command, alone) in enumerate(commands)]

    def build_tests(self, rooms):
        pass

    def tests_of(self, rooms):
        return self.tests


class Start(unittest.TestCase):
    def test_who_sees_times_is_left_out_where_it_fails_anyway(self):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            tests = mutate.start_tests(Fake(("true", True), ("false", True), ("true", False)), ["room"])
        self.assertEqual([test.name for test in tests], ["room/0", "room/2"])
        self.assertIn("room/1 is left out", said.getvalue())

    def test_another_that_fails_without_a_fault_ends_it(self):
        with self.assertRaisesRegex(SystemExit, "room/1 fails without a fault"):
            mutate.start_tests(Fake(("true", False), ("false", False)), ["room"])


class Equivalents(unittest.TestCase):
    def test_blocks_are_read(self):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write("# about\n\na.c\n- x < 1\n+ x <= 1\nwhy\nand more\n\nb.c\n- y\n+ z\nso\n")
            file.flush()
            self.assertEqual(mutate.read_equivalents(Path(file.name)),
                             {("a.c", "x < 1", "x <= 1"): "why and more", ("b.c", "y", "z"): "so"})

    def test_each_is_a_mutant_of_a_line_that_is_there(self):
        entries = mutate.read_equivalents()
        self.assertGreater(len(entries), 3)
        for path, old, new in entries:
            made = {mutant.key() for mutant in mutate.mutants_of(path, (ROOT / path).read_text(encoding="utf-8"))}
            self.assertIn((path, old, new), made)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
