#!/usr/bin/python3 -B
"""`show` and `verify`: the table again, and its proof, from whole, damaged and foreign files."""
import copy
import csv
import gzip
import io
import json
import os
import random
import re
import resource
import subprocess

import program
from program import PATIENCE_S, REAL_CASE, SHORT, SOURCE, PROGRAM, ProgramTest, as_nobody, hostile_case, main

RECORDS = SOURCE / "results" / "amd-epyc-family25-model1-2cpu"
QUICK, SWEEP = "20261127T040710Z-417b.json.gz", "20261127T071757Z-abaf.json.gz"
DAMAGED_RUNS = 250


class Tables(ProgramTest):
    def table_of(self, *arguments, status=0):
        """What run printed, up to the line that names the result file."""
        out = self.run_well("run", *arguments, status=status).stdout
        table, mark, path = out.partition("\nresult file: ")
        self.assertTrue(mark)
        return table, path.rstrip("\n")

    def test_same_bytes_as_run_printed(self):
        table, path = self.table_of(REAL_CASE, "--quick", *SHORT)
        self.assertEqual(self.run_well("show", path).stdout, table)

    def test_same_bytes_with_invalid_and_skipped(self):
        self.with_test_kernels()
        case = hostile_case(self.folder / "case", ["same", "wrong", "crash", "never"], "{after: [0, 1]}")
        table, path = self.table_of(case, *SHORT, status=3)
        self.assertEqual(self.run_well("show", path).stdout, table)

    def test_newest_without_a_name(self):
        self.with_test_kernels()
        case = hostile_case(self.folder / "case", ["same"])
        table, path = self.table_of(case, *SHORT)
        (self.results / "20000101T000000Z-0000.json").write_text("{}", encoding="utf-8")
        self.assertEqual(self.run_well("show").stdout, table)
        self.assertIn("the comparison follows from the samples", self.run_well("verify", path).stdout)

    def test_compressed_and_from_standard_input(self):
        self.with_test_kernels()
        table, path = self.table_of(hostile_case(self.folder / "case", ["same"]), *SHORT)
        packed = self.folder / "run.json.gz"
        with open(path, "rb") as whole:
            packed.write_bytes(gzip.compress(whole.read()))
        self.assertEqual(self.run_well("show", packed).stdout, table)
        for name in (path, packed):
            with open(name, "rb") as stream:
                self.assertEqual(self.run_well("show", "-", stdin=stream).stdout, table)

    def test_formats(self):
        table, path = self.table_of(REAL_CASE, "--quick", *SHORT)
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
        self.assertEqual(self.run_well("show", path, "--format", "json").stdout, text)
        self.assertEqual(self.run_well("show", "--format", "table", path).stdout, table)
        rows = list(csv.reader(io.StringIO(self.run_well("show", path, "--format", "csv").stdout, newline="")))
        self.assertEqual(len(rows), 1 + len(json.loads(text)["comparisons"]))
        self.assertEqual({len(row) for row in rows}, {len(rows[0])})
        self.assertIn("\n| ", self.run_well("show", path, "--format", "markdown").stdout)


