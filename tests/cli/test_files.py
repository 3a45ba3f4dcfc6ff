#!/usr/bin/python3 -B
"""What the files of kernels are on: memory in a disk's place, and no room."""
import pathlib
import tempfile
import shutil

from program import KERNELS, PROGRAM, SHORT, ProgramTest, in_namespace, main

ON_SMALL_DISK = 'mount -t tmpfs -o size=300k,mode=777 none "$1" && full="$1" && shift && "$@"; status=$?; ' \
                'echo "left: $(ls -A "$full")"; exit $status'


class Files(ProgramTest):
    def setUp(self):
        super().setUp()
        self.environment["COUNTERSIGN_KERNELS"] = str(KERNELS)
        if not (KERNELS / "n-plus-one.native.so").exists():
            self.skipTest("the kernel n-plus-one is not built")

    def test_memory_is_no_disk(self):
        if not pathlib.Path("/dev/shm").is_dir():
            self.skipTest("there is no /dev/shm")
        folder = tempfile.mkdtemp(dir="/dev/shm", prefix="cli-test-")
        self.addCleanup(shutil.rmtree, folder)
        out = self.run_well("run", "durable-log", "--quick", *SHORT, "--no-counters", "--scratch", folder).stdout
        self.assertRegex(" ".join(out.split()), r"files \d+ comparisons? of durable-log: in memory, so no disk was measured \(--scratch")
        self.assertEqual(list(pathlib.Path(folder).iterdir()), [])

    def test_no_room_for_a_database(self):
        disk = self.folder / "disk"
        disk.mkdir()
        command = in_namespace(ON_SMALL_DISK, disk, PROGRAM, "run", "n-plus-one", "--quick", *SHORT, "--no-counters",
                               "--scratch", disk, "--layout", "fixed")
        if not command:
            self.skipTest("no mount namespace can be made here")
        result = self.run_program(command=command)
        said = " ".join(result.stdout.split())
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("database or disk is full", said)
        self.assertIn("choose another scratch folder", said)
        self.assertTrue(result.stdout.endswith("left: \n"), result.stdout)


if __name__ == "__main__":
    main()
