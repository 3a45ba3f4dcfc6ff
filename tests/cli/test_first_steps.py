#!/usr/bin/python3 -B
"""What a newcomer meets: each error says what, where, and what to do; notes are said once, and not where nobody wants them."""
import os
import shutil
import signal

from program import QUICK_FLAGS, SHORT, ProgramTest, main

CALL = "uint32_t f(uint32_t x)"
SOURCE = "#include <stdint.h>\nuint32_t f(uint32_t x) { return x + 1; }\n"
LIBRARY = "#include <stdint.h>\nuint32_t other_one(uint32_t x);\nuint32_t f(uint32_t x) { return other_one(x); }\n"
WARNING = "#include <stdint.h>\n#warning look here\nuint32_t f(uint32_t x) { return x + 1; }\n"


class FirstSteps(ProgramTest):
    def setUp(self):
        super().setUp()
        for name in ("CC", "CXX", "LDFLAGS"):
            self.environment.pop(name, None)
        self.environment.update(QUICK_FLAGS, XDG_CACHE_HOME=str(self.folder / "cache"))
        for name, text in (("a.c", SOURCE), ("b.c", SOURCE), ("library.c", LIBRARY), ("warning.c", WARNING),
                           ("wrong.c", SOURCE.replace("+ 1", "+"))):
            (self.folder / name).write_text(text, encoding="ascii")

    def duel(self, second, *options):
        return self.run_program("duel", "a.c", second, "--call", CALL, *SHORT, "--no-counters", *options)

    def assert_said(self, result, *parts):
        """One line of ours before what the tools say."""
        self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
        first = result.stderr.splitlines()[0]
        self.assertRegex(first, r"\Acountersign: ")
        self.assertEqual(result.stderr.count("countersign: "), 1, result.stderr)
        for part in parts:
            self.assertIn(part, first)
        self.assert_tidy()
        return result.stderr

    def test_folder_that_is_no_case(self):
        (self.folder / "empty").mkdir()
        self.assert_refused("run", "./empty", parts=["./empty", "kernel.c", "case.yaml", "`countersign new` makes one"])
        self.assert_refused("run", "./nowhere", parts=["./nowhere: No such file"])
        self.assert_refused("run", "./a.c", parts=["./a.c: expected a folder"])

    def test_no_compiler(self):
        (self.folder / "tools").mkdir()
        self.environment["PATH"] = str(self.folder / "tools")
        said = self.assert_said(self.duel("b.c"), "cannot run cc: there is no such program in PATH", "install a compiler",
                                "with CC")
        self.assertNotIn("CC names", said)
        # A folder of that name is what execvp calls "Permission denied".
        (self.folder / "tools" / "cc").mkdir()
        self.assert_said(self.duel("b.c"), "there is no such program in PATH")

    def test_compiler_that_was_named(self):
        self.environment["CC"] = "gcc-99"
        self.assert_said(self.duel("b.c"), "cannot run gcc-99", "it is the compiler that CC names")
        self.environment["CC"] = "false"
        self.assert_said(self.duel("b.c"), "exit status 1 of: false --version", "that CC names")

    def test_source_that_does_not_compile(self):
        said = self.assert_said(self.duel("wrong.c"), "cannot compile", "wrong.c")
        self.assertIn("wrong.c:2:", said)

    def test_library_that_is_not_named(self):
        said = self.assert_said(self.duel("library.c"), "cannot link", "other_one", "--ldflags")
        self.assertIn("library.c", said)
        self.assert_said(self.duel("library.c", "--ldflags=-lno-such-library"), "no library for -lno-such-library")

    def test_library_of_a_folder(self):
        self.run_well("new", "dot", "--kernel-only")
        candidate = self.folder / "dot" / "candidate.c"
        candidate.write_text(candidate.read_text(encoding="utf-8") + "\nint other_one(void);\n"
                             "__attribute__((used)) static int use(void) { return other_one(); }\n", encoding="utf-8")
        self.assert_said(self.run_program("run", "./dot", *SHORT), "other_one", "KERNEL_LIBRARIES", "LDFLAGS")

    def test_quiet(self):
        self.assertIn("look here", self.duel("warning.c").stderr)
        shutil.rmtree(self.folder / "cache")
        self.assertEqual(self.duel("warning.c", "--quiet").stderr, "")
        self.assertEqual(self.run_well("new", "dot", "--quiet").stdout, "")


class Forecast(ProgramTest):
    """What takes much longer than it was asked to says so, as soon as that is known."""

    def first_line(self, *arguments):
        process = self.start(*arguments)
        line = process.stderr.readline()
        os.kill(process.pid, signal.SIGINT)
        self.finish(process)
        return line

    def test_slow_commands(self):
        line = self.first_line("duel", "--budget", "0.1", "--no-counters", "sleep 1", "sleep 1")
        self.assertRegex(line, r"\Anote: a point takes up to \d+ s instead of 0\.1 s \(--budget\): a round")
        self.assertIn("--rounds", line)

    def test_slow_processes(self):
        (self.folder / "a.c").write_text(SOURCE + """#include <unistd.h>
__attribute__((constructor)) static void wait_long(void) { usleep(300000); }
""", encoding="ascii")
        shutil.copy(self.folder / "a.c", self.folder / "b.c")
        line = self.first_line("duel", "a.c", "b.c", "--call", CALL, "--budget", "0.1", "--replicates", "40", "--no-counters")
        self.assertIn("to start, prepare and verify, and there are up to 40 (--replicates)", line)

    def test_nothing_to_say(self):
        self.assertEqual(self.run_well("duel", "--budget", "0.1", "--no-counters", "true", "true").stderr, "")
        line = self.first_line("duel", "--rounds", "2", "--budget", "0.1", "--no-counters", "sleep 1", "sleep 1")
        self.assertNotIn("note:", line)


if __name__ == "__main__":
    main()