class Details(ProgramTest):
    def setUp(self):
        super().setUp()
        self.with_test_kernels()
        case = hostile_case(self.folder / "case", ["same", "slow", "wrong"], "{after: [0, 1]}")
        self.run_well("run", case, *SHORT, status=3)
        self.path, = self.result_files()
        self.comparisons = json.loads(self.path.read_text(encoding="utf-8"))["comparisons"]

    def headings(self, *arguments):
        """Lines that open a comparison's details."""
        out = self.run_well("show", self.path, "--details", *arguments).stdout
        return [line.removeprefix("## ") for line in out.splitlines() if " against " in line and "after = " in line]

    def test_every_comparison(self):
        lines = self.headings()
        self.assertEqual(len(lines), len(self.comparisons))
        self.assertIn("case: wrong against", "\n".join(lines))
        self.assertEqual(self.headings("--format", "markdown"), lines)
        self.assertEqual(self.headings("--case", "case"), lines)

    def test_counters_have_values_and_sources(self):
        self.environment["COLUMNS"] = "200"  # room for the column of trust, however wide the intervals
        out = self.run_well("show", self.path, "--details", "--where", "after=1").stdout
        self.assertRegex(out, r"task-clock, ns +[0-9.]+ .* sw +trusted\n")
        self.assertRegex(out, r"peak-memory, bytes in all +[0-9]+ .* harness +trusted\n")

    def test_a_part_of_them(self):
        chosen = [line for line in self.headings() if "after = 1" in line]
        self.assertEqual(self.headings("--where", "after=1"), chosen)
        self.assertEqual(self.headings("--case", "case", "--where", "after=1"), chosen)

    def assert_refused(self, *arguments, parts):
        self.assert_error(self.run_program("show", self.path, *arguments), 2, *parts)

    def test_refused(self):
        self.assert_refused("--case", "caes", parts=["no case 'caes' in it", "did you mean case?"])
        self.assert_refused("--case", "case", "--format", "json", parts=["json is the file as a whole"])
        self.assert_refused("--where", "after=1", parts=["--details"])
        self.assert_refused("--details", "--format", "csv", parts=["markdown"])
        self.assert_refused("--details", "--case", "other", parts=["no comparison"])
        self.assert_refused("--details", "--where", "after=1", "--where", "after=2", parts=["no comparison"])
        for wrong in ("", "after", "=1", "after=", "a" * 100 + "=1", "a=" + "1" * 100):
            self.assert_refused("--details", "--where", wrong, parts=["--where", "n=4096"])


class Part(ProgramTest):
    """A case by itself, whose verdicts stay those of the whole run."""

    def setUp(self):
        super().setUp()
        self.with_test_kernels()
        for name in ("first", "second"):
            hostile_case(self.folder / "cases" / name, ["same", "slow"], "{after: [1]}")
        self.run_well("run", f"{self.folder}/cases/", *SHORT, "--no-counters")
        self.path, = self.result_files()

    def rows(self, *arguments):
        return list(csv.reader(self.run_well("show", self.path, "--format", "csv", *arguments).stdout.splitlines()))

    def test_rows_of_one_case(self):
        every, part = self.rows(), self.rows("--case", "second")
        column = every[0].index("case")
        self.assertEqual({row[column] for row in every[1:]}, {"first", "second"})
        self.assertEqual(part, every[:1] + [row for row in every[1:] if row[column] == "second"])

    def test_table_of_one_case(self):
        whole = " ".join(self.run_well("show", self.path, "--tables", "--notes").stdout.split())
        part = " ".join(self.run_well("show", self.path, "--case", "second", "--notes").stdout.split())
        self.assertEqual((whole.count("second: Test"), part.count("second: Test"), whole.count("first: Test"), part.count("first: Test")),
                         (1, 1, 1, 0), part)
        self.assertIn("(4 here, Holm's", whole)
        self.assertIn("(4 in the whole run, Holm's", part)
        self.assertIn("\n| ", self.run_well("show", self.path, "--case", "second", "--format", "markdown").stdout)

    def test_a_line_a_candidate(self):
        out = self.run_well("show", self.path).stdout
        self.assertIn("\nfirst against square: Test\n", "\n" + out)
        self.assertEqual((out.count("\n  same "), out.count("\n  slow ")), (2, 2), out)
        self.assertIn("show FILE --case NAME", out)
        self.assertNotIn("show FILE --case NAME", self.run_well("show", self.path, "--case", "second").stdout)


