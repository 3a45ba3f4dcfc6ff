#!/usr/bin/python3 -B
"""scripts/packages, which ./scripts/run builds with: a build says how far it is, and servers come only where they are asked for."""
import os
import pty
import subprocess

from program import SOURCE, ProgramTest, main

NINJA = """#!/bin/sh
echo "ninja: Entering directory"
for step in 1 2 3 4 5 6 7 8; do echo "[$step/8] Building step $step"; done
[ -z "$FAIL" ] || { echo "FAILED: step 8"; echo "a.c:1: error: no"; exit 1; }
"""


class Build(ProgramTest):
    def setUp(self):
        super().setUp()
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "ninja").write_text(NINJA, encoding="utf-8")
        (tools / "ninja").chmod(0o755)
        (self.folder / "out").mkdir()
        (self.folder / "out" / "build.ninja").write_text("", encoding="utf-8")
        self.environment["PATH"] = f"{tools}:{os.environ['PATH']}"

    def build(self, **options):
        script = f". {SOURCE}/scripts/packages; build out && echo built"
        return subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=self.folder, env=self.environment,
                              encoding="utf-8", check=False, stdout=subprocess.PIPE, **options)

    def test_log(self):
        result = self.build(stderr=subprocess.PIPE)
        self.assertEqual((result.returncode, result.stdout), (0, "built\n"))
        self.assertEqual(result.stderr.splitlines(), [f"[{step}/8] building out" for step in (2, 4, 6, 8)])

    def test_terminal(self):
        ours, theirs = pty.openpty()
        result = self.build(stderr=theirs)
        os.close(theirs)
        shown = os.read(ours, 4096).decode()
        os.close(ours)
        self.assertEqual(result.returncode, 0)
        self.assertEqual(shown.count("\n"), 0, shown)
        self.assertIn("\r\033[K[3/8] building out", shown)
        self.assertTrue(shown.endswith("\r\033[K"), shown)

    def test_failure(self):
        self.environment["FAIL"] = "1"
        result = self.build(stderr=subprocess.PIPE)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("a.c:1: error: no", result.stderr)
        self.assertNotIn("Building step 1", result.stderr)


class Services(ProgramTest):
    """With tools in place of the system's that tell what they were asked to do; the servers alone are not installed."""
    TOOLS = {"dpkg-query": 'case $4 in redis-server | postgresql) ;; *) echo installed ;; esac', "apt-get": 'echo "$*" >>"$LOG"', "sudo": '"$@"',
             "systemctl": "exit 0"}

    def installed(self, call):
        tools, log = self.folder / "tools", self.folder / "log"
        tools.mkdir(exist_ok=True)
        for name, body in self.TOOLS.items():
            (tools / name).write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
            (tools / name).chmod(0o755)
        log.write_text("", encoding="utf-8")
        environment = {**self.environment, "PATH": f"{tools}:{os.environ['PATH']}", "LOG": str(log)}
        subprocess.run(["bash", "-euo", "pipefail", "-c", f". {SOURCE}/scripts/packages; {call}"], env=environment,
                       capture_output=True, check=True)
        lines = log.read_text(encoding="utf-8").splitlines()
        return [word for line in lines if line.startswith("install") for word in line.split()[1:] if not word.startswith("-")]

    def test_servers_come_where_asked_for(self):
        self.assertEqual(self.installed("install_services"), ["redis-server", "postgresql"])
        self.assertEqual(self.installed('install_packages "$packages_to_build"'), [])


if __name__ == "__main__":
    main()
