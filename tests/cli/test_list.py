#!/usr/bin/python3 -B
"""`countersign list`: groups, words, and what every case of the catalogue says of itself."""
import re

from program import SHORT, SOURCE, ProgramTest, hostile_case, main

TRAITS = ("tags", "technique", "effort", "risk", "rollback", "cost")


class List(ProgramTest):
    def names(self, *words):
        out = self.run_well("list", "cases", *words).stdout
        return re.findall(r"^  ([a-z0-9-]+) ", out, re.MULTILINE)

    def test_every_case_is_found_by_its_group_and_its_traits(self):
        found = {}
        for path in sorted((SOURCE / "cases").glob("*/*/case.yaml")):
            group, name = path.parts[-3:-1]
            text = path.read_text(encoding="utf-8")
            for trait in TRAITS:
                self.assertRegex(text, rf"(?m)^{trait}: \S", f"{name} says nothing of its {trait}")
            technique, = re.findall(r"(?m)^technique: (\S+)$", text)
            tag = re.findall(r"(?m)^tags: \[([a-z0-9-]+)", text)[0]
            for words in ((group,), (technique,), (tag,), (group, technique, tag, name.upper())):
                if words not in found: # a run of the program each
                    found[words] = self.names(*words)
                with self.subTest(case=name, words=words):
                    self.assertIn(name, found[words])

    def test_words_exclude(self):
        self.assertNotIn("aos-vs-soa", self.names("hash"))
        self.assertIn("io-batched-reads", self.names("system-calls", "risk:low"))
        self.assertNotIn("io-batched-writes", self.names("system-calls", "risk:low"))
        self.assert_refused("list", "cases", "aos", "hash", parts=["no case with 'aos' and 'hash'"])

    def test_kernels_are_searched_by_variants_too(self):
        self.with_test_kernels()
        out = self.run_program("list", "kernels", "slow").stdout
        self.assertIn("  hostile ", out)
        self.assertNotIn("events (", out)
        del self.environment["COUNTERSIGN_KERNELS"]
        self.assert_refused("list", "kernels", "nothing-like-it", parts=["no kernel with"])
        self.assert_refused("list", "events", "cycles", parts=["'cycles'"])

    def test_a_group_runs(self):
        self.with_test_kernels()
        cases = self.folder / "cases"
        for folder in ("io/first", "io/second", "memory/third", "fourth"):
            hostile_case(cases / folder, ["same"])
        self.environment["COUNTERSIGN_CASES"] = str(cases)
        self.assert_refused("run", "database", parts=["no case 'database'", "first"])
        for words, expected in ((["io"], ["first", "second"]), (["memory", "first"], ["third", "first"]),
                                (["first", "io", "first"], ["first", "second"]), (["fourth"], ["fourth"]),
                                ([], ["third", "first", "second", "fourth"]),
                                ([f"{cases}/io"], ["first", "second"]),
                                ([str(cases)], ["fourth", "first", "second", "third"])):
            with self.subTest(words=words):
                run = self.run_json(*words, *SHORT)
                ran = list(dict.fromkeys(comparison["case"] for comparison in run["comparisons"]))
                self.assertEqual(run["settings"]["points"], "sweep" if words else "quick")
                self.assertEqual(sorted(ran) if "/" in "".join(words) else ran,
                                 sorted(expected) if "/" in "".join(words) else expected)

    def test_a_case_goes_before_a_group_and_names_are_unique(self):
        self.with_test_kernels()
        cases = self.folder / "cases"
        hostile_case(cases / "io" / "memory", ["same"])
        hostile_case(cases / "memory" / "other", ["same"])
        self.environment["COUNTERSIGN_CASES"] = str(cases)
        hostile_case(cases / "cpu" / "other", ["same"])
        self.assert_refused("run", "other", parts=["two cases are called other", "cpu/other", "memory/other"])
        run = self.run_json("memory", *SHORT)
        self.assertEqual({comparison["case"] for comparison in run["comparisons"]}, {"memory"})


if __name__ == "__main__":
    main()
