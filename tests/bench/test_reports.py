#!/usr/bin/env python3
"""What the reports of scripts/bench compute, on values known beforehand; nothing is measured."""
import io
import math
import os
import subprocess
import sys
import tempfile
import unittest
from contextlib import redirect_stderr
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "bench"))

import common  # noqa: E402
import main  # noqa: E402
import resolution  # noqa: E402
import start  # noqa: E402


def comparison(verdict, half):
    interval = {"estimate": math.exp(0.002), "low": math.exp(0.002 - half), "high": math.exp(0.002 + half)}
    return {"verdict": verdict, "speedup": interval, "placebo": interval}


class Reports(unittest.TestCase):
    def test_quantiles_are_type_7(self):
        # R: quantile(1:22, c(.05, .5, .95), type = 7) = 2.05, 11.5, 20.95
        self.assertEqual(common.spread(list(range(22, 0, -1)), "{:.2f}"), "11.50 (2.05–20.95)")

    def test_half_width_is_of_the_logarithm(self):
        self.assertAlmostEqual(resolution.half_width({"low": math.exp(-0.01), "high": math.exp(0.03)}), 2)

    def test_row_counts_what_is_not_equivalent_and_false_claims(self):
        tries = [comparison(*pair) for pair in
                 [("equivalent", 0.001), ("faster", 0.002), ("slower", 0.003), ("inconclusive", 0.004)]]
        self.assertEqual(resolution.row("a", "quiet", tries),
                         ["a", "quiet", "+0.200 (+0.200–+0.200)", "0.250 (0.100–0.400)", "0.250 (0.100–0.400)",
                          "3 of 4", 2])

    def test_table_has_a_cell_for_each_column(self):
        self.assertEqual(common.table(["a", "b"], [["c", 1]]), "| a | b |\n| --- | ---: |\n| c | 1 |")

    def test_environment_is_not_the_callers(self):
        with mock.patch.dict(os.environ, {"COUNTERSIGN_KERNELS": "/elsewhere"}):
            self.assertNotIn("COUNTERSIGN_KERNELS", common.environment(Path("b")))
            self.assertEqual(common.environment(Path("b"), bench_cases=True)["COUNTERSIGN_KERNELS"],
                             "b/lib/countersign/bench-kernels")


class FirstReplicate(unittest.TestCase):
    def announce(self, script):
        return start.time_to_first_replicate(["sh", "-c", script], dict(os.environ))

    def test_is_seen_on_a_terminal(self):
        milliseconds = self.announce("sleep 0.3; test -t 2 && printf 'replicate 1/8' >&2; sleep 0.1")
        self.assertGreaterEqual(milliseconds, 300)

    def test_failure_is_reported(self):
        for script in ("printf 'replicate 1/8' >&2; exit 2", "true"):
            with self.assertRaises(common.Failed):
                self.announce(script)


class Arguments(unittest.TestCase):
    def test_wrong_ones_are_refused(self):
        wrong = (["nothing"], [], ["all", "--tries", "1"], ["all", "--budget", "nan"], ["all", "--tries", "x"])
        for arguments in wrong:
            with mock.patch.object(sys, "argv", ["bench", *arguments]), redirect_stderr(io.StringIO()), \
                    self.assertRaises(SystemExit) as refused:
                main.read_arguments()
            self.assertEqual(refused.exception.code, 2)


class Neighbour(unittest.TestCase):
    def test_ends_with_its_input(self):
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "bin/neighbour"
            program.parent.mkdir()
            options = ["-D_GNU_SOURCE", f"-I{ROOT}/harness/include"]
            subprocess.run(["cc", *options, "-o", program, ROOT / "bench/neighbour.c"], check=True)
            with resolution.neighbour(Path(folder), 1):
                pass
            with self.assertRaises(common.Failed), resolution.neighbour(Path(folder), "x"):
                self.fail("it started with a seed that is no number")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
