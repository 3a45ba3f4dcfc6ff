#!/usr/bin/python3 -B
"""Lines that a lesson quotes stand in the file that it names."""
import pathlib
import re
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```c\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`([A-Za-z0-9_-]+\.(?:c|h|cpp))`")


def lines_of(text):
    """Without what only lays them out."""
    return [line for line in (re.sub(r"\s+", " ", line).strip() for line in text.splitlines()) if line]


def quotations(lesson):
    """Each quoted block with the files that may hold it: of several blocks below one paragraph that names as many files,
    each is of one; else of any that the paragraph names, or of any at all where it names none."""
    end, named, found = 0, [], []
    for block in BLOCK.finditer(lesson):
        between = lesson[end:block.start()].strip()
        if between:
            named = NAMED.findall(between.split("\n\n")[-1])
            found.append([])
        elif not found:
            found.append([])
        found[-1].append((block.group(1), named))
        end = block.end()
    for group in found:
        for index, (text, files) in enumerate(group):
            yield text, files[index:index + 1] if len(files) == len(group) else files


def holds(path, quoted):
    lines, wanted = lines_of(path.read_text(encoding="utf-8")), lines_of(quoted)
    return any(lines[at:at + len(wanted)] == wanted for at in range(len(lines) - len(wanted) + 1))


def faults(lesson, folder):
    """What is wrong with the quotations of a lesson about the kernel in a folder."""
    count = 0
    for quoted, files in quotations(lesson):
        count += 1
        paths = [folder / name for name in files] or sorted(folder.glob("*.[ch]*"))
        if not all(path.exists() for path in paths):
            yield f"names {files}, of which one is not in {folder.name}"
        elif not any(holds(path, quoted) for path in paths):
            yield f"quotes what is not in {', '.join(files) or folder.name}:\n{quoted}"
    if not count:
        yield "quotes no line of any variant"


class Lessons(unittest.TestCase):
    maxDiff = None

    def test_every_quotation_stands_in_its_file(self):
        for case in sorted((SOURCE / "cases").glob("*/*/case.yaml")):
            kernel = re.search(r"(?m)^kernel: (\S+)", case.read_text(encoding="utf-8")).group(1)
            folder, = (SOURCE / "kernels").glob(f"*/{kernel}")
            lesson = (case.parent / "README.md").read_text(encoding="utf-8")
            with self.subTest(case=case.parent.name):
                self.assertEqual(list(faults(lesson, folder)), [])

    def test_a_wrong_quotation_is_found(self):
        folder = SOURCE / "kernels" / "algorithms" / "string-building"
        right = "Of `strcat.c` and `end.c`:\n\n```c\nstrcat(text,   pieces[i]);\n```\n```c\n    end += length;\n```\n"
        self.assertEqual(list(faults(right, folder)), [])
        for wrong in (right.replace("end +=", "end -="), right.replace("`strcat.c` and `end.c`", "`end.c` and `strcat.c`"),
                      right.replace("`end.c`", "`ende.c`"), right.replace("```c", "```"), "no lines\n"):
            self.assertNotEqual(list(faults(wrong, folder)), [], wrong)


if __name__ == "__main__":
    unittest.main(argv=["test_lessons"])
