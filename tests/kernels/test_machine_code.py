#!/usr/bin/python3 -B
"""What kernels/GROUP/NAME/machine-code says of the machine code, in both modules of this build."""
import functools
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else SOURCE / "build"
ROW = re.compile(r"(?P<function>\w+) (?:(?P<verb>has|lacks)(?::(?P<count>[1-9]\d*))? (?P<pattern>\S.*?)|"
                 r"(?P<same>equals) (?P<other>\w+))(?P<where>(?: (?:native|portable|gcc|clang))*)")
PADDING = re.compile(r"(data16 |cs )*(nop|xchg %ax,%ax$|int3$)")


class Row:
    """One line of a file: a function, what it has, lacks or equals, and the builds and compilers where that must be."""

    def __init__(self, text, place):
        self.text, self.place = text, place
        found = ROW.fullmatch(text)
        if not found:
            raise ValueError(f"{place}: {text}: expected FUNCTION has[:N]|lacks REGEX or FUNCTION equals FUNCTION, "
                             "then native or portable, gcc or clang")
        self.function, self.other = found["function"], found["other"]
        self.verb, self.count = found["verb"] or found["same"], int(found["count"] or 1)
        where = found["where"].split()
        if len(set(where) & {"native", "portable"}) > 1 or len(set(where) & {"gcc", "clang"}) > 1:
            raise ValueError(f"{place}: {text}: one of a pair of words; both is what a row says without them")
        self.where = set(where)
        try:
            self.pattern = re.compile(found["pattern"] or "")
        except re.error as error:
            raise ValueError(f"{place}: {text}: no regular expression: {error}") from error

    def applies(self, build, compiler):
        return self.where <= {build, compiler}

    def failure(self, functions):
        """None, or what is wrong with the machine code."""
        for name in filter(None, (self.function, self.other)):
            if name not in functions:
                return f"{self.place}: {self.text}: there is no function {name}"
        code = functions[self.function]
        if self.verb == "equals":
            held = code == functions[self.other]
        else:
            matches = [line for line in code if self.pattern.search(line)]
            held = len(matches) < self.count if self.verb == "lacks" else len(matches) >= self.count
            code = matches if self.verb == "lacks" else code
        return None if held else f"{self.place}: {self.text}: not so:\n  " + "\n  ".join(code)


def rows(path):
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = " ".join(re.sub(r"(^|\s)#(\s.*)?$", "", line).split())
        if text:
            found.append(Row(text, f"{path}:{number}"))
    return found


def constant(operands, address, symbol, data):
    """The bytes that a vector's register takes from a place without a name of its own; else the symbol."""
    vector = re.search(r"%([xyz])mm\d+$", operands)
    if not vector or "+" not in symbol:
        return symbol
    begin = int(address, 16)
    return data[begin:begin + {"x": 16, "y": 32, "z": 64}[vector[1]]].hex() or symbol


def functions(listing, data=b""):
    """
    Name to lines "mnemonic operands", without addresses; parts that were split off belong to their function. Constants in
    `data`, bytes by address, are told by what they are, as each function has its own.
    """
    found, name, here = {}, None, None
    for line in listing.splitlines():
        begins = re.fullmatch(r"[0-9a-f]+ <(\S+)>:", line)
        code = re.fullmatch(r"\s+[0-9a-f]+:\t(.*)", line)
        if begins:
            name, here = begins[1].split(".")[0], []
            found.setdefault(name, []).append(here)
        elif here is not None and code:
            text = re.sub(r"-?0x[0-9a-f]+\(%rip\)(.*?)\s+# ([0-9a-f]+) <(.*)>",
                          lambda at: f"{constant(at[1], at[2], at[3], data)}(%rip){at[1]}", code[1].strip())
            text = re.sub(r" [0-9a-f]+ <", " <", text).replace(f"<{name}+", "<+")
            if here and re.match("jn?e ", text):  # whether two registers are equal, in either order
                here[-1] = re.sub(r"^cmp (%\w+),(%\w+)$", lambda at: "cmp " + ",".join(sorted(at.groups())), here[-1])
            here.append(" ".join(text.split()))
    for parts in found.values():
        for part in parts:  # up to the next function's alignment
            while part and PADDING.match(part[-1]):
                part.pop()
    return {name: [line for part in parts for line in part] for name, parts in found.items()}


@functools.lru_cache(None)
def disassembled(module):
    listing = subprocess.run(["objdump", "-dw", "--no-show-raw-insn", module], check=True, capture_output=True,
                             encoding="utf-8").stdout
    return functions(listing, module.read_bytes())  # what is only read has one place in file and memory


def compiler_of(module):
    """By the string that every descriptor holds."""
    return re.search(rb"(gcc|clang) \d+\.\d+", module.read_bytes())[1].decode()


