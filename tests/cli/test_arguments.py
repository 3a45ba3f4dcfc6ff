#!/usr/bin/python3 -B
"""Arguments: what is refused, in which words, and what helps."""
import os
import unittest

from program import REAL_CASE, SHORT, PROGRAM, ProgramTest, main

VERBS = ("doctor", "list", "explain", "run", "duel", "bisect", "gate", "new", "profile", "load", "calibrate", "show", "report", "verify",
         "compare", "history", "completion")


class Verbs(ProgramTest):
    def test_unknown_verb(self):
        self.assert_refused("frobnicate", parts=["no verb 'frobnicate'", ", ".join(VERBS)])

    def test_misspelt_verb_gets_a_suggestion(self):
        self.assert_refused("rn", parts=["did you mean run?"])

    def test_no_verb_explains_itself(self):
        result = self.run_program()
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stdout, "")
        self.assertIn("usage: countersign VERB", result.stderr)

    def test_help(self):
        for arguments in (["--help"], ["-h"], ["help"]):
            text = self.run_well(*arguments).stdout
            for verb in VERBS:
                self.assertRegex(text, rf"(?m)^  {verb} ")

    def test_help_of_each_verb(self):
        for verb in VERBS:
            result = self.run_well(verb, "--help")
            self.assertTrue(result.stdout.startswith(f"usage: countersign {verb}"), result.stdout)
            self.assertIn("--help", result.stdout)
            self.assertEqual(result.stderr, "")
            for arguments in ([verb, "-h"], ["help", verb]):
                self.assertEqual(self.run_well(*arguments).stdout, result.stdout, arguments)
        self.assertEqual(self.result_files(), [])

    def test_help_of_what_is_not_there(self):
        self.assert_refused("help", "rn", parts=["no verb 'rn'", "did you mean run?"])
        self.assert_refused("help", "run", "show", parts=["one verb at a time", "'show'"])

    def test_version(self):
        for arguments in (["--version"], ["-V"], *([verb, "-V"] for verb in VERBS)):
            self.assertRegex(self.run_well(*arguments).stdout, r"\Acountersign \d+\.\d+\.\d+\n\Z")

    def test_option_that_is_none(self):
        self.assert_refused("--vresion", parts=["no option '--vresion'", "did you mean --version?"])


class Options(ProgramTest):
    def test_unknown_option_of_each_verb(self):
        for verb in VERBS:
            self.assert_refused(verb, "--frobnicate", parts=[f"{verb}: no option '--frobnicate'"])

    def test_misspelt_option_gets_a_suggestion(self):
        self.assert_refused("run", REAL_CASE, "--bugdet", "3", parts=["'--bugdet'", "did you mean budget?\n"])

    def test_start_of_several_options(self):
        self.assert_refused("run", REAL_CASE, "--qui=3", parts=["'--qui' may be quick or quiet"])
        self.assert_refused("run", REAL_CASE, "--s", parts=["may be sweep, seed, state, simulation-budget or scratch"])

    def test_option_with_a_value_it_does_not_take(self):
        self.assert_refused("run", REAL_CASE, "--quick=3", parts=["--quick takes no value, got '3'"])
        self.assert_refused("list", "--help=x", parts=["--help takes no value"])

    def test_option_without_its_value(self):
        self.assert_refused("run", REAL_CASE, "--budget", parts=["--budget needs a value"])

    def test_short_option(self):
        self.assert_refused("run", REAL_CASE, "-q", parts=["no option '-q'"])
        self.assert_refused("run", "--quick", "-qz", parts=["no option '-q'"])

    def test_point_sets_exclude_each_other(self):
        self.assert_refused("run", REAL_CASE, "--quick", "--full", parts=["--quick and --full exclude each other"])

    def test_refused_values(self):
        refused = {
            "--budget": ["", "0", "-1", "x", "1s", " 1", "0x1", "nan", "inf", "1e9", "0.001"],
            "--delta": ["0", "-1", "1e3", "1%"],
            "--replicates": ["", "1", "0", "-2", "2.5", "1001", "two", "18446744073709551618"],
            "--seed": ["", "-1", "18446744073709551616", "0x", "seed"],
            "--state": ["", "hot", "WARM"],
            "--looks": ["", "0", "-1", "x", "100000"],
            "--layout": ["", "none"],
            "--build": ["", "debug"],
            "--threads": ["0", "-1", "x", "99999"],
            "--memory-limit": ["", "0", "x", "1M", "4Q", "-4G", "9999999T", "4GB2"],
            "--time-limit": ["0", "x", "-1", "1e9"],
            "--format": ["", "xml", "JSON"],
        }
        for option, values in refused.items():
            for value in values:
                with self.subTest(option=option, value=value):
                    self.assert_refused("run", REAL_CASE, f"{option}={value}", parts=[option])

    def test_numbers_are_decimal(self):
        """A leading zero is not octal: 010 is ten, and the record says so."""
        run = self.run_json(REAL_CASE, "--quick", *SHORT, "--seed", "010")
        self.assertEqual(run["settings"]["seed"], "10")

    def test_doctor_values(self):
        self.assert_refused("doctor", "--seconds", "0", parts=["--seconds"])
        self.assert_refused("doctor", "now", parts=["'now'"])

    def test_events_that_nobody_knows(self):
        for verb in (["doctor"], ["run", "lookup-hash-vs-linear"]):
            self.assert_refused(*verb, "--event", "perf::CONTEXT-SWITCHS",
                                parts=["--event", "PAPI", "libpfm4", "perf::CONTEXT-SWITCHES"])
            self.assert_refused(*verb, "--event", "instructions", parts=["counted anyway"])
        names = ["PAGE-FAULTS", "MINOR-FAULTS", "MAJOR-FAULTS", "CONTEXT-SWITCHES", "CPU-MIGRATIONS", "CPU-CLOCK", "FAULTS",
                 "CS", "MIGRATIONS"]
        self.assert_refused("doctor", *[word for name in names for word in ("--event", f"perf::{name}")],
                            parts=["at most 8", "perf::MIGRATIONS"])

    def test_superfluous_arguments(self):
        self.assert_refused("list", "cases", "kernels", parts=["'kernels'"])
        self.assert_refused("list", "no-such-thing", parts=["'no-such-thing'"])
        self.assert_refused("show", "a.json", "b.json", parts=["'b.json'"])
        self.assert_refused("verify", "a.json", "b.json", parts=["one result file, got 2"])
        self.assert_refused("verify", parts=["one result file, got 0"])

    def test_errors_stay_in_one_clean_line(self):
        """What a user or a file brings along can neither colour the terminal nor add lines."""
        self.assert_refused("a\033[31mb\nc", parts=["no verb 'a [31mb c'"])
        self.assert_refused("run", "a\nb", parts=["no case 'a b'"])
        self.assert_refused("run", "x" * 5000)

    def test_bytes_that_are_not_text(self):
        self.assert_refused(command=[os.fsencode(PROGRAM), b"run", b"caf\xe9"], parts=["no case 'caf?'"])


