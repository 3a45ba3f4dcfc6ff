#!/usr/bin/python3 -B
"""Revisions: `duel --git` and `bisect` on a small repository, and that nothing of it is touched."""
import json
import shutil
import signal
import subprocess

from program import ProgramTest, main, wait_until

SPIN = """#include <stdint.h>
#include <stdio.h>
int main(void) {{
    uint64_t x = 3;
    for (uint64_t i = 0; i < {count}u; i++) {{
        x *= 0x9e3779b97f4a7c15u;
        __asm__ volatile("" : "+r"(x));
    }}
    puts("{answer}");
    return 0;
}}
/* {comment} */
"""
MAKEFILE = "spin: spin.c\n\tcc -O1 -o spin spin.c\n"
FEW = 3_000_000
SHORT = ["--budget", "0.5", "--no-counters", "--quiet"]
FIXED = ["--rounds", "8", "--no-counters", "--quiet"]


class Revisions(ProgramTest):
    def setUp(self):
        super().setUp()
        if not shutil.which("git") or not shutil.which("cc") or not shutil.which("make"):
            self.skipTest("needs git, cc and make")
        for name in list(self.environment):
            if name.startswith("GIT_") or name in ("CFLAGS", "MAKEFLAGS"):
                del self.environment[name]
        self.environment.update(GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null")
        self.user = self.folder / "user"
        self.user.mkdir()
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "A. Author")
        self.git("config", "user.email", "author@example.org")
        (self.user / "Makefile").write_text(MAKEFILE, encoding="ascii")

    def git(self, *arguments):
        return subprocess.run(["git", *arguments], cwd=self.user, env=self.environment, check=True, encoding="utf-8",
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.strip()

    def commit(self, name, count=FEW, answer="done", broken=False):
        """A commit and a tag of that name; its full hash."""
        text = SPIN.format(count=count, answer=answer, comment=name)
        (self.user / "spin.c").write_text(text + ("broken\n" if broken else ""), encoding="ascii")
        self.git("add", "spin.c", "Makefile")
        self.git("commit", "-q", "-m", f"subject of {name}")
        self.git("tag", name)
        return self.git("rev-parse", "HEAD")

    def state(self):
        """Everything of the user's that could have been changed."""
        index = (self.user / ".git" / "index").read_bytes()
        names = sorted(str(path.relative_to(self.user)) for path in self.user.rglob("*") if "objects" not in path.parts)
        texts = [(self.user / name).read_text(encoding="utf-8") for name in ("spin.c", ".git/config", ".git/HEAD")]
        return index, names, texts, self.git("for-each-ref"), self.git("worktree", "list"), self.git("reflog")

    def duel(self, *arguments, **options):
        return self.run_program("duel", *arguments, cwd=self.user, **options)

    def bisect(self, *arguments, **options):
        return self.run_program("bisect", *arguments, cwd=self.user, **options)

    def assert_untouched(self, before):
        self.assertEqual(self.state(), before)
        self.assert_tidy()


class Duel(Revisions):
    def test_two_revisions(self):
        first, second = self.commit("first"), self.commit("second", 4 * FEW)
        (self.user / "spin.c").write_text("not committed", encoding="ascii")
        before = self.state()
        result = self.duel("--git", "first..second", "--build", "make", "--budget", "0.5", "--no-counters", "--format", "json",
                           "--", "./spin")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("note: there are changes that are not committed", result.stderr)
        self.assert_untouched(before)
        comparison = json.loads(result.stdout)["comparisons"][0]
        self.assertTrue(first.startswith(comparison["baseline"]), comparison["baseline"])
        self.assertTrue(second.startswith(comparison["candidate"]), comparison["candidate"])
        self.assertEqual(comparison["verified"], "yes")
        self.assertIn("./spin", comparison["case_title"])
        # Four times the work is told from any noise, but not in which direction it goes wrong if it does.
        self.assertIn(comparison["verdict"], ("slower", "inconclusive"))
        self.run_well("verify", self.result_files()[0])

    def test_sides_left_out_and_another_folder(self):
        self.commit("first")
        self.commit("second")
        for text in ("first..", "..first"):
            result = self.run_program("duel", "--repository", self.user, "--git", text, "--build", "make", *FIXED,
                                      "./spin")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(result.stderr, "")

    def test_the_worktree_is_the_working_folder(self):
        self.commit("first")
        self.commit("second")
        command = 'test "$(pwd)" = {} && test "$(pwd)" = "$COUNTERSIGN_TREE" && grep -q int "${COUNTERSIGN_TREE}/spin.c"'
        result = self.duel("--git", "first..second", *FIXED, "--", command)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_functions(self):
        (self.user / "Makefile").write_text("spin:\n\tmkdir -p lib\n\tcc -O1 -shared -fPIC -o lib/libspin.so spin.c\n",
                                            encoding="ascii")
        for name in ("first", "second"):
            self.commit(name)
            function = f"int twice(int x) {{ return x * 2; }} /* {name} */\n"
            (self.user / "spin.c").write_text(function, encoding="ascii")
            self.git("commit", "-qam", "function")
        before = self.state()
        arguments = ["--git", "HEAD~2..HEAD", "--build", "make", "--call", "int twice(int x)", "--library"]
        result = self.duel(*arguments, "lib/libspin.so", "--budget", "0.05", "--replicates", "2", "--no-simulation",
                           "--format", "json")
        if "incompatible with sanit" in result.stderr:
            self.skipTest("a program under AddressSanitizer cannot load libraries as this way does")
        self.assertEqual(result.returncode, 0, result.stderr)
        run = json.loads(result.stdout)
        self.assertIn("--git", run["command"])
        comparison = run["comparisons"][0]
        self.assertEqual([comparison["baseline"], comparison["candidate"]],
                         [self.git("rev-parse", "--short", name) for name in ("HEAD~2", "HEAD")])
        self.assert_untouched(before)
        self.assert_error(self.duel(*arguments, "lib/none.so"), 2, "left no lib/none.so")

    def test_the_same_revision_is_a_placebo(self):
        self.commit("first")
        result = self.duel("--git", "first..HEAD", "--build", "make", "--rounds", "8", "--no-counters", "./spin")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("this is a placebo", result.stderr)

    def test_another_answer_is_invalid(self):
        self.commit("first")
        self.commit("second", answer="other")
        result = self.duel("--git", "first..second", "--build", "make", *FIXED, "./spin")
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("wrong answer", result.stdout)

    def test_failed_build(self):
        self.commit("first")
        broken = self.commit("second", broken=True)
        before = self.state()
        result = self.duel("--git", "first..second", "--build", "make", *FIXED, "./spin")
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, rf"(?m)^countersign: building {broken[:7]}\w* failed \(exit 2\)$")
        self.assertIn("broken", result.stderr.partition("countersign: ")[0])
        self.assert_untouched(before)

    def test_build_without_end(self):
        self.commit("first")
        result = self.duel("--git", "first..first", "--build", "sleep 600", "--build-limit", "0.2", *FIXED, "true")
        self.assert_error(result, 2, "building", "did not end within 0.2 s", "--build-limit")

    def test_refused(self):
        self.commit("first")
        command = ["--build", "make", "./spin"]
        for text, part in (("first", "git stash create"), ("a...b", "expected REV1..REV2"),
                           ("first..nope", "no commit 'nope'"), ("--all..first", "no commit '--all'")):
            self.assert_error(self.duel("--git", text, *command), 2, part)
        self.assert_error(self.duel("--git", "first..first", "--build", "make"), 2, "expected one command")
        self.assert_error(self.duel("--git", "first..first", "--build", "make", "a", "b"), 2, "got 2")
        self.assert_error(self.duel("--git", "first..first", "--call", "int f(int x)"), 2, "--library")
        self.assert_error(self.run_program("duel", "--git", "a..b", "true"), 2, "--repository")

    def test_no_git(self):
        self.commit("first")
        self.environment["PATH"] = "/nowhere"
        self.assert_error(self.duel("--git", "first..first", "true"), 2, "git is not there")

    def test_shallow_clone(self):
        self.commit("first")
        self.commit("second")
        clone = self.folder / "clone"
        self.git("clone", "-q", "--depth", "1", f"file://{self.user}", str(clone))
        result = self.run_program("duel", "--git", "HEAD~1..HEAD", "true", cwd=clone)
        self.assert_error(result, 2, "shallow", "--unshallow")

    def start_building(self):
        """The program while it builds."""
        process = self.start("duel", "--git", "first..first", "--build", "touch started; exec sleep 600", "true", cwd=self.user)
        wait_until(lambda: list(self.scratch.glob("countersign-*/tree-*/started")), "the build runs")
        return process

    def test_interrupted_while_building(self):
        self.commit("first")
        before = self.state()
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                process = self.start_building()
                process.send_signal(number)
                self.assert_error(self.finish(process), 128 + number, "interrupted")
                self.assert_untouched(before)

    def test_what_a_killed_one_left_goes_next_time(self):
        self.commit("first")
        before = self.state()
        process = self.start_building()
        process.kill()
        process.wait()
        self.assertIn("tree-", self.git("worktree", "list"))
        result = self.duel("--git", "first..first", *FIXED, "true")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assert_untouched(before)


