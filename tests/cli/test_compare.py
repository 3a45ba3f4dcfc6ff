#!/usr/bin/python3 -B
"""`compare`: two result files beside each other."""
import json

from program import SOURCE, SHORT, ProgramTest, main

try:
    import jsonschema
except ImportError:
    jsonschema = None


class Compare(ProgramTest):
    def test_two_runs(self):
        """A run and itself with another microcode: what differs is said, what does not is not claimed."""
        run = self.run_json("placebo", "--quick", *SHORT)
        first = self.result_files()[0]
        run["host"]["microcode"] += "1"
        run["host"]["clock"]["ticks_per_ns"] *= 1.01
        run["measurements"][0]["arms"][1]["code_hash"] = ""
        del run["digest"]
        run["version"], run["id"] = "0.1.0", "second"  # of which none has a digest
        second = self.folder / "second.json"
        second.write_text(json.dumps(run), encoding="utf-8")
        changes = json.loads(self.run_well("compare", first, second, "--format", "json").stdout)
        if jsonschema:
            jsonschema.validate(changes, json.loads((SOURCE / "docs/countersign.change-1.schema.json").read_text()))
        self.assertEqual(len(changes["comparisons"]), len(run["comparisons"]))
        self.assertFalse(changes["same_machine"])
        self.assertEqual([item["what"] for item in changes["differences"]], ["host.microcode", "version"])
        for change in changes["comparisons"]:
            self.assertIn(change["change"], ("inconclusive", "equivalent"))
            self.assertAlmostEqual(change["speedup_ratio"]["estimate"], 1)
            self.assertAlmostEqual(change["baseline_time_ratio"]["estimate"], 1 / 1.01)
        self.assertFalse(changes["comparisons"][0]["same_candidate_code"])
        text = self.run_well("compare", first, second).stdout
        self.assertIn("host.microcode*", text)
        self.assertIn("not paired", text)
        self.assertIn("| candidate/baseline |", self.run_well("compare", first, second, "--format", "markdown").stdout)
        self.assertTrue(json.loads(self.run_well("compare", first, first, "--format", "json").stdout)["same_machine"])
        run["comparisons"], run["crossovers"] = [], []
        second.write_text(json.dumps(run), encoding="utf-8")
        self.assert_error(self.run_program("compare", first, second), 3, "no comparison is in both files")

    def test_refused(self):
        self.assert_refused("compare", "a.json", parts=["two result files, got 1"])
        self.assert_refused("compare", "a.json", "b.json", parts=["a.json"])


if __name__ == "__main__":
    main()
