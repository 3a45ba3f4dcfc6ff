#!/usr/bin/python3 -B
"""Duels of commands: what is measured, what is compared, what is refused, and what is left behind."""
import json
import os
import signal

from program import SOURCE, ProgramTest, main, wait_until

FEW = ["--rounds", "4", "--replicates", "2", "--quiet"]


class DuelTest(ProgramTest):
    def duel(self, *arguments, status=0, **options):
        """The run that `duel` prints as JSON."""
        text = self.run_well("duel", *FEW, "--format", "json", *arguments, status=status, **options).stdout
        return json.loads(text)

    def invalid(self, *arguments):
        """Reason of the only comparison, which must be invalid."""
        comparison = self.duel(*arguments, status=3)["comparisons"][0]
        self.assertEqual(comparison["verdict"], "invalid")
        return comparison["reason"]

    def script(self, name, text):
        path = self.folder / name
        path.write_text("#!/bin/sh\n" + text, encoding="utf-8")
        path.chmod(0o755)
        return str(path)


class Secrets(DuelTest):
    """{env:NAME}: what a command gets, and nobody else."""
    SECRET = "s3cr3t-'tok\"en"

    def setUp(self):
        super().setUp()
        self.environment["TOKEN"] = self.SECRET

    def everything(self, result):
        return result.stdout + result.stderr + "".join(path.read_text(encoding="utf-8") for path in self.result_files())

    def assert_kept(self, result, least=6):
        text = self.everything(result)
        text += text.replace("\\\"", "\"")  # as JSON writes a quote
        for start in range(len(self.SECRET) - least + 1):
            self.assertNotIn(self.SECRET[start:start + least], text)

    def test_commands_get_it_in_whatever_quotes(self):
        wanted = self.folder / "wanted"
        wanted.write_text(f"<{self.SECRET}>", encoding="utf-8")
        for shell in ([], ["--shell", "none"]):
            for number, quoted in enumerate(("'<{env:TOKEN}>'", '"<{env:TOKEN}>"', "\\<{env:TOKEN}\\>")):
                got = self.folder / f"got{number}{len(shell)}"
                write = self.script("write", f'printf %s "$1" > {got}\ncmp {got} {wanted}\n')
                result = self.run_well("duel", *FEW, *shell, "true", f"{write} {quoted}")
                self.assertEqual(got.read_text(encoding="utf-8"), f"<{self.SECRET}>")
                self.assertIn("{env:TOKEN}", result.stdout)
                self.assert_kept(result)

    def test_it_is_masked_in_what_is_quoted(self):
        tell = 'echo "cannot log in as $1" >&2; exit 3'
        for shell in ([], ["--shell", "none"]):
            command = f"{self.script('tell', tell)} " + "{env:TOKEN}"
            result = self.run_program("duel", *FEW, *shell, "true", command)
            self.assertEqual(result.returncode, 3, result.stderr)
            self.assertIn("cannot log in as {env:TOKEN}", self.everything(result))
            self.assert_kept(result)
            result = self.run_program("duel", *FEW, *shell, "--prepare", command, "true", "true")
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertIn("{env:TOKEN}", result.stderr)
            self.assert_kept(result)
        result = self.run_program("duel", *FEW, "echo a", "echo \"$TOKEN\"; : {env:TOKEN}")
        self.assertIn("got", self.everything(result))
        self.assert_kept(result)
        cut = self.run_program("duel", *FEW, "true", f"printf '%0119d%s' 0 {{env:TOKEN}} >&2; exit 1")
        self.assert_kept(cut)

    def test_the_shell_s_words_do_not_show_it(self):
        seen = self.folder / "seen"
        self.run_well("duel", *FEW, "true", f"tr '\\0' ' ' < /proc/$$/cmdline > {seen}; : {{env:TOKEN}}")
        self.assertIn('"$TOKEN"', seen.read_text(encoding="utf-8"))
        self.assertNotIn(self.SECRET, seen.read_text(encoding="utf-8"))

    def test_what_is_not_there_is_refused(self):
        for command, words in (("echo {env:NO_SUCH}", "the environment has no variable NO_SUCH"),
                               ("echo {env:}", "expected {env:NAME}"), ("echo {env:TOKEN", "expected {env:NAME}")):
            self.assert_error(self.run_program("duel", "true", command), 2, words)


