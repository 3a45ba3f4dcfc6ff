#!/usr/bin/python3 -B
"""Surroundings: folders, variables, locale, terminal."""
import fcntl
import os
import pathlib
import pty
import re
import struct
import termios
import time

from program import (CLEAR_LINE, PATIENCE_S, PROGRAM, REAL_CASE, SHORT, SOURCE, ProgramTest, hostile_case,
                     in_namespace, main, without_progress)

SEQUENCE = re.compile(r"\033\[[0-9;?]*[A-Za-z]")


class Case(ProgramTest):
    def setUp(self):
        super().setUp()
        self.with_test_kernels()
        self.measure = ["run", hostile_case(self.folder / "case", ["same", "slow"], "{after: [1, 2]}"), *SHORT,
                        "--no-counters"]


class Folders(Case):
    """Where the result goes when nothing says so, and that nothing else is written."""

    def setUp(self):
        super().setUp()
        self.environment.pop("COUNTERSIGN_RESULTS")
        self.work = self.folder / "work"
        self.work.mkdir()

    def assert_result_below(self, folder):
        before = set(self.folder.rglob("*.json"))
        out = self.run_well(*self.measure, cwd=self.work).stdout
        path, = set(self.folder.rglob("*.json")) - before
        self.assertEqual(path.parent, folder)
        named = out.rpartition("result file: ")[2].rstrip("\n")
        self.assertEqual((self.work / named).resolve(), path.resolve())
        newest = self.run_well("show", cwd=self.work).stdout
        self.assertEqual(newest, out.partition("\nresult file: ")[0])

    def test_order_of_places(self):
        self.assert_result_below(self.folder / "home" / ".local" / "share" / "countersign" / "runs")
        self.environment["XDG_DATA_HOME"] = str(self.folder / "data")
        self.assert_result_below(self.folder / "data" / "countersign" / "runs")
        (self.work / "results").mkdir()
        self.assert_result_below(self.work / "results" / "runs")
        self.environment["COUNTERSIGN_RESULTS"] = str(self.folder / "mine")
        self.assert_result_below(self.folder / "mine")

    def test_relative_data_home_is_ignored(self):
        """As the XDG Base Directory Specification asks for."""
        self.environment["XDG_DATA_HOME"] = "data"
        self.assert_result_below(self.folder / "home" / ".local" / "share" / "countersign" / "runs")

    def test_empty_variables_count_as_unset(self):
        self.environment.update(XDG_DATA_HOME="", COUNTERSIGN_RESULTS="", COUNTERSIGN_CASES="", TMPDIR="")
        self.environment["HOME"] = str(self.folder / "home")
        self.assert_result_below(self.folder / "home" / ".local" / "share" / "countersign" / "runs")

    def test_no_home(self):
        self.environment.pop("HOME")
        self.assert_result_below(self.work / ".local" / "share" / "countersign" / "runs")

    def test_own_cases(self):
        cases = self.folder / "cases"
        hostile_case(cases / "mine", ["same"])
        self.environment["COUNTERSIGN_CASES"] = str(cases)
        out = self.run_well("run", "mine", *SHORT, cwd=self.work).stdout
        self.assertTrue(out.startswith("mine: Test\n"), out)
        self.assertIn("mine", self.run_well("list", "cases").stdout)

    def test_called_by_another_name_from_elsewhere(self):
        """Kernels and cases are found beside the program, wherever it is called from."""
        self.environment.pop("COUNTERSIGN_KERNELS")
        self.environment["COUNTERSIGN_RESULTS"] = str(self.results)
        link = self.folder / "cs"
        link.symlink_to(PROGRAM)
        for command, folder in (([str(link)], "/"), (["../cs"], self.work),
                                ([os.path.relpath(PROGRAM, self.work)], self.work)):
            result = self.run_program(command=[*command, "run", REAL_CASE, "--quick", *SHORT, "--no-counters"],
                                      cwd=folder)
            self.assertEqual(result.returncode, 0, result.stderr)
        self.environment["PATH"] = f"{PROGRAM.parent}:{self.environment['PATH']}"
        self.assertIn(REAL_CASE, self.run_program(command=["countersign", "list", "cases"], cwd="/").stdout)

    def test_folder_that_was_removed(self):
        gone = self.folder / "gone"
        gone.mkdir()
        self.environment["COUNTERSIGN_RESULTS"] = str(self.results)
        result = self.run_program(*self.measure, cwd=gone, prepare=lambda: os.rmdir(gone))
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_read_only_source_tree(self):
        script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && ! touch "$1/probe" 2>&- && shift && ' \
                 'exec "$@"'
        self.environment.pop("COUNTERSIGN_KERNELS")
        self.environment["COUNTERSIGN_RESULTS"] = str(self.results)
        command = in_namespace(script, SOURCE, PROGRAM, "run", REAL_CASE, "--quick", *SHORT, "--no-counters")
        if not command:
            self.skipTest("no mount namespace can be made here")
        result = self.run_program(command=command, cwd=SOURCE)
        if result.returncode == 32:  # mount(8): some mount failed, as where others lie below the tree
            self.skipTest(result.stderr)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertTrue(self.only_result()["complete"])
        self.assert_tidy()

    def test_almost_no_environment(self):
        self.environment = {"COUNTERSIGN_RESULTS": str(self.results), "TMPDIR": str(self.scratch),
                            "COUNTERSIGN_KERNELS": self.environment["COUNTERSIGN_KERNELS"]}
        self.run_well(*self.measure)