class Bisect(Revisions):
    def make_history(self):
        """Eight commits, of which the sixth is slower and the fourth does not build; the slower one's hash."""
        hashes = [self.commit(f"c{i}", FEW * (5 if i >= 6 else 1), broken=i == 4) for i in range(1, 9)]
        return hashes[5]

    def test_the_commit_is_found(self):
        culprit = self.make_history()
        before = self.state()
        result = self.bisect("--git", "c1..c8", "--build", "make", "--budget", "0.5", "--tries", "2", "--no-counters", "--",
                             "./spin")
        self.assert_untouched(before)
        self.assertIn("history  7 commits after ", result.stdout)
        self.assertIn("result file: ", result.stdout)
        run = self.only_result()
        cases = [comparison["case"] for comparison in run["comparisons"]]
        self.assertEqual(cases[0], "ends")
        # Five times the work: only a machine that is busy throughout leaves it undecided, and then says so.
        if result.returncode == 1:
            self.assertIn("Not decided", result.stdout)
            self.skipTest("this machine is too busy to decide")
        self.assertRegex(result.stdout, r"(?m)^skipped  \w+: building \w+ failed \(exit 2\)$")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(f"commit   {culprit}\nauthor   A. Author\n", result.stdout)
        self.assertTrue(result.stdout.endswith("subject  subject of c6\n"), result.stdout)
        self.assertTrue(cases[-1].startswith("confirmation"), cases)
        self.run_well("verify", self.result_files()[0])

    def test_commits_that_cannot_be_told_apart(self):
        """The change is in one of those that do not build, or in the first that does."""
        hashes = [self.commit(f"c{i}", FEW * (5 if i >= 3 else 1), broken=i in (2, 3)) for i in range(1, 5)]
        result = self.bisect("--git", "c1..c4", "--build", "make", *SHORT, "--tries", "2", "--", "./spin")
        self.assert_tidy()
        if result.returncode == 1:
            self.skipTest("this machine is too busy to decide")
        self.assertEqual(result.returncode, 0, result.stderr)
        told = result.stdout.partition("with one of these commits:\n")[2].splitlines()
        self.assertEqual([line.split()[0] for line in told], [self.git("rev-parse", "--short", one) for one in hashes[1:]])
        self.assertEqual(["(skipped)" in line for line in told], [True, True, False])

    def test_nothing_to_find(self):
        """In the other direction: whatever the noise, no commit is named."""
        self.make_history()
        result = self.bisect("--git", "c1..c8", "--faster", "--build", "make", *SHORT, "--tries", "1", "--", "./spin")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertRegex(result.stdout, "nothing to find|Not decided")
        self.assertNotIn("commit   ", result.stdout)
        self.assert_tidy()

    def test_machine_readable(self):
        self.commit("c1")
        self.commit("c2", 5 * FEW)
        result = self.bisect("--git", "c1..c2", "--build", "make", "--budget", "0.5", "--format", "json", "--", "./spin")
        self.assertIn(result.returncode, (0, 1), result.stderr)
        self.assertEqual(json.loads(result.stdout)["schema"], "countersign.run/1")
        self.assertIn("history  1 commit after ", result.stderr)

    def test_an_end_that_does_not_build(self):
        self.commit("c1")
        self.commit("c2", broken=True)
        result = self.bisect("--git", "c1..c2", "--build", "make", *FIXED, "./spin")
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"(?m)^countersign: building \w+ failed \(exit 2\)$")
        self.assert_tidy()

    def test_an_end_that_fails(self):
        self.commit("c1")
        self.commit("c2", answer="other")
        result = self.bisect("--git", "c1..c2", "--build", "make", *FIXED, "./spin")
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("wrong answer", result.stderr)
        self.assert_tidy()

    def test_refused(self):
        self.commit("c1")
        self.commit("c2")
        for arguments, part in ((["./spin"], "expected --git"), (["--git", "c1..c2"], "expected one command"),
                                (["--git", "c1..c1", "./spin"], "nothing between them"),
                                (["--git", "c2..c1", "./spin"], "no ancestor"),
                                (["--git", "c1..c2", "--tries", "0", "./spin"], "--tries"),
                                (["--git", "c1..c2", "--parameter", "n=1,2", "./spin"], "no option")):
            self.assert_error(self.bisect(*arguments), 2, part)

    def test_interrupted(self):
        self.make_history()
        before = self.state()
        process = self.start("bisect", "--git", "c1..c8", "--build", "make", "--budget", "600", "--", "./spin",
                             cwd=self.user)
        wait_until(lambda: list(self.scratch.glob("countersign-*/replicate-*")), "rounds run")
        process.send_signal(signal.SIGINT)
        result = self.finish(process)
        self.assertEqual(result.returncode, 130, result.stderr)
        self.assertRegex(result.stderr, r"(?m)^countersign: interrupted[^\n]*$")
        self.assertEqual(result.stderr.count("countersign: "), 1)
        self.assert_untouched(before)


if __name__ == "__main__":
    main()