class Measuring(DuelTest):
    def test_the_result_is_that_of_any_run(self):
        run = self.duel("echo a", "printf 'a\\n'", "echo a; true")
        self.assertEqual([c["candidate"] for c in run["comparisons"]], ["B", "C"])
        measurement = run["measurements"][0]
        self.assertEqual([(arm["variant"], arm["role"], arm["command"]) for arm in measurement["arms"]],
                         [("A", "baseline", "echo a"), ("B", "candidate", "printf 'a\\n'"),
                          ("C", "candidate", "echo a; true"), ("A", "placebo", "echo a")])
        self.assertEqual(len(measurement["replicates"]), 2)
        for replicate in measurement["replicates"]:
            self.assertEqual(replicate["rounds"], 2)
        file = self.result_files()[0]
        self.assertIn("follow from the samples", self.run_well("verify", file).stdout)
        for form in ("table", "markdown", "csv"):
            self.assertIn("echo a", self.run_well("show", file, "--format", form).stdout)

    def test_the_table_tells_of_times_and_counts(self):
        text = self.run_well("duel", *FEW, "echo a", "echo a").stdout
        self.assertIn("duel: A: echo a; B: echo a", text)
        for words in ("wall time: ", "user-time: ", "page-faults ", "context-switches "):
            self.assertIn(words, text)

    def test_every_command_runs_once_a_round_and_the_baseline_twice(self):
        log = self.folder / "log"
        self.duel(f"echo a >> {log}", f"echo b >> {log}")
        lines = log.read_text().split()
        # Beside the rounds: warm-ups, and one untimed execution a replicate; both of all arms. System calls: no placebo.
        self.assertEqual(lines.count("a"), 2 * lines.count("b") - 2 * self.can_trace())
        self.assertGreaterEqual(lines.count("b"), 4 + 1 + 2)

    def test_counts(self):
        run = self.duel("dd if=/dev/zero of=/dev/null bs=1024 count=10 2>/dev/null",
                        "dd if=/dev/zero of=/dev/null bs=1024 count=1010 2>/dev/null")
        counters = {c["name"]: c for c in run["comparisons"][0]["counters"]}
        if counters["read-bytes"]["baseline"] is None:
            self.skipTest("no /proc/PID/io here")
        difference = counters["read-bytes"]["candidate"] - counters["read-bytes"]["baseline"]
        self.assertEqual(difference, 1024 * 1000)
        self.assertEqual(counters["read-bytes"]["source"], "sw")
        self.assertGreater(counters["task-clock"]["baseline"], 0)

    def can_trace(self):
        plan = json.loads(self.result_files()[0].read_text())["counter_plan"]["events"]
        return plan["system-calls"]["source"] == "sw"

    def test_system_calls(self):
        run = self.duel("dd if=/dev/zero of=/dev/null bs=1 count=10 2>/dev/null",
                        "dd if=/dev/zero of=/dev/null bs=1 count=1010 2>/dev/null")
        counters = {c["name"]: c for c in run["comparisons"][0]["counters"]}
        if not self.can_trace():
            self.skipTest(counters["system-calls"]["reason"])
        calls = counters["system-calls"]
        self.assertEqual(calls["candidate"] - calls["baseline"], 2000)
        self.assertAlmostEqual(calls["ratio"]["estimate"], calls["candidate"] / calls["baseline"])
        text = self.run_well("show", self.result_files()[0], "--details").stdout
        self.assertIn("system-calls", text)

    def test_peak_memory(self):
        run = self.duel("dd if=/dev/zero of=/dev/null bs=64M count=1 2>/dev/null", "true")
        peak = run["comparisons"][0]["resources"]["baseline"]["peak_rss_bytes"]
        self.assertGreater(peak, 64 << 20)

    def test_one_command_alone_claims_nothing(self):
        result = self.run_well("duel", *FEW, "echo a")
        self.assertIn("A: echo a", result.stdout)
        self.assertIn("wall ", result.stdout)
        self.assertIn("nothing is claimed", result.stdout)
        self.assertEqual(self.result_files(), [])

    def test_names(self):
        run = self.duel("--name", "old", "--name", "new", "true", "true")
        self.assertEqual((run["comparisons"][0]["baseline"], run["comparisons"][0]["candidate"]), ("old", "new"))

    def test_rounds_are_shared_out(self):
        run = self.duel("--rounds", "7", "--replicates", "3", "true", "true")
        self.assertEqual([r["rounds"] for r in run["measurements"][0]["replicates"]], [3, 2, 2])

    def test_slow_commands_get_eight_rounds(self):
        text = self.run_well("duel", "--quiet", "--budget", "0.01", "--format", "json", "sleep 0.1", "sleep 0.1").stdout
        replicates = json.loads(text)["measurements"][0]["replicates"]
        self.assertEqual(sum(r["rounds"] for r in replicates), 8)

    def test_progress_is_for_terminals(self):
        self.assertEqual(self.run_well("duel", "--rounds", "2", "true", "true").stderr, "")