class Screen(ProgramTest):
    """What a person sees of a run of record: six cases, some points of each, or every point."""

    def show(self, record, *arguments, columns=100):
        self.environment["COLUMNS"] = str(columns)
        return self.run_well("show", RECORDS / record, *arguments).stdout

    def assert_fits(self, text, columns):
        self.assertLessEqual(max(map(len, text.splitlines())), columns)
        self.assertNotIn("\033", text)

    def test_six_cases_fit_a_screen(self):
        for record, columns, most in ((QUICK, 100, 50), (QUICK, 80, 60), (QUICK, 60, 80), (SWEEP, 100, 80)):
            text = self.show(record, columns=columns)
            self.assert_fits(text, columns)
            self.assertLessEqual(text.count("\n"), most, (record, columns))

    def test_the_answer_of_each_candidate(self):
        lines = self.show(QUICK).splitlines()
        for words in (["soa", "1", "1", "13×", "fields", "=", "1", "l1d-misses", "0.0626×", "sim"],
                      ["hash", "1", "1", "9.9×", "n", "=", "256", "2.1×", "n", "=", "8", "branches", "0.00987×", "sim"],
                      ["mmap", "3", "39×–40×", "all", "points", "read-calls", "0×", "sw"],
                      ["guarded", "2", "1", "1.8×–1.9×", "n", "=", "65536,", "1048576", "–"]):
            self.assertIn(words, [line.split() for line in lines])
        self.assertIn("verdicts    51 comparisons: 33 ▲ faster (28 ★), 8 ▼ slower, 1 ■ equivalent, 9 ◇ inconclusive", lines)

    def test_groups(self):
        groups = [line.split()[0] for line in self.show(QUICK).splitlines() if " ▲ ▼ ■ ◇ " in line]
        self.assertEqual(groups, ["memory", "io", "algorithms", "threads"])
        self.environment["COUNTERSIGN_CASES"] = str(self.folder)
        text = self.show(QUICK)
        self.assertEqual([line.split()[0] for line in text.splitlines() if " ▲ ▼ ■ ◇ " in line], ["candidate"])
        self.assertNotIn("countersign explain", text)

    def test_what_needs_attention(self):
        text = " ".join(self.show(SWEEP).split())
        self.assertIn("predictions 185 held, 7 refuted, 32 undecided", text)
        self.assertIn("refuted io-batched-reads batched, size = 4 KiB, batch = 4096: predicted faster, measured slower", text)
        self.assertIn("carry-over 3 comparisons of lookup-repeated-queries: ", text)
        self.assertIn("70 inconclusive: the same budget again may settle 8, --budget 10 another 49 (even odds); 13 out of "
                      "reach", text)
        for label in ("neighbours", "layout", "settings", "absent"):
            self.assertNotIn(f" {label} ", text)

    def test_nothing_is_lost(self):
        """Every table, sentence and note is there for who asks."""
        text = self.show(QUICK, "--tables", "--notes")
        self.assertGreater(text.count("\n"), 230)
        for part in ("\n  → hash wins ", "\nneighbours  ", "\nlayout  ", "\nsettings  ", "\nabsent  ", "\nmarks  ",
                     "\nparallel-vs-serial: OpenMP threads against one thread\n"):
            self.assertIn(part, text)
        self.assertNotIn("--notes", text.split("settings")[1])
        self.assertIn("\nsettings  ", self.show(QUICK, "--notes"))
        self.assertNotIn("\n  → ", self.show(QUICK, "--notes"))
        self.assertNotIn("\nsettings  ", self.show(QUICK, "--tables"))
        self.assertIn("\n  → hash wins ", self.show(QUICK, "--tables"))

    def test_the_readme_quotes_it(self):
        blocks = (SOURCE / "README.md").read_text(encoding="utf-8").split("```\n")
        self.assertIn(self.show(QUICK), blocks)
        self.assertTrue([block for block in blocks if block.startswith("lookup-hash-vs-linear: ")
                         and self.show(QUICK, "--case", "lookup-hash-vs-linear").startswith(block)])

    def test_the_documentation_has_every_note(self):
        kinds = (SOURCE / "harness" / "report" / "notes_kinds.c").read_text(encoding="utf-8")
        attention = (SOURCE / "harness" / "report" / "attention.c").read_text(encoding="utf-8")
        labels = set(re.findall(r'\] = \{"([A-Za-z -]+)"', kinds)) | set(re.findall(r'^    \{"([a-z -]+)", \w', attention, re.M))
        rows = re.findall(r"(?m)^\| (`.*?`) \|", (SOURCE / "docs" / "REPORT.md").read_text(encoding="utf-8"))
        told = {label for row in rows for label in re.findall("`([^`]+)`", row)}
        self.assertGreater(len(labels), 20)
        self.assertLessEqual(labels, told)

    def test_refused(self):
        for option in ("--tables", "--notes"):
            for arguments in (["--format", "csv"], ["--format", "json"], ["--details"]):
                self.assert_error(self.run_program("show", RECORDS / QUICK, option, *arguments), 2, option)

    def test_without_unicode(self):
        self.environment["LC_ALL"] = "C"
        text = self.show(QUICK)
        self.assertTrue(text.isascii())
        self.assertIn("33 + faster (28 *), 8 - slower, 1 = equivalent, 9 ? inconclusive", text)


