#!/usr/bin/python3 -B
"""Functions of two files or two libraries against each other, with inputs made from their prototype."""
import ctypes.util
import json
import os
import pathlib
import shutil
import subprocess

from program import QUICK_FLAGS, SANITIZED, SHORT, ProgramTest, main

SUM = "uint64_t f(const uint32_t *p, size_t n)"
SUM_C = """#include <stddef.h>
#include <stdint.h>
uint64_t calls;
uint64_t add(uint64_t sum, uint32_t value) { calls++; return sum + value; }
uint64_t f(const uint32_t *p, size_t n) {
    uint64_t sum = START;
    for (size_t i = 0; i < n; i++)
        sum = add(sum, p[i]);
    return sum;
}
"""
COPY = "void f(const uint8_t *from, uint8_t *to, size_t n)"
COPY_C = """#include <stddef.h>
#include <stdint.h>
void f(const uint8_t *from, uint8_t *to, size_t n) {
    for (size_t i = 0; i < n; i++)
        to[i] = from[i];
    BEHIND;
}
"""
SIZES = ["--sizes", "16,100"]


class DuelSources(ProgramTest):
    def setUp(self):
        super().setUp()
        for name in ("CC", "CXX", "LDFLAGS", "OBJCOPY"):
            self.environment.pop(name, None)
        self.environment.update(QUICK_FLAGS, XDG_CACHE_HOME=str(self.folder / "cache"))

    def write(self, name, text, **words):
        for word, value in words.items():
            text = text.replace(word, value)
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
        return name

    def sums(self, second="0"):
        return [self.write("a.c", SUM_C, START="0"), self.write("b.c", SUM_C, START=second)]

    def duel(self, files, call, *options, status=0):
        arguments = ["duel", *files, "--call", call, *SHORT, "--no-counters", *options]
        return self.run_for(status, *arguments)

    def run_for(self, status, *arguments):
        result = self.run_program(*arguments, "--format", "json")
        self.assertEqual(result.returncode, status, result.stdout[-300:] + result.stderr)
        self.assert_tidy()
        return json.loads(result.stdout)

    def library(self, name, text, soname="libsame.so.1"):
        self.write(f"{name}.c", text)
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", f"-Wl,-soname,{soname}", "-o", self.folder / f"{name}.so",
                        self.folder / f"{name}.c"], check=True)
        return f"./{name}.so"

    def reasons(self, run):
        return " ".join(comparison.get("reason") or "" for comparison in run["comparisons"])


