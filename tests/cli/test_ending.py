#!/usr/bin/python3 -B
"""Whatever a variant, a command or a build does, it ends: at a limit, on a signal, and when the program is killed."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys

from program import PROGRAM, ProgramTest, main, processes_below, wait_until, write_case

WAYS = ["parents-group", "own-session", "childs-group", "vfork", "sibling", "stopped", "traced", "deaf", "daemon"]
FEW = ["--rounds", "2", "--replicates", "2", "--quiet", "--no-counters"]
LEAVE_GROUP = "import os\nos.setpgid(0, os.getpgid(os.getppid()))\n"
LEAVE_SESSION = "import os\nif os.fork(): os.wait()\nelse:\n os.setsid()\n"
WAIT = "import time; time.sleep(1000)"
BOUND_S = 25  # far more than any of it takes, far less than what hangs


class Ending(ProgramTest):
    def setUp(self):
        super().setUp()
        self.mark = f"{self.folder.name}-mark"

    def python(self, text):
        """A command that does so, and that is found again by its words, whatever became of its environment."""
        path = self.folder / "script.py"
        path.write_text(text + "\n", encoding="ascii")
        return f"{sys.executable} -E -S {path} {self.mark}"

    def marked(self):
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and self.mark.encode() in (entry / "cmdline").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def repository(self):
        for name in list(self.environment):
            if name.startswith("GIT_"):
                del self.environment[name]
        user = self.folder / "user"
        git = ["git", "-C", str(user), "-c", "user.name=A", "-c", "user.email=a@example.org"]
        for words in (["git", "init", "-q", str(user)], [*git, "commit", "-q", "--allow-empty", "-m", "x"]):
            subprocess.run(words, check=True, env=self.environment, stdout=subprocess.DEVNULL)
        return user

    def assert_none_marked(self):
        wait_until(lambda: not self.marked(), "what was started has ended")

    def finish_soon(self, process):
        out, err = process.communicate(timeout=BOUND_S)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


class Variants(Ending):
    def case(self, candidate):
        self.with_test_kernels()
        return write_case(self.folder / candidate, f"title: T\nkernel: escape\ncandidates: [{candidate}]\n")

    def test_at_the_limit(self):
        for way in WAYS:
            with self.subTest(way=way):
                process = self.start("run", self.case(way), "--budget", "0.02", "--replicates", "2", "--no-counters",
                                     "--no-simulation", "--time-limit", "1", "--format", "csv")
                result = self.finish_soon(process)
                self.assertEqual(result.returncode, 3, result.stderr)
                self.assertIn("no progress for 1 s (--time-limit)", result.stdout)
                self.assert_tidy()

    def test_on_a_signal(self):
        for number, way in zip((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), WAYS):
            with self.subTest(way=way):
                process = self.start("run", self.case(way), "--budget", "0.02", "--replicates", "2", "--no-counters",
                                     "--no-simulation", "--time-limit", "1000")
                self.wait_for_worker()
                process.send_signal(number)
                self.assertEqual(self.finish_soon(process).returncode, 128 + number)
                self.assert_tidy()


class Commands(Ending):
    def test_at_the_limit(self):
        for text in (LEAVE_GROUP, LEAVE_SESSION):
            process = self.start("duel", *FEW, "--time-limit", "1", "true", self.python(text + WAIT))
            result = self.finish_soon(process)
            self.assertEqual(result.returncode, 3, result.stderr)
            self.assertIn("took longer than 1 s (--time-limit)", result.stdout)
            self.assert_none_marked()
            self.assert_tidy()

    def test_on_a_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            for text in (LEAVE_GROUP, LEAVE_SESSION):
                process = self.start("duel", *FEW, self.python(text + WAIT), "true")
                wait_until(self.marked, "the command runs")
                process.send_signal(number)
                self.assertEqual(self.finish_soon(process).returncode, 128 + number)
                self.assert_none_marked()
                self.assert_tidy()

    def test_daemons_end_with_their_command(self):
        daemon = self.python("import os\nif os.fork() == 0:\n os.setsid()\n if os.fork() == 0: " + WAIT)
        self.assertEqual(self.run_program("duel", *FEW, "true", daemon).returncode, 0)
        self.assert_none_marked()

    def test_daemons_of_setup_live_until_cleanup(self):
        """As a server does that the commands ask."""
        daemon = self.python("import os\nif os.fork() == 0:\n os.setsid()\n if os.fork() == 0: " + WAIT)
        asks = f"grep -qs {self.mark} /proc/[0-9]*/cmdline && ps x | grep -v grep | grep -q '{self.mark}$'"
        if not shutil.which("ps"):
            self.skipTest("needs ps")
        result = self.run_program("duel", *FEW, "--setup", daemon, "--cleanup", asks, asks, asks)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assert_none_marked()

    def test_no_terminal(self):
        """Not even with one that the program itself has."""
        import pty
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        process = self.start("duel", *FEW, "true", "! (: < /dev/tty) 2>/dev/null", start_new_session=True,
                             prepare=lambda: os.close(os.open(os.ttyname(slave), os.O_RDWR)))
        os.close(slave)
        result = self.finish_soon(process)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)


class Killed(Ending):
    """By SIGKILL, alone or with the whole group: grandchildren have nobody else who would end them."""

    ESCAPE = ("import os, time\nos.environ.clear()\nif os.fork() == 0:\n os.setsid()\n os.chdir('/')\n"
              " if os.fork() == 0: time.sleep(1000)\n os._exit(0)\nos.wait()\ntime.sleep(1000)")

    def kill(self, process, group):
        if group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait(BOUND_S)

    def test_commands(self):
        for group in (False, True):
            process = self.start("duel", *FEW, "true", self.python(self.ESCAPE), start_new_session=True)
            wait_until(lambda: len(self.marked()) > 1, "the command and its daemon run")
            self.kill(process, group)
            self.assert_none_marked()

    def test_variants(self):
        self.with_test_kernels()
        for way in ("childs-group", "daemon"):
            process = self.start("run", write_case(self.folder / way, f"title: T\nkernel: escape\ncandidates: [{way}]\n"),
                                 "--budget", "0.02", "--replicates", "2", "--no-counters", "--no-simulation", "--time-limit",
                                 "1000")
            wait_until(lambda: len(processes_below(self.scratch)) > 1, "the variant and its child run")
            self.kill(process, False)
            wait_until(lambda: not processes_below(self.scratch), "what was started has ended")

    def test_builds(self):
        if not shutil.which("git"):
            self.skipTest("needs git")
        user = self.repository()
        process = self.start("duel", "--git", "HEAD..HEAD", "--build", f"{self.python(self.ESCAPE)}; true", *FEW, "true",
                             cwd=user)
        wait_until(lambda: len(self.marked()) > 1, "the build and its daemon run")
        self.kill(process, False)
        self.assert_none_marked()


class Shared(Ending):
    """Scratch folders and repositories that runs in other containers share: process numbers mean nothing there."""

    def setUp(self):
        super().setUp()
        self.unshare = next((command for command in (["unshare", "-p", "-f", "--mount-proc"],
                                                     ["unshare", "-r", "-p", "-f", "--mount-proc"])
                             if shutil.which("unshare") and
                             subprocess.run([*command, "true"], capture_output=True).returncode == 0), None)
        if not self.unshare:
            self.skipTest("no process namespace can be made here")

    def elsewhere(self, *arguments, **options):
        result = self.run_program(command=[*self.unshare, str(PROGRAM), *map(str, arguments)], **options)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_the_folder_of_a_living_run(self):
        self.with_test_kernels()
        case = write_case(self.folder / "case", "title: T\nkernel: hostile\ncandidates: [same]\n")
        process = self.start("run", case, "--budget", "3000", "--replicates", "2", "--no-counters")
        self.wait_for_worker()
        folder, = self.scratch.glob("countersign-*")
        self.elsewhere("duel", *FEW, "true", "true")
        self.assertTrue(folder.exists())
        process.send_signal(signal.SIGINT)
        self.finish_soon(process)
        self.assert_tidy()

    def test_the_worktree_of_a_living_run(self):
        if not shutil.which("git"):
            self.skipTest("needs git")
        user = self.repository()
        process = self.start("duel", "--git", "HEAD..HEAD", "--build", "touch started; exec sleep 1000", "true", cwd=user)
        tree = wait_until(lambda: list(self.scratch.glob("countersign-*/tree-*/started")), "the build runs")[0].parent
        other = self.folder / "other"
        other.mkdir()
        # The same repository from another scratch folder, as on another machine, and from the same one.
        for scratch in (other, self.scratch):
            self.elsewhere("duel", "--git", "HEAD..HEAD", *FEW, "--scratch", scratch, "true", cwd=user)
            self.assertTrue(tree.exists())
            subprocess.run(["git", "-C", str(tree), "status"], check=True, env=self.environment, capture_output=True)
        process.send_signal(signal.SIGINT)
        self.finish_soon(process)
        self.assert_tidy()
        self.assertEqual(list((user / ".git").glob("worktrees/*")), [])


if __name__ == "__main__":
    main()
