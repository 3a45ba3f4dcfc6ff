#!/usr/bin/python3
"""twins: the timed functions of both variants are the same machine code, at other places of their files."""
import pathlib
import struct
import sys

SHF_EXECINSTR, SHT_SYMTAB, STT_FUNC, STT_OBJECT, STT_TLS = 4, 2, 2, 1, 6


class Object:
    """Names, bytes and offsets of the functions and static data of a relocatable ELF file of 64 bits."""

    def __init__(self, path):
        self.data = path.read_bytes()
        if self.data[:5] != b"\x7fELF\x02":
            raise ValueError(f"{path} is no 64-bit ELF file")
        start, = struct.unpack_from("<Q", self.data, 40)
        size, count, _ = struct.unpack_from("<HHH", self.data, 58)
        self.sections = [struct.unpack_from("<IIQQQQIIQQ", self.data, start + i * size) for i in range(count)]
        self.functions, self.objects = {}, {}
        for section in self.sections:
            if section[1] == SHT_SYMTAB:
                self.read_symbols(section)

    def read_symbols(self, table):
        names = self.sections[table[6]][4]
        for at in range(table[4], table[4] + table[5], 24):
            name, info, _, section, value, size = struct.unpack_from("<IBBHQQ", self.data, at)
            text = self.data[names + name:self.data.index(b"\0", names + name)].decode()
            if info & 15 == STT_FUNC and 0 < section < len(self.sections):
                begin = self.sections[section][4] + value
                self.functions[text] = (value, self.data[begin:begin + size])
            elif info & 15 in (STT_OBJECT, STT_TLS):
                self.objects[text.split(".")[0]] = value


def main():
    build = pathlib.Path(sys.argv[1])
    failures, compared = [], 0
    for base in sorted(build.glob("lib/countersign/kernels/twins.*.link/base.c.o")):
        one, other = Object(base), Object(base.with_name("same.c.o"))
        timed = [name for name in one.functions if name.startswith("run_") and name != "run_base"]
        if len(timed) < 20:
            failures.append(f"{base}: {len(timed)} timed functions")
        for name in timed:
            compared += 1
            if name not in other.functions or one.functions[name][1] != other.functions[name][1]:
                failures.append(f"{base.parent}: {name} is other machine code in same.c")
            elif one.functions[name][0] % 4096 == other.functions[name][0] % 4096:
                failures.append(f"{base.parent}: {name} lies at the same offset of a page")
        for name in ("placed", "moved", "filled"):
            if one.objects[name] % 4096 == other.objects[name] % 4096:
                failures.append(f"{base.parent}: {name} lies at the same offset of a page")
    if not compared:
        print("skip: this build keeps the object files elsewhere")
        return 77
    for failure in failures:
        print(failure)
    return 1 if failures else 0


sys.exit(main())