class Proof(ProgramTest):
    def setUp(self):
        super().setUp()
        self.with_test_kernels()
        case = hostile_case(self.folder / "case", ["same", "slow", "wrong", "never"], "{after: [0]}")
        self.run_well("run", case, *SHORT, status=3)
        self.path, = self.result_files()

    def test_a_file_as_it_was_written(self):
        result = self.run_well("verify", self.path)
        self.assertIn("all 3 comparisons follow from the samples", result.stdout)
        with open(self.path, "rb") as stream:
            self.run_well("verify", "-", stdin=stream)

    def test_conclusions_drawn_again(self):
        run = json.loads(self.path.read_text(encoding="utf-8"))
        run["comparisons"][1]["speedup"]["low"] *= 0.9
        other = self.folder / "other.json"
        other.write_text(json.dumps(run), encoding="utf-8")
        refused = self.folder / "refused.json"
        self.assert_error(self.run_program("verify", other, "--rewrite", refused), 1, str(other), "changed")
        del run["digest"]
        run["version"] = "0.1.0"  # one that wrote none
        other.write_text(json.dumps(run), encoding="utf-8")
        fresh = self.folder / "fresh.json"
        self.run_well("verify", other, "--rewrite", fresh)
        self.run_well("verify", fresh)
        self.assert_error(self.run_program("verify", other, "--rewrite", fresh), 2, str(fresh), "there already")
        run["measurements"][0]["digest"] = "0" * 16
        other.write_text(json.dumps(run), encoding="utf-8")
        self.assert_error(self.run_program("verify", other, "--rewrite", refused), 1, str(other), "samples were changed")
        self.assertFalse(refused.exists())

    def assert_found_out(self, change, word):
        run = json.loads(self.path.read_text(encoding="utf-8"))
        change(run)
        forged = self.folder / "forged.json"
        forged.write_text(json.dumps(run), encoding="utf-8")
        result = self.run_program("verify", forged)
        self.assert_error(result, 1, str(forged), "not follow from the samples")
        self.assertIn(word, result.stdout)

    def test_forged_conclusions(self):
        def set_verdict(run):
            run["comparisons"][1]["verdict"] = "faster" if run["comparisons"][1]["verdict"] != "faster" else "slower"

        def set_estimate(run):
            run["comparisons"][1]["speedup"]["estimate"] = run["comparisons"][1]["speedup"]["high"]

        def set_point(run):
            run["comparisons"][1]["point"]["after"]["value"] += 1

        def leave_out(run):
            del run["comparisons"][1]

        self.assert_found_out(set_point, "point")
        self.assert_found_out(leave_out, "comparisons of slow")
        self.assert_found_out(set_verdict, "verdict")
        self.assert_found_out(set_estimate, "speedup")

    def test_a_verdict_of_a_wrong_answer(self):
        run = json.loads(self.path.read_text(encoding="utf-8"))
        run["comparisons"][2]["verdict"] = "faster"
        forged = self.folder / "forged.json"
        forged.write_text(json.dumps(run), encoding="utf-8")
        for verb in ("show", "verify"):
            self.assert_error(self.run_program(verb, forged), 2, str(forged), "comparisons[2].verdict: impossible")

    def test_changes_that_no_sample_decides(self):
        changes = [lambda run: run["comparisons"][1].update(
            verified="yes" if run["comparisons"][1]["verified"] == "checked" else "checked"),
                   lambda run: run["comparisons"][1]["target"].update(speedup=1.3),
                   lambda run: run["comparisons"][1].update(mechanism="explained", mechanism_text="all held"),
                   lambda run: run["measurements"][0]["replicates"][0]["noise"].update(steal_share=0.125),
                   lambda run: run["host"].update(cpu_model="another"),
                   lambda run: run["settings"].update(seed="1"),
                   lambda run: run.update(id="20000101T000000Z-0000"),
                   lambda run: run.update(more=1),
                   lambda run: run.update(digest="sha256:" + "0" * 64)]
        for change in changes:
            run = json.loads(self.path.read_text(encoding="utf-8"))
            change(run)
            other = self.folder / "other.json"
            other.write_text(json.dumps(run), encoding="utf-8")
            result = self.run_program("verify", other)
            self.assert_error(result, 1, str(other), "changed after it was written")
            shown = self.run_program("show", other)
            self.assertEqual(shown.returncode, 0)
            self.assertIn("changed after it was written", shown.stderr)
            if "more" in run:
                continue  # a key that is not known is not written again, and all else is as it was
            again = self.folder / "again.json"
            again.write_text(self.run_program("show", other, "--format", "json").stdout, encoding="utf-8")
            self.assert_error(self.run_program("verify", again), 1, "changed")

    def test_a_digest_that_was_removed(self):
        run = json.loads(self.path.read_text(encoding="utf-8"))
        self.assertRegex(run.pop("digest"), "^sha256:[0-9a-f]{64}$")
        other = self.folder / "other.json"
        other.write_text(json.dumps(run), encoding="utf-8")
        self.assert_error(self.run_program("verify", other), 1, str(other), "no digest, though its version writes one")
        run["version"] = "0.1.0"
        other.write_text(json.dumps(run), encoding="utf-8")
        self.assertIn("no digest: it was written before version 0.2", self.run_well("verify", other).stdout)

    def test_layout_is_no_change(self):
        run = json.loads(self.path.read_text(encoding="utf-8"))
        other = self.folder / "other.json"
        other.write_text(json.dumps(run, sort_keys=True, indent=7), encoding="utf-8")
        self.assertIn("nothing was changed since it was written", self.run_well("verify", other).stdout)


