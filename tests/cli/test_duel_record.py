#!/usr/bin/python3 -B
"""Inputs of a duel as a program had them: recorded calls of a function."""
import platform
import re
import shutil
import signal
import subprocess
import time

from program import PROGRAM, SHORT, main
from test_duel_sources import DuelSources

# Ends the process where a value is 10 or more, as those that are drawn are.
FUNCTION = """#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
uint64_t look(const uint32_t *p, size_t n, uint16_t scale) {
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] >= 10)
            abort();
        sum += p[i] SCALED;
    }
    return sum + scale * (uint64_t)(n == RARE);
}
"""
CALLS = """#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
uint64_t look(const uint32_t *p, size_t n, uint16_t scale);
int main(int argc, char **argv) {
    uint32_t values[64];
    uint64_t sum = 0;
    for (size_t i = 0; i < 64; i++)
        values[i] = i % 10;
    for (int i = 0; i < (argc > 1 ? atoi(argv[1]) : 0); i++)
        sum += look(i % 7 == 6 ? NULL : values + i % 5, i % 7 == 6 ? 0 : (size_t)i % 40, 3);
    printf("%llu\\n", (unsigned long long)sum);
    fflush(stdout);
    if (argc > 2)
        *(volatile int *)0 = 1;
    return argc == 2 ? 0 : 5;
}
"""
# Everything that a call may be given; the process ends where a value is none that the program has.
WIDE = """#include <stdint.h>
#include <stdlib.h>
#include <string.h>
struct point { int32_t x, y; double z; };
struct pair { double a, b; };
struct four { int64_t a[4]; };
int64_t wide(const char *name, struct pair pair, float f, struct point *to, const struct point *in, size_t n, int8_t small,
             struct four four, _Bool yes, short last) {
    if (strncmp(name, "name-", 5) || strlen(name) != 5 + (size_t)four.a[3] || pair.a != four.a[3] || pair.b != -1 || f != 1.5f ||
        four.a[0] != 7 || small != -(int8_t)n || yes != (n & 1) || last != -300 || (n == 3) != (in == NULL))
        abort();
    for (size_t i = 0; in && i < n; i++)
        if (in[i].x != (int)i || in[i].y != -1 || in[i].z != 0.25)
            abort();
    to->x = (int32_t)n WRONG;
    return to->y + (int64_t)strlen(name);
}
"""
WIDE_CALLS = """#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "wide.c"
static __attribute__((noipa)) int inner(const int *p, int n) { return n > 0 ? p[n - 1] : 0; }
static void *work(void *unused) {
    struct point in[4] = {{0, -1, 0.25}, {1, -1, 0.25}, {2, -1, 0.25}, {3, -1, 0.25}};
    int numbers[5] = {1, 2, 3, 4, 5};
    char name[] = "name-xxxxxxxxxx";
    for (int i = 0; i < 50; i++) {
        struct point to = {0, i, 0};
        size_t n = (size_t)i % 5;
        const char *own = strndup(name, 5 + (size_t)(i % 10));
        wide(own, (struct pair){i % 10, -1}, 1.5f, &to, n == 3 ? NULL : in, n, (int8_t)-n, (struct four){{7, 0, 0, i % 10}},
             n & 1, -300);
        if (to.x != (int)n || inner(numbers, i % 6) != i % 6)
            abort();
        free((void *)own);
    }
    return unused;
}
int main(void) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < 3; i++) {
        int status = -1;
        pid_t pid = fork();
        if (pid == 0) {
            work(NULL);
            _exit(9);
        }
        if (waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 9)
            return 1;
    }
    if (system("exit 3") >> 8 != 3)
        return 2;
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    puts("well");
    return 0;
}
"""
PLUGIN = """#include <dlfcn.h>
int main(void) {
    void *library = dlopen("./plugin.so", RTLD_NOW);
    int (*f)(const int *, int) = (int (*)(const int *, int))dlsym(library, "last");
    int numbers[] = {1, 2, 3};
    return !f || f(numbers, 3) != 3;
}
"""
RECORDED = re.compile(r"recorded (\d+) of (\d+) calls of (\w+) in ")


