#!/usr/bin/python3 -B
"""A setup out of two sources as they are: new --from OLD NEW."""
import json

from program import QUICK_FLAGS, SHORT, ProgramTest, main

# Names that the setup needs itself are taken here, and a helper is another in each file.
PLAIN = """#include <stddef.h>
#include <stdint.h>
#include "types.h"
static int helper(int x) { return x + OFFSET - OFFSET; }
struct state { int x; };
int make(int x) { return helper(x); }
void call(struct state *s) { s->x = 0; }
uint64_t total(const uint32_t *p, size_t n) { uint64_t s = 0; for (size_t i = FIRST; i < n; i++) s += p[i]; return s; }
void advance(struct body *b) { b->mass += STEP; b->v[2] += b->v[0]; b->count++; }
char *find(const char *s, int c) { while (*s && *s != c) s++; return *s ? (char *)s : NULL; }
int walk(const struct node *list) { return list ? list->value : -1; }
int print(const char *format, ...) { return *format; }
"""
TYPES = """struct body { double mass; double v[3]; int count; };
struct node { struct node *next; int value; };
"""
CXX = """#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>
#include "types.hpp"
namespace own {
struct state { int a; };
uint64_t total(const std::vector<uint32_t> &v) { uint64_t s = 0; for (auto x : v) s += x; return s; }
uint64_t total(const std::vector<uint8_t> &v) { uint64_t s = 0; for (auto x : v) s += x; return s; }
void bump(std::vector<int> &v) { for (auto &x : v) x = x / 2 + STEP; }
double mixed(std::span<const double> s, const std::vector<std::string> &w, state *t, kind k) {
    return (s.empty() ? 0 : s[0]) + (double)w.size() + t->a++ + (k == kind::second);
}
int sealed(closed &c, const std::map<int, int> &m) { c.set(c.get() + (int)m.size()); return c.get(); }
void hidden(closed &c) { c.set(c.get() + 1); }
int only(needy n) { return n.x; }
}
"""
CXX_TYPES = """#pragma once
enum class kind { first, second };
class closed { int secret = 0; public: int get() const { return secret; } void set(int x) { secret = x; } };
struct needy { int x; needy(int y) : x(y) {} };
"""


# What is left out (LESS) is another answer.
GIVEN = """#include <stddef.h>
#include <stdint.h>
#include <string.h>
static void swap(char *a, char *b, size_t size) { while (size--) { char kept = *a; *a++ = *b; *b++ = kept; } }
void sort(void *base, size_t nmemb, size_t size, int (*compar)(const void *, const void *)) {
    char *p = (char *)base;
    for (size_t i = 1 + LESS; i < nmemb; i++)
        for (size_t j = i; j > 0 && compar(p + (j - 1) * size, p + j * size) > 0; j--)
            swap(p + (j - 1) * size, p + j * size, size);
}
void *find(const void *key, const void *base, size_t nmemb, size_t size, int (*compar)(const void *, const void *)) {
    const char *p = (const char *)base;
    size_t low = 0, high = nmemb;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compar(p + middle * size, key) < LESS) low = middle + 1; else high = middle;
    }
    return (char *)p + low * size;
}
void each(const int *p, size_t n, void (*visit)(int value, void *context), void *context) {
    for (size_t i = LESS; i < n; i++) visit(p[i], context);
}
void order(char **words, size_t n) {
    for (size_t i = 1 + LESS; i < n; i++)
        for (size_t j = i; j > 0 && strcmp(words[j - 1], words[j]) > 0; j--) {
            char *kept = words[j]; words[j] = words[j - 1]; words[j - 1] = kept;
        }
}
size_t letters(const char *const *words, int n) { size_t s = LESS; for (int i = 0; i < n; i++) s += strlen(words[i]); return s; }
void scale(float **m, int rows, int cols, float k) {
    for (int i = LESS; i < rows; i++) for (int j = 0; j < cols; j++) m[i][j] *= k;
}
struct point { int x; double w; };
double weight(struct point *const *p, size_t n) { double s = LESS; for (size_t i = 0; i < n; i++) s += p[i]->w + p[i]->x; return s; }
"""


