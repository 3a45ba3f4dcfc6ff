#!/usr/bin/python3
"""scripts/bench-verdict: its statistics on published values, its readers, and one short try of everything."""
import contextlib
import io
import json
import math
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "build"
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "bench/verdict"), str(ROOT / "bench")]

import claims  # noqa: E402
import common  # noqa: E402
import tables  # noqa: E402
import tools  # noqa: E402
import verdict  # noqa: E402

# R's data set "sleep" (Student 1908): hours gained with two drugs.
SLEEP = ([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0], [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
SLOWER, FASTER, NOTHING = -1, 1, 0


def missing():
    """What the comparison lacks here, or nothing."""
    if not (BUILD / "bin/countersign").exists():
        return f"{BUILD / 'bin/countersign'} is not built"
    if not shutil.which("hyperfine"):
        return "hyperfine is not installed"
    header = subprocess.run(["c++", "-E", "-x", "c++", "-"], input="#include <benchmark/benchmark.h>\n", text=True,
                            capture_output=True)
    return "" if header.returncode == 0 else "libbenchmark-dev is not installed"


MISSING = missing()


class UTest(unittest.TestCase):
    def check(self, first, second, u, p):
        got_u, got_p = claims.u_test(first, second)
        self.assertEqual(got_u, u)
        self.assertAlmostEqual(got_p, p, places=12)
        mirrored_u, mirrored_p = claims.u_test(second, first)
        self.assertEqual(mirrored_u, len(first) * len(second) - u)
        self.assertAlmostEqual(mirrored_p, p, places=12)

    def test_without_ties(self):
        # R: wilcox.test(x, y, exact = FALSE), 16 digits, as in SciPy's tests of mannwhitneyu.
        self.check([0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46], [1.15, 0.88, 0.90, 0.74, 1.21], 35,
                   0.244623605127)

    def test_ties_are_corrected_for(self):
        # R: wilcox.test(1:4, y, exact = FALSE) for 1:5 and the same moved a little, as in SciPy's tests.
        self.check([1, 2, 3, 4], [1, 2, 3, 4, 5], 8, 0.7086240584439)
        self.check([1, 2, 3, 4], [1, 2, 3.01, 4, 5], 7.5, 0.6197963884941)
        self.check([1, 2, 3, 4], [1, 2.01, 3, 4.01, 5], 7, 0.5368784563079)
        self.check([1, 2, 3, 4], [0.99, 1.99, 2.99, 3.99, 4.99], 10, 1)

    def test_sleep(self):
        # R: wilcox.test(extra ~ group, data = sleep, exact = FALSE): W = 25.5, p-value = 0.06933
        u, p = claims.u_test(*SLEEP)
        self.assertEqual(u, 25.5)
        self.assertAlmostEqual(p, 0.06933, places=5)

    def test_all_equal(self):
        self.assertEqual(claims.u_test([1] * 20, [1] * 20), (200, 1.0))


class Welch(unittest.TestCase):
    def test_sleep(self):
        # R: t.test(extra ~ group, data = sleep): t = -1.8608, df = 17.776, p-value = 0.07939
        t, freedom, p = claims.welch(*SLEEP)
        self.assertAlmostEqual(t, -1.8608, places=4)
        self.assertAlmostEqual(freedom, 17.776, places=3)
        self.assertAlmostEqual(p, 0.07939, places=5)

    def test_distribution(self):
        def tail(t, freedom):
            return claims.incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5)
        for t in (0.1, 1, 12.7, 500):  # one degree of freedom is Cauchy's distribution
            self.assertAlmostEqual(tail(t, 1), 1 - 2 / math.pi * math.atan(t), places=12)
        for t in (0.1, 1, 4.3, 500):  # two have a closed form
            self.assertAlmostEqual(tail(t, 2), 1 - t / math.sqrt(2 + t * t), places=12)
        for freedom, t in ((5, 2.571), (10, 2.228), (38, 2.024), (100, 1.984)):  # printed tables, 5 % two-sided
            self.assertAlmostEqual(tail(t, freedom), 0.05, places=3)

    def test_without_scatter(self):
        self.assertEqual(claims.welch([1, 1], [1, 1])[2], 1)
        self.assertEqual(claims.welch([1, 1], [2, 2])[2], 0)


class Wilson(unittest.TestCase):
    def test_published(self):
        # Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, 1998, table I
        for hits, tries, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611),
                                       (1, 29, 0.0061, 0.1718)):
            got = claims.wilson(hits, tries)
            self.assertAlmostEqual(got[0], low, places=4)
            self.assertAlmostEqual(got[1], high, places=4)

    def test_mirrored(self):
        self.assertAlmostEqual(claims.wilson(20, 20)[0], 1 - 0.1611, places=4)
        self.assertEqual(claims.wilson(20, 20)[1], 1)