class Placement(ProgramTest):
    """Processing units and threads that cannot be had."""

    def setUp(self):
        super().setUp()
        self.allowed = sorted(os.sched_getaffinity(0))

    def test_list_that_cannot_be_read(self):
        for text in ("foo", "0,", "1-0", "0x", "-1", "0,,1", " "):
            with self.subTest(text=text):
                self.assert_refused("run", REAL_CASE, f"--cpus={text}", parts=[f'"{text}"'])

    def test_empty_list(self):
        self.assert_refused("run", REAL_CASE, "--cpus=", parts=["--cpus", "empty"])

    def test_list_that_is_too_long(self):
        self.assert_refused("run", REAL_CASE, "--cpus", ",".join(["0"] * 5000), parts=["--cpus", "characters"])

    def test_named_twice(self):
        cpu = self.allowed[0]
        self.assert_refused("run", REAL_CASE, "--cpus", f"{cpu},{cpu}", parts=["twice"])

    def test_not_existing(self):
        self.assert_refused("run", REAL_CASE, "--cpus", "99999", parts=["there is no CPU 99999"])

    def test_not_allowed(self):
        if len(self.allowed) < 2:
            self.skipTest("only one CPU is allowed here")
        one, other = self.allowed[:2]
        self.assert_refused("run", REAL_CASE, "--cpus", other, prepare=lambda: os.sched_setaffinity(0, {one}),
                            parts=[f"CPU {other} is not allowed", f"choose from {one}"])

    def test_bound_where_asked(self):
        for cpu in self.allowed[:2]:
            run = self.run_json(REAL_CASE, "--quick", *SHORT, "--no-counters", "--cpus", cpu)
            bound = {thread["cpu"] for measurement in run["measurements"]
                     for replicate in measurement["replicates"] for thread in replicate["threads"]}
            self.assertEqual(bound, {cpu})
            self.assertEqual(run["settings"]["cpus"], str(cpu))

    def test_more_threads_than_allowed(self):
        self.assert_refused("run", "parallel-vs-serial", "--threads", len(self.allowed) + 1, parts=["threads"])

    def test_more_threads_than_listed(self):
        if len(self.allowed) < 2:
            self.skipTest("only one CPU is allowed here")
        self.assert_refused("run", "parallel-vs-serial", "--threads", "2", "--cpus", self.allowed[0],
                            parts=["names 1 CPU for 2 threads"])

    def test_threads_honoured(self):
        if len(self.allowed) < 2:
            self.skipTest("only one CPU is allowed here")
        run = self.run_json("parallel-vs-serial", "--quick", *SHORT, "--no-counters", "--threads", "2")
        for measurement in run["measurements"]:
            self.assertEqual(measurement["point"]["threads"]["value"], 2)
            for replicate in measurement["replicates"]:
                cpus = [thread["cpu"] for thread in replicate["threads"]]
                self.assertEqual(len(cpus), 2)
                self.assertEqual(len(set(cpus)), 2)


if __name__ == "__main__":
    main()
