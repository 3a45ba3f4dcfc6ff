#!/usr/bin/python3 -B
"""Functions with a setup of the user's own: states that no types tell how to make."""
import json
import re

from program import QUICK_FLAGS, SHORT, ProgramTest, main

VECTOR = """#include <cstddef>
#include <cstdint>
#include <vector>
namespace own { uint64_t total(const std::vector<uint32_t> &v) {
    uint64_t sum = 0;
    for (std::size_t i = FIRST; i < v.size(); i++) sum += v[i];
    return sum;
} }
"""
VECTOR_SETUP = """struct state { std::vector<uint32_t> numbers; uint64_t sum; };
state *make(uint64_t seed, size_t n) {
    state *s = new state{std::vector<uint32_t>(n), 0};
    for (auto &number : s->numbers) number = (uint32_t)((seed = seed * 6364136223846793005u + 1) >> 32);
    return s;
}
void call(state &s) { s.sum = own::total(s.numbers); }
bool compare(const state *a, const state *b) { return a->sum == b->sum; }
void reset(state *s) { s->sum = 0; }
size_t items(const state *s) { return s->numbers.size(); }
"""
# In place: a state that is called twice has another answer. What make sets is the file's own, in each copy of its code.
ADD = """#include <stddef.h>
static int step;
void add(int *p, size_t n) { for (size_t i = 0; i < n; i++) p[i] += step; }
"""
ADD_SETUP = """#include <stdint.h>
#include <stdlib.h>
#include <string.h>
struct list { size_t n; int *p; };
struct list *make(uint64_t seed, size_t n) {
    struct list *s = malloc(sizeof *s);
    step = 1, s->n = n, s->p = malloc(n * sizeof *s->p);
    for (size_t i = 0; i < n; i++) s->p[i] = (int)((SEED) >> i % 32);
    return s;
}
void call(struct list *s) { add(s->p, s->n); }
int compare(const struct list *a, const struct list *b) { return !memcmp(a->p, b->p, a->n * sizeof *a->p); }
void destroy(struct list *s) { free(s->p); free(s); }
"""


