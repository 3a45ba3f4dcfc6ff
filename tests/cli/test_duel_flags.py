#!/usr/bin/python3 -B
"""Duels of sources compiled as their own build has them, and with the loop behind the function."""
import json
import shutil
import subprocess
import unittest

from program import QUICK_FLAGS, SANITIZED, ProgramTest, main

FEW = ["--budget", "0.02", "--replicates", "2", "--no-simulation", "--layout", "fixed", "--quiet", "--format", "json"]
SUM_C = """#include <stddef.h>
#include <stdint.h>
#include <generated.h>
#if !defined(OWN) || defined(FOREIGN)
#error not as its build has it
#endif
uint64_t f(const uint32_t *p, size_t n) {
    uint64_t sum = OWN + GENERATED;
    for (size_t i = 0; i < n; i++)
        sum += p[i];
    return sum;
}
"""
CALL = ["--call", "uint64_t f(const uint32_t *p, size_t n)", "--sizes", "16"]


class Files(ProgramTest):
    def setUp(self):
        super().setUp()
        self.environment.update(QUICK_FLAGS, XDG_CACHE_HOME=str(self.folder / "cache"))
        self.environment.pop("CC", None)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path)

    def duel(self, *arguments, **options):
        return json.loads(self.run_well("duel", *arguments, *FEW, **options).stdout)

    def database(self, *entries):
        return self.write("build/compile_commands.json", json.dumps(
            [{"directory": str(self.folder / "build"), "file": file, "command": command} for file, command in entries]))


@unittest.skipIf(SANITIZED, "a module that is not instrumented")
class OwnBuild(Files):
    def test_flags_includes_and_defines_are_the_build_s(self):
        self.write("generated/generated.h", "#define GENERATED 1\n")
        old, new = self.write("old.c", SUM_C), self.write("src/new.c", SUM_C)
        database = self.database(("../src/new.c", "gcc -I../generated -DOWN=3 -O1 -Werror -flto -o x.o -c ../src/new.c"))
        self.environment["CFLAGS"] = "-DFOREIGN -O2"
        run = self.duel(old, new, *CALL, "--compile-commands", database)
        self.assertEqual([c["verified"] for c in run["comparisons"]], ["yes"])
        flags = run["measurements"][0]["build"]["flags"]
        self.assertIn(f"new, in place of what is set here: -I{self.folder}/build/../generated -DOWN=3 -O1", flags)
        self.assertIn("old, in place of what is set here: ", flags)
        self.assertIn("gcc", run["measurements"][0]["build"]["compiler"])

    def test_what_is_borrowed_or_taken_is_said(self):
        old, new = self.write("old.c", "int f;"), self.write("new.c", "int f;")
        database = self.database(("../new.c", "gcc -c ../new.c"), ("../new.c", "gcc -O3 -c ../new.c"))
        result = self.run_program("duel", old, new, "--compile-commands", database)
        self.assertEqual(result.returncode, 2)
        self.assertIn(f"--compile-commands does not compile {old}: it gets the flags of {new}", result.stderr)
        self.assertIn("2 times; its first flags are taken", result.stderr)

    def test_what_is_refused(self):
        old, new, other = self.write("old.c", ""), self.write("new.c", ""), self.write("old.cpp", "")
        database = self.database(("../new.c", "gcc -c ../new.c"))
        self.assert_refused("duel", old, old, "--compile-commands", database,
                            parts=[f"--compile-commands: {database} compiles no file {old}"])
        self.assert_refused("duel", other, new, "--compile-commands", database, parts=["of another language"])
        self.assert_refused("duel", old, new, "--compile-commands", "none.json", parts=["--compile-commands: none.json"])
        both = self.database(("../new.c", "gcc -c ../new.c"), ("../old.c", "clang -c ../old.c"))
        self.assert_refused("duel", old, new, "--compile-commands", both,
                            parts=["is compiled by gcc", "by clang", "choose one for both with CC"])


