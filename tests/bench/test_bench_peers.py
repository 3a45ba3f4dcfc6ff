#!/usr/bin/env python3
"""What scripts/bench-peers assembles and prints; of what it measures, the answers of a rival in C, of one in C++, of a wrong one."""
import dataclasses
import json
import shutil
import sys
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "bench/trust"), str(ROOT / "bench/peers")]

import assemble  # noqa: E402
import common  # noqa: E402
import duels  # noqa: E402
import matches  # noqa: E402
import peers  # noqa: E402

PROGRAM = Path(sys.argv.pop(1) if len(sys.argv) > 1 else ROOT / "build").resolve() / "bin/countersign"


def match_of(kernel, baseline):
    found, = {match.name: match for match in matches.MATCHES if (match.kernel, match.baseline) == (kernel, baseline)}.values()
    return found


def comparison(estimate, verdict="faster", **point):
    known = {"estimate": None, "low": None, "high": None} if estimate is None else \
        {"estimate": estimate, "low": estimate - 0.02, "high": estimate + 0.02}
    return {"verdict": verdict, "reason": "crashed" if estimate is None else "", "speedup": known, "point": point}


def result_of(*found):
    return {"schema": peers.SCHEMA, "budget": 2, "heading": "### Heading\n", "matches": list(found)}


def found_of(match, *comparisons, problem=""):
    return {"name": match.name, "version": "1.2-3", "comparisons": list(comparisons), "problem": problem}


ONE = matches.Match("one", "lookup", "a library", "uthash", "hash", {"n": [8, 64]}, included="the library: its own copy")
OTHER = matches.Match("one", "lookup", "another", "judy", "hash", {"n": [8, 64]}, reasons=(({"n": 64}, "it skips | half"),))
SORT = matches.Match("two", "sort-records", "a sort", "std_sort", "radix", {"n": [8]})


class Assemble(unittest.TestCase):
    def test_what_kernel_and_rival_need_goes_together(self):
        match = dataclasses.replace(ONE, packages=("libb",), libraries=("c",))
        own = "# A comment\nset(KERNEL_PACKAGES liba) # why\nset(KERNEL_OPENMP ON)\n"
        self.assertEqual(assemble.kernel_cmake(own, match),
                         "set(KERNEL_LIBRARIES c)\nset(KERNEL_OPENMP ON)\nset(KERNEL_PACKAGES liba libb)\n")
        self.assertEqual(assemble.kernel_cmake("", ONE), "")

    def test_every_match_can_be_assembled_and_none_twice(self):
        names = [match.name for match in matches.MATCHES]
        self.assertEqual(len(set(names)), len(names))
        self.assertGreaterEqual(len({match.row for match in matches.MATCHES}), 14)
        with tempfile.TemporaryDirectory() as folder:
            for match in matches.MATCHES:
                place = assemble.assemble(match, Path(folder))
                with self.subTest(match=match.name):
                    self.assertEqual([path.name for path in place.iterdir() if not path.exists()], [])
                    case = json.loads((place / "case.yaml").read_text(encoding="utf-8"))
                    self.assertEqual((case["baseline"], case["candidates"]), (match.baseline, [match.ours]))

    def test_a_folder_is_made_anew(self):
        with tempfile.TemporaryDirectory() as folder:
            place = assemble.assemble(match_of("lookup", "uthash"), Path(folder))
            (place / "left.c").write_text("of the time before", encoding="utf-8")
            self.assertFalse((assemble.assemble(match_of("lookup", "uthash"), Path(folder)) / "left.c").exists())


