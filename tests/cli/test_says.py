#!/usr/bin/python3 -B
"""What setup says of a kernel's outputs, work and counters, and what becomes of a kernel that does not say enough."""
from program import SHORT, ProgramTest, main, write_case

CASE = "title: Test\nkernel: says\nsweep: {{kind: {}}}\n"


class Says(ProgramTest):
    def setUp(self):
        super().setUp()
        self.with_test_kernels()

    def measured(self, kind, status=0):
        case = write_case(self.folder / "cases" / "one", CASE.format(kind))
        comparison, = self.run_json(case, *SHORT, status=status)["comparisons"]
        return comparison

    def test_what_setup_says_is_enough(self):
        comparison = self.measured("all")
        self.assertNotEqual(comparison["verdict"], "invalid", comparison["reason"])
        counted = {counter["name"]: counter for counter in comparison["counters"]}["squares"]
        self.assertEqual((counted["source"], counted["ratio"]["estimate"]), ("app", 1))

    def test_what_is_not_said_or_wrong_is_told(self):
        for kind, words in (("no-answer", "setup: there is no answer to verify: call cs_output in setup"),
                            ("no-work", "setup: how much a run does is not said: call cs_work in setup"),
                            ("no-counter", "setup: nothing counts squares"),
                            ("wrong", "wrong answer from plain: square[3]: got "),
                            ("failing", "other: its outputs cannot be read: No space left on device"),
                            ("late", "other: prepare: Invalid argument: cs_output was called after setup")):
            with self.subTest(kind=kind):
                comparison = self.measured(kind, status=3)
                self.assertEqual(comparison["verdict"], "invalid")
                self.assertIn(words, comparison["reason"])


if __name__ == "__main__":
    main()
