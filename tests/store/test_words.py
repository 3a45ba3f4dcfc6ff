#!/usr/bin/python3 -B
"""A cause has its words in one file: what a table of words says, no other file of the harness says again."""
import pathlib
import re
import unittest

HARNESS = pathlib.Path(__file__).resolve().parents[2] / "harness"
TABLES = ("store/arm_words.c", "store/simulation_words.c")
LEGACY = "store/causes.c"  # reads words of files from before
SHORTEST = 24  # characters: less are words of anything


def literals(path):
    """Text of each string literal, adjoining ones joined."""
    code = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    for whole in re.findall(r'"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*', code):
        yield "".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', whole))


def phrases(text):
    """What stands between formats: the words that cannot come from elsewhere."""
    return (part.strip(" :;,()") for part in re.split(r"%[-+ #0-9.*]*(?:h|l|z)*[a-zA-Z%]", text))


class Words(unittest.TestCase):
    def test_words_of_a_cause_are_in_its_table_alone(self):
        others = {path: "\n".join(literals(path)) for path in sorted(HARNESS.glob("*/*.c"))}
        for table in TABLES:
            words = {phrase for text in literals(HARNESS / table) for phrase in phrases(text) if len(phrase) >= SHORTEST
                     and not phrase.endswith(".h")}
            self.assertGreater(len(words), 10, table)
            for path, text in others.items():
                again = [] if str(path.relative_to(HARNESS)) in (table, LEGACY) else [w for w in words if w in text]
                self.assertEqual(again, [], f"{path}: words of {table}")


if __name__ == "__main__":
    unittest.main(argv=["test_words"])