class Surroundings(DuelTest):
    def test_working_folder_and_environment(self):
        log = self.folder / "log"
        script = f'pwd >> {log}; echo "$COUNTERSIGN_SCRATCH" ${{#COUNTERSIGN_PADDING}} >> {log}'
        self.duel(script, script)
        lines = log.read_text().splitlines()
        self.assertEqual(set(lines[::2]), {str(self.folder)})
        self.assertGreaterEqual(len(set(lines[1::2])), 3, "replicates share a folder and a padding")

    def test_the_scratch_folder_is_empty_and_shared_by_the_rounds_of_a_replicate(self):
        script = 'test -d "$COUNTERSIGN_SCRATCH" && echo x >> "$COUNTERSIGN_SCRATCH/file"'
        self.duel(script, script)

    def test_standard_input(self):
        path = self.folder / "input"
        path.write_text("3\n1\n2\n")
        run = self.duel("--input", path, "sort", "printf '1\\n2\\n3\\n'")
        self.assertEqual(run["comparisons"][0]["verified"], "yes")
        run = self.duel("cat", "true")
        self.assertEqual(run["comparisons"][0]["verified"], "yes", "without --input there is nothing to read")

    def test_without_a_shell(self):
        self.duel("--shell", "none", "echo 'a  b'", 'echo "a  b"')
        self.assertIn("got '$HOME'", self.invalid("--shell", "none", "echo /", "echo $HOME"))

    def test_another_shell(self):
        log = self.folder / "log"
        shell = self.script("shell", f'echo "$1" >> {log}; exec /bin/sh "$@"\n')
        self.duel("--shell", shell, "true", "true")
        self.assertEqual(set(log.read_text().split()), {"-c"})

    def test_cpus(self):
        cpu = min(os.sched_getaffinity(0))
        command = "grep Cpus_allowed_list /proc/self/status"
        run = self.duel("--cpus", cpu, command, f"printf 'Cpus_allowed_list:\\t{cpu}\\n'")
        self.assertEqual(run["comparisons"][0]["verified"], "yes")

    def test_helpers(self):
        log = self.folder / "log"
        self.duel("--setup", f"echo setup >> {log}", "--cleanup", f"echo cleanup >> {log}",
                  "--prepare", f"echo before-a >> {log}", "--prepare", f"echo before-b >> {log}",
                  "--conclude", f"echo after >> {log}", f"echo a >> {log}", f"echo b >> {log}")
        lines = log.read_text().split()
        self.assertEqual((lines[0], lines[-1]), ("setup", "cleanup"))
        inner = lines[1:-1]
        for i in range(0, len(inner), 3):
            arm = inner[i + 1]
            self.assertEqual(inner[i:i + 3], [f"before-{arm}", arm, "after"])

    def test_values_are_passed_as_they_were_written(self):
        run = self.duel("--parameter", "n=007,+5,../x", "echo {n}", "case {n} in 007|+5|../x) echo {n};; esac")
        self.assertEqual([c["verified"] for c in run["comparisons"]], ["yes"] * 3)

    def test_parameters(self):
        run = self.duel("--parameter", "n=1..5:2", "--parameter", "word=x,y", "echo {n} {word}", "echo {n} '{word}'")
        points = [tuple(v["choice"] or v["value"] for v in m["point"].values()) for m in run["measurements"]]
        self.assertEqual(points, [(n, word) for n in (1, 3, 5) for word in ("x", "y")])
        self.assertEqual(run["measurements"][3]["arms"][0]["command"], "echo 3 y")
        self.assertEqual(run["comparisons"][0]["case_title"], "A: echo {n} {word}; B: echo {n} '{word}'")