class DuelRecord(DuelSources):
    def setUp(self):
        super().setUp()
        if shutil.which("gcc") is None or platform.machine() != "x86_64":
            self.skipTest("calls are recorded on x86-64, of programs that gcc compiles here")
        result = self.run_program("duel", "--record", "x", "--call", "int f(int x)", "--", "true")
        if "cannot be traced" in result.stderr:
            self.skipTest(result.stderr)

    def build(self, name, *arguments):
        command = [shutil.which("gcc") or "cc", "-g", "-O2", "-o", name, *arguments]
        subprocess.run(command, cwd=self.folder, check=True)
        return "./" + name

    def calls(self):
        self.write("look.c", FUNCTION, SCALED="", RARE="65")
        self.write("calls.c", CALLS)
        return self.build("calls", "calls.c", "look.c")

    def record(self, *arguments, function="look", status=0):
        result = self.run_program("duel", "--record", "calls.rec", "--function", function, *arguments)
        self.assertEqual(result.returncode, status, result.stderr)
        return result

    def saved(self, result):
        found = RECORDED.search(result.stderr)
        self.assertTrue(found, result.stderr)
        return [int(found[1]), int(found[2])]

    def duel_of_inputs(self, first, second, *options, status=0):
        return self.run_for(status, "duel", first, second, "--inputs", "calls.rec", *SHORT, "--no-counters",
                            "--layout", "fixed", *options)

    def test_recorded_inputs_decide(self):
        """Inputs that are drawn end the function; those that are recorded do not, and each of them is compared."""
        program = self.calls()
        result = self.record("--", program, "200")
        self.assertEqual(result.stdout, self.run_plain(program, "200"))
        self.assertEqual(self.saved(result), [200, 200])
        self.write("other.c", FUNCTION, SCALED="* 1", RARE="65")
        run = self.duel_of_inputs("look.c", "other.c")
        evidence = run["measurements"][0]["arms"][0]["evidence"]
        self.assertRegex(evidence, r"^note: inputs are recorded: 200 of 200 calls that ./calls 200 made \(digest [0-9a-f]{16}\)")
        shown = self.run_program("show", self.newest())
        self.assertIn("inputs are recorded: 200 of 200 calls", " ".join(shown.stdout.split()))
        self.assertIn("SIGABRT", self.reasons(self.run_for(3, "duel", "look.c", "other.c", *SHORT, "--no-counters", "--sizes", "16")))
        self.write("other.c", FUNCTION, SCALED="", RARE="39") # of one length in forty
        self.assertIn("wrong answer from other: result[", self.reasons(self.duel_of_inputs("look.c", "other.c", status=3)))

    def run_plain(self, program, *arguments):
        return subprocess.run([program, *arguments], cwd=self.folder, check=False, capture_output=True, text=True).stdout

    def newest(self):
        return str(sorted(self.results.glob("*.json"))[-1])

    def test_limits(self):
        program = self.calls()
        result = self.record("--record-calls", "20", "--", program, "400")
        self.assertEqual(self.saved(result), [20, 400])
        first = (self.folder / "calls.rec").read_bytes()
        self.record("--record-calls", "20", "--", program, "400")
        self.assertEqual((self.folder / "calls.rec").read_bytes(), first)
        self.record("--record-calls", "20", "--seed", "2", "--", program, "400")
        self.assertNotEqual((self.folder / "calls.rec").read_bytes(), first)
        saved, seen = self.saved(self.record("--record-limit", "2000", "--", program, "400"))
        self.assertEqual(seen, 400)
        self.assertTrue(10 < saved < 40, saved)
        result = self.record("--record-limit", "60", "--", program, "400")
        self.assertIn("calls were left out, each larger than --record-limit", result.stderr)

    def test_threads_children_and_all_types(self):
        """What the function is given is what it was given, wherever it was called."""
        self.write("wide.c", WIDE, WRONG="")
        self.write("other.c", WIDE, WRONG="+ (n == 4)")
        self.write("same.c", WIDE, WRONG="+ 0")
        self.write("threads.c", WIDE_CALLS)
        program = self.build("threads", "-fno-inline", "-pthread", "threads.c")
        result = self.record("--length", "to=1", "--", program, function="wide")
        self.assertEqual((result.stdout, self.saved(result)), ("well\n", [350, 350]))
        self.duel_of_inputs("wide.c", "same.c", "--in-out", "to")
        self.assertIn("wrong answer from other: to.x[", self.reasons(self.duel_of_inputs("wide.c", "other.c", "--in-out", "to", status=3)))
        result = self.record("--", program, function="inner")
        self.assertEqual((result.stdout, self.saved(result)), ("well\n", [350, 350]))

    def test_library_that_is_loaded_late_and_a_script(self):
        self.write("last.c", "int last(const int *p, int n) { return p[n - 1]; }\n")
        self.write("plugin.c", PLUGIN)
        self.build("plugin.so", "-shared", "-fPIC", "last.c")
        self.build("plugin", "plugin.c", "-ldl")
        script = self.folder / "script"
        script.write_text("#!/bin/sh\n./plugin && ./plugin\n", encoding="ascii")
        script.chmod(0o755)
        self.assertEqual(self.saved(self.record("--", "./script", function="last")), [2, 2])

    def test_types_told_otherwise(self):
        """A program without debug data says what to do; the source tells, or the prototype."""
        program = self.calls()
        subprocess.run(["strip", "-g", "calls"], cwd=self.folder, check=True)
        result = self.record("--", program, "20", status=2)
        self.assertIn("--record-types FILE or --call 'PROTOTYPE'", " ".join(result.stderr.split()))
        self.assertEqual(self.saved(self.record("--record-types", "look.c", "--", program, "20")), [20, 20])
        self.assertEqual(self.saved(self.record("--call", "uint64_t look(const uint32_t *p, size_t n, uint16_t scale)", "--",
                                                program, "20")), [20, 20])

    def test_program_that_ends_badly(self):
        """By a signal, with another status than 0, by ours: what was recorded until then is kept."""
        program = self.calls()
        result = self.record("--", program, "30", "crash")
        self.assertEqual(self.saved(result), [30, 30])
        self.assertIn("was ended by signal 11", result.stderr)
        self.write("endless.c", CALLS.replace("fflush(stdout);", "fflush(stdout); for (;;) ;"))
        self.build("endless", "endless.c", "look.c")
        with subprocess.Popen([PROGRAM, "duel", "--record", "calls.rec", "--function", "look", "--", "./endless", "30"],
                              cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as process:
            process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            errors = process.communicate()[1]
            self.assertEqual(process.returncode, 128 + signal.SIGTERM, errors)
        self.assertIn("recorded 30 of 30 calls", errors)
        with subprocess.Popen([PROGRAM, "duel", "--record", "new.rec", "--function", "look", "--", "./endless", "30"],
                              cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True) as process:
            process.stdout.readline()
            process.kill()
        deadline = time.monotonic() + 20
        while subprocess.run(["pgrep", "-f", "^./endless 30"], check=False, capture_output=True).stdout:
            self.assertLess(time.monotonic(), deadline, "the program outlives who recorded it")
            time.sleep(0.05)
        self.assertFalse((self.folder / "new.rec").exists())

    def test_nothing_to_record(self):
        program = self.calls()
        self.assertIn("look was never called", self.record("--", program, "0", status=4).stderr)
        self.assertIn("a function with the symbol nowhere", self.record("--", program, "9", function="nowhere", status=2).stderr)
        self.assertIn("cannot be run", self.record("--", "./missing", status=2).stderr)
        self.assert_refused("duel", "--record", "x", "--", "./calls", parts=["--function NAME"])
        self.assert_refused("duel", "--record", "x", "--function", "look", parts=["expected a program"])
        self.write("rows.c", "int rows(char **words, int n) { return words[0][0] + n; } int main(void) { return 0; }\n")
        self.build("rows", "rows.c")
        self.assert_refused("duel", "--record", "x", "--function", "rows", "--", "./rows", parts=["pointer to pointers"])
        self.assertFalse((self.folder / "calls.rec").exists())

    def test_bad_files(self):
        program = self.calls()
        self.record("--", program, "30")
        whole = (self.folder / "calls.rec").read_bytes()
        pair = ["look.c", "calls.c"]
        self.write("calls.c", FUNCTION, SCALED="", RARE="66")
        for content, said in ((whole[:-1], "cut off"), (whole + b"x", "added to"), (whole[:-1] + b"x", "altered"),
                              (b"\x7fELF", "no file of recorded calls"), (whole[:60], "head of the recording is damaged"),
                              (whole.replace(b"seen: 30", b"seen: 31"), "altered")):
            (self.folder / "bad.rec").write_bytes(content)
            self.assert_refused("duel", *pair, "--inputs", "bad.rec", parts=["bad.rec", said])
        self.assert_refused("duel", *pair, "--inputs", "none.rec", parts=["none.rec", "No such file"])
        for option in (["--fix", "scale=3"], ["--sizes", "16"], ["--fresh", "9"], ["--input", "p=zeros"]):
            self.assert_refused("duel", *pair, "--inputs", "calls.rec", *option, parts=[option[0], "leave it out beside --inputs"])
        for name in ("a.c", "b.c"):
            self.write(name, FUNCTION.replace("uint16_t", "uint32_t"), SCALED="", RARE="66")
        self.assert_refused("duel", "a.c", "b.c", "--inputs", "calls.rec",
                            parts=["uint64_t look(const uint32_t *p, size_t n, uint16_t scale)",
                                   "uint64_t look(const uint32_t *p, size_t n, uint32_t scale)"])
        for name in ("a.c", "b.c"):
            self.write(name, FUNCTION.replace("look", "see"), SCALED="", RARE="66")
        self.assert_refused("duel", "a.c", "b.c", "--inputs", "calls.rec", parts=["calls of 'uint64_t look(", "uint64_t see("])

    def test_arrays_that_are_changed(self):
        """They begin each call as they were recorded, whatever their lengths."""
        self.write("turn.c", "#include <stddef.h>\nvoid turn(int *p, size_t n) { for (size_t i = 0; i < n; i++) p[i] = -p[i]; }\n")
        self.write("wrong.c", "#include <stddef.h>\nvoid turn(int *p, size_t n) { for (size_t i = 0; i < n; i++) p[i] = i > 8 ? 5 : -p[i]; }\n")
        self.write("past.c", "#include <stddef.h>\nvoid turn(int *p, size_t n) { for (size_t i = 0; i < n + (n == 9); i++) p[i] = -p[i]; }\n")
        self.write("turns.c", "#include <stddef.h>\nvoid turn(int *p, size_t n);\nint main(void) { int v[12] = {1, 2, 3, 4, 5, 6, 7};\n"
                              "for (int i = 0; i < 60; i++) turn(v, (size_t)i % 11); return 0; }\n")
        self.assertEqual(self.saved(self.record("--", self.build("turns", "turns.c", "turn.c"), function="turn")), [60, 60])
        self.write("same.c", "#include <stddef.h>\nvoid turn(int *p, size_t n) { while (n--) p[n] = 0 - p[n]; }\n")
        self.duel_of_inputs("turn.c", "same.c")
        self.duel_of_inputs("turn.c", "same.c", "--inline")
        self.assertIn("wrong answer from wrong: p[", self.reasons(self.duel_of_inputs("turn.c", "wrong.c", status=3)))
        self.assertIn("wrote past the end of p", self.reasons(self.duel_of_inputs("turn.c", "past.c", status=3)))

    def test_an_answer_that_is_not_written(self):
        """What the program's array held before is no answer, though it is the right one."""
        self.write("copy.c", "#include <string.h>\nvoid copy(const int *from, int *to, size_t n) { memcpy(to, from, n * sizeof *to); }\n")
        self.write("none.c", "#include <string.h>\nvoid copy(const int *from, int *to, size_t n) { if (n != 3) memcpy(to, from, n * sizeof *to); }\n")
        self.write("copies.c", "#include <stddef.h>\nvoid copy(const int *from, int *to, size_t n);\nint main(void) { int v[4] = {1, 2, 3, 4}, to[4];\n"
                               "for (int i = 0; i < 20; i++) copy(v, to, 4 - (size_t)i % 5); return 0; }\n")
        self.record("--", self.build("copies", "copies.c", "copy.c"), function="copy")
        self.assertIn("wrong answer from none: to[", self.reasons(self.duel_of_inputs("copy.c", "none.c", status=3)))


if __name__ == "__main__":
    main()
