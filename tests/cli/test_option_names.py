#!/usr/bin/python3 -B
"""The options that the library's texts name are the program's, and stand in one place."""
import re

from program import SOURCE, ProgramTest, main

VERBS = ("doctor", "list", "run", "duel", "bisect", "new", "profile", "calibrate", "show", "report", "verify", "history")
TABLE = SOURCE / "harness" / "base" / "option_name.c"
ROOMS = ("base", "stats", "host", "counters", "store", "conclude", "history", "debug", "worker", "run", "simulate", "profile", "commands",
         "measure", "report")


class OptionNames(ProgramTest):
    names = re.findall(r'"(--[a-z-]+)"', TABLE.read_text(encoding="utf-8"))

    def test_each_is_an_option_of_a_verb(self):
        options = set()
        for verb in VERBS:
            options |= set(re.findall(r"--[a-z-]+", self.run_well(verb, "--help").stdout))
        self.assertGreater(len(self.names), 10)
        self.assertEqual(set(self.names) - options, set())

    def test_no_room_below_the_command_line_writes_one_itself(self):
        named = re.compile(r'"[^"\n]*(?<![a-z-])(%s)(?![a-z-])[^"\n]*"' % "|".join(self.names))
        # What a field is, in a schema; and another program's option.
        fine = re.compile(r"\.about|^ *\"|docker run")
        for room in ROOMS:
            for path in sorted((SOURCE / "harness" / room).glob("*.c")):
                lines = [] if path == TABLE else path.read_text(encoding="utf-8").splitlines()
                for number, line in enumerate(lines, 1):
                    line = re.sub(r"/\*.*", "", line)
                    if not (room == "store" and fine.search(line)) and "docker run" not in line:
                        self.assertIsNone(named.search(line), f"{path}:{number}: {line.strip()}")


if __name__ == "__main__":
    main()
