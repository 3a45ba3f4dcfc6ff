#!/usr/bin/python3 -B
"""Signals in the middle of a run: what was complete is kept, nothing else stays."""
import json
import os
import pty
import signal
import time

from program import PATIENCE_S, ProgramTest, hostile_case, main, processes_below, wait_until, without_progress

LONG = ["--budget", "3000", "--replicates", "2", "--no-counters"]


class Interruption(ProgramTest):
    def setUp(self):
        super().setUp()
        self.with_test_kernels()

    def start_second_point(self):
        """A run whose first point is complete and whose second waits for ever; its stderr is a terminal."""
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        self.environment["TERM"] = "xterm"
        case = hostile_case(self.folder / "case", ["hang"], "{after: [1000000000, 0]}")
        process = self.start("run", case, "--budget", "0.05", "--replicates", "2", "--no-counters",
                             "--time-limit", "1000", stderr=slave, start_new_session=True)
        os.close(slave)
        seen = self.read_until(master, b"point 2 of 2")
        return process, master, seen

    @staticmethod
    def read_until(master, mark):
        """What a terminal got, until `mark` or, without one, the end."""
        seen, end = b"", time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                piece = os.read(master, 4096)
            except OSError:  # the other side is closed
                piece = b""
            seen += piece
            if not piece or (mark and mark in seen):
                return seen
        raise AssertionError(f"waited in vain for {mark}: {seen}")

    def assert_kept(self, process, seen, master, number):
        out, _ = process.communicate(timeout=PATIENCE_S)
        seen += self.read_until(master, None)
        self.assertEqual(process.returncode, 128 + number)
        last = without_progress(seen.decode("utf-8")).splitlines()[-1]
        self.assertTrue(last.startswith("countersign: interrupted; the points that were complete are in"), last)
        self.assert_tidy()
        run = self.only_result()
        self.assertFalse(run["complete"])
        self.assertEqual([item["point"]["after"]["value"] for item in run["comparisons"]], [1000000000])
        self.assertEqual(len(run["measurements"]), 1)
        path, = self.result_files()
        self.assertIn(str(path), last)
        self.assertEqual(self.run_well("show", path).stdout, out.partition("\nresult file: ")[0])

    def test_signals_in_the_second_point(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number.name):
                process, master, seen = self.start_second_point()
                process.send_signal(number)
                self.assert_kept(process, seen, master, number)
                self.result_files()[0].unlink()

    def test_key_on_the_terminal(self):
        """Ctrl-C reaches the whole foreground group; the worker is in a group of its own."""
        process, master, seen = self.start_second_point()
        os.killpg(process.pid, signal.SIGINT)
        self.assert_kept(process, seen, master, signal.SIGINT)

    def test_before_a_point_was_complete(self):
        case = hostile_case(self.folder / "case", ["same"])
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.start("run", case, *LONG)
            self.wait_for_worker()
            process.send_signal(number)
            self.assert_error(self.finish(process), 128 + number, "nothing was written")
            self.assertEqual(self.result_files(), [])

    def test_again_and_again(self):
        """An impatient user's second and third signal do no harm."""
        process, master, seen = self.start_second_point()
        for _ in range(3):
            process.send_signal(signal.SIGINT)
        self.assert_kept(process, seen, master, signal.SIGINT)

    def test_ignored_hangup_stays_ignored(self):
        """As under nohup."""
        case = hostile_case(self.folder / "case", ["same"])
        process = self.start("run", case, "--budget", "1", "--replicates", "2", "--no-counters",
                             prepare=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        self.wait_for_worker()
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 0)
        self.assertTrue(self.only_result()["complete"])


class Killed(ProgramTest):
    """SIGKILL leaves no chance to clean up; the worker must end all the same, and the next run cleans up."""

    def test_worker_ends_and_next_run_removes_the_folder(self):
        self.with_test_kernels()
        process = self.start("run", hostile_case(self.folder / "case", ["same"]), *LONG)
        self.wait_for_worker()
        workers = processes_below(self.scratch)
        self.assertTrue(workers)
        process.kill()
        process.wait(PATIENCE_S)
        wait_until(lambda: not processes_below(self.scratch), "the worker ended")
        stale, = self.scratch.glob("countersign-*")
        self.assertEqual(self.result_files(), [])
        foreign = self.scratch / "countersign-notes"
        foreign.mkdir()
        self.run_program("run", hostile_case(self.folder / "case", ["same"]), "--budget", "0.02", "--replicates", "2")
        self.assertFalse(stale.exists())
        self.assertTrue(foreign.exists(), "a folder that only looks alike was removed")
        foreign.rmdir()
        self.assertEqual(len(self.result_files()), 1)
        self.assert_tidy()

    def test_folder_of_a_living_run_is_left_alone(self):
        self.with_test_kernels()
        case = hostile_case(self.folder / "case", ["same"])
        process = self.start("run", case, *LONG)
        self.wait_for_worker()
        folder, = self.scratch.glob("countersign-*")
        self.assertEqual(self.run_program("run", case, "--budget", "0.02", "--replicates", "2").returncode, 0)
        self.assertTrue(folder.exists())
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)
        self.assert_tidy()

    def test_worker_killed_from_outside(self):
        """As the system does when memory runs out: the comparison is invalid, the run goes on."""
        self.with_test_kernels()
        case = hostile_case(self.folder / "case", ["hang"], "{after: [0, 1000000000]}")
        process = self.start("run", case, "--budget", "0.05", "--replicates", "2", "--no-counters", "--time-limit",
                             "1000", "--format", "json")
        self.wait_for_worker()
        worker, = processes_below(self.scratch)
        os.kill(worker, signal.SIGKILL)
        out, _ = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 3)
        killed, good = json.loads(out)["comparisons"]
        self.assertEqual(killed["verdict"], "invalid")
        self.assertIn("killed by SIGKILL", killed["reason"])
        self.assertNotEqual(good["verdict"], "invalid")
        self.assert_tidy()


if __name__ == "__main__":
    main()