class Sources(DuelSources):
    def test_right_pair(self):
        run = self.duel(self.sums(), SUM, *SIZES)
        self.assertEqual([(c["case"], c["baseline"], c["candidate"], c["verified"]) for c in run["comparisons"]],
                         [("f", "a", "b", "yes")] * 2)
        self.assertEqual([c["point"]["n"]["value"] for c in run["comparisons"]], [16, 100])
        self.assertIn("countersign duel a.c b.c --call", run["command"])

    def test_wrong_answer(self):
        run = self.duel(self.sums("1"), SUM, *SIZES, status=3)
        self.assertIn("wrong answer from b: result[0]: got ", self.reasons(run))

    def test_past_the_end(self):
        files = [self.write("a.c", COPY_C, BEHIND=""), self.write("b.c", COPY_C, BEHIND="to[n] = 1")]
        run = self.duel(files, COPY, *SIZES, status=3)
        self.assertIn("from b: wrote past the end of to: to[16]: got byte 0x01, expected nothing written there",
                      self.reasons(run))

    def test_before_the_start(self):
        files = [self.write("a.c", COPY_C, BEHIND=""), self.write("b.c", COPY_C, BEHIND="to[-1] = 1")]
        self.assertIn("wrote before the start of to", self.reasons(self.duel(files, COPY, *SIZES, status=3)))

    def test_const_is_held(self):
        files = [self.write("a.c", COPY_C, BEHIND=""), self.write("b.c", COPY_C, BEHIND="((uint8_t *)from)[3] ^= 1")]
        run = self.duel(files, COPY, "--sizes", "16", status=3)
        self.assertIn("wrote to from, which is const: from[3]", self.reasons(run))

    def test_another_answer_when_run_again(self):
        counting = "#include <stddef.h>\nstatic long calls;\nlong f(const int *p, size_t n) { return p[n - 1] + ++calls; }\n"
        files = [self.write("a.c", counting), self.write("b.c", counting)]
        run = self.duel(files, "long f(const int *p, size_t n)", "--sizes", "16", status=3)
        self.assertIn("another answer when run again", self.reasons(run))

    def test_advice_that_works(self):
        """What is declared as an output may be read, too, be one value, or be as long as the text that it is a copy of."""
        add = "#include <stddef.h>\nvoid f(size_t n, const int *x, int *y) { for (size_t i = 0; i < n; i++) y[i] += x[i]; }\n"
        least = "#include <stddef.h>\nint f(const int *p, size_t n, int *low) {\n" \
            "    *low = p[0]; for (size_t i = 1; i < n; i++) if (p[i] < *low) *low = p[i]; return 0; }\n"
        fresh = "#include <string.h>\nchar *f(const char *s) { return strdup(s); }\n"
        copy = "char *f(char *to, const char *from) { char *p = to; while ((*p++ = *from++)) {} return to; }\n"
        for text, advice, cure in ((add, "duel's --in-out NAME", ["--in-out", "y"]), (least, "--length low=1", ["--length", "low=1"]),
                                   (fresh, "`countersign new --from` begins one", None), (copy, None, [])):
            with self.subTest(advice=advice):
                files = [self.write("a.c", text), self.write("b.c", text + "\n")]
                if advice:
                    run = self.run_for(3, "duel", *files, *SHORT, *SIZES, "--no-counters")
                    self.assertIn(advice, self.reasons(run))
                if cure is not None:
                    run = self.run_for(0, "duel", *files, *SHORT, *SIZES, "--no-counters", *cure)
                    self.assertEqual(run["comparisons"][0]["verified"], "yes")
        other = copy.replace("*from++", "(*from ? 'x' : 0), *from++")
        run = self.run_for(3, "duel", self.write("a.c", copy), self.write("b.c", other), *SHORT, *SIZES, "--no-counters")
        self.assertNotIn("--in-out", self.reasons(run))

    def test_what_no_inputs_are_made_for_is_begun_by_new(self):
        text = "union u { int i; float f; };\nint f(const union u *p) { return p->i; }\nint g(int x) { return x; }\n"
        files = [self.write("a.c", text), self.write("b.c", text)]
        result = self.run_program("duel", *files, "--function", "f")
        self.assert_error(result, 2, "p is a pointer to a union (u)")
        self.assertRegex(result.stderr, r"this writes one: countersign new --from \S*a\.c \S*b\.c --function f\n")
        none = self.write("n.cpp", "inline int f(int x) { return x; }\n")
        self.assert_refused("duel", none, none, parts=["--inline --call PROTOTYPE"])
        self.assert_refused("duel", *[self.write(n, "void f(const int *p, int *q, int w, int h) { q[w + h] = p[0]; }\n")
                                      for n in ("c.c", "d.c")], parts=["--fix w=64 --fix h=64 --length "])

    PARALLEL = """#include <stddef.h>\n#include <stdint.h>\nuint64_t f(const uint32_t *p, size_t n) {
    uint64_t sum = 0;
    #pragma omp parallel for reduction(+ : sum)
    for (size_t i = 0; i < n; i++) sum += p[i];
    return sum; }\n"""

    def test_threads(self):
        """An OpenMP function gets as many as are asked for, and none unasked."""
        serial = self.write("serial.c", self.PARALLEL.replace("#pragma omp", "// "))
        parallel = self.write("parallel.c", self.PARALLEL)
        options = ["--sizes", "65536", "--cflags=-fopenmp", "--ldflags=-fopenmp"]
        call = "uint64_t f(const uint32_t *p, size_t n)"
        alone = self.duel([serial, parallel], call, *options, status=3)
        self.assertIn("not CS_PARALLEL (duel: --threads N)", self.reasons(alone))
        if len(os.sched_getaffinity(0)) < 2:
            self.skipTest("needs two CPUs")
        together = self.duel([serial, parallel], call, *options, "--threads", "2")
        self.assertEqual(together["comparisons"][0]["point"]["threads"]["value"], 2)
        self.assertEqual(len(together["measurements"][0]["replicates"][0]["threads"]), 2)

    def test_flags(self):
        self.sums()
        run = self.duel(["a.c", "a.c"], SUM, "--sizes", "16", "--cflags-b", "-O0 -DX='a b'")
        self.assertEqual((run["comparisons"][0]["baseline"], run["comparisons"][0]["candidate"]), ("a-a", "a-b"))
        self.assertIn("; a-b: -O0 '-DX=a b'", run["measurements"][0]["build"]["flags"])

    def test_what_is_generated_compiles_without_warnings(self):
        self.environment["CFLAGS"] = "-O2 -Wall -Wextra -Werror"
        call = "int f(const short *p, float x, int n)"
        files = [self.write(name, call + " { return p[n - 1] + (x > 2); }\n") for name in ("a.c", "b.c")]
        self.duel(files, call, "--sizes", "16")

    def test_in_place(self):
        sort = """#include <stdlib.h>
static int compare(const void *a, const void *b) { return (*(short *)a > *(short *)b) - (*(short *)a < *(short *)b); }
void f(short *p, int n) { qsort(p, n, sizeof *p, compare); }
"""
        insertion = """void f(short *p, int n) {
    for (int i = 1; i < n; i++)
        for (int j = i; j > 0 && p[j - 1] > p[j]; j--) { short swap = p[j]; p[j] = p[j - 1]; p[j - 1] = swap; }
}
"""
        run = self.duel([self.write("a.c", sort), self.write("b.c", insertion)], "void f(short *p, int n)", "--sizes", "33")
        self.assertEqual(run["comparisons"][0]["verified"], "yes")

    def test_tolerance(self):
        call, text = "float f(const float *x, const double *y, size_t n)", """#include <stddef.h>
float f(const float *x, const double *y, size_t n) {
    float sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * (float)y[i];
    return sum * FACTOR;
}
"""
        files = [self.write("a.c", text, FACTOR="1"), self.write("b.c", text, FACTOR="1.0001f")]
        self.assertIn("wrong answer from b", self.reasons(self.duel(files, call, "--sizes", "64", status=3)))
        self.duel(files, call, "--sizes", "64", "--tolerance", "1e-3")

    def test_scalars_alone(self):
        text = "#include <stdint.h>\nint f(uint64_t x, int64_t y, double z, _Bool w) { return (int)(x * y) + w + (z < 1); }\n"
        files = [self.write("a.c", text), self.write("b.c", text)]
        run = self.duel(files, "int f(uint64_t x, int64_t y, double z, bool w)", "--input", "y=small:7", "--batch", "10")
        self.assertEqual(run["comparisons"][0]["verified"], "yes")
        self.assertEqual(run["comparisons"][0]["item"], "call")

    def test_inputs(self):
        check = """#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
int f(const int16_t *s, const uint8_t *z, const double *r, const char *t, const char *d, int key, int8_t m, size_t n, long k) {
    for (size_t i = 0; i < n; i++) {
        if ((i && s[i - 1] > s[i]) || z[2 * i] || z[2 * i + 1] || r[i] < -2 || r[i] > 2.5 || t[i] < ' ' || t[i] > '~')
            abort();
        if (!strchr("xyz", d[i]))
            abort();
    }
    if (strlen(t) != n || key != -5 || m < 3 || m > 4 || k != 0)
        abort();
    return key;
}
"""
        self.write("data", "xyz")
        files = [self.write("a.c", check), self.write("b.c", check)]
        call = check[check.index("int f"):check.index(" {")]
        self.duel(files, call, "--sizes", "64", "--input", "s=sorted", "--input", "z=zeros", "--length", "z=2*n", "--input",
                  "r=range:-2..2.5", "--input", "d=file:data", "--fix", "key=-5", "--input", "m=range:3..4", "--input",
                  "k=zeros", "--batch", "3")

    def test_cxx_overloads(self):
        text = """#include <cstdint>
#include <cstddef>
#include <vector>
namespace own {
template <class T> T add(const T *p, std::size_t n) { std::vector<T> all(p, p + n); T s = 0; for (T v : all) s += v; return s; }
static float f(const float *p, std::size_t n) { return add(p, n); }
static std::uint32_t f(const std::uint32_t *p, std::size_t n) { return add(p, n) + OFFSET; }
float other(const float *p) { return f(p, 1); }
}
"""
        files = [self.write("a.cpp", text, OFFSET="0"), self.write("b.cpp", text, OFFSET="1")]
        call = "uint32_t own::f(const uint32_t *p, std::size_t n)"
        self.assertIn("wrong answer from b", self.reasons(self.duel(files, call, "--sizes", "16", status=3)))
        self.duel([files[0], files[0]], call, "--sizes", "16", "--cflags-b", "-O2")

    def test_inlined_functions_of_two_sources_are_two(self):
        text = """inline int twice(int x) { return VALUE * x; }
template <class T> struct Unique { static inline T value = VALUE; };
int (*pointer)(int) = twice;
int f(int x) { return pointer(x) + Unique<int>::value; }
"""
        files = [self.write("a.cpp", text, VALUE="2"), self.write("b.cpp", text, VALUE="3")]
        run = self.duel(files, "int f(int x)", status=3)
        self.assertIn("wrong answer from b", self.reasons(run))

    def test_the_same_machine_code(self):
        text = """static const int table[] = {1, 2};
__attribute__((noinline)) static int step(int x) { return table[x & 1]; }
int f(int x) { return step(x) * 3; }
"""
        files = [self.write("a.c", text), self.write("b.c", "int g(int x) { return x * 77; }\n" + text.replace("int x", "int y").replace(
            "x &", "y &").replace("step(x)", "step(y)")), self.write("c.c", text.replace("{1, 2}", "{1, 1 + 1 * 1, 7}"))]
        run = self.duel(files, "int f(int x)")
        self.assertEqual([c["identical_code"] for c in run["comparisons"]], [True, False])
        table = self.run_well("show", self.result_files()[0]).stdout
        self.assertIn("compiled to the same machine code", table.replace("\n", " "))
        run = self.duel(["a.c", "a.c"], "int f(int x)", "--cflags-b", "-O0")
        self.assertFalse(run["comparisons"][0]["identical_code"])

    def test_kept_folder_is_a_kernel(self):
        self.duel(self.sums(), SUM, "--sizes", "16", "--keep", "kept")
        self.assertTrue((self.folder / "kept" / "kernel.c").is_file())
        self.run_for(0, "run", "./kept", *SHORT, "--no-counters")
        again = self.run_program("duel", "a.c", "b.c", "--call", SUM, "--keep", "kept")
        self.assert_error(again, 2, "kept is there already")

    def test_simulated(self):
        if not shutil.which("valgrind") or SANITIZED:
            self.skipTest("valgrind is not installed, or the program is built with AddressSanitizer")
        run = self.run_for(0, "duel", *self.sums(), "--call", SUM, "--sizes", "64", "--budget", "0.02", "--replicates", "2")
        simulation = run["measurements"][0]["simulation"]
        self.assertEqual(simulation["reason"], "")
        counts = [arm["counts"]["instructions"] for arm in simulation["arms"][:2]]
        self.assertGreater(counts[0], 0)
        self.assertEqual(counts[0], counts[1], "the same code")