class Answers(DuelTest):
    def test_another_output(self):
        self.assertIn("wrong answer: standard output of B differs from that of A at line 2, byte 1: got 'y', "
                      "expected 'x'", self.invalid("printf 'a\\nx\\n'", "printf 'a\\ny\\n'"))

    def test_waived(self):
        for option in ("--ignore-output", "--discard-output"):
            run = self.duel(option, "echo a", "echo b")
            self.assertEqual(run["comparisons"][0]["verified"], "no")

    def test_standard_error(self):
        self.duel("echo a >&2", "echo b >&2")
        self.assertIn("standard error of B differs", self.invalid("--compare-stderr", "echo a >&2", "echo b >&2"))

    def test_nondeterminism_is_named(self):
        self.assertIn("differs from that of A when it is run again", self.invalid("date +%N", "date +%N"))

    def test_one_wrong_command_leaves_the_others(self):
        run = self.duel("echo a", "echo b", "echo a", status=3)
        self.assertEqual(run["comparisons"][0]["verdict"], "invalid")
        self.assertNotEqual(run["comparisons"][1]["verdict"], "invalid")

    def test_exit_status(self):
        self.assertIn("B ended with exit status 3 (--ignore-failure lets it); it said: why",
                      self.invalid("true", "echo why >&2; exit 3"))
        self.duel("--ignore-failure", "exit 3", "exit 3")
        self.assertIn("wrong answer: B ended with exit status 3, A with 0",
                      self.invalid("--ignore-failure", "true", "exit 3"))

    def test_a_failing_baseline_is_no_baseline(self):
        self.assertIn("A ended with exit status 1", self.invalid("false", "true"))

    def test_signal(self):
        self.assertIn("B was ended by SIGSEGV", self.invalid("true", "kill -SEGV $$"))

    def test_time_limit(self):
        self.assertIn("B took longer than 0.3 s (--time-limit)", self.invalid("--time-limit", "0.3", "true", "sleep 100"))

    def test_file_limit(self):
        self.assertIn("B wrote a file or output beyond the limit of 16 MiB (--file-limit)",
                      self.invalid("--file-limit", "16M", "true", "exec dd if=/dev/zero bs=1M count=64 2>/dev/null"))

    def test_missing_command(self):
        self.assertIn("exit status 127", self.invalid("true", "/no/such/program"))