def interval(low, high):
    return {"estimate": math.sqrt(low * high) if low else None, "low": low, "high": high}


def countersign(word, speedup=(0.99, 0.995), placebo=(0.999, 1.001)):
    return {"verdict": word, "reason": "", "noise": "", "speedup": interval(*speedup), "placebo": interval(*placebo)}


class Claims(unittest.TestCase):
    low = [10 + i / 100 for i in range(20)]
    high = [11 + i / 100 for i in range(20)]

    def ways(self, tool, found):
        return [rule(found) for _, rule in claims.RULES[tool]]

    def test_countersign(self):
        self.assertEqual(self.ways("countersign", countersign("slower")), [SLOWER, SLOWER])
        self.assertEqual(self.ways("countersign", countersign("faster", (1.02, 1.03))), [FASTER, FASTER])
        self.assertEqual(self.ways("countersign", countersign("equivalent")), [NOTHING, SLOWER])
        self.assertEqual(self.ways("countersign", countersign("equivalent", (1.002, 1.003))), [NOTHING, FASTER])
        # the placebo is off by as much, on either side
        for speedup, placebo in (((1.002, 1.003), (0.9975, 1)), ((0.997, 0.998), (1, 1.0025))):
            self.assertEqual(self.ways("countersign", countersign("equivalent", speedup, placebo)), [NOTHING] * 2)
        few = countersign("slower")
        few["speedup"]["within_half"] = None  # too few rounds for an error of their own
        self.assertEqual(self.ways("countersign", few), [SLOWER, SLOWER])
        self.assertEqual(self.ways("countersign", countersign("invalid", (None, None))), [NOTHING] * 2)
        self.assertEqual(self.ways("countersign", countersign("inconclusive", placebo=(None, None))), [NOTHING] * 2)

    def test_u_test(self):
        low, high = ({"real": values, "cpu": self.low} for values in (self.low, self.high))
        for tool in ("google-default", "google-interleaved"):
            self.assertEqual(self.ways(tool, {"baseline": low, "candidate": high}), [SLOWER, NOTHING])
            self.assertEqual(self.ways(tool, {"baseline": high, "candidate": low}), [FASTER, NOTHING])

    def test_hyperfine(self):
        wide = [value + 2 * (-1) ** i for i, value in enumerate(self.high)]
        self.assertEqual(self.ways("hyperfine", {"baseline": self.low, "candidate": self.high}), [SLOWER] * 2)
        self.assertEqual(self.ways("hyperfine", {"baseline": self.high, "candidate": self.low}), [FASTER] * 2)
        # one scatters more than the means differ, but 20 runs show the difference of the means
        self.assertEqual(self.ways("hyperfine", {"baseline": self.low, "candidate": wide}), [NOTHING, SLOWER])
        self.assertEqual(self.ways("hyperfine", {"baseline": self.low, "candidate": self.low}), [NOTHING] * 2)

    @unittest.skipIf(MISSING, MISSING)
    def test_relative_speed_is_hyperfines_own(self):
        with tempfile.TemporaryDirectory() as folder:
            as_json, as_markdown = Path(folder) / "times.json", Path(folder) / "summary.md"
            command = ["hyperfine", "--shell=none", "--style=none", "--runs=5", "--export-json", as_json,
                       "--export-markdown", as_markdown, "sleep 0.02", "sleep 0.01"]
            subprocess.run(command, check=True, capture_output=True)
            times = [result["times"] for result in json.loads(as_json.read_text())["results"]]
            ratio, error = claims.relative_speed(*times)
            self.assertIn(f"| {ratio:.2f} ± {error:.2f} |", as_markdown.read_text())