class Answers(unittest.TestCase):
    """No time is looked at. One folder for all, so that what two of them share is compiled once."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)

    def comparisons(self, match, edit=None):
        place = assemble.assemble(match, self.folder)
        if edit:
            file = place / f"peer_{match.file.name}"
            text = file.read_text(encoding="utf-8")
            self.assertIn(edit[0], text)
            file.unlink()
            file.write_text(text.replace(*edit), encoding="utf-8")
        run, _ = duels.run_json(PROGRAM, ["run", place, "--budget", "0.05", "--replicates", "4", "--no-counters",
                                          "--no-simulation", "--layout", "fixed", "--quiet"], cache=self.folder / "cache")
        return run["comparisons"]

    def assert_right(self, match):
        found = self.comparisons(match)
        self.assertEqual([(one["verified"], one["baseline"], one["candidate"]) for one in found],
                         [("checked", match.baseline, match.ours)] * len(found))
        self.assertTrue(all(one["verdict"] != "invalid" for one in found))

    @unittest.skipUnless(Path("/usr/include/uthash.h").exists(), "uthash-dev is not installed")
    def test_a_rival_in_c(self):
        self.assert_right(dataclasses.replace(match_of("lookup", "uthash"), points={"n": [64], "hit": [50]}))

    @unittest.skipUnless(shutil.which("c++"), "no C++ compiler")
    def test_a_rival_in_cxx(self):
        self.assert_right(dataclasses.replace(match_of("sorted-search-batch", "lower_bound"), points={"n": [64]}))

    @unittest.skipUnless(shutil.which("c++"), "no C++ compiler")
    def test_a_wrong_rival_has_no_ratio(self):
        match = dataclasses.replace(match_of("sorted-search-batch", "lower_bound"), points={"n": [64]})
        one, = self.comparisons(match, ("- begin)", "- begin + 1)"))
        self.assertEqual((one["verdict"], one["speedup"]["estimate"]), ("invalid", None))
        self.assertIn("wrong answer from lower_bound", one["reason"])


@mock.patch.object(matches, "MATCHES", (ONE, OTHER, SORT))
class Tables(unittest.TestCase):
    result = result_of(found_of(ONE, comparison(1.5, n=8), comparison(2.0, n=64)),
                       found_of(OTHER, comparison(1.2, n=8), comparison(0.6, "slower", n=64)),
                       found_of(SORT, comparison(0.95, "equivalent", n=8, order="random")))

    def test_a_line_a_point(self):
        text = peers.text_of(self.result)
        self.assertIn("| one | a library 1.2-3 | hash | n 8 | 1.500 [1.480, 1.520] | faster |  |", text)
        self.assertIn("| one | another 1.2-3 | hash | n 64 | 0.600 [0.580, 0.620] | slower | it skips / half |", text)
        self.assertIn("| two | a sort 1.2-3 | radix | n 8 | 0.950 [0.930, 0.970] | equivalent |  |", text)
        self.assertIn("- the library: its own copy.", text)

    def test_a_row_is_as_good_as_beside_its_best_rival(self):
        text = peers.summary(self.result)
        self.assertIn("2 rows.", text)
        self.assertIn("| one | another | 0.85 | another, n 64 | 0.600 [0.580, 0.620] |", text)  # sqrt(1.2 * 0.6)
        self.assertIn("| two | a sort | 0.95 | a sort, n 8 | 0.950 [0.930, 0.970] |", text)
        self.assertIn("median 0.90, at least 0.9 in 1. At the hardest point, at least 0.9 in 1.", text)

    def test_what_is_below_needs_a_reason(self):
        self.assertEqual(peers.failures(self.result), [])
        below = result_of(found_of(ONE, comparison(0.89, "slower", n=8)))
        self.assertEqual(peers.failures(below), [f"{ONE.name} at n 8: 0.89, and no reason is given in bench/peers/matches.py"])

    def test_what_was_not_measured_is_said(self):
        result = result_of(found_of(ONE, comparison(None, "invalid", n=8)), found_of(OTHER, problem="no library"))
        text = peers.text_of(result)
        self.assertIn("| n 8 | – | invalid | crashed |", text)
        self.assertIn("| – | – | not measured | no library |", text)
        self.assertIn("Nothing was measured.", text)
        self.assertEqual(peers.failures(result), [f"{ONE.name} at n 8: invalid: crashed", f"{OTHER.name}: no library"])

    def test_the_document_has_the_tables_between_its_marks(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(peers, "DOCUMENT", Path(folder) / "PEERS.md"):
            peers.DOCUMENT.write_text("before\n<!-- table: peers -->\nold\n<!-- end -->\nafter\n", encoding="utf-8")
            peers.write_document("### New\n")
            self.assertEqual(peers.DOCUMENT.read_text(encoding="utf-8"),
                             "before\n<!-- table: peers -->\n### New\n<!-- end -->\nafter\n")
            peers.DOCUMENT.write_text("no marks\n", encoding="utf-8")
            self.assertRaises(common.Failed, peers.write_document, "text")
        self.assertTrue(peers.marked("peers").search((ROOT / "docs/PEERS.md").read_text(encoding="utf-8")))


@mock.patch.object(matches, "MATCHES", (ONE, OTHER, SORT))
class Raw(unittest.TestCase):
    def test_an_interrupted_run_is_resumed(self):
        asked = []

        def measure(match, _options, _folder):
            asked.append(match.name)
            if match is OTHER and len(asked) == 2:
                raise KeyboardInterrupt
            return found_of(match, comparison(1.0, n=8), problem="no library" if match is ONE and len(asked) == 1 else "")

        with tempfile.TemporaryDirectory() as folder, mock.patch.object(peers, "measure", measure), \
                mock.patch.object(common, "heading", lambda *_: "### Heading\n"), redirect_stderr(StringIO()):
            place = Path(folder) / "raw.json.gz"
            options = SimpleNamespace(resume=None, output=place, matches=matches.MATCHES, budget=1, program=Path("/b/bin/c"))
            self.assertRaises(KeyboardInterrupt, peers.measure_all, options)
            options.resume = place
            result = peers.measure_all(options)  # what failed is tried again
            self.assertEqual(asked, [match.name for match in (ONE, OTHER, ONE, OTHER, SORT)])
            self.assertEqual(peers.load(place), result)
            self.assertEqual(peers.failures(result), [])

    def test_other_files_are_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "raw.json.gz"
            path.write_text("text", encoding="utf-8")
            self.assertRaisesRegex(common.Failed, "not a raw result of scripts/bench-peers", peers.load, path)
            peers.save(result_of() | {"schema": "countersign.bench-trust/1"}, path)
            self.assertRaises(common.Failed, peers.load, path)

    def test_only_names_rows_or_comparisons(self):
        self.assertEqual([match.name for match in matches.MATCHES if peers.wanted(match, ["two", "judy"])],
                         [OTHER.name, SORT.name])
        with mock.patch.object(sys, "argv", ["bench-peers", "--only", "three"]), redirect_stderr(StringIO()) as said, \
                redirect_stdout(StringIO()):
            self.assertRaises(SystemExit, peers.read_arguments)
        self.assertIn("no row and no comparison has three in its name; rows: one, two", said.getvalue())


if __name__ == "__main__":
    unittest.main()