class Refusals(DuelTest):
    def refused(self, *arguments, parts):
        self.assert_error(self.run_program("duel", *FEW, *arguments), 2, *parts)
        self.assertEqual(self.result_files(), [])

    def test_words(self):
        for arguments, parts in [
                ([], ["expected commands"]),
                (["true", " "], ["got an empty one"]),
                (["--shell", "none", "echo 'a", "true"], ["a quote is not closed"]),
                (["--shell", "none", "/no/such/program", "true"], ["/no/such/program cannot be run: No such file"]),
                (["--shell", "/no/such/shell", "true", "true"], ["/no/such/shell cannot be run"]),
                (["--input", "/no/such/file", "true", "true"], ["expected a file that can be read"]),
                (["--name", "a", "--name", "a", "true", "true"], ["cannot both be called 'a'"]),
                (["--name", "a", "--name", "b", "true"], ["2 names, but 1 command"]),
                (["--prepare", "a", "--prepare", "b", "true", "true", "true"], ["one for each, got 2"]),
                (["--prepare", "false", "true", "true"], ["--prepare 'false' failed with exit status 1"]),
                (["--setup", "echo why >&2; exit 2", "true", "true"], ["failed with exit status 2; it said: why"]),
                (["--parameter", "n", "true", "true"], ["expected NAME=V1,V2"]),
                (["--parameter", "n=5..1", "true", "true"], ["FROM <= TO"]),
                (["--parameter", "n=1,1", "true", "true"], ["there twice"]),
                (["--parameter", "n=1", "--parameter", "n=2", "true", "true"], ["n is given twice"]),
                (["--parameter", "n=1,2", "echo n", "echo {m}"], ["{n} is in no command"]),
                (["--parameter", "n=1..x", "true {n}", "true"], ["of whole numbers", "got '1..x'"]),
                (["--parameter", "n=0.1..0.5", "true {n}", "true"], ["of whole numbers", "n=0.1,0.2"]),
                (["--parameter", "n=1e3..3e3:1e3", "true {n}", "true"], ["of whole numbers, such as 1..9:2"]),
                (["--parameter", "n=a..c", "true {n}", "true"], ["of whole numbers", "got 'a..c'"]),
                (["--parameter", "n=1..3,7", "true {n}", "true"], ["of whole numbers", "got '1..3,7'"]),
                (["--parameter", "n=1...3", "true {n}", "true"], ["of whole numbers"]),
                (["--parameter", "n=..3", "true {n}", "true"], ["of whole numbers"]),
                (["--parameter", "n=1..9:0x2", "true {n}", "true"], ["of whole numbers"]),
                (["--parameter", "n=1..9:2e0", "true {n}", "true"], ["of whole numbers"]),
                (["--budget", "0x10", "true", "true"], ["expected a number", "got '0x10'"]),
                (["--budget", "1e", "true", "true"], ["expected a number", "got '1e'"]),
                (["--memory-limit", "0x10M", "true", "true"], ["expected a size", "got '0x10M'"]),
                (["--rounds", "1", "true", "true"], ["from 2 to"]),
                (["--sizes", "16", "true", "true"], ["needs --call"]),
                (["--cpus", "99999", "true", "true"], ["99999"]),
                ([str(SOURCE / "harness" / "cli" / "main.c")], ["are compared in two files"]),
                (["true"] * 17, ["at most 16 commands"])]:
            with self.subTest(arguments=arguments):
                self.refused(*arguments, parts=parts)


class Interruption(DuelTest):
    def test_complete_rounds_are_kept(self):
        log = self.folder / "log"
        process = self.start("duel", "--rounds", "200", "--replicates", "2", f"echo a >> {log}; sleep 0.05",
                             f"echo b >> {log}; sleep 0.05")
        wait_until(lambda: log.exists() and log.read_text().count("b") > 8, "some rounds are complete")
        process.send_signal(signal.SIGINT)
        result = self.finish(process)
        self.assertEqual(result.returncode, 130)
        self.assertIn("interrupted", result.stderr)
        self.assert_tidy()
        run = self.only_result()
        self.assertFalse(run["complete"])
        rounds = sum(r["rounds"] for r in run["measurements"][0]["replicates"])
        self.assertGreaterEqual(rounds, 2)
        self.assertLess(rounds, 200)

    def test_children_are_ended(self):
        note = self.folder / "pid"
        process = self.start("duel", *FEW, f"sleep 1000 & echo $! > {note}; wait", "true")
        pid = int(wait_until(lambda: note.exists() and note.read_text().strip(), "the command runs"))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(self.finish(process).returncode, 143)

        def has_ended():
            try:
                return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0] == "Z"
            except FileNotFoundError:
                return True
        wait_until(has_ended, "the command's child has ended")
        self.assert_tidy()


if __name__ == "__main__":
    main()
