#!/usr/bin/python3 -B
"""scripts/packages, which ./scripts/run builds with: a build says how far it is, and servers come only where they are asked for.
scripts/test: what runs beside what, and that nothing is lost of it."""
import os
import pty
import shutil
import subprocess

from program import PATIENCE_S, SOURCE, ProgramTest, main

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


def tell(what):
    return f'echo "{what}" >>"$LOG"\n'


# Waits until something is told, or a minute and more, since what runs in the background has the least priority.
BEGUN = 'i=0; until grep -q "^{}$" "$LOG" || [ $i = 600 ]; do sleep 0.1; i=$((i + 1)); done\n'


class WholeTest(ProgramTest):
    """scripts/test with tools that tell when they begin and end, and say the same each time."""
    TOOLS = {
        "clang-format": "exit 0",
        "nproc": "echo 2",
        "cmake": '[ "$1" != -S ] || { mkdir -p "$4"; touch "$4/build.ninja"; }',
        "ninja": tell("build $2") + '[ "$2" != "$FAIL" ]',
        # Tests beside which something is built do not end before that is begun.
        "ctest": """
shift
name=${1#build-}
while [ "$1" != --output-junit ]; do shift; done
junit=$2 alone=others left_out=nothing
shift 2
while [ $# -gt 0 ]; do
  case "$1 $2" in "-L ^alone$") alone=alone ;; "-LE ^alone$") left_out=alone ;; esac
  shift
done
""" + tell("$name: begin $alone but $left_out") + """
case $name$alone in
*alone) sleep 0.3 ;;
gcc*) """ + BEGUN.format("build build-sanitized") + """ ;;
*) """ + BEGUN.format("emulated: ") + """ ;;
esac
printf ' tests="3"\\n failures="0"\\n skipped="1"\\n' >"$junit"
""" + tell("$name: end $alone"),
    }

    def run_script(self, **environment):
        scripts, tools, log = self.folder / "scripts", self.folder / "tools", self.folder / "log"
        scripts.mkdir()
        tools.mkdir()
        for name in ("test", "packages"):
            shutil.copy(SOURCE / "scripts" / name, scripts)
        with open(scripts / "packages", "a", encoding="utf-8") as packages:
            packages.write("install_packages() { :; }\ninstall_services() {\n" + BEGUN.format("build build-gcc") + "sleep 0.3\n" +
                           tell("installed") + "}\n")
        (self.folder / "build-sanitized").mkdir()
        commands = {tools / name: body for name, body in self.TOOLS.items()}
        commands[scripts / "fuzz"] = tell("fuzz") + "echo fuzzed"
        commands[scripts / "test-emulated-pmu"] = tell("emulated: $1") + 'echo "said by machines"; [ -n "$1" ] || exit ${MACHINES:-0}'
        for path, body in commands.items():
            path.write_text(f"#!/bin/bash\n{body}\n", encoding="utf-8")
            path.chmod(0o755)
        log.write_text("", encoding="utf-8")
        subprocess.run(["git", "init", "-q"], cwd=self.folder, check=True)
        environment = {**self.environment, "PATH": f"{tools}:{os.environ['PATH']}", "LOG": str(log), **environment}
        result = subprocess.run([scripts / "test"], env=environment, encoding="utf-8", check=False, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, timeout=PATIENCE_S)
        return result, [line for line in log.read_text(encoding="utf-8").splitlines() if line != "emulated: --fetch"]

    def test_what_waits_for_what(self):
        result, log = self.run_script()
        self.assertEqual(result.returncode, 0, result.stdout)
        # Twelve of ctest's, of which four were skipped; format, machines, fuzzers.
        self.assertEqual(result.stdout.splitlines()[-1], "11 passed, 0 failed, 4 skipped")
        self.assertIn("said by machines", result.stdout)
        self.assertIn("fuzzed", result.stdout)
        beside_gcc, beside_sanitized = log.index("build build-sanitized"), log.index("emulated: ")
        self.assertEqual(log[:4], ["build build-gcc", "installed", "gcc: begin alone but nothing", "gcc: end alone"])
        self.assertLess(beside_gcc, log.index("gcc: end others"))
        self.assertLess(beside_gcc, log.index("emulated: --build"))
        self.assertLess(log.index("emulated: --build"), log.index("sanitized: begin alone but nothing"))
        self.assertLess(log.index("sanitized: end alone"), beside_sanitized)
        self.assertLess(beside_sanitized, log.index("sanitized: end others"))
        self.assertEqual([line for line in log if "others but" in line],
                         ["gcc: begin others but alone", "sanitized: begin others but alone"])

    def test_machines_that_fail(self):
        result, _ = self.run_script(MACHINES="1")
        self.assertEqual(result.returncode, 1)
        self.assertIn("emulated-pmu: FAILED", result.stdout)
        self.assertIn("10 passed, 1 failed, 4 skipped", result.stdout)
        self.assertIn("said by machines", result.stdout)

    def test_build_that_fails(self):
        for name, counts in (("build-gcc", "7 passed, 1 failed, 2 skipped"),
                             ("build-sanitized", "7 passed, 1 failed, 2 skipped")):
            with self.subTest(name):
                result, log = self.run_script(FAIL=name)
                self.assertEqual(result.returncode, 1)
                self.assertIn(f"the {name.removeprefix('build-')} build failed", result.stdout)
                self.assertIn(counts, result.stdout)
                self.assertIn("emulated: ", log)
                for folder in ("scripts", "tools", "build-sanitized"):
                    shutil.rmtree(self.folder / folder)


if __name__ == "__main__":
    main()