class Libraries(DuelSources):
    def setUp(self):
        super().setUp()
        if SANITIZED:
            self.skipTest("AddressSanitizer refuses libraries that keep to their own names")

    def test_two_of_one_name(self):
        # The helper of each has the same exported name: each must call its own.
        text = """#include <stddef.h>
int step(int x) { return x + %d; }
int f(const int *p, size_t n) { return step(p[n - 1]); }
"""
        files = [self.library("one", text % 1), self.library("two", text % 1)]
        run = self.duel(files, "int f(const int *p, size_t n)", "--sizes", "16")
        self.assertIn("libraries as they were linked", run["comparisons"][0]["case_title"])
        files[1] = self.library("two", text % 2)
        self.assertIn("wrong answer from two", self.reasons(self.duel(files, "int f(const int *p, size_t n)", "--sizes", "16",
                                                                      status=3)))

    def test_names_of_libraries_that_the_program_itself_needs(self):
        # crc32_z is zlib's, which countersign is linked with.
        text = """#include <stddef.h>
PREFIX unsigned long crc32_z(unsigned long c, const unsigned char *p, size_t n) { return c + p[0] + n; }
unsigned long f(const unsigned char *p, size_t n) { return crc32_z(7, p, n); }
"""
        files = [self.library("one", text.replace("PREFIX", "")), self.write("two.c", text, PREFIX="static")]
        self.duel(files, "unsigned long f(const unsigned char *p, size_t n)", "--sizes", "16")

    def test_missing_symbol(self):
        files = [self.library("one", "int f(int x) { return x; }\n"), self.library("two", "int g(int x) { return x; }\n")]
        self.assert_refused("duel", *files, "--call", "int f(int x)", *SHORT,
                            parts=["two.so (two): exports no function f,", "it exports g.", "static", "--symbol"])

    def test_the_same_machine_code(self):
        texts = ["int f(int x) { return 3 * x; }\n", "int f(int y) { return y * 3; }\n"]
        names = [self.library(f"lib{i}", text) for i, text in enumerate(texts)]
        self.assertTrue(self.duel(names, "int f(int x)")["comparisons"][0]["identical_code"])
        # Rebuilt where it was: nothing is known of the old one any more.
        self.library("lib1", "int f(int x) { return x ? x * 3 : 0 ^ x; }\nint beside(int x) { return x * 77; }\n")
        self.assertFalse(self.duel(names, "int f(int x)")["comparisons"][0]["identical_code"])

    def test_source_against_library(self):
        text = "int f(int x) { return x * 3; }\n"
        run = self.duel([self.library("one", text), self.write("two.c", text)], "int f(int x)")
        self.assertEqual(run["comparisons"][0]["verified"], "yes")

    def test_zlib_against_itself(self):
        name = ctypes.util.find_library("z")
        paths = [p for p in map(pathlib.Path, ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/lib64", "/usr/lib64"])
                 if name and (p / name).exists()]
        if not paths:
            self.skipTest("no zlib")
        library = str(paths[0] / name)
        run = self.duel([library, library], "unsigned long crc32(unsigned long c, const unsigned char *p, unsigned n)", "--fix",
                        "c=0", "--sizes", "64")
        self.assertEqual((run["comparisons"][0]["case"], run["comparisons"][0]["verified"]), ("crc32", "yes"))


if __name__ == "__main__":
    main()
