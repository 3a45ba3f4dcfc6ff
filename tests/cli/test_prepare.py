#!/usr/bin/python3 -B
"""What a variant prepares for itself: when, whose fault it is where that fails, and what it takes of memory."""
import unittest

from program import SANITIZED, SHORT, ProgramTest, main, write_case

CASE = """title: Test
kernel: prepares
candidates: [{}]
sweep: {{giant: [{}]}}
"""


class Prepare(ProgramTest):
    def setUp(self):
        super().setUp()
        self.with_test_kernels()

    def measured(self, *candidates, options=SHORT, giant=0, extra="", status=0):
        case = write_case(self.folder / "cases" / "one", CASE.format(", ".join(candidates), giant) + extra)
        run = self.run_json(case, *options, status=status)
        self.assert_tidy()
        return {comparison["candidate"]: comparison for comparison in run["comparisons"]}

    def assert_others_go_on(self, broken, *parts):
        comparisons = self.measured(broken, "table", status=3)
        self.assertEqual(comparisons[broken]["verdict"], "invalid")
        for part in parts:
            self.assertIn(part, comparisons[broken]["reason"])
        self.assertNotEqual(comparisons["table"]["verdict"], "invalid", comparisons["table"]["reason"])

    def test_prepare_that_fails(self):
        self.assert_others_go_on("refusing", "refusing: prepare: No space left on device: asked to fail")

    def test_prepare_that_crashes(self):
        self.assert_others_go_on("crashing", "crashing ", "SIGSEGV", "during preparation")

    @unittest.skipIf(SANITIZED, "the sanitizer ends a process that asks for so much")
    def test_prepare_that_asks_for_too_much(self):
        self.assert_others_go_on("giant", f"giant: prepare: no memory for all there is: {8 << 50} bytes")

    @unittest.skipIf(SANITIZED, "the sanitizer ends a process that asks for so much")
    def test_setup_that_asks_for_too_much(self):
        comparison = self.measured("table", giant=1, status=3)["table"]
        self.assertEqual(comparison["verdict"], "invalid")
        self.assertIn(f"setup: no memory for a giant: {1 << 50} bytes", comparison["reason"])

    def test_who_is_prepared_first_is_drawn(self):
        """Each of the two is wrong where it came first; with a fixed order one of them never is."""
        wrong = set()
        for seed in range(8):
            comparisons = self.measured("late", "early", options=[*SHORT, "--no-counters", "--seed", str(seed)], status=3)
            wrong.update(name for name, comparison in comparisons.items() if "wrong answer" in comparison["reason"])
        self.assertEqual(wrong, {"late", "early"})

    def test_what_is_not_measured_is_not_prepared(self):
        self.measured("table")  # and not `crashing`, or the point would be invalid

    def counters(self, comparison):
        return {counter["name"]: counter for counter in comparison["counters"]}

    @unittest.skipIf(SANITIZED, "sanitizers take memory of their own")
    def test_memory_is_told_of_the_variant_that_takes_it(self):
        comparisons = self.measured("table", "heap")
        table, heap = self.counters(comparisons["table"]), self.counters(comparisons["heap"])
        self.assertEqual(table["memory"]["source"], "harness")
        self.assertEqual((table["memory"]["baseline"], table["memory"]["candidate"]), (0, 1 << 20))
        # What prepare gave back was there, and is no longer.
        self.assertGreater(table["peak-memory"]["candidate"] - table["peak-memory"]["baseline"], 1.25 * (1 << 20))
        self.assertLess(table["peak-memory"]["candidate"], 4 << 20)
        self.assertLess(table["peak-memory"]["baseline"], 1 << 20)
        self.assertEqual((table["allocations"]["baseline"], table["allocations"]["candidate"]), (0, 0))
        self.assertEqual(heap["allocations"]["candidate"], 3 / 256)
        self.assertTrue(600000 <= heap["memory"]["candidate"] <= 605000, heap["memory"])
        self.assertIsNone(heap["prepare-time"]["baseline"])
        self.assertIn("plain has nothing to prepare", heap["prepare-time"]["reason"])
        self.assertGreater(table["prepare-time"]["candidate"], 0)

    def test_memory_can_be_predicted(self):
        predict = ("predict:\n  - {per-item: {candidate: {memory: '== 1048576', allocations: '== 0'}}}\n")
        comparison = self.measured("table", extra=predict)["table"]
        self.assertIn("memory of table 1050000 (harness)", comparison["mechanism_text"])
        self.assertIn("2 predictions held", comparison["mechanism_text"])

    def test_without_counters(self):
        counters = self.counters(self.measured("heap", options=[*SHORT, "--no-counters"])["heap"])
        for name in ("memory", "peak-memory", "allocations", "prepare-time"):
            self.assertEqual(counters[name]["source"], "none")
            self.assertIsNone(counters[name]["candidate"])


if __name__ == "__main__":
    main()