class Characters(Case):
    def assert_ascii(self, text):
        self.assertEqual([character for character in text if ord(character) > 126 or
                          (ord(character) < 32 and character != "\n")], [])

    def test_ascii_where_the_locale_has_no_more(self):
        self.run_program(*self.measure)
        for variables in ({"LC_ALL": "C"}, {"LANG": "C"}, {"LC_CTYPE": "POSIX"}):
            self.environment.pop("LC_ALL", None)
            self.environment.update(variables)
            for verb in (self.measure, ["show"], ["list", "cases"], ["list", "events"], ["--help"],
                         ["run", "--help"], ["doctor", "--help"], ["doctor", "--seconds", "0.2"]):
                with self.subTest(variables=variables, verb=verb[0]):
                    result = self.run_program(*verb)
                    self.assertEqual(result.returncode, 0, result.stderr)
                    self.assert_ascii(result.stdout)
            for name in variables:
                self.environment.pop(name)

    def test_kernels_in_ascii(self):
        self.environment.pop("COUNTERSIGN_KERNELS")
        self.environment["LC_ALL"] = "C"
        self.assert_ascii(self.run_well("list").stdout)

    def test_errors_in_ascii(self):
        self.environment["LC_ALL"] = "C"
        self.assert_refused("run", "größer", parts=["no case 'gr??er'"])

    def test_unicode_where_the_locale_has_it(self):
        self.assertIn("×", self.run_well(*self.measure).stdout)

    def test_title_of_a_case_cannot_control_the_terminal(self):
        case = pathlib.Path(self.measure[1]) / "case.yaml"
        case.write_text(case.read_text(encoding="utf-8").replace("title: Test", r'title: "a\e[31mb\ac"'),
                        encoding="utf-8")
        for kind in ("table", "markdown"):
            self.assertNotRegex(self.run_program(*self.measure, "--format", kind).stdout, r"[\x00-\x09\x0b-\x1f]")


class Pipe(Case):
    def test_no_escape_codes_and_no_progress(self):
        self.environment["TERM"] = "xterm-256color"
        for kind in ("table", "markdown", "csv", "json"):
            result = self.run_well(*self.measure, "--format", kind)
            self.assertNotIn("\033", result.stdout)
            expected = "" if kind == "table" else r"result file: [^\n]+\n"
            self.assertRegex(result.stderr, rf"\A{expected}\Z")
        self.assertNotIn("\033", self.run_program("doctor", "--seconds", "0.2").stdout)


