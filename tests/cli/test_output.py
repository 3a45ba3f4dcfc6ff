#!/usr/bin/python3 -B
"""Output that cannot be written: streams that are closed or full, folders that are closed, disks that are full."""
import json
import os
import subprocess

from program import PROGRAM, SHORT, ProgramTest, as_nobody, hostile_case, in_namespace, limit_descriptors, main

# A tmpfs over $1, a command, and afterwards what is in the folder, for stdout's last lines.
ON_FULL_DISK = 'mount -t tmpfs -o size=16k,mode=777 none "$1" && full="$1" && shift && "$@"; status=$?; ' \
               'echo "left: $(ls -A "$full")"; exit $status'


class Case(ProgramTest):
    def setUp(self):
        super().setUp()
        self.with_test_kernels()
        self.case = hostile_case(self.folder / "case", ["same", "slow"])
        self.measure = ["run", self.case, *SHORT, "--no-counters"]


class Streams(Case):
    def verbs(self):
        """All verbs that print; there is a run to show, and no broken module for `list` to complain about."""
        self.run_well(*self.measure)
        (self.folder / "no-kernels").mkdir()
        self.environment["COUNTERSIGN_KERNELS"] = str(self.folder / "no-kernels")
        return (["--help"], ["--version"], ["run", "--help"], ["list"], ["doctor", "--seconds", "0.2"],
                ["show"], ["show", "--format", "json"], ["show", "--format", "csv"], ["show", "--format", "markdown"],
                ["verify", self.result_files()[0]])

    @staticmethod
    def prepare_closed(*numbers):
        return lambda: [os.close(number) for number in numbers]

    def closed_pipe(self):
        """The writing end of a pipe that nobody reads any more."""
        reader, writer = os.pipe()
        os.close(reader)
        self.addCleanup(os.close, writer)
        return writer

    def test_full(self):
        for verb in self.verbs():
            with self.subTest(verb=verb), open("/dev/full", "w", encoding="ascii") as full:
                self.assert_error(self.run_program(*verb, stdout=full), 2, "standard output: No space left on device")

    def test_pipe_that_nobody_reads(self):
        for verb in self.verbs():
            with self.subTest(verb=verb):
                self.run_well(*verb, stdout=self.closed_pipe())

    def test_run_keeps_its_result(self):
        for kind in ("table", "csv", "json", "markdown"):
            with open("/dev/full", "w", encoding="ascii") as full:
                result = self.run_program(*self.measure, "--format", kind, stdout=full)
            path, = self.result_files()
            self.assert_error(result, 2, "standard output: No space left", f"the result is complete in {path}")
            self.assertTrue(self.only_result()["complete"])
            path.unlink()
        self.assertEqual(self.run_well(*self.measure, stdout=self.closed_pipe()).stderr, "")
        self.assertTrue(self.only_result()["complete"])

    def test_reader_that_leaves_early(self):
        shell = '"$0" "$@" | head -1; exit "${PIPESTATUS[0]}"'
        result = self.run_well(command=["bash", "-c", shell, str(PROGRAM), *map(str, self.measure)])
        self.assertEqual((result.stdout, result.stderr), ("case: Test\n", ""))
        self.assertTrue(self.only_result()["complete"])
        self.assert_tidy()

    def test_closed_from_the_start(self):
        """Files opened later must not take the place of a standard stream."""
        self.assertEqual(self.run_program(*self.measure, prepare=self.prepare_closed(0)).returncode, 0)
        result = self.run_program(*self.measure, prepare=self.prepare_closed(1))
        self.assert_error(result, 2, "standard output: ", "the result is complete in")
        self.assertEqual(self.run_program(*self.measure, prepare=self.prepare_closed(2)).returncode, 0)
        self.assertEqual(self.run_program(*self.measure, prepare=self.prepare_closed(0, 1, 2)).returncode, 2)
        files = self.result_files()
        self.assertEqual(len(files), 4)
        for path in files:
            self.assertTrue(json.loads(path.read_text(encoding="utf-8"))["complete"])


class Folders(Case):
    def test_a_file_where_the_folder_should_be(self):
        blocker = self.folder / "file"
        blocker.write_text("", encoding="utf-8")
        for path in (blocker / "below", blocker / "below" / "run.json"):
            result = self.run_program(*self.measure, "--output", path)
            self.assert_error(result, 2, "results folder", "Not a directory", "--output")
            self.assertEqual(result.stdout, "")
        self.environment["COUNTERSIGN_RESULTS"] = str(blocker / "runs")
        self.assert_error(self.run_program(*self.measure), 2, "results folder", str(blocker / "runs"))

    def test_slash_at_the_end(self):
        out = self.run_well(*self.measure, "--output", f"{self.folder}/new//").stdout
        file, = (self.folder / "new").iterdir()
        self.assertIn(f"\nresult file: {file}\n", out)

    def test_no_name(self):
        self.assert_error(self.run_program(*self.measure, "--output="), 2, "results folder")

    def test_name_too_long(self):
        self.assert_error(self.run_program(*self.measure, "--output", self.folder / ("x" * 300)), 2, "too long")
        self.assert_error(self.run_program(*self.measure, "--output", self.folder / ("x/" * 3000)), 2, "too long")
        long_file = self.folder / ("y/" * 2040 + "run.json")
        self.assert_error(self.run_program(*self.measure, "--output", long_file), 2, "too long")
        self.assertFalse((self.folder / "x").exists())
        self.assertFalse((self.folder / "y").exists())

    def test_not_writable(self):
        self.results.mkdir()
        self.results.chmod(0o555)
        self.scratch.chmod(0o777)
        command = as_nobody([PROGRAM, *self.measure])
        if not command:
            self.skipTest("root's rights cannot be dropped here, or others cannot reach the build folder")
        result = self.run_program(command=command)
        self.assert_error(result, 2, f"results folder {self.results}: Permission denied", "--output")
        self.assertEqual(result.stdout, "")

    def test_without_rights_all_works_elsewhere(self):
        self.results.mkdir()
        self.results.chmod(0o777)
        self.scratch.chmod(0o777)
        command = as_nobody([PROGRAM, "run", self.case, *SHORT])
        if not command:
            self.skipTest("root's rights cannot be dropped here, or others cannot reach the build folder")
        self.assertEqual(self.run_program(command=command).returncode, 0)
        self.assertTrue(self.only_result()["complete"])


