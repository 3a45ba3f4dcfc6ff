#!/usr/bin/env python3
"""What scripts/bench-peers programs makes of pairs; and that ours and each program do the same work, checked, and leave nothing."""
import dataclasses
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / part) for part in ("bench", "bench/trust", "bench/peers", "bench/peers/programs")]
sys.argv[1:2] = []  # the build folder: nothing of it is needed

import assemble  # noqa: E402
import common  # noqa: E402
import drive  # noqa: E402
import peers  # noqa: E402
import programs  # noqa: E402
import rivals  # noqa: E402

COMPILE = drive.compile_driver
OPTIONS = SimpleNamespace(seconds=0.01, pairs=2)
READS, WRITES, IMPORT, COPY, REDIS = (next(program for program in rivals.PROGRAMS if program.name.startswith(name)) for name in (
    "async-io-fio-block-4096-depth-8", "durable-log", "batch-insert", "pg-batch-insert", "request-pipelining"))
HEADERS = {"async-io": "liburing.h", "batch-insert": "sqlite3.h", "pg-batch-insert": "postgresql/libpq-fe.h",
           "request-pipelining": "hiredis/hiredis.h"}


def needs(program):
    header = Path("/usr/include", HEADERS.get(program.kernel, "stdio.h"))
    missing = [name for name in ("cc", "setpriv", "taskset", program.needs) if not shutil.which(name)] + \
        [str(header) for _ in range(not header.exists())]
    return unittest.skipIf(missing, f"not here: {', '.join(missing)}")


