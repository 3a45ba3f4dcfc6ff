#!/usr/bin/env python3
"""scripts/bench-gate: what it prints and keeps of gates, and what it refuses."""
import gzip
import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "build"


def bench(*arguments):
    return subprocess.run([sys.executable, "-B", ROOT / "scripts" / "bench-gate", "--program", BUILD / "bin" / "countersign",
                           *map(str, arguments)], capture_output=True, encoding="utf-8")


class BenchGate(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="bench-gate-test-")
        self.addCleanup(folder.cleanup)
        self.kept = Path(folder.name) / "kept.json.gz"

    def test_gates(self):
        """Work that is ten times as much is found, whatever else the machine does; what was counted is what is kept."""
        told = bench("--tries", 2, "--planted", 900, "--budget", 0.2, "--output", self.kept)
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("Machine: ", told.stdout)
        rows = re.findall(r"(?m)^\| ([^|]+) \| (\d+) \| (\d+) \| ([\d.]+) % to ([\d.]+) % \|", told.stdout)
        self.assertEqual([row[:2] for row in rows], [("equal work", "2"), ("900 % more work", "2")])
        self.assertEqual(rows[1][2:], ("2", "15.8", "100.0"))  # Clopper and Pearson's of 2 of 2: 0.025^(1/2)
        kept = json.loads(gzip.decompress(self.kept.read_bytes()))
        self.assertEqual([[each["status"] for each in kept["tries"][head]].count(1) for head in ("same", "slower")],
                         [int(row[2]) for row in rows])
        self.assertIn(kept["heading"], told.stdout)

    def test_refused(self):
        self.kept.write_bytes(b"a record")
        for arguments, words in ((("--tries", 0), "at least one try"), (("--output", self.kept), "is there already"),
                                 (("--program", ROOT / "none"), "./scripts/run builds it")):
            told = bench(*arguments)
            self.assertEqual(told.returncode, 2, told.stderr)
            self.assertIn(words, told.stderr)
        self.assertEqual(self.kept.read_bytes(), b"a record")


unittest.main(argv=sys.argv[:1])
