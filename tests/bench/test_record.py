#!/usr/bin/env python3
"""The tables of the lessons are what their records give; and what scripts/record computes, on values known beforehand."""
import gzip
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "bench/record")]

import archive  # noqa: E402
import common  # noqa: E402
import record  # noqa: E402


def comparison(verdict="faster", estimate=2.19, low=1.94, high=2.48, n=1024, candidate="hash"):
    return {"case": "lookup", "baseline": "linear", "candidate": candidate, "verdict": verdict,
            "point": {"n": {"value": n, "choice": ""}, "hit": {"value": 50, "choice": ""}},
            "speedup": {"estimate": estimate, "low": low, "high": high}, "baseline_time_ns": {"median": 1.714}}


def run_of(comparisons, started="2026-11-20T12:00:00Z", points="sweep", complete=True):
    return {"complete": complete, "started": started, "settings": {"points": points}, "comparisons": comparisons,
            "command": "countersign run --budget 1 --output /elsewhere/x.json --seed 1",
            "host": {"cpu_model": "Some CPU", "hypervisor": "", "topology": {"cpus": 1}},
            "counter_plan": {"pmu": "", "events": {"cycles": {"source": "clock"}}}}


class Folder:
    """A project of one lesson and the records that are given."""
    def __init__(self, root, runs, table):
        self.root, self.lesson = Path(root), Path(root) / "cases/lookup/README.md"
        self.lesson.parent.mkdir(parents=True)
        self.lesson.write_text(f"# Lookup\n## What was measured\n<!-- table: lookup -->\n{table}<!-- end -->\n"
                               "It wins by 2.2×.\n\n## Further\nby 3 %\n", encoding="utf-8")
        (self.root / "results/m").mkdir(parents=True)
        for number, run in enumerate(runs):
            with gzip.open(self.root / f"results/m/{number}.json.gz", "wt", encoding="utf-8") as stream:
                json.dump(run, stream)


class Archives(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def campaign(self):
        """A folder of one plain and one compressed file."""
        place = self.root / "results/m/20261120"
        (place / "bench").mkdir(parents=True)
        (place / "plain.json").write_text('{"a": 1}', encoding="utf-8")
        (place / "bench/small.json.gz").write_bytes(gzip.compress(b'{"b": 2}'))
        return place

    def test_a_campaign_is_unpacked_as_it_was(self):
        made = record.pack_campaign(self.campaign())
        self.assertEqual([path.name for path in (self.root / "results/m").iterdir()], ["20261120.tar.xz"])
        self.assertEqual(archive.names(made), ["20261120/bench/small.json", "20261120/plain.json"])
        folder, = record.unpack_all(self.root)
        self.assertEqual(folder, self.root / "results/runs/m/20261120")
        self.assertEqual((folder / "plain.json").read_bytes(), b'{"a": 1}')
        self.assertEqual((folder / "bench/small.json").read_bytes(), b'{"b": 2}')

    def test_the_same_files_make_the_same_archive(self):
        first = record.pack_campaign(self.campaign())
        content = first.read_bytes()
        first.unlink()
        self.assertEqual(record.pack_campaign(self.campaign()).read_bytes(), content)

    def test_no_archive_is_written_over(self):
        place = self.campaign()
        (self.root / "results/m/20261120.tar.xz").write_bytes(b"old")
        with self.assertRaises(FileExistsError):
            record.pack_campaign(place)
        self.assertTrue(place.is_dir())

    def test_another_folder_is_not_packed(self):
        (self.root / "elsewhere").mkdir()
        with self.assertRaises(record.common.Failed):
            record.pack_campaign(self.root / "elsewhere")

    def test_nothing_is_unpacked_elsewhere(self):
        path = self.root / "evil.tar.xz"
        for name in ("../evil.json", "/tmp/evil.json"):
            with tarfile.open(path, "w:xz") as stream:
                stream.addfile(tarfile.TarInfo(name), io.BytesIO(b""))
            with self.assertRaises(ValueError):
                archive.unpack(path, self.root / "here")
        self.assertFalse((self.root / "evil.json").exists())

    def test_files_that_documents_name_are_there(self):
        """`results/MACHINE/…` names a file, and `NAME` in brackets behind an archive what is in it."""
        named = 0
        for document in [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "results").glob("*.md")]:
            text = document.read_text(encoding="utf-8")
            for found in re.finditer(r"`(results/[a-z0-9-]+-\d+cpu/[\w./-]+)`(?:\s+\(([^)]+)\))?", text):
                path = ROOT / found[1]
                self.assertTrue(path.exists(), f"{document.name}: {found[1]}")
                named += 1
                if path.name.endswith(archive.SUFFIX) and found[2]:
                    members = archive.names(path)
                    for name in re.findall(r"`([\w./-]+)`", found[2]):
                        inside = f"{path.name.removesuffix(archive.SUFFIX)}/{name}"
                        self.assertTrue(any(member == inside or member.startswith(inside) and inside.endswith("/")
                                            for member in members), f"{document.name}: {name} is not in {found[1]}")
        self.assertGreater(named, 8)

    def test_a_clone_stays_small(self):
        """25 MB of files that git keeps. Beyond: pack the campaigns (scripts/record --pack), or take out superseded ones,
        and say in results/README.md at which commit they are."""
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
        if listed.returncode:
            self.skipTest("not a clone: what belongs to it cannot be told")
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
        self.assertLess(sum(file.stat().st_size for file in files if file.is_file()), 25e6)


