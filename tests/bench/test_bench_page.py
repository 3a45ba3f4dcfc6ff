#!/usr/bin/env python3
"""scripts/bench-page: what it prints of a page, and what it says where it cannot."""
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "build"
RECORD = ROOT / "results" / "amd-epyc-family25-model1-2cpu" / "20261127T040710Z-417b.json.gz"


def bench(*arguments, **options):
    return subprocess.run([sys.executable, "-B", ROOT / "scripts" / "bench-page", "--program", BUILD / "bin" / "countersign",
                           *map(str, arguments)], capture_output=True, encoding="utf-8", **options)


class BenchPage(unittest.TestCase):
    @unittest.skipUnless(shutil.which("chromium"), "chromium is not installed")
    def test_a_page(self):
        told = bench(RECORD, "--tries", 2, "--width", 800)
        self.assertEqual(told.returncode, 0, told.stderr)
        lines = told.stdout.splitlines()
        size = re.fullmatch(r"\| page of ([0-9.]+) MB, 800 px wide, 2 times \| median \| range \|", lines[0])
        self.assertTrue(0.1 < float(size[1]) < 1, lines[0])
        rows = [re.fullmatch(r"\| (.*) \| ([0-9]+) ms \| ([0-9]+)–([0-9]+) ms \|", line) for line in lines[2:]]
        self.assertEqual([row[1] for row in rows],
                         ["first contentful paint", "load event", "a frame after both", "computing on the page's thread"])
        values = [[int(row[k]) for k in (3, 2, 4)] for row in rows]
        for least, median, most in values:
            self.assertTrue(0 < least <= median <= most, told.stdout)
        for ends in (0, 2):  # it comes after both
            self.assertGreaterEqual(values[2][ends] + 1, max(values[0][ends], values[1][ends]))

    def test_what_cannot_be(self):
        for arguments, words in (((), "required: FILE"), ((RECORD, "--tries", 0), "--tries: at least 1"),
                                 ((ROOT / "none.json",), "none.json"),
                                 ((RECORD, "--program", ROOT / "none"), "./scripts/run builds it")):
            told = bench(*arguments)
            self.assertEqual((told.returncode, told.stdout), (2, ""), arguments)
            self.assertIn(words, told.stderr)

    def test_without_a_browser(self):
        told = bench(RECORD, env={"PATH": "/nowhere"})
        self.assertEqual((told.returncode, told.stdout), (1, ""))
        self.assertRegex(told.stderr, r"^bench-page: .*chromium.*\n$")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