def google_report(repetitions=tools.REPETITIONS, **change):
    rows = []
    for name, first in (("again", 200), ("base", 100)):
        rows += [{"name": name, "run_name": name, "run_type": "iteration", "repetition_index": i,
                  "real_time": first + i, "cpu_time": first - i, "time_unit": "ns"} | change
                 for i in reversed(range(repetitions))]
        rows.append({"name": f"{name}_mean", "run_name": name, "run_type": "aggregate", "real_time": 0, "cpu_time": 0,
                     "time_unit": "ns"})
    return {"context": {}, "benchmarks": rows}


class Readers(unittest.TestCase):
    def test_google(self):
        found = tools.read_google(google_report(), "base", "again")
        steps = range(tools.REPETITIONS)
        self.assertEqual(found, {"baseline": {"real": [100 + i for i in steps], "cpu": [100 - i for i in steps]},
                                 "candidate": {"real": [200 + i for i in steps], "cpu": [200 - i for i in steps]}})

    def test_google_is_refused(self):
        for report in (google_report(tools.REPETITIONS - 1), google_report(error_occurred=True),
                       google_report(time_unit="us")):
            with self.assertRaises(common.Failed):
                tools.read_google(report, "base", "again")

    def test_hyperfine(self):
        times = [[0.1 + i for i in range(tools.REPETITIONS)], [0.2 + i for i in range(tools.REPETITIONS)]]
        found = tools.read_hyperfine({"results": [{"times": values} for values in times]})
        self.assertEqual(found, {"baseline": times[0], "candidate": times[1]})
        with self.assertRaises(common.Failed):
            tools.read_hyperfine({"results": [{"times": times[0]}, {"times": times[1][1:]}]})


class Script(unittest.TestCase):
    def refused(self, *arguments):
        with contextlib.redirect_stderr(io.StringIO()) as text, self.assertRaises(SystemExit) as refusal:
            verdict.read_arguments(list(arguments))
        self.assertEqual(refusal.exception.code, 2)
        return text.getvalue()

    def test_wrong_arguments_are_refused(self):
        for arguments in (["--tries", "0"], ["--seconds", "nan"], ["--sizes", "2"], ["--loads", ""],
                          ["--cpu", "100000"], ["--seed", "-1"], ["--resume", "a", "--report", "b"], ["something"]):
            self.assertIn("error: ", self.refused(*arguments))

    def test_schedule(self):
        settings = {"tries": 5, "sizes": list(tools.SIZES), "loads": ["quiet", "bursty"], "seed": 7}
        steps = verdict.schedule(settings)
        self.assertEqual(steps, verdict.schedule(settings))
        self.assertNotEqual(steps, verdict.schedule(settings | {"seed": 8}))
        cells = [(i, size, load) for i in range(5) for size in tools.SIZES for load in ("quiet", "bursty")]
        self.assertEqual(sorted((step["try"], step["size"], step["load"]) for step in steps), sorted(cells))
        self.assertEqual([step["try"] for step in steps], sorted(step["try"] for step in steps))
        self.assertTrue(all(sorted(step["tools"]) == sorted(tools.TOOLS) for step in steps))
        self.assertGreater(len({tuple(step["tools"]) for step in steps}), 1)

    def test_settings_are_found_and_used_under_their_load(self):
        here = []

        @contextlib.contextmanager
        def under(bench, load, seed):
            here.append(load)
            yield
            here.pop()

        def compare(bench, tool, size, effort, seed):
            self.assertEqual(effort, list(here))
            return countersign("slower"), 1

        settings = {"tries": 2, "sizes": ["0", "1"], "loads": ["quiet", "bursty"], "seed": 7, "seconds": 1}
        result = {"settings": settings, "efforts": {}, "tries": []}
        with mock.patch.multiple(tools, under=under, compare=compare, calibrate=lambda bench: list(here)), \
                mock.patch.object(verdict, "save"), mock.patch.object(verdict, "announce"):
            verdict.measure(None, result, None)
        self.assertEqual(result["efforts"], {"quiet": ["quiet"], "bursty": ["bursty"]})
        self.assertEqual(len(result["tries"]), 2 * 2 * 2 * len(tools.TOOLS))

    def test_other_files_are_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "other.json"
            for text in ("no JSON", "[]", "{}", '{"schema": "countersign.run/1"}'):
                path.write_text(text)
                with self.assertRaises(common.Failed):
                    verdict.load(path)

    def test_report_counts(self):
        words = ["slower", "faster", "equivalent", "slower"]
        tries = [{"try": i, "size": size, "load": "quiet", "tool": "countersign", "turn": 0, "seed": 1, "wall_s": 2.0,
                  "found": countersign(word)} for size in ("0", "1") for i, word in enumerate(words)]
        settings = {"seconds": 2, "tries": 4, "sizes": ["0", "1"], "loads": ["quiet"], "seed": 1, "cpu": 1}
        result = {"schema": verdict.SCHEMA, "heading": "### Heading", "versions": "", "starts": ["now", "then"],
                  "efforts": {}, "settings": settings, "tries": tries}
        text = tables.report(result, "raw.json")
        row = "| countersign; verdict: faster or slower by more than 1 % |"
        self.assertIn(f"{row} 3 of 4: 75 % (30–95) |\n", text)
        self.assertIn(f"{row} 2 of 4: 50 % (15–85) | 1 of 4: 25 % (5–70) |\n", text)
        self.assertIn("8 of 32 comparisons were made", text)
        self.assertIn("in 2 parts", text)