class Lessons(unittest.TestCase):
    def test_tables_are_what_the_records_give(self):
        self.assertEqual(record.write_tables(ROOT, check=True), [])

    def test_a_stale_table_is_found_and_written_once(self):
        with tempfile.TemporaryDirectory() as root, mock.patch.object(sys, "stderr"):
            folder = Folder(root, [run_of([comparison()])], "| figures by hand |\n")
            self.assertEqual(record.write_tables(folder.root, check=True), [folder.lesson])
            self.assertEqual(record.write_tables(folder.root), [folder.lesson])
            self.assertEqual(record.write_tables(folder.root, check=True), [])
            text = folder.lesson.read_text(encoding="utf-8")
            self.assertIn("On Some CPU (1 processing unit, no PMU), 2026-11-20, by\n`countersign run --budget 1 --seed 1`;",
                          text)
            self.assertIn("[0.json.gz](../../results/m/0.json.gz)", text)
            self.assertIn("\n| 1.71 ns | **2.19×** [1.94, 2.48] |\n<!-- end -->\nIt wins", text)
            self.assertEqual(record.figures_in_prose(text), [text[:text.index("It wins")].count("\n") + 1])

    def test_the_newest_complete_sweep_is_the_record(self):
        old, new = comparison(estimate=2.0), comparison(estimate=2.3)
        runs = [run_of([new], "2026-11-21T00:00:00Z"), run_of([old]), run_of([old], "2026-11-22T00:00:00Z", "quick"),
                run_of([old], "2026-11-23T00:00:00Z", complete=False), run_of([], "2026-11-24T00:00:00Z")]
        with tempfile.TemporaryDirectory() as root, mock.patch.object(sys, "stderr"):
            folder = Folder(root, runs, "")
            record.write_tables(folder.root)
            self.assertIn("**2.30×**", folder.lesson.read_text(encoding="utf-8"))

    def test_what_cannot_be_told_fails(self):
        with tempfile.TemporaryDirectory() as root:
            folder = Folder(root, [run_of([comparison()], points="quick")], "")
            record.write_tables(folder.root)
            self.assertIn("Not measured for the record yet", folder.lesson.read_text(encoding="utf-8"))
            folder.lesson.write_text("# A lesson without a table\n", encoding="utf-8")
            self.assertRaises(common.Failed, record.write_tables, folder.root)


class Tables(unittest.TestCase):
    def test_digits_follow_the_interval(self):
        for low, high, decimals in ((16.19, 17.40, 2), (0.9956, 0.9983, 4), (816, 1129, 0), (1.9, 7.2, 1), (1, 1, 4)):
            self.assertEqual(record.speedup_decimals(low, high), decimals)

    def test_a_verdict_is_named_unless_it_is_faster(self):
        self.assertEqual(record.cell(comparison()), "**2.19×** [1.94, 2.48]")
        self.assertEqual(record.cell(comparison("slower", 0.5777, 0.5349, 0.6251)), "0.578× [0.535, 0.625] slower")
        self.assertEqual(record.cell(comparison("invalid", None, None, None)), "invalid")

    def test_durations_have_three_digits(self):
        for value, text in ((0.03547, "0.0355 ns"), (1.2, "1.20 ns"), (999.4, "999 ns"), (999.6, "1.00 µs"),
                            (9.996, "10.0 ns"), (16345, "16.3 µs"), (2.5e9, "2.50 s")):
            self.assertEqual(record.duration(value), text)

    def test_a_row_is_a_point_and_a_column_a_candidate(self):
        rows = record.pivot([comparison(n=65536), comparison(n=1024), comparison(n=1024, candidate="binary")]).splitlines()
        self.assertEqual(rows[:2], ["| n | linear | hash | binary |", "| ---: | ---: | --- | --- |"])
        self.assertTrue(rows[2].startswith("| 1 024 | 1.71 ns | **2.19×**"))
        self.assertTrue(rows[3].endswith("| – |"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