class Terminal(Case):
    def on_terminal(self, *arguments, columns=100, **variables):
        """Exit status and what a terminal got, standard output and error apart."""
        self.environment.update({"TERM": "xterm-256color", **variables})
        ends = [pty.openpty() for _ in range(2)]
        for master, slave in ends:
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
            self.addCleanup(os.close, master)
        process = self.start(*arguments, stdout=ends[0][1], stderr=ends[1][1])
        for _, slave in ends:
            os.close(slave)
        texts = self.read_all([master for master, _ in ends])
        return process.wait(PATIENCE_S), *texts

    @staticmethod
    def read_all(masters):
        texts = {master: b"" for master in masters}
        for master in masters:
            os.set_blocking(master, False)
        open_ones, end = set(masters), time.monotonic() + PATIENCE_S
        while open_ones and time.monotonic() < end:
            for master in list(open_ones):
                try:
                    texts[master] += os.read(master, 65536)
                except BlockingIOError:
                    time.sleep(0.005)
                except OSError:  # the other side is closed
                    open_ones.remove(master)
        return [texts[master].decode("utf-8").replace("\r\n", "\n") for master in masters]

    def test_progress_line_with_time_left(self):
        status, out, err = self.on_terminal(*self.measure)
        self.assertEqual(status, 0)
        shown = [piece for piece in err.split(CLEAR_LINE) if piece]
        self.assertGreaterEqual(len(shown), 4)  # two points of two replicates
        for piece in shown:
            self.assertRegex(piece, r"\Apoint [12] of 2 · \d+:\d\d left · case after=[12] ?\w* · replicate [12]/2\Z")
        self.assertEqual(SEQUENCE.sub("", without_progress(err)), "")
        self.assertNotIn(CLEAR_LINE, out)
        self.assertIn("result file: ", out)

    def test_progress_counts_cases(self):
        for name in ("first", "second"):
            hostile_case(self.folder / "cases" / name, ["same"])
        _, out, err = self.on_terminal("run", f"{self.folder}/cases/", *self.measure[2:])
        shown = [piece for piece in err.split(CLEAR_LINE) if piece]
        self.assertEqual({piece[:14] for piece in shown}, {"case 1 of 2 · ", "case 2 of 2 · "})
        self.assertRegex(shown[-1], r"left · second ")
        self.assertIn("2 comparisons: ", out)

    def test_progress_fits_a_narrow_terminal(self):
        _, _, err = self.on_terminal(*self.measure, columns=60)
        for piece in err.split(CLEAR_LINE):
            self.assertLess(len(piece), 60)

    def test_rows_go_on_under_their_last_column(self):
        piped = self.run_well("list", "events").stdout
        _, out, _ = self.on_terminal("list", "events", columns=60)
        lines = out.splitlines()
        self.assertLessEqual(max(map(len, lines)), 60)
        self.assertGreater(max(map(len, piped.splitlines())), 60)
        self.assertEqual(out.split(), piped.split())
        place = lines.index(next(line for line in lines if line.startswith("  l1d-misses")))
        self.assertTrue(lines[place + 1].startswith(" " * lines[place].index("accesses") + "first"), lines[place + 1])

    def test_colour_on_a_terminal_alone(self):
        _, out, _ = self.on_terminal(*self.measure)
        self.assertRegex(out, SEQUENCE)
        plain = self.run_well("show").stdout
        self.assertNotIn("\033", plain)
        self.assertEqual(SEQUENCE.sub("", out).partition("\nresult file: ")[0], plain)

    def test_no_colour_by_wish(self):
        for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            status, out, err = self.on_terminal(*self.measure, **variables)
            self.assertEqual(status, 0)
            self.assertNotIn("\033", out)
            self.assertNotRegex(err, r"\033\[[0-9;]*m")
            self.environment.pop("NO_COLOR", None)

    def test_dumb_terminal_has_no_progress(self):
        _, _, err = self.on_terminal(*self.measure, TERM="dumb")
        self.assertEqual(err, "")

    def test_formats_for_programs_have_no_colour(self):
        for kind in ("csv", "json", "markdown"):
            _, out, _ = self.on_terminal(*self.measure, "--format", kind)
            self.assertNotIn("\033", out)

    def test_error_after_progress_is_a_line_of_its_own(self):
        status, _, err = self.on_terminal("run", "nowhere")
        self.assertEqual(status, 2)
        self.assertRegex(err, r"\Acountersign: no case 'nowhere'[^\n]*\n\Z")


if __name__ == "__main__":
    main()
