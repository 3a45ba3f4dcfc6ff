#!/usr/bin/python3 -B
"""`countersign explain`: the lesson with this machine's table, and what `list` finds by it."""
import json
import shutil

from program import SHORT, SOURCE, ProgramTest, main

LESSON = """# Stop early

**Claim.** A loop that stops early is *faster*.

| variant | what it does |
| --- | --- |
| `same` | all of it |

<!-- table: early -->
On another machine it was 3.14 times as fast.
<!-- end -->

## Where it stops winning

```c
int stops = 1; // here
```
"""


class Explain(ProgramTest):
    def setUp(self):
        super().setUp()
        self.with_test_kernels()
        self.case = self.folder / "cases" / "io" / "early"
        self.case.mkdir(parents=True)
        self.environment["COUNTERSIGN_CASES"] = str(self.folder / "cases")
        (self.case / "case.yaml").write_text("title: Stop early\nkernel: hostile\ncandidates: [same, slow]\n"
                                             "sweep: {after: [1000000000]}\n", encoding="utf-8")
        (self.case / "README.md").write_text(LESSON, encoding="utf-8")

    def test_the_recorded_table_stays_until_this_machine_has_its_own(self):
        out = self.run_well("explain", "early").stdout
        self.assertIn("Stop early\n\nClaim. A loop that stops early is faster.\n", out)
        self.assertIn("  variant  what it does\n  `same`   all of it\n", out)
        self.assertIn("This machine has no result of it; `countersign run early` makes one. Recorded elsewhere:\n"
                      "On another machine it was 3.14 times as fast.\n", out)
        self.assertIn("\n    int stops = 1; // here\n", out)
        self.assertNotIn("<!--", out)
        self.assertFalse(self.results.exists())
        self.run_well("run", "early", *SHORT)
        result, = self.result_files()
        for name, damage in ((result.name.replace("2", "3", 1), lambda text: text[:-100]),  # newer, and of no use
                             (result.name.replace("2", "4", 1), lambda text: text.replace("Stop early", "Stop later"))):
            result.with_name(name).write_text(damage(result.read_text(encoding="utf-8")), encoding="utf-8")
        out = self.run_well("explain", "early").stdout
        self.assertIn(f"Measured on this machine, {json.loads(result.read_text())['started'][:10]}:", out)
        self.assertIn(result.name, out.replace("\n", ""))
        self.assertIn("early: Stop early\n", out)  # the table's heading
        self.assertNotIn("On another machine", out)
        markdown = self.run_well("explain", "early", "--format", "markdown").stdout
        before, after = LESSON.split("<!-- table")[0], LESSON.split("<!-- end -->\n")[1]
        self.assertTrue(markdown.startswith(before + "Measured on this machine, "), markdown)
        self.assertTrue(markdown.endswith(after))
        (self.case / "README.md").write_text("# Stop early\n\nNo place for a table.\n", encoding="utf-8")
        self.assertRegex(self.run_well("explain", "early").stdout,
                         r"(?s)\AStop early\n\nNo place for a table.\n\n?Measured on this machine, .*early: Stop early\n")
        (self.case / "README.md").write_text(LESSON, encoding="utf-8")
        self.other_machine(result)
        self.assertIn("On another machine it was 3.14", self.run_well("explain", "early").stdout)

    def other_machine(self, result):
        """As if it had been copied here; without a digest, as old versions wrote it."""
        run = json.loads(result.read_text(encoding="utf-8"))
        run["host"]["machine"] = "some-other-8cpu"
        run["version"] = "0.1.0"
        del run["digest"]
        result.write_text(json.dumps(run), encoding="utf-8")

    def test_cases_are_found_by_what_they_did_here(self):
        twin = self.case.parent / "late"
        shutil.copytree(self.case, twin)
        (twin / "case.yaml").write_text((self.case / "case.yaml").read_text().replace("Stop early", "Stop late"))
        out = self.run_well("list", "cases", "unmeasured", "early").stdout
        self.assertIn("here: no result; `countersign run early` makes one\n", out)
        self.assertNotIn("late", out)
        self.assert_refused("list", "cases", "wins", parts=["no case with 'wins'"])
        self.assert_refused("list", "kernels", "wins", parts=["results are of cases"])
        self.run_well("run", "early", *SHORT)
        result, = self.result_files()
        run = json.loads(result.read_text(encoding="utf-8"))
        run["version"] = "0.1.0"  # so that it may be changed: it has no digest
        del run["digest"]
        for comparison, verdict in zip(run["comparisons"], ("faster", "slower")):
            comparison["verdict"] = verdict
        result.write_text(json.dumps(run), encoding="utf-8")
        older = json.loads(json.dumps(run))
        older["comparisons"][1]["verdict"] = "faster"
        result.with_name("1" + result.name[1:]).write_text(json.dumps(older), encoding="utf-8")
        for word in ("wins", "loses", "WINS"):
            out = self.run_well("list", "cases", word).stdout
            self.assertIn(f"here: wins at 1 of 2 comparisons, loses at 1 ({run['started'][:10]})\n", out)
            self.assertNotIn("late", out)
        for comparison in run["comparisons"]:
            comparison["verdict"] = "equivalent"
        result.with_name("1" + result.name[1:]).unlink()
        result.write_text(json.dumps(run), encoding="utf-8")
        self.assertEqual(self.run_program("list", "loses").returncode, 2)
        self.assertRegex(self.run_well("list", "unmeasured").stdout, r"(?s)\Aio\n  late ((?!early).)*\Z")

    def test_what_has_no_lesson_is_refused(self):
        self.assert_refused("explain", parts=["expected one case, got 0"])
        self.assert_refused("explain", "earlx", parts=["no case 'earlx'", "early"])
        self.assert_refused("explain", "early", "--format", "html", parts=["--format"])
        (self.case / "README.md").unlink()
        self.assert_refused("explain", "early", parts=["README.md", "the case has no lesson"])
        (self.case / "README.md").touch()
        self.assert_refused("explain", f"{self.case}/", parts=["the case has no lesson"])

    def test_every_lesson_is_told(self):
        del self.environment["COUNTERSIGN_CASES"]
        self.environment["COLUMNS"] = "80"
        lesson = shutil.copytree(SOURCE / "cases" / "memory" / "aos-vs-soa", self.folder / "aos-vs-soa")
        out = self.run_well("explain", f"{lesson}/").stdout
        self.assertNotIn("**", out)
        for line in out.splitlines():
            self.assertTrue(len(line) <= 80 or line.startswith("    "), line)


if __name__ == "__main__":
    main()