class Scratch(Case):
    def test_folder_that_is_not_there(self):
        self.environment["TMPDIR"] = str(self.folder / "nowhere")
        self.assert_refused(*self.measure, parts=[str(self.folder / "nowhere"), "--scratch or TMPDIR"])
        self.assert_refused(*self.measure, "--scratch", self.folder / "none", parts=[str(self.folder / "none")])
        self.run_well(*self.measure, "--scratch", self.scratch)

    def test_not_writable(self):
        self.scratch.chmod(0o555)
        command = as_nobody([PROGRAM, *self.measure])
        if not command:
            self.skipTest("root's rights cannot be dropped here, or others cannot reach the build folder")
        self.assert_refused(command=command, parts=["scratch folder", "Permission denied"])

    def test_name_too_long(self):
        self.assert_refused(*self.measure, "--scratch", "/" + "x/" * 3000)


class FullDisk(Case):
    def run_on_full_disk(self, folder, *arguments):
        command = in_namespace(ON_FULL_DISK, folder, PROGRAM, *arguments)
        if not command:
            self.skipTest("no mount namespace can be made here, so no disk can be filled")
        result = self.run_program(command=command)
        out, _, left = result.stdout.rpartition("left: ")
        return subprocess.CompletedProcess(result.args, result.returncode, out, result.stderr), left.strip()

    def test_result_is_kept_elsewhere(self):
        full = self.folder / "full"
        full.mkdir()
        result, left = self.run_on_full_disk(full, *self.measure, "--output", full)
        self.assert_error(result, 2, "cannot write the result: No space left on device", "the result was kept in")
        self.assertEqual(left, "", "something half written is left")
        self.assertIn("same", result.stdout)
        kept, = self.scratch.glob("*.json")
        self.assertIn(str(kept), result.stderr)
        self.assertEqual(self.run_well("show", kept).stdout, result.stdout)

    def test_an_older_result_survives(self):
        full = self.folder / "full"
        full.mkdir()
        script = ON_FULL_DISK.replace('"$@"; status', 'echo old > "$full/run.json"; "$@"; status').replace(
            "$(ls -A", "$(cat \"$full/run.json\") $(ls -A")
        command = in_namespace(script, full, PROGRAM, *self.measure, "--output", full / "run.json")
        if not command:
            self.skipTest("no mount namespace can be made here, so no disk can be filled")
        result = self.run_program(command=command)
        self.assertEqual(result.returncode, 2)
        self.assertTrue(result.stdout.endswith("left: old run.json\n"), result.stdout[-200:])

    def test_nowhere_to_keep_it(self):
        full = self.folder / "full"
        full.mkdir()
        self.environment["TMPDIR"] = str(full)
        result, left = self.run_on_full_disk(full, *self.measure, "--output", full, "--scratch", self.scratch)
        self.assert_error(result, 2, "No space left on device", "nor could it be kept elsewhere")
        self.assertEqual(left, "")
        self.assertIn("same", result.stdout)

    def test_scratch_folder(self):
        """The worker cannot even copy the module: nothing is measured, and nothing claimed."""
        result, left = self.run_on_full_disk(self.scratch, *self.measure)
        self.assert_error(result, 4, "No space left on device")
        self.assertEqual(left, "")
        self.assertEqual(self.result_files(), [])


class Descriptors(Case):
    def test_few(self):
        """With hardly any file left to open: one clear error. More than that: a run without a hole."""
        for count in (4, 5, 6, 7, 8, 10, 12, 24):
            with self.subTest(count=count):
                for verb in (self.measure, ["list"], ["doctor", "--seconds", "0.2"]):
                    self.assert_refused(*verb, prepare=limit_descriptors(count), parts=["ulimit -n"])

    def test_enough(self):
        counted = []
        for count in (40, 1024):
            run = self.run_json("lookup-hash-vs-linear", "--quick", *SHORT, prepare=limit_descriptors(count))
            counted.append({counter["name"]: counter["source"] for item in run["comparisons"]
                            for counter in item["counters"] if counter["baseline"] is not None
                            and counter["name"] != "cycles"})  # on a busy machine the core clock may not calibrate
        self.assertEqual(*counted)

    def setUp(self):
        super().setUp()
        self.environment.pop("COUNTERSIGN_KERNELS")

    def test_show_needs_hardly_any(self):
        self.run_well("run", "lookup-hash-vs-linear", "--quick", *SHORT)
        whole = self.run_well("show").stdout
        self.assertEqual(self.run_well("show", prepare=limit_descriptors(5)).stdout, whole)


if __name__ == "__main__":
    main()