class DuelSetup(ProgramTest):
    def setUp(self):
        super().setUp()
        for name in ("CC", "CXX", "LDFLAGS", "OBJCOPY"):
            self.environment.pop(name, None)
        self.environment.update(QUICK_FLAGS, XDG_CACHE_HOME=str(self.folder / "cache"))

    def write(self, name, text, **words):
        for word, value in words.items():
            text = text.replace(word, value)
        (self.folder / name).write_text(text, encoding="ascii")
        return name

    def duel(self, status, *arguments):
        result = self.run_program("duel", "--sizes", "16", *arguments, *SHORT, "--format", "json")
        self.assertEqual(result.returncode, status, result.stdout[-300:] + result.stderr)
        self.assert_tidy()
        return json.loads(result.stdout), result.stderr

    def adds(self, **words):
        self.write("b.c", ADD.replace("p[i] += step", "p[i] = step + p[i]"))
        return [self.write("a.c", ADD), "b.c", "--setup", self.write("s.c", ADD_SETUP, **words)]

    def test_vectors(self):
        for name, first in (("a.cpp", "0"), ("b.cpp", "0 "), ("c.cpp", "1")):
            self.write(name, VECTOR, FIRST=first)
        run, err = self.duel(3, "a.cpp", "b.cpp", "c.cpp", "--setup", self.write("sums.cpp", VECTOR_SETUP))
        right, wrong = run["comparisons"]
        self.assertEqual((right["case"], right["candidate"], right["verified"]), ("sums", "b", "yes"))
        self.assertIn("wrong answer from c: call[0]", wrong["reason"])
        self.assertEqual((right["identical_code"], wrong["identical_code"]), (True, False))
        self.assertEqual(right["item"], "item")
        self.assertNotIn("made anew", err)

    def test_in_place_in_c_by_one_seed(self):
        """Without a reset, each run has states made anew, which nothing may count; that the seed is ignored is said."""
        files = self.adds(SEED="n")
        text = (self.folder / "s.c").read_text(encoding="ascii")
        self.write("s.c", re.sub("int compare.*", "long answer(const struct list *s) { return s->p[s->n - 1]; }", text))
        run, err = self.duel(0, *files, "--keep", "kept")
        self.assertEqual([c["verified"] for c in run["comparisons"]], ["yes"])
        self.assertIn("note: nothing is counted or simulated, since states are made anew before each run", err)
        self.assertFalse(run["settings"]["counters"])
        self.assertTrue((self.folder / "kept" / "kernel.c").exists())
        table = self.run_well("show", *self.results.glob("*.json")).stdout
        self.assertIn("answers are equal for all seeds: make ignores its seed", " ".join(table.split()))

    def test_a_reset_that_leaves_the_work_done(self):
        """Sorting what is sorted: no comparison of answers tells, but the harness does."""
        sort = ("#include <stddef.h>\nvoid add(int *p, size_t n) {\n    for (size_t swaps = 1; swaps;)\n"
                "        for (size_t i = swaps = 0; i + 1 < n; i++)\n"
                "            if (p[i] > p[i + 1]) { int t = p[i]; p[i] = p[i + 1]; p[i + 1] = t; swaps++; }\n}\n")
        self.write("a.c", sort)
        self.write("b.c", "\n" + sort)
        setup = ADD_SETUP.replace("step = 1, ", "").replace("(SEED) >> i % 32", "(seed ^ i) * 2654435761u")
        setup = setup.replace("int compare", "void reset(struct list *s) { (void)s; }\nint compare")
        run, _ = self.duel(3, "a.c", "b.c", "--setup", self.write("s.c", setup), "--sizes", "48", "--batch", "16")
        self.assertIn("does less where its last answer is still there", run["comparisons"][0]["reason"])

    def test_inputs_that_no_seed_tells(self):
        run, _ = self.duel(3, *self.adds(SEED="(uint64_t)rand() * 2654435761u"))
        self.assertIn("answers are not repeatable", run["comparisons"][0]["reason"])

    def test_one_state_for_all(self):
        files = self.adds(SEED="seed")
        text = (self.folder / "s.c").read_text(encoding="ascii")
        self.write("s.c", text.replace("= malloc(sizeof *s)", "= &one").replace("free(s);", "")
                   .replace("struct list *make", "static struct list one;\nstruct list *make"))
        run, _ = self.duel(3, *files)
        self.assertIn("make returned the same state twice", run["comparisons"][0]["reason"])

    def test_answers_in_place_of_compare(self):
        """States differ with the files; what answer returns does not. Places and values are told, and a tolerance holds."""
        self.write("one.cpp", "#include <vector>\nusing number = double;\ndouble more();\n"
                              "void half(std::vector<number> &v) { for (auto &x : v) x = x * more(); }\n")
        self.write("two.cpp", "#include <vector>\nusing number = float;\nfloat more();\n"
                              "void half(std::vector<number> &v) { for (auto &x : v) x = x * more(); }\n")
        (self.folder / "sub").mkdir()
        self.write("more.cpp", "double more() { return 0.3; }\n")
        self.write("sub/more.cpp", "float more() { return 0.3f; }\n")
        (self.folder / "two.cpp").rename(self.folder / "sub" / "one.cpp")
        setup = ("struct state { number first; std::vector<number> v; };\n"
                 "state *make(uint64_t seed, size_t n) { return new state{number(seed % 4 + 1), std::vector<number>(n)}; }\n"
                 "void call(state *s) { s->v.assign(s->v.size(), s->first); half(s->v); }\n"
                 "std::vector<double> answer(const state &s) { return {s.v.begin(), s.v.end()}; }\nvoid reset(state *) {}\n")
        files = ["one.cpp", "sub/one.cpp", "--also", "more.cpp", "--setup", self.write("s.cpp", setup), "--no-counters"]
        run, _ = self.duel(3, *files)
        self.assertIn("wrong answer from sub: answer[0] of call[0]: got ", run["comparisons"][0]["reason"])
        run, _ = self.duel(0, *files, "--tolerance", "1e-6")
        self.assertEqual(run["comparisons"][0]["verified"], "yes")

    def refuse(self, setup, *parts, files=("a.c", "b.c"), name="s.c", options=()):
        self.write(name, setup)
        self.assert_refused("duel", *files, "--setup", name, *options, parts=["--setup", *parts])

    def test_refusals(self):
        self.adds(SEED="seed")
        setup = ADD_SETUP.replace("SEED", "seed")
        self.refuse(setup.replace("int compare", "int equals"), "s.c defines no function compare; expected ",
                    "struct list *make(uint64_t seed, size_t n), void call(struct list *s), bool compare(const struct list *a, ")
        self.refuse(setup.replace("void call(struct list *s) { add", "int call(struct list *s) { return 1; add"),
                    "s.c: expected void call(struct list *s), got int call(struct list *s)")
        self.refuse(setup.replace("make(uint64_t seed, size_t n) {", "make(size_t n) { uint64_t seed = 0;"),
                    "s.c: expected state *make(uint64_t seed, size_t n), got struct list *make(size_t n)")
        self.refuse("struct handle; struct handle *make(unsigned long seed, unsigned long n) { return 0; }\n"
                    "void call(struct handle *s) { (void)s; }\n"
                    "_Bool compare(const struct handle *a, const struct handle *b) { return a != b; }\n",
                    "declared only, so that a function destroy is needed")
        self.refuse(setup + "long answer(const struct list *s) { return s->p[0]; }\n", "defines both compare and answer")
        self.refuse(VECTOR_SETUP, "s.cpp is C++ and a.c is C", name="s.cpp")
        self.refuse("", "expected a C or C++ source", name="s.txt")
        self.refuse(setup, "--input", options=("--input", "n=zeros"))
        self.assert_refused("duel", "a.c", "b.c", "--setup", "s.c", "--tolerance", "1e-6", parts=["--tolerance: "])
        self.assert_refused("duel", "a.c", "b.c", "--setup", "none.c", parts=["--setup: none.c: No such file"])
        result = self.run_program("duel", "a.c", "b.c", "--setup", self.write("broken.c", "no C"))
        self.assertEqual(result.returncode, 2)
        self.assertIn("broken.c:1:", result.stderr)
        self.assertIn("broken.c, included behind a.c, does not compile", result.stderr)


if __name__ == "__main__":
    main()