class Work(unittest.TestCase):
    """No time is looked at. A kernel is compiled once for all."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(dir="/var/tmp")
        cls.addClassCleanup(folder.cleanup)
        Path(folder.name).chmod(0o711)
        compiled = {}

        def compile_once(kernel, defines, _):
            key = (kernel, *defines.items())
            compiled[key] = compiled.get(key) or COMPILE(kernel, defines, Path(folder.name))
            return compiled[key]

        cls.enterClassContext(mock.patch.object(drive, "compile_driver", compile_once))

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir="/var/tmp")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.folder.chmod(0o711)  # a server that is nobody passes
        self.enterContext(mock.patch.dict("os.environ", {"TMPDIR": folder.name}))

    def assert_nothing_left(self):
        self.assertEqual(list(self.folder.iterdir()), [])
        self.assertRaises(ChildProcessError, os.waitpid, -1, os.WNOHANG)

    def measure(self, program):
        found = programs.measure(program, OPTIONS)
        self.assert_nothing_left()
        return found

    def check_rival(self, program, spoil, words):
        """It does the same work as ours does; and after `spoil`, which makes it do something else, that is seen."""
        try:
            with drive.place(program.kernel, program.ours, program.point, dict(program.defines)) as place:
                rival = program.play(place, program, 2)
                for _ in range(2):
                    (ours, ours_s), (other, other_s) = programs.pair(place, rival, 2)
                    self.assertEqual(ours, other)
                    self.assertTrue(ours > 0 and ours_s > 0 and other_s > 0)
                spoil(rival)
                self.assertRaisesRegex(common.Failed, words, rival.play)
        except common.Failed as problem:
            if any(word in str(problem) for word in ("on no disk", "io_uring", "is not installed")):
                self.skipTest(str(problem))
            raise
        self.assert_nothing_left()

    @needs(READS)
    def test_fio_reads(self):
        self.check_rival(READS, lambda rival: rival.words.append(f"--io_size={4096 * 10}"), r"fio made 10 requests of \d+")

    @needs(WRITES)
    def test_fio_writes(self):
        self.check_rival(WRITES, lambda rival: rival.words.append("--bs=512"), r"fio made \d+ requests of \d+")

    @needs(IMPORT)
    def test_sqlite_imports(self):
        def expect_another(rival):
            rival.rows[-1] = (*rival.rows[-1][:-1], "another address")

        self.check_rival(IMPORT, expect_another, r"sqlite3 left 512 rows of 512, or others")

    @needs(COPY)
    def test_psql_copies(self):
        def copy_less(rival):
            rival.script = rival.script[:rival.script.rindex("\\copy")]

        self.check_rival(COPY, copy_less, r"psql left 256 rows of 512")

    @needs(REDIS)
    def test_redis_benchmark_gets(self):
        def ask_for_nothing(rival):
            rival.words[-1] = "nothing:__rand_int__"

        self.check_rival(REDIS, ask_for_nothing, r"was given 0 values of \d+")

    @needs(WRITES)
    def test_a_whole_comparison(self):
        found = self.measure(WRITES)
        self.assertEqual((found["problem"], len(found["pairs"])), ("", 2))
        self.assertEqual({(ours[0], other[0]) for ours, other in found["pairs"]}, {(8 * found["runs"],) * 2})

    @needs(WRITES)
    def test_a_driver_that_cannot_ends_with_words(self):
        for point, words in (({"size": 1}, "size cannot be '1'"), ({"sizes": 16}, "expected NAME=VALUE .* 'sizes=16'"),
                             ({"log": "tape"}, "log cannot be 'tape'")):
            with self.subTest(point=point):
                self.assertRegex(self.measure(dataclasses.replace(WRITES, point={"size": 4096} | point))["problem"], words)
        self.assertIn("no variant is called none", self.measure(dataclasses.replace(WRITES, ours="none"))["problem"])

    @needs(WRITES)
    def test_a_wrong_answer_of_ours_is_seen(self):
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            wrong = Path(shutil.copytree(assemble.kernel_folder("durable-log"), Path(folder, "wrong")))
            text = (wrong / "per_record.c").read_text(encoding="utf-8")
            self.assertIn("log->keys[i]", text)
            (wrong / "per_record.c").write_text(text.replace("log->keys[i]", "log->keys[0]"), encoding="utf-8")
            with mock.patch.object(assemble, "kernel_folder", lambda _: wrong), \
                    mock.patch.object(drive, "compile_driver", COMPILE):
                self.assertRegex(self.measure(WRITES)["problem"], r"wrong answer: log\[4096\] is \d+ instead of \d+")

    @needs(REDIS)
    def test_a_server_that_does_not_start_is_said(self):
        broken = drive.service_of

        def service_of(program):
            service = broken(program)
            return service | {"argument": [*service["argument"], "--no-such-setting", "1"]}

        with mock.patch.object(drive, "service_of", service_of):
            self.assertRegex(self.measure(REDIS)["problem"], "the server is not ready: .")
        with mock.patch.dict("os.environ", {"TMPDIR": str(self.folder / ("long" * 25))}):
            (self.folder / ("long" * 25)).mkdir()
            self.assertRegex(programs.measure(REDIS, OPTIONS)["problem"], "too long for a socket; set TMPDIR")

    def test_a_program_that_is_missing_is_said(self):
        found = programs.measure(dataclasses.replace(WRITES, needs="no-such-program"), OPTIONS)
        self.assertEqual(found["problem"], "no-such-program is not installed")


def found_of(program, *ratios, problem=""):
    """Pairs in which an item of the rival takes so many times as long as one of ours; ours have others each."""
    pairs = [((100, 0.1 * number), (50, 0.05 * number * ratio)) for number, ratio in enumerate(ratios, 1)]
    return {"name": program.name, "version": "1.2-3", "pairs": pairs, "problem": problem}


def result_of(*found):
    return {"schema": programs.SCHEMA, "seconds": 1, "pairs": 3, "heading": "### Heading\n", "matches": list(found)}


class Tables(unittest.TestCase):
    def test_the_ratio_is_of_pairs(self):
        # Student's t: of ln 1, ln 2, ln 4 the mean is ln 2, the deviation ln 2, and t(2) at 95 % is 4.303.
        ratio = programs.ratio_of(found_of(WRITES, 1, 2, 4))
        self.assertAlmostEqual(ratio["estimate"], 2)
        self.assertAlmostEqual(ratio["high"], 2 ** (1 + 4.302653 / 3 ** 0.5), 4)
        self.assertAlmostEqual(ratio["low"], 2 ** (1 - 4.302653 / 3 ** 0.5), 4)

    def test_a_line_a_comparison(self):
        text = programs.text_of(result_of(found_of(WRITES, 1.19, 1.2, 1.21), found_of(REDIS, problem="no | server")))
        self.assertRegex(text, r"\| durable writes \| fio, psync and fdatasync 1.2-3 \| durable-log: per-record \| size 4096 \| "
                         r"500 \| 417 \| 1.200 \[1.175, 1.225\] \| faster \|  \|")
        self.assertIn("| – | – | – | not measured | no / server |", text)
        self.assertIn(f"- durable writes: {WRITES.differs}.\n", text)

    def test_what_is_below_needs_a_reason(self):
        below, skipped = found_of(WRITES, 0.5, 0.5, 0.6), found_of(REDIS, problem="no server")
        self.assertEqual(programs.failures(result_of(below, skipped)),
                         [f"{WRITES.name}: 0.53, and no reason is given in bench/peers/programs/rivals.py",
                          f"{REDIS.name}: no server"])
        explained = dataclasses.replace(WRITES, reason="it skips")
        with mock.patch.object(rivals, "PROGRAMS", (explained,)):
            self.assertEqual(programs.failures(result_of(below)), [])
            self.assertIn("| slower | it skips |", programs.text_of(result_of(below)))

    def test_which_side_is_first_is_drawn(self):
        order = []
        place = SimpleNamespace(run=lambda runs: order.append("ours") or (runs, 1))
        rival = SimpleNamespace(play=lambda: order.append("rival") or (7, 2))
        self.assertEqual({programs.pair(place, rival, 3) for _ in range(64)}, {((3, 1), (7, 2))})
        self.assertEqual(set(order[::2]), {"ours", "rival"})

    def test_every_comparison_has_a_name_and_can_be_told(self):
        names = [program.name for program in rivals.PROGRAMS]
        self.assertEqual(len(set(names)), len(names))
        for program in rivals.PROGRAMS:
            with self.subTest(program=program.name):
                self.assertTrue(assemble.kernel_folder(program.kernel).is_dir())
                self.assertTrue(program.differs)
        self.assertTrue(peers.marked("programs").search((ROOT / "docs/PEERS.md").read_text(encoding="utf-8")))


class Script(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.raw = Path(folder.name) / "raw.json.gz"

    def script(self, *words):
        return subprocess.run([ROOT / "scripts/bench-peers", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              check=False)

    def test_a_raw_result_is_printed_again(self):
        peers.save(result_of(found_of(WRITES, 1.19, 1.2, 1.21)), self.raw)
        for words in (("programs", "--from", self.raw), ("--from", self.raw, "programs")):
            done = self.script(*words)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("1.200 [1.175, 1.225]", done.stdout)
        self.assertIn("not a raw result", self.script("--from", self.raw).stderr)

    def test_wrong_usage_is_said_before_anything_is_done(self):
        for words, said in ((("--only", "nothing"), "no row and no comparison has nothing in its name; rows: reads one by one"),
                            (("--write", "--pairs", "8"), "the record has at least 9 pairs a comparison, not 8")):
            done = self.script("programs", *words)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(said, done.stderr)
        self.assertIn("--pairs N", self.script("programs", "--help").stdout)

    def test_an_interrupted_run_is_resumed(self):
        asked = []

        def measure(program, _options):
            asked.append(program)
            if len(asked) == 2:
                raise KeyboardInterrupt
            return found_of(program, 1, 1.01)

        options = SimpleNamespace(resume=None, output=self.raw, programs=(READS, WRITES), seconds=1, pairs=2,
                                  program=Path("/b/bin/c"))
        with mock.patch.object(programs, "measure", measure), mock.patch.object(common, "heading", lambda *_: "### Heading\n"), \
                redirect_stderr(StringIO()):
            self.assertRaises(KeyboardInterrupt, programs.measure_all, options)
            options.resume = self.raw
            result = programs.measure_all(options)
        self.assertEqual(asked, [READS, WRITES, WRITES])
        self.assertEqual(len(programs.known(result)), 2)


if __name__ == "__main__":
    unittest.main()
