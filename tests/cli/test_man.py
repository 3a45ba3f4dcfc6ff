#!/usr/bin/python3 -B
"""The man page: correct roff, and the same options, verbs and variables as the program."""
import re
import shutil
import subprocess

from program import BUILD, SOURCE, ProgramTest, main

PAGE = BUILD / "share" / "man" / "man1" / "countersign.1"
OPTION = re.compile(r"--[a-z][a-z-]*")


def sections(text, macro):
    """Heading and text of each part that a macro such as .SH starts."""
    parts = re.split(rf"(?m)^\.{macro} (.*)$", text)
    return {parts[i].strip('"'): parts[i + 1] for i in range(1, len(parts), 2)}


def plain(text):
    return text.replace(r"\-", "-")


class ManPage(ProgramTest):
    def setUp(self):
        super().setUp()
        self.page = PAGE.read_text(encoding="ascii")
        self.sections = sections(self.page, "SH")

    def options_of_page(self, verb):
        """Options that have an entry: a tag of its own, not a word in a sentence."""
        part = plain(sections(self.sections["VERBS"], "SS")[verb])
        return re.findall(r"(?m)^\.TP\n\\fB(--[a-z-]+)", part)

    def options_of_help(self, verb):
        lines = self.run_well(verb, "--help").stdout.splitlines()
        return [match.group(1) for match in (re.match(r"  (--[a-z-]+)(?: |$)", line) for line in lines) if match]

    def words_of_help(self, verb):
        """Every option that the text names."""
        return set(OPTION.findall(self.run_well(verb, "--help").stdout))

    def test_verbs(self):
        verbs = re.findall(r"(?m)^  ([a-z]+) ", self.run_well("--help").stdout.split("First steps")[0])
        self.assertEqual(sorted(verbs), sorted(sections(self.sections["VERBS"], "SS")))

    def test_options_of_each_verb(self):
        for verb in sections(self.sections["VERBS"], "SS"):
            with self.subTest(verb=verb):
                told = self.options_of_help(verb)
                self.assertIn("--help", told)
                self.assertEqual(self.options_of_page(verb), told)

    def test_help_fits_its_terminal(self):
        """Wrapped, nothing lost on the way, whatever the width."""
        for verb in sections(self.sections["VERBS"], "SS"):
            words = set()
            for width in (60, 80, 100):
                self.environment["COLUMNS"] = str(width)
                text = self.run_well(verb, "--help").stdout
                self.assertLessEqual(max(map(len, text.splitlines())), width, verb)
                words.add(" ".join(text.split()))
            self.assertEqual(len(words), 1, verb)

    def test_every_option_of_the_program_is_told(self):
        """The list that an unknown option is answered with is the parser's own."""
        for verb in sections(self.sections["VERBS"], "SS"):
            allowed = self.run_program(verb, "--no-such-option").stderr.partition("allowed: ")[2].strip()
            told = self.words_of_help(verb) | {f"--cflags-{letter}" for letter in "cdefg"}
            self.assertNotIn("…", allowed)
            self.assertLessEqual({f"--{name}" for name in allowed.split(", ")}, told, verb)
            self.assertLessEqual(set(self.options_of_page(verb)), {f"--{name}" for name in allowed.split(", ")})

    def test_no_unknown_option_is_mentioned(self):
        known = {"--version"} | {name for verb in sections(self.sections["VERBS"], "SS")
                                 for name in self.words_of_help(verb)}
        self.assertEqual(set(OPTION.findall(plain(self.page))) - known, set())

    def test_exit_statuses(self):
        told = re.findall(r"(?m)^\.TP\n\.B (\d+)$", self.sections["EXIT STATUS"])
        text = self.run_well("--help").stdout.partition("exit status: ")[2]
        self.assertEqual(told, re.findall(r"(?<![\d+] )\b(\d) [a-z]", text))

    def test_variables(self):
        """Every variable that the program's own sources read stands in the page."""
        read = set()
        for path in (SOURCE / "harness").rglob("*.c"):
            text = path.read_text(encoding="utf-8")
            read |= set(re.findall(r'(?:getenv|set_path)\((?:paths->\w+, )?"([A-Z_]+)"', text))
        self.assertLessEqual({"COUNTERSIGN_CASES", "COUNTERSIGN_RESULTS", "TMPDIR", "NO_COLOR"}, read)
        section = self.sections["ENVIRONMENT"] + self.sections["FILES"]
        self.assertEqual({name for name in read if name not in section}, set())

    def test_parts(self):
        self.assertEqual(list(self.sections), ["NAME", "SYNOPSIS", "DESCRIPTION", "VERBS", "EXIT STATUS", "ENVIRONMENT",
                                               "FILES", "EXAMPLES", "SEE ALSO"])

    def test_version(self):
        version = self.run_well("--version").stdout.strip()
        self.assertIn(f'"{version}"', self.page.splitlines()[0])

    def test_roff(self):
        if not shutil.which("groff"):
            self.skipTest("groff is not installed")
        result = subprocess.run(["groff", "-man", "-ww", "-Tascii", PAGE], capture_output=True, encoding="ascii",
                                check=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("measure whether an optimization wins", result.stdout)


if __name__ == "__main__":
    main()
