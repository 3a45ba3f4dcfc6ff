#!/usr/bin/python3 -B
"""`history`: runs listed, series with a planted change, and an index that follows what it finds."""
import csv
import io
import json
import pathlib
import subprocess

from program import SHORT, ProgramTest, main


class History(ProgramTest):
    def setUp(self):
        super().setUp()
        self.environment["XDG_CACHE_HOME"] = str(self.folder / "cache")

    def make_runs(self, run, count):
        """Copies of a run, an hour apart, of which the later half takes half again as long."""
        del run["digest"]
        run["version"] = "0.1.0"
        for i in range(count):
            run["id"], run["started"] = f"20200101T{i:02}0000Z-0000", f"2020-01-01T{i:02}:00:00Z"
            run["commit"] = f"{i:02}" * 20
            for comparison in run["comparisons"]:
                time = 100 * (1 + i % 3 / 100) * (1.5 if i >= count // 2 else 1)
                comparison["candidate_time_ns"] = {"median": time, "p5": time, "p95": time, "min": time}
            (self.results / f"{run['id']}.json").write_text(json.dumps(run), encoding="utf-8")

    def test_a_planted_change(self):
        subprocess.run(["git", "init", "-q"], cwd=self.folder, env=self.environment, check=True)
        run = self.run_json("placebo", "--quick", *SHORT)
        self.assertNotIn("commit", run)  # the repository has none
        self.make_runs(run, 20)
        listed = self.run_well("history").stdout
        self.assertIn("21 runs", listed)
        self.assertIn("0000000000", listed)
        self.assertIn("no commit", listed)
        trends = " ".join(self.run_well("history", "--case", "placebo").stdout.split())
        self.assertIn("countersign bisect --git 090909090909..101010101010", trends)
        self.assertIn("no claims", trends)
        self.assertIn("0 change points", " ".join(self.run_well("history", "--trends", "--last", "8").stdout.split()))
        rows = list(csv.DictReader(io.StringIO(self.run_well("history", "--format", "csv").stdout)))
        self.assertEqual(len(rows), 21 * len(run["comparisons"]))
        self.assertEqual({row["commit"] for row in self.select(rows, "20200101T030000Z-0000")}, {"03" * 20})
        self.assertIn("1 run\n", self.run_well("history", "--commit", "1515").stdout)
        # What is removed goes, what is damaged is said, a damaged index is made anew.
        self.result_files()[0].unlink()
        index = next((self.folder / "cache").rglob("history.db"))
        index.write_bytes(b"no database")
        self.assertIn("20 runs", self.run_well("history").stdout)
        (self.results / "broken.json").write_text("{", encoding="ascii")
        result = self.run_program("history", "--db", self.folder / "own.db", "--rebuild")
        self.assert_error(result, 0, "1 file was left out", "broken.json")
        self.assertIn("20 runs", result.stdout)

    @staticmethod
    def select(rows, run):
        return [row for row in rows if row["run"] == run]

    def test_commit_of_the_folder(self):
        for command in (["init", "-q"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a", "--allow-empty"]):
            subprocess.run(["git", *command], cwd=self.folder, env=self.environment, check=True)
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=self.folder, check=True, capture_output=True, encoding="ascii").stdout
        self.assertEqual(self.run_json("placebo", "--quick", *SHORT)["commit"], head.strip())

    def test_a_git_that_does_not_answer_is_ended_before_anything_is_measured(self):
        script = self.folder / "bin" / "git"
        script.parent.mkdir()
        script.write_text(f"#!/bin/sh\nsleep 100 &\necho $! >{self.folder}/child\nwait\n", encoding="utf-8")
        script.chmod(0o755)
        self.environment["PATH"] = f"{script.parent}:{self.environment['PATH']}"
        self.assertNotIn("commit", self.run_json("placebo", "--quick", *SHORT))
        line = pathlib.Path("/proc", (self.folder / "child").read_text(encoding="utf-8").strip(), "cmdline")
        self.assertEqual(line.read_bytes() if line.exists() else b"", b"")

    def test_refused(self):
        self.assert_refused("history", parts=["expected a folder", "countersign run"])
        self.assert_refused("history", self.folder, "--db", self.folder, parts=["no file"])
        self.assert_refused("history", "a", "b", parts=["'b' too"])


if __name__ == "__main__":
    main()
