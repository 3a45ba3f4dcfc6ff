#!/usr/bin/python3 -B
"""`gate` on a small repository: what is equal, held, refuted, open, nominated, and what CI reads of it."""
import json
import re
import shutil
import subprocess

from program import SOURCE, main
from test_duel_git import FEW, Revisions

GATE = ["--build", "make", "--quiet", "--budget", "0.1"]


class Gate(Revisions):
    def gate(self, *arguments, **options):
        return self.run_program("gate", *GATE, *arguments, cwd=self.user, **options)

    def test_equal_programs_are_not_measured(self):
        self.commit("first")
        self.commit("second")
        before = self.state()
        result = self.gate("--base", "first", "--", "./spin")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("same machine code and data", result.stdout)
        self.assertIn("no slowdown could have been refuted", result.stdout)
        self.assertEqual(self.result_files(), [])
        self.assert_untouched(before)

    def test_what_ci_reads(self):
        """Another answer is refuted by two tries, whatever the load of the machine."""
        self.commit("first")
        self.commit("second", answer="other")
        junit, summary = self.folder / "junit.xml", self.folder / "summary.md"
        summary.write_text("before\n", encoding="ascii")
        self.environment.update(GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
        result = self.gate("--base", "first", "--inconclusive", "fail", "--junit", junit, "--", "./spin")
        self.assertEqual((result.returncode, result.stderr), (1, ""))
        self.assertIn("failed: ", result.stdout)
        self.assertRegex(result.stdout, r"(?m)^::error title=./spin::a valid answer: refuted: wrong answer")
        self.assertTrue(summary.read_text(encoding="utf-8").startswith("before\n**Performance gate failed"))
        self.assertEqual(len(self.result_files()), 2)
        if shutil.which("xmllint"):
            subprocess.run(["xmllint", "--noout", "--schema", SOURCE / "tests/data/report/junit.xsd", junit], check=True,
                           capture_output=True)
        self.assertIn('failures="1"', junit.read_text(encoding="utf-8"))
        del self.environment["GITHUB_ACTIONS"]
        self.environment["GITHUB_STEP_SUMMARY"] = str(self.folder / "none" / "summary.md")
        result = self.gate("--base", "first", "--", "true")
        self.assertEqual(result.returncode, 2)
        self.assertIn("summary.md: cannot write it", result.stderr)
        self.assertNotIn("::", result.stdout)

    def test_expectations_and_history(self):
        """Much less work passes a requirement of memory and misses one that cannot be met; its file nominates."""
        self.commit("first", 40 * FEW)
        self.commit("second")
        expect = self.folder / "expect.yaml"
        expect.write_text("- of: ./spin\n  memory: 512M\n  max-slowdown: 900%\n- counters: {frobs: '< 1'}\n", encoding="ascii")
        result = self.gate("--base", "first", "--expect", expect, "--inconclusive", "pass", "--", "./spin")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertRegex(result.stdout, "(held|open): at most 512 MiB of memory")  # of a small program it is not known
        self.assertIn("held: at most 900 % slower", result.stdout)
        self.assertIn("open: frobs < 1; no source", result.stdout)
        self.assertRegex(result.stdout, r"would have refuted with 95 %: [\d.]+ %")
        files = self.result_files()
        self.assertEqual(len(files), 1)
        self.run_well("verify", files[0])
        # Against its own times, twenty times as long: nothing stands out, and the revision of the file is not built.
        arguments = ["--max-slowdown", "900%", "--base", files[0], "--", "./spin"]
        result = self.gate(*arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("no-suspect: ", result.stdout)
        self.assertIn("not paired", result.stdout)
        self.assertEqual(len(self.result_files()), 1)
        # Times of another machine nominate nobody, so that all is measured.
        run = json.loads(files[0].read_text(encoding="utf-8"))
        run["host"]["microcode"] += "1"
        run["version"] = "0.1.0"
        del run["digest"]
        files[0].write_text(json.dumps(run), encoding="utf-8")
        result = self.gate(*arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("same machine code", result.stdout)

    def test_refused(self):
        self.commit("first")
        expect = self.folder / "expect.yaml"
        expect.write_text("- of: ./spn\n  target: 2\n", encoding="ascii")
        for arguments, part in ((["--", "./spin"], "expected --base"), (["--base", "first"], "expected a command"),
                                (["--base", "first", "--expect", expect, "--", "./spin"], "line 1: './spn' is not among"),
                                (["--base", "first", "--max-slowdown", "x", "--", "./spin"], "percentage"),
                                (["--base", "nope", "--", "./spin"], "no commit 'nope'"),
                                (["--base", expect, "--", "./spin"], "--base: "),
                                (["--base", "first", "--call", "int f(int x)"], "--library")):
            self.assert_error(self.gate(*arguments), 2, part)

    def test_functions(self):
        (self.user / "Makefile").write_text("spin:\n\tcc -O1 -shared -fPIC -o libspin.so spin.c\n", encoding="ascii")
        for name, factor in (("first", 2), ("second", 2), ("third", 3)):
            self.commit(name)
            (self.user / "spin.c").write_text(f"int times(int x) {{ return x * {factor}; }} /* {name} */\n", encoding="ascii")
            self.git("commit", "-qam", "function")
            self.git("tag", "-f", name)
        arguments = ["gate", "--build", "make", "--quiet", "--budget", "0.05", "--replicates", "2", "--no-simulation", "--call",
                     "int times(int x)", "--library", "libspin.so", "--base", "first", "--head"]
        result = self.run_program(*arguments, "second", cwd=self.user)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("the library has the same machine code", result.stdout)
        result = self.run_program(*arguments, "third", cwd=self.user)
        if "incompatible with sanit" in result.stderr:
            self.skipTest("a program under AddressSanitizer cannot load libraries as this way does")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("refuted: a valid answer", result.stdout)


KERNEL = """#include "sum.h"
static int setup(const struct cs_env *env, void *state) {{
    struct sum *sum = state;
    sum->count = {count};
    sum->values = cs_array(env, "values", sum->count, uint64_t);
    struct cs_random random = cs_random_seed(env->seed);
    for (size_t i = 0; i < sum->count; i++)
        sum->values[i] = cs_random_u64(&random);
    return 0;
}}
static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {{
    struct sum *sum = state;
    outputs[0] = (struct cs_output){{.name = "sum", .data = &sum->answers[variant], .count = 1, .type = CS_U64}};
    *count = 1;
    return 0;
}}
static void work(const void *state, struct cs_work *work) {{
    *work = (struct cs_work){{.items = (double)((const struct sum *)state)->count}};
}}
const struct cs_kernel cs_kernel = {{
    CS_KERNEL_HEADER, .name = "sum", .summary = "adds up", .item = "value", .state_size = sizeof(struct sum),
    .parameters = {{{{.name = "n", .min = 1, .max = 64, .def = 8, .unit = "values"}}}},
    .variants = {{{{.name = "plain", .run = run_plain}}, {{.name = "slow", .run = run_slow, .prepare = prepare_slow}}{more}}},
    .setup = setup, .outputs = outputs, .work = work}};
/* {comment} */
"""
HEADER = """#include <countersign.h>
struct sum {{ uint64_t *values; size_t count; {first}uint64_t answers[4], own; }};
void run_plain(void *state);
void run_slow(void *state);
int prepare_slow(const struct cs_env *env, void *state);
uint64_t add_up(const uint64_t *values, size_t count);
"""
# Each variant has an answer of its own, so that an index that is not translated is a wrong answer.
RUN = """#include "sum.h"
void run_{name}(void *state) {{
    struct sum *sum = state;
    sum->answers[{index}] = add_up(sum->values, sum->count){more};
}}
"""
PREPARE = """int prepare_slow(const struct cs_env *env, void *state) {{
    (void)env;
    ((struct sum *)state)->own = {own};
    return 0;
}}
"""
PLAIN = """#include "sum.h"
void run_plain(void *state) {
    struct sum *sum = state;
    uint64_t total = 0;
    for (size_t i = 0; i < sum->count; i++)
        total += sum->values[i];
    sum->answers[0] = total;
}
"""
HELPER = """#include "sum.h"
uint64_t add_up(const uint64_t *values, size_t count) {{
    uint64_t total = 0;
    for (int again = 0; again < {times}; again++) {{
        total = 0;
        for (size_t i = 0; i < count; i++)
            total += values[i];
        __asm__ volatile("" : "+r"(total));
    }}
    return total;
}}
"""


class Folders(Revisions):
    def folder_commit(self, name, kernel=None, first="", more="", times=1, slow_more="", own=1):
        """A revision of the kernel's folder, which `kernel` and the others change."""
        texts = {"kernel.c": KERNEL.format(**{"count": "4096", "more": "", "comment": name, **(kernel or {})}),
                 "sum.h": HEADER.format(first=first) + more, "plain.c": PLAIN,
                 "slow.c": RUN.format(name="slow", index=1, more=f" + sum->own - {own}{slow_more}") + PREPARE.format(own=own),
                 "helper.c": HELPER.format(times=times)}
        folder = self.user / "sum"
        folder.mkdir(exist_ok=True)
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="ascii")
        self.git("add", "sum")
        self.git("commit", "-q", "-m", name)
        self.git("tag", name)

    def gate(self, *arguments):
        return self.run_program("gate", "--base", "first", "--budget", "0.05", "--replicates", "2", "--quiet", *arguments, "--",
                                "sum", cwd=self.user)

    def outcomes(self, result):
        """{subject: outcomes}"""
        found = {}
        for line in result.stdout.splitlines():
            if re.match(r"sum\b", line):
                found[subject := line] = []
            elif outcome := re.match(r"  ([a-z-]+): ", line):
                found[subject].append(outcome[1])
        return found

    def test_equal_and_new(self):
        """Comments, prototypes and the list of variants are no part of what all share."""
        self.folder_commit("first")
        (self.user / "sum" / "new.c").write_text(RUN.format(name="new", index=2, more=""), encoding="ascii")
        self.folder_commit("second", {"more": ', {.name = "new", .run = run_new}'}, more="void run_new(void *state);\n")
        before = self.git("worktree", "list"), self.git("for-each-ref")
        result = self.gate()
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(self.outcomes(result), {"sum: plain": ["equal"], "sum: slow": ["equal"], "sum: new": ["unpaired"]})
        self.assertEqual(self.result_files(), [])
        self.assertEqual(before, (self.git("worktree", "list"), self.git("for-each-ref")))
        self.assert_tidy()

    def test_more_work(self):
        """Of a function that the variant calls, in a file that only it needs; counted, so that no load matters."""
        if not shutil.which("valgrind"):
            self.skipTest("needs valgrind")
        self.folder_commit("first", times=2)
        self.folder_commit("second", times=8)
        (self.user / "sum" / "case.yaml").write_text(
            "title: sums\nkernel: sum\nbaseline: plain\ncandidates: [slow]\nsweep: {n: [3, 4, 5]}\nquick:\n  n: [7]\n",
            encoding="ascii")
        self.git("add", "sum")
        self.git("commit", "-q", "-m", "case")
        expect = self.folder / "expect.yaml"
        expect.write_text("- of: sum\n  max-slowdown: 900%\n  counters: {instructions: '<= 1.5'}\n", encoding="ascii")
        result = self.gate("--expect", expect, "--inconclusive", "pass")
        if "incompatible with sanit" in result.stderr:
            self.skipTest("a program under AddressSanitizer is not simulated")
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        outcomes = self.outcomes(result)
        self.assertEqual(outcomes["sum: slow, n=7"][1], "refuted", result.stdout)
        self.assertNotIn("refuted", outcomes["sum: plain, n=7"], result.stdout)
        run = json.loads(self.result_files()[-1].read_text(encoding="utf-8"))
        self.assertEqual([(c["baseline"], c["candidate"]) for c in run["comparisons"]], [("slow-old", "slow")])
        self.run_well("verify", self.result_files()[-1])

    def test_wrong_answer(self):
        self.folder_commit("first")
        self.folder_commit("second", slow_more=" + 1")
        result = self.gate()
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertEqual(self.outcomes(result)["sum: slow"], ["refuted"], result.stdout)
        self.assertIn("refuted: a valid answer; wrong answer", " ".join(result.stdout.split()))

    def test_what_each_prepares(self):
        """What prepare makes is its revision's own: with the other's a variant would answer wrongly."""
        self.folder_commit("first", own=1)
        self.folder_commit("second", own=2)
        result = self.gate("--max-slowdown", "900%", "--inconclusive", "pass")
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        self.assertEqual(self.outcomes(result)["sum: plain"], ["equal"])
        self.assertEqual(len(self.outcomes(result)["sum: slow"]), 1)
        self.assertIn("at most 900 % slower; ", result.stdout.split("sum: slow")[1])

    def test_common_part(self):
        """States, inputs and what they need must fit; what does not is said, and is open."""
        self.folder_commit("first")
        self.folder_commit("layout", first="char first; ")
        self.folder_commit("inputs", {"count": "2048"})
        for head, part in (("layout", "(sum.h)"), ("inputs", "(kernel.c)")):
            result = self.gate("--head", head)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertEqual(self.outcomes(result), {"sum": ["open"]})
            self.assertIn(part, result.stdout)
            self.assertIn("compare a function of both by gate --call", " ".join(result.stdout.split()))
        self.assertEqual(self.gate("--head", "inputs", "--inconclusive", "fail").returncode, 1)

    def test_does_not_build(self):
        self.folder_commit("first")
        self.folder_commit("second", slow_more=" +")
        result = self.gate()
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertRegex(result.stderr, r"\Acountersign: sum of [0-9a-f]+: cannot compile .*slow\.c")


if __name__ == "__main__":
    main()
