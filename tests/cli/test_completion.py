#!/usr/bin/python3 -B
"""Completion of command lines: each shell is asked what it would offer."""
import os
import re
import shutil
import subprocess

from program import BUILD, PROGRAM, REAL_CASE, ProgramTest, main

VERBS = ("doctor", "list", "explain", "run", "duel", "bisect", "gate", "new", "profile", "load", "calibrate", "show", "report", "verify",
         "compare", "history", "completion")
BASH = """source "$1"; shift
complete -p countersign | grep -q -- '-F _countersign countersign' || exit 9
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_countersign
printf '%s\\n' "${COMPREPLY[@]}"
"""
SCRIPTS = {"bash": "bash-completion/completions/countersign", "zsh": "zsh/site-functions/_countersign",
           "fish": "fish/vendor_completions.d/countersign.fish"}


class Completion(ProgramTest):
    def setUp(self):
        super().setUp()
        self.environment["PATH"] = f"{PROGRAM.parent}:{os.environ['PATH']}"

    def script(self, shell):
        """As the build made it, which is as the program prints it."""
        path = BUILD / "share" / SCRIPTS[shell]
        self.assertEqual(path.read_text(encoding="utf-8"), self.run_well("completion", shell).stdout)
        return path

    def shell(self, *command):
        if not shutil.which(command[0]):
            self.skipTest(f"{command[0]} is not installed")
        result = subprocess.run(list(map(str, command)), capture_output=True, encoding="utf-8", check=False, cwd=self.folder,
                                env=self.environment)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result)
        return result.stdout.splitlines()

    def options_of(self, verb):
        """The parser's own list."""
        allowed = self.run_program(verb, "--no-such-option").stderr.partition("allowed: ")[2].strip()
        return {f"--{name}" for name in allowed.split(", ")}

    def bash(self, *words):
        return set(self.shell("bash", "-c", BASH, "bash", self.script("bash"), "countersign", *words))

    def test_bash_verbs(self):
        self.assertEqual(self.bash(""), {"help", *VERBS})
        self.assertEqual(self.bash("d"), {"doctor", "duel"})
        self.assertEqual(self.bash("--"), {"--help", "--version"})
        self.assertEqual(self.bash("help", "pro"), {"profile"})

    def test_bash_options(self):
        for verb in VERBS:
            with self.subTest(verb=verb):
                self.assertEqual(self.bash(verb, "--"), self.options_of(verb))

    def test_bash_values(self):
        self.assertEqual(self.bash("run", "--state", ""), {"warm", "cold", "mixed"})
        self.assertEqual(self.bash("run", REAL_CASE, "--format", "=", "m"), {"markdown"})
        self.assertEqual(self.bash("run", "--format", "="), {"table", "markdown", "csv", "json"})
        self.assertEqual(self.bash("profile", "--format", ""), {"text", "markdown", "json"})
        self.assertEqual(self.bash("list", ""), {"cases", "kernels", "events"})
        self.assertIn(REAL_CASE, self.bash("run", "lookup"))
        self.assertIn(REAL_CASE, self.bash("show", "--case", "lookup"))
        (self.folder / "folder").mkdir()
        (self.folder / "file").write_text("", encoding="utf-8")
        self.assertEqual(self.bash("show", "f"), {"file", "folder"})
        self.assertEqual(self.bash("run", "--scratch", "f"), {"folder"})
        self.assertEqual(self.bash("run", "--budget", ""), {""})

    def test_zsh(self):
        script = self.script("zsh")
        text = script.read_text(encoding="utf-8")
        for verb in VERBS:
            branch = re.search(rf"(?ms)^    {verb}\) _arguments(.*?) ;;$", text).group(1)
            self.assertEqual(set(re.findall(r"'\*(--[a-z-]+)", branch)), self.options_of(verb))
        self.shell("zsh", "-n", script)
        self.shell("zsh", "-fc", f"autoload -U compinit; compinit -D -u; source {script}; whence _countersign >/dev/null")

    def test_fish(self):
        script = self.script("fish")

        def offers(line):
            found = self.shell("fish", "--no-config", "-c", f"source {script}; complete -C '{line}'")
            return {offer.split("\t")[0] for offer in found}
        self.assertEqual(offers("countersign "), {"help", *VERBS})
        for verb in VERBS:
            with self.subTest(verb=verb):
                self.assertEqual(offers(f"countersign {verb} --"), self.options_of(verb))
        self.assertEqual(offers("countersign run --state "), {"warm", "cold", "mixed"})

    def test_other_shells(self):
        self.assert_refused("completion", "tcsh", parts=["bash, zsh or fish", "'tcsh'"])
        self.assert_refused("completion", parts=["bash, zsh or fish"])


if __name__ == "__main__":
    main()
