#!/usr/bin/env python3
"""What scripts/bench-trust computes, on values known beforehand, and that its pairs are what they are said to be."""
import ctypes
import io
import math
import shutil
import subprocess
import sys
import tempfile
import unittest
from contextlib import redirect_stderr
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "bench/trust")]

import common  # noqa: E402
import duels  # noqa: E402
import executable  # noqa: E402
import figures  # noqa: E402
import mirror  # noqa: E402
import planted  # noqa: E402
import quick  # noqa: E402
import sources  # noqa: E402
import trust  # noqa: E402
import verdict_time  # noqa: E402


def interval(estimate, half=0.01):
    return {"estimate": estimate, "low": estimate - half, "high": estimate + half}


def found(verdict, estimate=1.0, half=0.01):
    return {"verdict": verdict, "reason": "", "speedup": interval(estimate, half), "machine": "some-cpu"}


class Figures(unittest.TestCase):
    def test_student_quantiles(self):
        # Abramowitz and Stegun, table 26.10: 0.975 quantiles.
        for freedom, quantile in ((1, 12.706), (7, 2.365), (15, 2.131), (60, 2.000)):
            self.assertAlmostEqual(figures.student_quantile(freedom), quantile, places=3)

    def test_midmean_is_of_the_middle_half(self):
        self.assertAlmostEqual(figures.midmean([8, 1, 7, 2, 6, 3, 5, 4]), 4.5)
        self.assertAlmostEqual(figures.midmean([0, 1, 2, 3, 1000]), (0.75 * 1 + 2 + 0.75 * 3) / 2.5)

    def test_ratio_is_of_first_to_second_over_processes(self):
        processes = [[(math.exp(log), 1.0)] * 4 for log in (0.1, 0.2, 0.3)]
        ratio = figures.ratio_interval(processes)
        half = 4.302652729911275 * 0.1 / math.sqrt(3)  # R: qt(.975, 2)
        self.assertAlmostEqual(ratio["estimate"], math.exp(0.2))
        self.assertAlmostEqual(ratio["low"], math.exp(0.2 - half), places=6)
        self.assertAlmostEqual(ratio["high"], math.exp(0.2 + half), places=6)

    def test_verdicts_of_intervals(self):
        for low, high, verdict in ((1.011, 1.2, "faster"), (0.5, 0.98, "slower"), (0.995, 1.005, "equivalent"),
                                   (0.995, 1.02, "inconclusive"), (1.005, 1.2, "inconclusive")):
            self.assertEqual(figures.verdict_of({"low": low, "high": high}), verdict)

    def test_claims_that_differ_contradict(self):
        self.assertTrue(figures.contradict("faster", "slower"))
        self.assertTrue(figures.contradict("equivalent", "slower"))
        self.assertFalse(figures.contradict("faster", "faster"))
        self.assertFalse(figures.contradict("inconclusive", "slower"))
        self.assertFalse(figures.contradict("faster", "invalid"))


class Mirror(unittest.TestCase):
    def pair(self, ab, ba, planted_=0):
        return {"name": "000 sum", "kind": "sum", "planted": planted_, "ab": ab, "ba": ba}

    def test_contradictions_are_counted_and_named(self):
        pairs = [self.pair(found("faster", 1.1), found("faster", 1.1)),
                 self.pair(found("equivalent"), found("slower", 0.9), 5),
                 self.pair(found("slower", 0.9), found("faster", 1 / 0.9), 10),
                 self.pair(found("inconclusive"), found("faster", 1.05), 5),
                 self.pair(found("invalid"), found("faster", 1.05), 5)]
        result = {"seed": 1, "budget": 0.25, "pairs": pairs}
        line = mirror.row("all", pairs)
        self.assertEqual(line[:7], ["all", 5, 2, 1, 1, 1, 2])
        self.assertEqual(line[8], 3)
        self.assertTrue(mirror.failed(result))
        self.assertEqual(mirror.report(result).count("\n- 000 sum, "), 2)
        self.assertFalse(mirror.failed(result | {"pairs": pairs[2:]}))
        self.assertNotIn("Contradictions:", mirror.report(result | {"pairs": pairs[2:]}))