@unittest.skipIf(SANITIZED, "a module that is not instrumented")
class Inline(Files):
    TEXT = "#include <stdint.h>\nstatic inline uint32_t f(uint32_t x, uint32_t y) { return %s; }\n"

    def test_the_loop_is_behind_the_function_and_the_result_says_so(self):
        files = [self.write(name, self.TEXT % text) for name, text in (("a.c", "x * 3 ^ y"), ("b.c", "x * 3 ^ y"))]
        run = self.duel(*files, "--inline", "--keep", "kept")
        comparison = run["comparisons"][0]
        self.assertEqual((comparison["verified"], comparison["identical_code"]), ("yes", True))
        self.assertIn("may be inlined where called", comparison["case_title"])
        self.assertFalse((self.folder / "kept" / "call_0.c").exists())
        self.assertIn("result[i] = f(", (self.folder / "kept" / "source_0.c").read_text(encoding="utf-8"))

    def test_templates_and_wrong_answers(self):
        text = "#include <cstddef>\ntemplate <class T> T g(const T *p, size_t n) { return %s; }\n"
        files = [self.write("a.cpp", text % "p[n - 1]"), self.write("b.cpp", text % "p[0]")]
        run = self.duel(*files, "--inline", "--call", "int g(const int *p, size_t n)", "--sizes", "16", status=3)
        self.assertIn("wrong answer from b: result[0]", run["comparisons"][0]["reason"])

    def test_what_is_refused(self):
        a, b = self.write("a.c", self.TEXT % "x"), self.write("b.c", self.TEXT % "y")
        self.assert_refused("duel", a, b, "--inline", "--setup", self.write("s.c", ""), parts=["--inline: a setup"])


WORDS_C = """#include <stddef.h>
#include <stdint.h>
size_t words(const uint8_t *text, size_t n) {
    size_t count = 0;
    int inside = 0;
    for (size_t i = 0; i < n; i++) {
        int letter = text[i] > ' ';
        if (letter && !inside)
            count++;
        inside = letter;
    }
    return count;
}
"""
TRAIN_C = """#include <stddef.h>
#include <stdint.h>
size_t words(const uint8_t *text, size_t n);
int main(void) {
    static uint8_t text[4096] = "to be or not to be";
    return words(text, sizeof text) != 6;
}
"""
WORDS_CALL = ["--call", "size_t words(const uint8_t *text, size_t n)", "--sizes", "16"]


@unittest.skipIf(SANITIZED, "a module that is not instrumented")
class Profile(Files):
    """As docs/DUEL.md says: one that is found is used, and one that is not is an error."""
    def setUp(self):
        super().setUp()
        self.write("words.c", WORDS_C)
        self.write("train.c", TRAIN_C)

    def train(self, script):
        for tool in ("gcc", "clang", "llvm-profdata"):
            if tool in script.split() and not shutil.which(tool):
                self.skipTest(f"{tool} is not installed")
        trained = subprocess.run(["sh", "-ec", script], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(trained.returncode, 0, trained.stderr)

    def assert_not_compiled(self, duel, word):
        result = self.run_program("duel", *duel, *FEW)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("cannot compile", result.stderr)
        self.assertIn(word, result.stderr)

    def look_at(self, profile, flags, missing):
        words = str(self.folder / "words.c")
        duel = [words, words, *WORDS_CALL, "--cflags-a", "-O2", "--cflags-b", f"-O2 {flags}"]
        comparison, = self.duel(*duel)["comparisons"]
        self.assertEqual(comparison["verified"], "yes")
        (self.folder / profile).rename(self.folder / "elsewhere")
        self.assert_not_compiled(duel, missing)
        (self.folder / "elsewhere").rename(self.folder / profile)
        return duel

    def test_gcc(self):
        self.environment["CC"] = "gcc"
        self.train("gcc -O2 -fprofile-generate -c $PWD/words.c && gcc -fprofile-generate words.o train.c -o train && ./train")
        duel = self.look_at("words.gcda", f"-fprofile-use -dumpdir {self.folder}/ -dumpbase words -Werror=missing-profile",
                            "profile count data file not found")
        self.write("words.c", WORDS_C.replace("int letter", "if (text[i] == 7) count += 2; int letter"))
        self.assert_not_compiled(duel, "coverage-mismatch")

    def test_clang(self):
        self.environment["CC"] = "clang"
        self.train("clang -O2 -fprofile-instr-generate words.c train.c -o train && LLVM_PROFILE_FILE=words.profraw ./train && "
                   "llvm-profdata merge -o words.profdata words.profraw")
        self.look_at("words.profdata", f"-fprofile-instr-use={self.folder}/words.profdata", "Could not read profile")


if __name__ == "__main__":
    main()
