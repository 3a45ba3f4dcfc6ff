#!/usr/bin/python3 -B
"""Limits: an answer that met one is no answer, and one under which nothing can be measured is named beforehand."""
import json
import os
import resource
import signal
import sys
import unittest

from program import REAL_CASE, SANITIZED, SHORT, ProgramTest, main

FEW = ["--rounds", "2", "--replicates", "2", "--quiet", "--no-counters", "--file-limit", "16M"]
MUCH = "seq 3000000"  # 22 MB
MORE = "seq 4000000"


def limited(number, amount, hard=True):
    return lambda: resource.setrlimit(number, (amount, amount if hard else resource.getrlimit(number)[1]))


class Alike(ProgramTest):
    """Both sides are cut or ended alike, so that nothing differs between them."""

    def reason(self, *arguments, status=3, **options):
        result = self.run_program("duel", *FEW, "--format", "json", *arguments, **options)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        self.assert_tidy()
        comparison = json.loads(result.stdout)["comparisons"][0]
        self.assertEqual(comparison["verdict"] == "invalid", status == 3)
        return comparison["reason"]

    def assert_file_limit(self, *arguments, **options):
        reason = self.reason(*arguments, **options)
        self.assertIn("beyond the limit of 16 MiB (--file-limit)", reason)
        self.assertNotIn("--ignore-failure", reason)

    def test_output_cut_by_the_file_limit(self):
        for prefix, suffix in (("exec ", ""), ("sleep 0.01; ", ""), ("", "; true"), ("", " | cat"),
                               ("trap '' XFSZ; ", ""), ("trap '' XFSZ; ", " 2>/dev/null; true")):
            with self.subTest(prefix=prefix, suffix=suffix):
                commands = [prefix + text + suffix for text in (MUCH, MORE)]
                self.assert_file_limit("--ignore-failure", *commands)
                self.assert_file_limit(*commands)

    def test_files_cut_by_the_file_limit(self):
        script = '{} > "$COUNTERSIGN_SCRATCH/f" 2>/dev/null; wc -c < "$COUNTERSIGN_SCRATCH/f"'
        self.assert_file_limit(script.format(MUCH), script.format(MORE))

    def test_files_elsewhere_are_not_cut_alike(self):
        script = "({}) > f 2>/dev/null; wc -c < f"
        self.reason(script.format(MUCH), script.format(MORE))

    def test_output_of_exactly_the_limit(self):
        size = 16 << 20
        self.assert_file_limit(f"head -c {size} /dev/zero", f"head -c {size} /dev/zero; true")
        self.reason(f"head -c {size - 1} /dev/zero", f"head -c {size - 1} /dev/zero; true", status=0)

    def test_the_limit_of_the_shell(self):
        amount = 64 << 20
        text = "head -c 80000000 /dev/zero"
        reason = self.reason("--ignore-failure", "--file-limit", "1G", text, text + "; true",
                             prepare=limited(resource.RLIMIT_FSIZE, amount))
        self.assertIn("(ulimit -f)", reason)

    def test_statuses_that_stand_for_a_limit_or_a_failure(self):
        for status, part in ((128 + signal.SIGXFSZ, "--file-limit"), (128 + signal.SIGXCPU, "ulimit -t"),
                             (128 + signal.SIGKILL, "out of memory"), (128 + signal.SIGPIPE, "SIGPIPE"),
                             (128 + signal.SIGSEGV, "SIGSEGV"), (124, "time limit"), (126, "not run"), (127, "not run")):
            with self.subTest(status=status):
                self.assertIn(part, self.reason("--ignore-failure", f"exit {status}", f"sleep 0; exit {status}"))

    def test_cpu_time(self):
        for limit in ("ulimit -t 1", "ulimit -S -t 1"):
            script = limit + "; {}while :; do :; done"
            self.assertIn("ulimit -t", self.reason("--ignore-failure", script.format(""), script.format(": ; ")))

    def test_full_disk(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("needs /dev/full")
        for suffix in ("", "; true"):
            reason = self.reason("--ignore-failure", f"seq 10 > /dev/full{suffix}", f"seq 11 > /dev/full{suffix}")
            self.assertIn("No space left on device", reason)

    def test_memory(self):
        eat = f"{sys.executable} -c 'b = bytearray({{}} << 20)'"
        for suffix in ("", "; true"):
            reason = self.reason("--ignore-failure", "--memory-limit", "256M", eat.format(1000) + suffix,
                                 eat.format(900) + suffix)
            self.assertIn("memory", reason.lower())

    def test_helpers(self):
        result = self.run_program("duel", *FEW, "--setup", "seq 10 > /dev/full; true", "true", "true")
        self.assert_error(result, 2, "--setup", "No space left on device")

    def test_ignored_failures_are_compared(self):
        self.reason("--ignore-failure", "exit 3", "sleep 0; exit 3", status=0)


class Stolen(ProgramTest):
    def test_the_rivals_output_is_in_no_open_file(self):
        steal = ('for p in $PPID $(sed -n "s/^PPid:\t//p" /proc/$PPID/status); do for f in /proc/$p/fd/*; do '
                 'case $(readlink $f) in *memfd:*) test "$(stat -Lc %s $f)" -gt 4 && cat $f && exit;; esac; '
                 'done; done 2>/dev/null; echo none')
        result = self.run_program("duel", *FEW, "--rounds", "6", "echo a long answer", steal)
        self.assertEqual(result.returncode, 3, result.stdout)
        self.assertIn("got 'none'", " ".join(result.stdout.split()))


class Inherited(ProgramTest):
    def test_what_rivals_inherit_is_not_changed(self):
        """By a command that slows the process that starts the next one, and so its rival."""
        import shutil
        for tool, script in (("renice", "renice -n 5 $PPID >/dev/null"), ("prlimit", "prlimit --nproc=100: --pid $PPID"),
                             ("taskset", f"taskset -pc {min(os.sched_getaffinity(0))} $PPID >/dev/null")):
            if not shutil.which(tool) or (tool == "taskset" and len(os.sched_getaffinity(0)) == 1):
                continue
            with self.subTest(tool=tool):
                result = self.run_program("duel", *FEW, "true", script)
                self.assertIn("that its rivals inherit", result.stderr)
                self.assertIn(result.returncode, (2, 4))


class Small(ProgramTest):
    """Limits of the shell under which nothing can be measured."""

    def assert_named(self, option, number, amounts, hard=True):
        for amount in amounts:
            for verb in (["run", REAL_CASE, "--quick", *SHORT], ["duel", "true", "true"]):
                with self.subTest(amount=amount, verb=verb[0]):
                    self.assert_refused(*verb, prepare=limited(number, amount, hard), parts=[option])

    def test_stack(self):
        self.assert_named("ulimit -s", resource.RLIMIT_STACK, (128 << 10, 256 << 10, 512 << 10))

    def test_files(self):
        self.assert_named("ulimit -f", resource.RLIMIT_FSIZE, (0, 512, 10240, 1 << 20))
        self.assert_named("ulimit -f", resource.RLIMIT_FSIZE, (10240,), hard=False)

    @unittest.skipIf(SANITIZED, "the sanitizer's libraries do not load in so little")
    def test_data(self):
        self.assert_named("ulimit -d", resource.RLIMIT_DATA, (16 << 20,))

    def test_enough(self):
        for number, amount in ((resource.RLIMIT_STACK, 1 << 20), (resource.RLIMIT_FSIZE, 64 << 20)):
            result = self.run_program("run", REAL_CASE, "--quick", *SHORT, "--no-counters", prepare=limited(number, amount))
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(self.run_program("duel", *FEW, "true", "true", prepare=limited(number, amount)).returncode, 0)

    def test_commands_get_their_signals_back(self):
        """What the program ignores for itself would be ignored by what it starts, too."""
        script = "sed -n 's/^SigIgn:[[:space:]]*//p' /proc/self/status | grep -q '^0*$'"
        result = self.run_program("duel", *FEW, script, script)
        self.assertEqual(result.returncode, 0, result.stdout)


if __name__ == "__main__":
    main()