class Sources(unittest.TestCase):
    def answer(self, folder, text, name):
        source, library = Path(folder) / f"{name}.c", Path(folder) / f"{name}.so"
        source.write_text(text, encoding="utf-8")
        subprocess.run(["cc", "-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, source],
                       check=True)
        function = ctypes.CDLL(str(library)).f
        function.restype = ctypes.c_uint64
        values = (ctypes.c_uint32 * 1024)(*[(number * 2654435761) % 2**32 for number in range(1, 1025)])
        # Twice, since no answer may hang on what an earlier call left behind.
        return [function(values, ctypes.c_size_t(1024)) for _ in range(2)]

    @unittest.skipUnless(shutil.which("cc"), "no C compiler")
    def test_both_of_a_pair_give_one_answer(self):
        count = len(sources.KINDS)
        with tempfile.TemporaryDirectory() as folder:
            for pair in sources.pairs(2 * count, 3)[count:]:  # the second turn, in which a difference is planted
                self.assertGreater(pair["planted"], 0)
                answers = {value for side in "ab" for value in self.answer(folder, pair[side], f"{pair['kind']}{side}")}
                self.assertEqual(len(answers), 1, pair["name"])

    def test_a_seed_gives_the_same_pairs(self):
        self.assertEqual(sources.pairs(40, 5), sources.pairs(40, 5))
        self.assertNotEqual(sources.pairs(40, 5), sources.pairs(40, 6))

    def test_half_of_the_pairs_do_the_same_work(self):
        same = [pair for pair in sources.pairs(204, 1) if not pair["planted"]]
        self.assertEqual(len(same), 102)
        self.assertNotIn("uint64_t more", "".join(pair["b"] for pair in same))


class Executable(unittest.TestCase):
    def test_there_are_twenty_pairs_of_one_call_each(self):
        pairs = executable.pairs([])
        self.assertEqual(len(pairs), 20)
        for name, files, element in pairs:
            for path in files:
                self.assertIn(executable.CALLS[element][0], path.read_text(encoding="utf-8"), name)

    @unittest.skipUnless(shutil.which("gcc") and shutil.which("g++") and shutil.which("objcopy"), "no compiler or binutils")
    def test_a_pair_is_built_and_alternated(self):
        for name in ("helper", "sort"):
            (_, files, element), = executable.pairs([name])
            with tempfile.TemporaryDirectory() as folder:
                program = executable.build(files, element, Path(folder))
                rounds = executable.run_once(program, 7, 5, 3)
                names = dict(duels.functions_of(program))
            self.assertEqual(len(rounds), 5)
            self.assertTrue(all(first > 0 and second > 0 for first, second in rounds))
            self.assertTrue(names["first"] and names["second"])

    def test_instructions_are_compared_without_addresses(self):
        for text, left in (("jne    11f0 <first+0x20>", "jne <self>"), ("call   1030 <memcpy@plt>", "call <memcpy@plt>"),
                           ("lea    0x2ec9(%rip),%rax        # 4040 <table>", "lea X(%rip),%rax"),
                           ("mov    %fs:0xfffffffffffffff8,%rax", "mov %fs:0xfffffffffffffff8,%rax")):
            self.assertEqual(duels.normalised(text, "first"), left)

    def test_agreement_is_of_words_and_intervals(self):
        def pair(module, ratio):
            return {"name": "x", "module": module, "executable": ratio, "code": ["", "- ret\n+ jmp <self>"]}
        good = pair(found("faster", 1.2, 0.05), interval(1.22))
        self.assertTrue(executable.agree(good))
        self.assertEqual(executable.row(good)[3:], ["yes", "yes", "B: 2 lines, `- ret`"])
        for bad in (pair(found("slower", 0.5), interval(1.0, 0.002)), pair(found("faster", 1.5), interval(1.2)),
                    pair(found("invalid"), interval(1.2))):
            self.assertFalse(executable.agree(bad))
        result = {"budget": 1, "processes": 6, "rounds": 10, "pairs": [good, pair(found("slower", 0.5), interval(1.0))]}
        self.assertIn("1 of 2 agree", executable.report(result))
        self.assertTrue(executable.failed(result))
        self.assertEqual(executable.code_words(["", ""]), "same")


class Planted(unittest.TestCase):
    def one(self, told_apart, tries=40, **more):
        figures_ = {"planted": 0.03, "tries": tries, "told_apart": told_apart, "claimed": told_apart, "wrong_direction": 0,
                    "half_width": 0.001}
        return {"name": "3 % copies", "budget": 2, "goal": 0.95, "planted": figures_, "placebo": figures_ | {"claimed": 0}} | more

    def test_the_goal_is_a_share(self):
        self.assertTrue(planted.reached(self.one(38)))
        self.assertFalse(planted.reached(self.one(37)))
        self.assertFalse(planted.reached({"name": "x", "budget": 1, "goal": 0.95, "problem": "no such kind"}))

    def test_the_last_try_of_a_row_decides(self):
        self.assertFalse(planted.failed({"rows": [self.one(3), self.one(40)]}))
        self.assertTrue(planted.failed({"rows": [self.one(40), self.one(3)]}))
        text = planted.report({"tries": 40, "rows": [self.one(3), {"name": "y", "budget": 1, "goal": 1, "problem": "why"}]})
        self.assertIn("| 3 % copies | 2 | 3 of 40 (7.5 %", text)
        self.assertIn("| y | 1 | why |", text)

    def test_more_seconds_are_tried_until_it_is_reached(self):
        answers = [self.one(10), self.one(39)]
        with mock.patch.object(planted, "calibrate", side_effect=answers) as calibrate:
            result = planted.measure(mock.Mock(rows_named=["branchy"], tries=40, budget=None))
        self.assertEqual([call.args[2] for call in calibrate.call_args_list], [1, 2])
        self.assertEqual(len(result["rows"]), 2)


class Quick(unittest.TestCase):
    def test_right_claims_that_are_kept(self):
        judge = {"a": found("faster"), "b": found("slower"), "c": found("equivalent"), "d": found("inconclusive")}
        old = {"a": found("faster"), "b": found("slower"), "c": found("slower"), "d": found("faster")}
        new = {"a": found("faster"), "b": found("inconclusive"), "c": found("faster"), "d": found("faster")}
        right, kept, against = quick.counted(judge, old, new)
        self.assertEqual((right, kept, against), (["a", "b"], ["a"], {"old": ["c"], "new": ["c"]}))
        result = {"judge": judge, "judged_by": "new", "tries": [
            {"old": {"wall_s": 60, "verdicts": old}, "new": {"wall_s": 15, "verdicts": new}}]}
        text = quick.report(result)
        self.assertIn("ratio 0.250 (0.250–0.250)", text)
        self.assertIn("1 of 2 (50.0 %", text)
        self.assertIn("Claims that were lost:\n- b: 1 of 1", text)
        self.assertTrue(quick.failed(result))
        result["tries"][0]["new"]["verdicts"] = old | {"c": found("equivalent")}
        self.assertFalse(quick.failed(result))


class VerdictTime(unittest.TestCase):
    def test_parts_add_up(self):
        one = found("faster", 2.0) | {"wall_s": 0.5, "run_s": 0.4, "startup_s": 0.1, "measured_s": 0.25, "replicates": 8,
                                      "time_ns": 1000}
        result = {"first": one, "tries": [one, one], "budget": None}
        text = verdict_time.report(result)
        for value in ("| 500 |", "| 100 |", "| 250 |", "| 50 |"):
            self.assertIn(value, text)
        self.assertFalse(verdict_time.failed(result))
        self.assertTrue(verdict_time.failed(result | {"tries": [one, found("inconclusive")]}))


class Files(unittest.TestCase):
    def test_a_record_is_never_overwritten_and_read_back(self):
        result = {"schema": trust.SCHEMA, "report": "mirror", "heading": "### x", "pairs": [{"ab": found("faster")}]}
        self.assertEqual(trust.machine_of(result), "some-cpu")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "m.json.gz"
            self.assertEqual(trust.save(result, path, "mirror"), path)
            self.assertEqual(trust.save(result, path, "mirror"), Path(folder) / "m-2.json.gz")
            self.assertEqual(trust.load(path, "mirror"), result)
            self.assertRaises(common.Failed, trust.load, path, "quick")
            path.write_text("no gzip", encoding="ascii")
            self.assertRaises(common.Failed, trust.load, path, "mirror")

    def test_wrong_arguments_are_refused(self):
        for words in ([], ["nothing"], ["quick"], ["quick", "--old", "x"], ["mirror", "--pairs", "0"]):
            with mock.patch.object(sys, "argv", ["trust", *words]), redirect_stderr(io.StringIO()), \
                    self.assertRaises(SystemExit) as refused:
                trust.read_arguments()
            self.assertEqual(refused.exception.code, 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
