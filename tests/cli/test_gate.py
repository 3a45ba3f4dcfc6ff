#!/usr/bin/python3 -B
"""`gate` on a small repository: what is equal, held, refuted, open, nominated, and what CI reads of it."""
import json
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


if __name__ == "__main__":
    main()