class Damaged(ProgramTest):
    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
        return path

    def whole(self):
        self.with_test_kernels()
        self.run_well("run", hostile_case(self.folder / "case", ["same", "wrong", "never"], "{after: [0]}"), *SHORT,
                      status=3)
        path, = self.result_files()
        return path.read_bytes()

    def assert_show_refused(self, path, *parts):
        for verb in ("show", "verify"):
            result = self.run_program(verb, path)
            self.assert_error(result, 2, str(path), *parts)
            self.assertEqual(result.stdout, "")

    def test_missing_empty_foreign(self):
        self.assert_show_refused(self.folder / "nowhere.json", "no such file")
        self.assert_show_refused(self.folder, "folder")
        self.assert_show_refused(self.write("empty.json", ""), "empty")
        self.assert_show_refused(self.write("text.json", "speedup: 2\n"), "not JSON")
        self.assert_show_refused(self.write("binary.json", bytes(range(256)) * 20), "not JSON")
        self.assert_show_refused("/dev/zero", "not JSON")
        self.assert_show_refused(self.write("object.json", "{}"), "schema")
        self.assert_show_refused(self.write("array.json", "[1, 2]"))
        self.assert_show_refused(self.write("number.json", "12"))
        self.assert_show_refused(self.write("deep.json", "[" * 100000))
        self.assert_show_refused(self.write("benchmark.json", '{"context": {}, "benchmarks": []}'), "schema")
        self.assert_show_refused(PROGRAM)

    def test_text_that_would_steer(self):
        """Names of a stranger's file: no escape, no mark of direction and no formula gets out."""
        foul = "\x1b]0;title\x07\u202e\u2066\x9b31m"
        run = json.loads(self.whole())
        for comparison in run["comparisons"]:
            for key in ("case", "case_title", "item", "candidate", "reason", "mechanism_text", "noise_text"):
                comparison[key] = ("=" + foul + "|[a](b)" + comparison[key])[:30]
        run["command"] = run["host"]["cpu_model"] = run["settings"]["cpu_reason"] = foul
        for measurement in run["measurements"]:
            for key in ("case", "compiler", "flags", "scratch_filesystem"):
                measurement[key] = foul
        file = self.write("foul.json", json.dumps(run))
        for arguments in ("verify",), ("show",), ("show", "--details"), ("show", "--format", "markdown"), (
                "show", "--format", "csv"), ("show", "--details", "--format", "markdown"):
            result = self.run_program(*arguments, file)
            out = result.stdout + result.stderr
            self.assertNotEqual(result.stdout, "", result.stderr)
            self.assertNotRegex(out, "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
            if "csv" in arguments:
                self.assertNotRegex(out, r"(^|,)\"?=")
            if "markdown" in arguments:
                self.assertNotIn("[a](b)", out)

    def test_fills_no_memory(self):
        packed = gzip.compress(b'{"schema": "countersign.run/1", "x": [0' + b",0" * 40_000_000 + b"]}", 1)
        result = self.run_program("show", self.write("bomb.json.gz", packed),
                                  prepare=None if program.SANITIZED else lambda: resource.setrlimit(
                                      resource.RLIMIT_AS, (1 << 30, 1 << 30)))
        self.assert_error(result, 2, "bomb.json.gz", "too many values")

    def test_pipe_without_a_writer(self):
        os.mkfifo(self.folder / "pipe")
        self.assert_show_refused(self.folder / "pipe", "empty")

    def test_no_run_yet(self):
        result = self.run_program("show")
        self.assert_error(result, 2, "no run in", str(self.results))

    def test_cut_short(self):
        data = self.whole()
        for length in (1, 100, len(data) // 2, len(data) - 3):
            self.assert_show_refused(self.write("short.json", data[:length]))
        packed = gzip.compress(data)
        for length in (5, len(packed) // 2, len(packed) - 4):
            self.assert_show_refused(self.write("short.json.gz", packed[:length]))

    def test_another_version(self):
        run = json.loads(self.whole())
        run["schema"] = "countersign.run/99"
        self.assert_show_refused(self.write("next.json", json.dumps(run)), "countersign.run/99", "countersign.run/1")

    def test_not_readable(self):
        path = self.write("secret.json", "{}")
        path.chmod(0)
        command = as_nobody([PROGRAM, "show", path])
        if not command:
            self.skipTest("root reads everything, and its rights cannot be dropped here")
        self.assert_error(self.run_program(command=command), 2, str(path), "not readable")

    def test_wrong_values_anywhere(self):
        """Values of a good file replaced at random: shown or refused in one line, never a crash or a hang."""
        run = json.loads(self.whole())
        paths = []

        def collect(value, path):
            if path:
                paths.append(path)
            for key, inner in value.items() if isinstance(value, dict) else (
                    enumerate(value[:3]) if isinstance(value, list) else ()):
                collect(inner, path + (key,))

        collect(run, ())
        choose = random.Random(1)
        replacements = (None, -1, 0, 4096, 2**31, 2**63 - 1, 1e308, -1e308, "", "x" * 3000, "\x1b[31m", "é", [], {},
                        True, "-1", "18446744073709551616", [1], {"a": 1})
        for number in range(DAMAGED_RUNS):
            path, value = choose.choice(paths), choose.choice(replacements)
            damaged = copy.deepcopy(run)
            target = damaged
            for step in path[:-1]:
                target = target[step]
            target[path[-1]] = value
            file = self.write("damaged.json", json.dumps(damaged))
            kind = choose.choice(("table", "markdown", "csv", "json", "details", "proof"))
            arguments = {"proof": ["verify", file], "details": ["show", file, "--details"]}.get(
                kind, ["show", file, "--format", kind])
            result = subprocess.run([PROGRAM, *arguments], env=self.environment, capture_output=True,
                                    timeout=PATIENCE_S)
            what = f"{path} = {value!r:.40} as {kind}: {result.stderr[:300]}"
            self.assertIn(result.returncode, (0, 1, 2) if kind == "proof" else (0, 2), what)
            if result.returncode:
                self.assertRegex(result.stderr, rb"\Acountersign: [^\n]+\n\Z", what)
            if kind in ("table", "details", "proof"):
                self.assertNotIn(b"\x1b", result.stdout, what)


if __name__ == "__main__":
    main()