def failures(path):
    found = []
    for build in ("native", "portable"):
        module = BUILD / "lib" / "countersign" / "kernels" / f"{path.parent.name}.{build}.so"
        compiler = compiler_of(module)
        for row in rows(path):
            failure = row.failure(disassembled(module)) if row.applies(build, compiler) else None
            if failure:
                found.append(f"{failure}\n  ({build}, {compiler})")
    return found


class MachineCode(unittest.TestCase):
    def test_every_row(self):
        for path in sorted((SOURCE / "kernels").glob("*/*/machine-code")):
            with self.subTest(path.parent.name):
                found = failures(path)
                if found:
                    self.fail("\n".join(found))


class Reading(unittest.TestCase):
    """The rows are only worth what their reader is."""

    LISTING = ("00001000 <one>:\n    1000:\tmov    0x8(%rdi),%rdx\n    1004:\tjne    1012 <one+0x12>\n"
               "    1006:\tmov    0x2ff0(%rip),%rax        # 4000 <table>\n    100d:\tret\n"
               "    100e:\tnopw   0x0(%rax,%rax,1)\n\n00001020 <other>:\n    1020:\tmov    0x8(%rdi),%rdx\n"
               "    1024:\tjne    1032 <other+0x12>\n    1026:\tmov    0x1ff0(%rip),%rax        # 4000 <table>\n"
               "    102d:\tret\n\n00001030 <one.cold>:\n    1030:\tud2\n00001040 <third>:\n    1040:\tret\n")

    def failure(self, text):
        return Row(text, "file:1").failure(functions(self.LISTING))

    def test_functions(self):
        self.assertEqual(functions(self.LISTING), {
            "one": ["mov 0x8(%rdi),%rdx", "jne <+0x12>", "mov table(%rip),%rax", "ret", "ud2"],
            "other": ["mov 0x8(%rdi),%rdx", "jne <+0x12>", "mov table(%rip),%rax", "ret"], "third": ["ret"]})

    def test_constants_without_a_name(self):
        """Equal ones at two places are equal, and others are not."""
        listing = "".join(f"0000 <{name}>:\n    0:\tvpaddd 0x2(%rip),%xmm1,%xmm0        # {address:x} <_fini+0x8>\n"
                          for name, address in (("one", 0), ("same", 16), ("other", 32)))
        found = functions(listing, bytes(range(16)) * 2 + bytes(16))
        self.assertEqual(found["one"], ["vpaddd 000102030405060708090a0b0c0d0e0f(%rip),%xmm1,%xmm0"])
        self.assertEqual(found["one"], found["same"])
        self.assertNotEqual(found["one"], found["other"])

    def test_either_order_of_what_is_equal(self):
        def code(first, second, jump):
            return functions(f"0 <f>:\n  0:\tcmp    %{first},%{second}\n  2:\t{jump}    0 <f>\n")["f"]
        self.assertEqual(code("rax", "rdx", "jne"), code("rdx", "rax", "jne"))
        self.assertNotEqual(code("rax", "rdx", "jb"), code("rdx", "rax", "jb"))

    def test_rows_that_hold(self):
        for text in ("one has ^mov", "one has:2 ^mov", "one lacks ^vadd", "one lacks:3 ^mov", "one has mov 0x8.%rdi., native",
                     "third equals third gcc portable"):
            self.assertIsNone(self.failure(text), text)

    def test_rows_that_fail(self):
        for text in ("one has ^vadd", "one has:3 ^mov", "one lacks ^jne", "one lacks:2 ^mov", "one equals other",
                     "absent lacks ^mov", "one equals absent"):
            self.assertIn(f"file:1: {text}", self.failure(text) or "", text)

    def test_bad_rows(self):
        for text in ("one", "one has", "one holds ^mov", "one has (", "one has:0 ^mov", "one equals", "one lacks x gcc clang"):
            with self.assertRaisesRegex(ValueError, "file:1", msg=text):
                Row(text, "file:1")

    def test_where(self):
        builds = [(build, compiler) for build in ("native", "portable") for compiler in ("gcc", "clang")]
        for text, expected in (("f has x", 4), ("f has x gcc", 2), ("f lacks x portable clang", 1)):
            self.assertEqual(sum(Row(text, "").applies(*at) for at in builds), expected, text)

    def test_comments(self):
        self.assertEqual([row.text for row in rows(SOURCE / "tests" / "data" / "machine-code")],
                         ["run_one has ^mov", "run_one lacks #3 gcc"])


if platform.machine() != "x86_64" or not shutil.which("objdump"):
    print("skip: the rows are of x86-64's instructions, as objdump writes them")
    sys.exit(77)
unittest.main(argv=sys.argv[:1])
