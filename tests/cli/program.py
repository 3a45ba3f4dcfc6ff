"""What the whole-program tests share: a program in surroundings of its own, and the rules every error keeps to."""
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else SOURCE / "build"
PROGRAM = BUILD / "bin" / "countersign"
SANITIZED = PROGRAM.exists() and b"__asan_init" in PROGRAM.read_bytes()
KERNELS = BUILD / "lib" / "countersign" / "kernels"
TEST_KERNELS = BUILD / "lib" / "countersign" / "test-kernels"
HOSTILE_CASE = SOURCE / "tests" / "data" / "cases" / "hostile"
REAL_CASE = "lookup-hash-vs-linear"
SHORT = ["--budget", "0.02", "--replicates", "2", "--no-simulation"]
# Where it is not the subject how code is compiled: half of the time of the default -O3 -g.
QUICK_FLAGS = {"CFLAGS": "-O1", "CXXFLAGS": "-O1"}
PATIENCE_S = 120  # for a machine that has other things to do; nothing is expected to take a part of it
CLEAR_LINE = "\r\033[K"


def write_case(folder, text):
    """A case in `folder`, as a path that `run` takes for one."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "case.yaml").write_text(text, encoding="utf-8")
    return str(folder)


def hostile_case(folder, candidates, sweep="{after: [1000000000]}"):
    """A case over the kernel of misbehaving variants, which behave for the first `after` runs."""
    return write_case(folder, f"title: Test\nkernel: hostile\ncandidates: [{', '.join(candidates)}]\nsweep: {sweep}\n")


def wait_until(condition, what):
    """The first true value of condition()."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"waited in vain until {what}")


def processes_below(folder):
    """Living processes that work in a folder, as workers and their children do."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if os.readlink(entry / "cwd").startswith(str(folder)):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def in_namespace(script, *arguments):
    """Command of a shell script in a mount namespace of its own, or None where that is not allowed."""
    for options in (["-m"], ["-r", "-m"]):
        command = ["unshare", *options, "sh", "-c"]
        trial = "mount -t tmpfs -o size=64k none /mnt"
        if shutil.which("unshare") and subprocess.run(command + [trial], capture_output=True).returncode == 0:
            return command + [script, "sh", *map(str, arguments)]
    return None


def as_nobody(command):
    """The command without root's rights: itself if this is not root, or None where they cannot be dropped."""
    if os.geteuid() != 0:
        return list(map(str, command))
    drop = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    if not shutil.which("setpriv"):
        return None
    # A build folder below a private one cannot be reached by others.
    usable = subprocess.run(drop + [str(PROGRAM), "--version"], capture_output=True).returncode == 0
    return drop + list(map(str, command)) if usable else None


class ProgramTest(unittest.TestCase):
    """One temporary folder a test: scratch, results and home of the program lie in it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cli-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.folder.chmod(0o755)
        self.scratch = self.folder / "tmp"
        self.results = self.folder / "results-of-runs"
        self.scratch.mkdir()
        self.environment = {
            name: value for name, value in os.environ.items()
            if not name.startswith(("COUNTERSIGN", "XDG_", "LC_", "LANG")) and
            name not in ("NO_COLOR", "TERM", "COLUMNS", "TMPDIR")}
        self.environment.update(HOME=str(self.folder / "home"), TMPDIR=str(self.scratch), LC_ALL="C.UTF-8",
                                COUNTERSIGN_RESULTS=str(self.results))

    def with_test_kernels(self):
        self.environment["COUNTERSIGN_KERNELS"] = str(TEST_KERNELS)

    def start(self, *arguments, command=None, prepare=None, **options):
        """The running program; its signals are as a shell in the foreground would leave them."""
        def before_exec():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            if prepare:
                prepare()
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        options.setdefault("cwd", self.folder)
        process = subprocess.Popen(command or [str(PROGRAM), *map(str, arguments)], env=self.environment,
                                   preexec_fn=before_exec, encoding="utf-8", errors="surrogateescape", **options)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def run_program(self, *arguments, **options):
        return self.finish(self.start(*arguments, **options))

    @staticmethod
    def finish(process):
        out, err = process.communicate(timeout=PATIENCE_S)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def run_well(self, *arguments, status=0, **options):
        """A run of the program that must end with `status` and without a complaint."""
        result = self.run_program(*arguments, **options)
        self.assertEqual(result.returncode, status, result.stderr + self.reasons_of_last_result())
        self.assertNotIn("countersign: ", result.stderr or "")
        self.assert_tidy()
        return result

    def reasons_of_last_result(self):
        """Why comparisons of the newest result file are invalid."""
        files = sorted(self.results.glob("*.json"), key=lambda path: path.stat().st_mtime) if self.results.exists() else []
        if not files:
            return ""
        comparisons = json.loads(files[-1].read_text(encoding="utf-8")).get("comparisons", [])
        return "\n".join(comparison["reason"] for comparison in comparisons if comparison.get("reason"))

    def run_json(self, *arguments, status=0, **options):
        """The run that `run` prints as JSON."""
        return json.loads(self.run_well("run", *arguments, "--format", "json", status=status, **options).stdout)

    def assert_error(self, result, status, *parts):
        """One line that says what is wrong, the documented status, and nothing left behind."""
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertRegex(result.stderr, r"\Acountersign: [^\n]+\n\Z")
        for part in parts:
            self.assertIn(part, result.stderr)
        self.assertNotRegex(result.stderr, r"[\x00-\x09\x0b-\x1f\x7f]")
        self.assert_tidy()

    def assert_refused(self, *arguments, parts=(), **options):
        """An error before anything was done: status 2, no output, no folder made."""
        result = self.run_program(*arguments, **options)
        self.assert_error(result, 2, *parts)
        self.assertEqual(result.stdout, "")
        self.assertFalse(self.results.exists(), "a refused run made its results folder")

    def assert_tidy(self):
        """No scratch folder, no worker, no half-written result."""
        self.assertEqual(list(self.scratch.glob("countersign-*")), [])
        # Those that were killed take a moment to end.
        wait_until(lambda: not processes_below(self.scratch), "no worker or child of one is left")
        if self.results.is_dir() and os.access(self.results, os.R_OK):
            self.assertEqual([entry.name for entry in self.results.iterdir() if entry.suffix != ".json" and entry.name != "loads"],
                             [])

    def result_files(self):
        return sorted(self.results.glob("*.json")) if self.results.is_dir() else []

    def only_result(self):
        """The one result file there is, as the program itself reads it."""
        files = self.result_files()
        self.assertEqual(len(files), 1, files)
        return json.loads(self.run_well("show", files[0], "--format", "json").stdout)

    def wait_for_worker(self):
        """Until a worker has come as far as the kernel's setup."""
        return wait_until(lambda: list(self.scratch.glob("countersign-*/worker/files")), "a worker runs")


def limit_descriptors(count):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


def without_progress(text):
    """What stays on a terminal: every piece of a line that was cleared afterwards is gone."""
    return re.sub(r"[^\n]*" + re.escape(CLEAR_LINE), "", text.replace("\r\n", "\n"))


def main():
    """Exit status 0, 1, or 77 where every test was skipped."""
    if not PROGRAM.exists():
        print(f"skip: {PROGRAM} is not built")
        sys.exit(77)
    program = unittest.main(argv=[sys.argv[0], *sys.argv[2:]], exit=False)
    result = program.result
    if result.testsRun and len(result.skipped) == result.testsRun:
        sys.exit(77)
    sys.exit(0 if result.wasSuccessful() else 1)