@unittest.skipIf(MISSING, MISSING)
class WholeTry(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.result = self.folder / "new/result.json"

    def script(self, *arguments):
        command = [ROOT / "scripts/bench-verdict", "--build", self.folder / "build", "--prefix", BUILD, *arguments]
        return subprocess.run(command, text=True, capture_output=True, stdin=subprocess.DEVNULL)

    def test_measures_resumes_and_reports(self):
        done = self.script("--seconds", "0.2", "--tries", "1", "--sizes", "1", "--loads", "quiet", "--output", self.result)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("nothing else may run", done.stderr)
        result = verdict.load(self.result)
        self.check_tries(result, "quiet")
        self.assertIn("**1 % more steps**", done.stdout)
        self.assertNotIn("Not complete", done.stdout)
        self.assertEqual(self.script("--report", self.result).stdout, done.stdout)
        again = self.script("--output", self.result)
        self.assertEqual(again.returncode, 1)
        self.assertIn("--resume", again.stderr)

        # As an interrupt leaves it before the second load. Equal times are found once: that takes longer than tries.
        kept, efforts = result["tries"], result["efforts"]
        result["settings"]["loads"].append("bursty")
        verdict.save(result | {"efforts": efforts | {"bursty": efforts["quiet"]}}, self.result)
        self.assertIn("Not complete", self.script("--report", self.result).stdout)
        resumed = self.script("--resume", self.result)
        self.assertEqual(resumed.returncode, 0, resumed.stderr)
        self.assertNotIn("Not complete", resumed.stdout)
        result = verdict.load(self.result)
        self.check_tries(result, "quiet", "bursty")
        self.assertEqual(result["tries"][:len(kept)], kept)
        self.assertEqual(len(result["starts"]), 2)
        self.assertEqual(list(self.result.parent.iterdir()), [self.result])

    def check_tries(self, result, *loads):
        cells = sorted((entry["load"], entry["size"], entry["tool"]) for entry in result["tries"])
        self.assertEqual(cells, sorted((load, "1", tool) for load in loads for tool in tools.TOOLS))
        for entry in result["tries"]:
            self.assertGreater(entry["wall_s"], 0)
            self.assertNotEqual(entry["found"].get("verdict"), "invalid", entry)
            for _, rule in claims.RULES[entry["tool"]]:
                self.assertIn(rule(entry["found"]), (SLOWER, NOTHING, FASTER))


if __name__ == "__main__":
    program = unittest.main(argv=sys.argv[:1], exit=False)
    if not program.result.wasSuccessful():
        sys.exit(1)
    if MISSING:
        print(f"skip: {MISSING}")
        sys.exit(77)
