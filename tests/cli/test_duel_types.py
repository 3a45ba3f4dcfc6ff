#!/usr/bin/python3 -B
"""Which function a duel of files is about: told by compilers and debug data, or by a prototype; and what is refused."""
import shutil
import subprocess

from program import SHORT, main
from test_duel_sources import SIZES, SUM, SUM_C, DuelSources


class Types(DuelSources):
    """Without a prototype: compilers and debug data tell the function."""

    def test_the_only_function_of_sources(self):
        files = [self.write(name, SUM_C.replace("uint64_t add", "static uint64_t add"), START="0") for name in ("a.c", "b.c")]
        run = self.run_for(0, "duel", *files, *SHORT, "--no-counters", *SIZES)
        self.assertEqual({c["case"] for c in run["comparisons"]}, {"f"})
        self.assertEqual({c["verified"] for c in run["comparisons"]}, {"yes"})

    def test_a_function_of_cxx_by_its_name(self):
        text = ("#include <cstddef>\nnamespace own { template <class T> T sum(const T *p, std::size_t n) {\n"
                "    T s = 0; for (std::size_t i = 0; i < n; i++) s += p[i]; return s; }\n"
                "template int sum<int>(const int *, std::size_t); int other(int x) { return x; } }\n")
        self.write("a.cpp", text)
        self.write("b.cpp", text.replace("s += p[i]", "s = s + p[i]"))
        run = self.run_for(0, "duel", "a.cpp", "b.cpp", "--function", "sum<int>", *SHORT, "--no-counters", *SIZES)
        self.assertEqual({(c["case"], c["verified"]) for c in run["comparisons"]}, {("sum-int", "yes")})

    def test_a_library_with_debug_data(self):
        self.write("l.c", SUM_C, START="0")
        for name in ("one", "two"):
            subprocess.run(["cc", "-O2", "-g", "-shared", "-fPIC", "-o", self.folder / f"{name}.so", self.folder / "l.c"],
                           check=True)
        run = self.run_for(0, "duel", "./one.so", "./two.so", "--function", "f", *SHORT, "--no-counters", "--sizes", "64")
        self.assertEqual((run["comparisons"][0]["case"], run["comparisons"][0]["verified"]), ("f", "yes"))
        subprocess.run(["strip", "-g", self.folder / "one.so", self.folder / "two.so"], check=True)
        shutil.rmtree(self.results)
        self.assert_refused("duel", "./one.so", "./two.so", parts=["none of the libraries has debug data", "--call"])

    def test_pointers_are_compared_as_offsets(self):
        find = ("char *f(const char *s, int c) {\n    while (*s && *s != c) s++;\n    return *s ? (char *)s + AT : 0;\n}\n")
        self.write("a.c", find, AT="0")
        options = ["--input", "c=range:97..122", "--sizes", "40", *SHORT, "--no-counters"]
        run = self.run_for(0, "duel", "a.c", self.write("b.c", "\n" + find, AT="0"), *options)
        self.assertEqual(run["comparisons"][0]["verified"], "yes")
        run = self.run_for(3, "duel", "a.c", self.write("c.c", find, AT="1"), *options)
        self.assertIn("result (offset)", self.reasons(run))
        other = self.write("d.c", "static char kept;\nchar *f(const char *s, int c) { kept = s[0] + c; return &kept; }\n")
        self.assertIn("a pointer into no argument", self.reasons(self.run_for(3, "duel", other, other, *options)))


    def test_enumerations(self):
        """Each enumerator is drawn and nothing else is: one that is none (STRAY) would differ, one branch alone (LAST) does."""
        text = """typedef enum { red = 3, green = 7, blue = -2 } color;
enum flag { F1 = 1, F2 = 2, F3 = 4, F4 = 0x80000000u };
struct pixel { char c; enum flag f; color pair[2]; };
static int one(enum flag f) { switch (f) { case F1: return 1; case F2: return 2; case F3: return 3; case F4: return LAST; } return STRAY; }
static int other(color c) { return c == red || c == green || c == blue ? c : STRAY; }
enum flag f(color c, const enum flag *p, struct pixel x, int n) {
    int s = other(c) + one(x.f) + other(x.pair[0]) + other(x.pair[1]);
    for (int i = 0; i < n; i++) s += one(p[i]);
    return (enum flag)s;
}
"""
        a, b, c = (self.write(name, text, LAST=last, STRAY=stray)
                   for name, last, stray in (("a.c", "4", "1000"), ("b.c", "4", "2000"), ("c.c", "5", "1000")))
        options = ["--sizes", "3", *SHORT, "--no-counters"]
        self.assertEqual(self.run_for(0, "duel", a, b, *options)["comparisons"][0]["verified"], "yes")
        self.assertIn("wrong answer from c: result[", self.reasons(self.run_for(3, "duel", a, c, *options)))
        self.run_for(0, "duel", a, c, *options, "--input", "p=range:1..2", "--input", "x.f=2")
        self.assertIn("wrong answer from b", self.reasons(self.run_for(3, "duel", a, b, *options, "--fix", "c=4")))
        self.write("d.c", text.replace("F3 = 4", "F3 = 8"), LAST="4", STRAY="1000")
        shutil.rmtree(self.results)
        self.assert_refused("duel", a, "d.c", "--function", "f", parts=["is another in a.c than in d.c"])

    def test_arrays_of_arrays(self):
        """Each has so many arrays as its length says, of which the last element counts as the first does."""
        text = """typedef double row[4];
struct turn { row m[4]; };
void f(const float from[][3], int n, float to[][3], const double by[2][2], const struct turn *t) {
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            to[i][k] = from[i][2 - k] + (float)(by[1][LAST] + t->m[3][LAST + 2]);
}
"""
        a, b, c = (self.write(name, comment + text, LAST=last)
                   for name, comment, last in (("a.c", "", "1"), ("b.c", "// again\n", "1"), ("c.c", "", "0")))
        options = ["--sizes", "3", *SHORT, "--no-counters"]
        self.assert_refused("duel", a, b, *options, "--length", "by=n", "--length", "by=0", parts=["--length"])
        options += ["--length", "by=2"]
        self.assertEqual(self.run_for(0, "duel", a, b, *options)["comparisons"][0]["verified"], "yes")
        self.assertIn("wrong answer from c: to (9 a call)[", self.reasons(self.run_for(3, "duel", a, c, *options)))
        self.write("d.c", text.replace("k < 3", "k < 2 + (i < n - 1)"), LAST="1")
        self.assertIn("wrong answer from d: to (9 a call)[8]", self.reasons(self.run_for(3, "duel", a, "d.c", *options)))
        square = "int f(const int (&a)[2][4]) { return a[1][AT]; }\n"
        a, b = (self.write(name, square, AT=at) for name, at in (("a.cpp", "3"), ("b.cpp", "2")))
        self.assertIn("wrong answer from b: result[", self.reasons(self.run_for(3, "duel", a, b, *SHORT, "--no-counters")))

    def test_enumerations_of_cxx(self):
        text = """#include <cstddef>
namespace own { enum class kind : unsigned char { first, second = 9, third = 200 };
kind most(kind k, const kind &r, const kind *p, std::size_t n) {
    for (std::size_t i = 0; i < n; i++) if (p[i] > k) k = p[i];
    switch (r) { case kind::first: case kind::second: return k; case kind::third: return kind::LAST; }
    return kind::STRAY;
} }
"""
        a, b, c = (self.write(name, text, LAST=last, STRAY=stray)
                   for name, last, stray in (("a.cpp", "second", "first"), ("b.cpp", "second", "second"), ("c.cpp", "first", "first")))
        options = ["--sizes", "3", *SHORT, "--no-counters"]
        self.assertEqual(self.run_for(0, "duel", a, b, *options)["comparisons"][0]["verified"], "yes")
        self.run_for(0, "duel", a, b, *options, "--inline")
        self.assertIn("wrong answer from c: result[", self.reasons(self.run_for(3, "duel", a, c, *options)))