class NewSources(ProgramTest):
    def setUp(self):
        super().setUp()
        for name in ("CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS", "OBJCOPY"):
            self.environment.pop(name, None)
        self.environment.update(QUICK_FLAGS, XDG_CACHE_HOME=str(self.folder / "cache"))

    def write(self, name, text, **words):
        for word, value in words.items():
            text = text.replace(word, value)
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="ascii")
        return name

    def plain(self, **words):
        """Each file's header lies beside it."""
        self.write("old/types.h", TYPES)
        self.write("new/types.h", TYPES)
        right = {"OFFSET": "1", "FIRST": "0", "STEP": "1"}
        return [self.write("old/f.c", PLAIN, **right), self.write("new/f.c", PLAIN, **{**right, "OFFSET": "2", **words})]

    def cxx(self, **words):
        self.write("types.hpp", CXX_TYPES)
        return [self.write("a.cpp", CXX, STEP="1"), self.write("b.cpp", CXX, **{"STEP": "1", **words})]

    def new(self, files, *options):
        out = self.run_well("new", "--from", *files, *options).stdout
        self.assert_tidy()
        return out

    def duel(self, status, told):
        """As the last line says it."""
        words = told.splitlines()[-1].split()
        self.assertEqual(words[:3], ["next:", "countersign", "duel"])
        sizes = [] if any(word.startswith("--sizes=") for word in words) else ["--sizes", "16"]
        result = self.run_program(*words[2:], *sizes, *SHORT, "--format", "json")
        self.assertEqual(result.returncode, status, result.stdout[-300:] + result.stderr)
        return json.loads(result.stdout)["comparisons"][0]

    def read(self, name):
        return (self.folder / name).read_text(encoding="ascii")

    def test_numbers_in_c(self):
        told = self.new(self.plain(), "--function", "total")
        self.assertEqual(told, "./total-setup.c\nnext: countersign duel old/f.c new/f.c --setup total-setup.c\n")
        right = self.duel(0, told)
        self.assertEqual((right["case"], right["verified"], right["item"]), ("total-setup", "yes", "item"))
        self.plain(FIRST="1")
        self.assertIn("wrong answer from new: answer of call[0]", self.duel(3, told)["reason"])

    def test_callbacks_and_rows_give_a_verdict_at_once(self):
        for end, functions in (("c", ("sort", "find", "each", "order", "letters", "scale", "weight")),
                               ("cpp", ("sort", "scale"))):
            for function in functions:
                with self.subTest(function=function, end=end):
                    files = [self.write(f"old/g.{end}", GIVEN, LESS="0"), self.write(f"new/g.{end}", GIVEN, LESS="0 + 0")]
                    told = self.new(files, "--function", function)
                    self.assertNotIn("to do:", told)
                    self.assertEqual(self.duel(0, told)["verified"], "yes")
                    self.write(f"new/g.{end}", GIVEN, LESS="1")
                    self.assertEqual(self.duel(3, told)["verified"], "wrong")
        text = self.read("sort-setup.c")
        self.assertIn("/* What compar is: it orders by uint64_t. Put your own here. */\nstatic int32_t own_callback_compar(", text)
        self.assertIn("--setup scale-setup.c --sizes=16,100", self.read("scale-setup.c"))

    def test_structure_by_pointer(self):
        told = self.new(self.plain(), "body", "--function", "advance")
        self.assertIn("--setup body.c --sizes=1\n", told)
        self.assertEqual(self.duel(0, told)["verified"], "yes")
        text = self.read("body.c")
        for part in ("s->b.mass = (double)", "((double *)&s->b.v)[k] = ", "s->b = s->b_made;",
                     "memcmp(&a->b.count, &b->b.count, sizeof a->b.count)"):
            self.assertIn(part, text)

    def test_what_is_left_to_do(self):
        told = self.new(self.plain(), "--function", "walk")
        self.assertIn("  to do: list (const struct node *) starts zero or empty: fill it\n", told)
        self.assertIn("/* list starts zero or empty: fill it. */", self.read("walk-setup.c"))
        self.new(self.plain(), "--function", "find", "--quiet")
        self.assertIn("(const char *)s->result - (const char *)s->s", self.read("find-setup.c"))

    def test_vectors(self):
        told = self.new(self.cxx(STEP="2"), "--function", "bump")
        self.assertIn("wrong answer from b", self.duel(3, told)["reason"])
        self.cxx()
        self.assertEqual(self.duel(0, told)["verified"], "yes")

    def test_overloads_and_namespaces(self):
        files = self.cxx()
        result = self.run_program("new", "--from", *files, "--function", "total")
        self.assert_error(result, 2, "--function: uint64_t own::total(const std::vector<unsigned char> &v); uint64_t own::total")
        self.new(files, "--function", "own::total(const std::vector<unsigned char>&)", "--quiet")
        text = self.read("total-setup.cpp")
        self.assertIn("    std::vector<unsigned char> v;\n", text)
        self.assertIn("::own::total(s->v)", text)

    def test_other_types_of_cxx(self):
        told = self.new(self.cxx(), "--function", "mixed", "--header", "<map>", "--header", "types.hpp")
        self.assertIn("to do: k (kind) is 0: draw one of its values\n", told)
        text = self.read("mixed-setup.cpp")
        for part in ("#include <map>\n#include \"types.hpp\"\n", "std::vector<double> s;", "std::vector<std::string> w;",
                     "own::state t;\n    own::state t_made;", "struct own_state {", "s->t.a = (int32_t)", "s->t = s->t_made;"):
            self.assertIn(part, text)
        self.assertNotIn("s_made", text)
        self.assertIn("c (closed &) starts zero or empty, and is not compared", self.new(self.cxx(), "--function", "sealed"))

    def test_nothing_to_compare_is_no_equal_answer(self):
        self.new(self.cxx(), "--function", "hidden", "--quiet")
        self.assertIn("return false; /* not told yet", self.read("hidden-setup.cpp"))

    def test_refusals(self):
        files = self.plain()
        before = self.made()
        for parts, *options in (
                (["one of the 7 functions", "--function: void advance(struct body *b); void call("],),
                (["print: it takes any number of arguments", "by hand"], "--function", "print"),
                (["define no function absent in common"], "--function", "absent"),
                (["--header: none.h", "beside the sources"], "--function", "total", "--header", "none.h"),
                (["a name of a-z"], "Total.c", "--function", "total"),
                (["--cflags: a quote"], "--function", "total", "--cflags", "'")):
            self.assert_refused("new", "--from", *files, *options, parts=parts)
        self.assert_refused("new", "--from", files[0], parts=["another source", "got 0"])
        self.assert_refused("new", "x", "--function", "total", parts=["--function is for two sources"])
        self.assertEqual(self.made(), before)

    def test_what_does_not_compile_is_not_left_there(self):
        files = self.cxx()
        before = self.made()
        result = self.run_program("new", "--from", *files, "--function", "only")
        self.assertEqual(result.returncode, 2)
        self.assertIn("only-setup.cpp, included behind a.cpp, does not compile", result.stderr)
        self.assertEqual(self.made(), before)

    def test_what_is_there_is_left_alone(self):
        files = self.plain()
        self.write("total-setup.c", "mine")
        self.assert_refused("new", "--from", *files, "--function", "total", parts=["total-setup.c is there already"])
        self.assertEqual(self.read("total-setup.c"), "mine")

    def made(self):
        return sorted(str(path) for path in self.folder.iterdir() if path.name != "cache")  # what is kept is no answer


if __name__ == "__main__":
    main()
