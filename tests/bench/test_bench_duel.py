#!/usr/bin/env python3
"""scripts/bench-duel: what its report counts, what it refuses, and one short try of everything."""
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "build"
SCRIPT = ROOT / "bench/duel/duel.py"


def interval(low, high):
    return {"estimate": (low + high) / 2, "low": low, "high": high}


def attempt(name, size, swapped, verdict, times):
    """One try: countersign's verdict, and hyperfine's times of baseline and candidate."""
    speedup = {"faster": interval(1.04, 1.06), "slower": interval(0.94, 0.96)}.get(verdict, interval(0.99, 1.01))
    found = {"verdict": verdict, "speedup": speedup, "placebo": interval(0.995, 1.005)}
    return {"name": name, "size": size, "swapped": swapped, "countersign": {"wall_s": 1.5, "found": found},
            "hyperfine": {"wall_s": 1.5, "found": {"baseline": times[0], "candidate": times[1]}}}


class Duel(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def script(self, *arguments):
        return subprocess.run([sys.executable, "-B", SCRIPT, *map(str, arguments)], cwd=ROOT, text=True,
                              capture_output=True)

    def report(self, tries):
        path = self.folder / "result.json"
        path.write_text(json.dumps({"schema": "countersign.bench-duel/1", "heading": "### H\n", "seconds": 1,
                                    "tries": tries}), encoding="utf-8")
        done = self.script("--report", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in done.stdout.splitlines()
                if line.startswith("| ")][2:]

    def test_claims_between_equal_commands_are_wrong(self):
        apart, alike = ([1.0, 1.01, 1.02], [2.0, 2.01, 2.02]), ([1.0, 1.1, 1.2], [1.0, 1.1, 1.2])
        rows = self.report([attempt("same", 0, False, "faster", apart), attempt("same", 0, False, "equivalent", alike)])
        self.assertEqual([row[1] for row in rows], ["countersign"] * 2 + ["hyperfine"] * 2)
        for row in rows:
            self.assertEqual(row[3], "–")
            self.assertTrue(row[4].startswith("1 of 2 (50.0 %"), row)

    def test_direction_counts_as_the_order_was_drawn(self):
        slower, faster = ([1.0, 1.01, 1.02], [2.0, 2.01, 2.02]), ([2.0, 2.01, 2.02], [1.0, 1.01, 1.02])
        rows = self.report([attempt("spin", 5, False, "slower", slower), attempt("spin", 5, True, "faster", faster),
                            attempt("spin", 5, True, "slower", slower)])
        self.assertEqual(len(rows), 4)
        for row in rows:
            self.assertTrue(row[3].startswith("2 of 3"), row)
            self.assertTrue(row[4].startswith("1 of 3"), row)

    def test_other_files_are_refused(self):
        path = self.folder / "other.json"
        for text in ("{}", "[1]", "nonsense", '{"schema": "countersign.run/1"}'):
            path.write_text(text, encoding="utf-8")
            done = self.script("--report", path)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stderr, f"bench-duel: {path}: not a result file of scripts/bench-duel\n")
        self.assertEqual(self.script("--tries", "0").returncode, 2)
        self.assertEqual(self.script("--output", path).returncode, 2, "it would be overwritten")

    def test_one_try(self):
        if not shutil.which("hyperfine") or not shutil.which("cc"):
            self.skipTest("needs hyperfine and cc")
        spin, path = self.folder / "spin", self.folder / "result.json"
        subprocess.run(["cc", "-O2", "-o", spin, ROOT / "bench/duel/spin.c"], check=True)
        done = self.script("--program", BUILD / "bin/countersign", "--spin", spin, "--tries", 1, "--seconds", 0.2,
                           "--output", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        tries = json.loads(path.read_text(encoding="utf-8"))["tries"]
        self.assertEqual(sorted(entry["size"] for entry in tries), [0, 0, 1, 5])
        for entry in tries:
            self.assertGreaterEqual(len(entry["hyperfine"]["found"]["baseline"]), 2)
            self.assertNotEqual(entry["countersign"]["found"]["verdict"], "invalid")
        self.assertEqual(self.script("--report", path).stdout, done.stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