class Refusals(DuelSources):
    def refuse(self, *arguments, parts):
        self.assert_refused("duel", *arguments, parts=parts)

    def test_signatures(self):
        files = self.sums()
        for call in ("", "f", "int f", "int f(", "int f(int)x", "int f(int a, int a)", "int f(char ***p, int n)",
                     "int f(struct s *p, int n)", "int f(const char *s, ...)", "uLong f(int x)",
                     "long double f(int x)", "int f(char p[][3], int n)", "unsigned float f(int x)", "int f(int &x)"):
            with self.subTest(call=call):
                self.refuse(*files, "--call", call, parts=["--call: "])
        self.refuse(*files, "--call", "int f(char ***p, int n)", parts=["p is a pointer to a pointer", "--setup"])
        self.refuse(*files, "--call", "int *f(int n)", parts=["takes no array that it could point into"])

    def test_no_function_in_common(self):
        files = self.sums()
        self.refuse(*files, "--function", "g", parts=["define no function g in common", "add, f"])
        other = self.write("other.c", "double f(const float *p, unsigned n) { return p[0] + n; }\n")
        self.refuse("a.c", other, parts=["different types", "uint64_t f(const uint32_t *p, size_t n)",
                                         "double f(const float *p, unsigned int n)", "other.c"])
        self.refuse("a.c", self.write("g.c", "int g(int x) { return x; }\n"), parts=["no function in common", "a.c defines add, f"])
        several = self.write("several.c", SUM_C.replace("START", "0") + "\nint g(int x) { return x; }\n")
        self.refuse(several, several, parts=["name one of the 3 functions", "--function: ",
                                                 "uint64_t f(const uint32_t *p, size_t n); int g(int x)"])
        pointer = self.write("pointer.c", "struct s { int *x; };\nint f(struct s *p) { return *p->x; }\n")
        self.refuse(pointer, pointer, parts=["p is a pointer to a structure (s)", "--setup"])
        self.refuse(self.write("empty.c", "int x;\n"), "empty.c", parts=["no function in common", "empty.c defines none"])

    def test_arguments(self):
        files = self.sums()
        for options, part in ((["--sizes", "0"], "--sizes"), (["--sizes", "x"], "--sizes"), (["--input", "p=odd"], "uniform"),
                              (["--input", "q=zeros"], "no parameter named 'q'"), (["--fix", "n=1"], "--sizes"),
                              (["--fix", "p=1"], "an array"), (["--in-out", "p"], "written"), (["--length", "p=m"], "--length"),
                              (["--input", "p=file:nowhere"], "nowhere"), (["--batch", "0"], "--batch"),
                              (["--input", "p=range:5..1"], "range"), (["--input", "p=small:-1"], "small"),
                              (["--tolerance", "2"], "--tolerance"), (["--cflags-c", "-O1"], "only 2 files"),
                              (["--budget", "never"], "--budget"), (["--nonsense"], "nonsense")):
            with self.subTest(options=options):
                self.refuse(*files, "--call", SUM, *options, parts=[part])
        self.refuse(*files, "--call", "void f(const int *p, size_t n)", parts=["no answer to compare"])
        self.refuse(*files, "--call", "int f(const int *p)", parts=["--length p="])
        self.refuse(*files, "--call", "int f(const int *p, uint8_t n)", "--sizes", "256", parts=["cannot be 256"])

    def test_files(self):
        files = self.sums()
        self.write("text.txt", "text")
        self.refuse("a.c", "--call", SUM, parts=["expected 2 to 8 files"])
        self.refuse("a.c", "nowhere.c", "--call", SUM, parts=["nowhere.c: No such file"])
        self.refuse("a.c", "text.txt", "--call", SUM, parts=["text.txt: expected a C or C++ source"])
        self.refuse("a.c", ".", "--call", SUM, parts=["expected a C or C++ source"])
        self.assertEqual(files, ["a.c", "b.c"])

    def test_other_signature_and_missing_function(self):
        self.sums()
        result = self.run_program("duel", "a.c", "b.c", "--call", "uint32_t f(const uint32_t *p, size_t n)", *SHORT)
        self.assertEqual(result.returncode, 2)
        self.assertIn("cannot compile", result.stderr.splitlines()[0])
        self.assertIn("incompatible", result.stderr)

    def test_missing_function(self):
        self.sums()
        static = self.write("static.c", "static int g(int x) { return x; }\nint (*use(void))(int) { return g; }\n")
        self.refuse("a.c", "b.c", "--call", "uint64_t ad(const uint32_t *p, size_t n)",
                    parts=["/a.c: does not define ad, which --call names; it defines add, f."])
        self.refuse("a.c", static, "--call", SUM, parts=["/static.c: does not define f,", "g, use"])
        declared = self.write("declared.c", "#include <stddef.h>\n#include <stdint.h>\n" + SUM + ";\n")
        self.refuse("a.c", declared, "--call", SUM, parts=["/declared.c: declares but does not define f,", "no function"])
        kept = self.write("own.cpp", "namespace own { int f(int x) { return x; } }\n")
        self.refuse(kept, kept, "--call", "int f(int x)", parts=["/own.cpp: does not define f,", "it defines own::f"])
        # Errors of its own come first, and from the compiler.
        self.write("broken.c", "int g(int x) { return y; }\n")
        result = self.run_program("duel", "a.c", "broken.c", "--call", SUM, *SHORT)
        self.assertEqual(result.returncode, 2)
        self.assertIn("broken.c:1:", result.stderr)


if __name__ == "__main__":
    main()
