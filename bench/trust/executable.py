"""scripts/bench-trust executable: whether a pair measures as it does in an ordinary executable, and has its machine code."""
import difflib
import random
import re
import shutil
import tempfile
from pathlib import Path

import common
import duels
import figures

HERE = Path(__file__).resolve().parent
CALLS = {"uint32_t": ("uint64_t f(const uint32_t *p, size_t n)", "uint64_t"),
         "double": ("double f(const double *p, size_t n)", "double"),
         "char": ("uint64_t f(const char *p, size_t n)", "uint64_t")}
LENGTH = 256
FLAGS = ["-O3", "-march=native"]
SAMPLE_NS = 20000
ENVIRONMENT = 4096  # bytes that are drawn of, behind which the stack begins elsewhere


def pairs(names):
    """Folders of pairs: name, both sources, element type."""
    found = []
    for folder in sorted((HERE / "pairs").iterdir()):
        if names and folder.name not in names:
            continue
        sources = [next(folder.glob(f"{side}.c*")) for side in "ab"]
        element = re.search(r"\bf\(const (\w+) \*p", sources[0].read_text(encoding="utf-8"))[1]
        found.append((folder.name, sources, element))
    return found


def compiler_of(source):
    return ["g++"] if source.suffix == ".cpp" else ["gcc", "-std=gnu17"]


def own_symbol(path):
    """f, or what the C++ compiler makes of it."""
    for line in common.run(["nm", "--defined-only", path]).splitlines():
        if re.fullmatch(r"f|_Z1f\w+", line.split()[-1]):
            return line.split()[-1]
    raise common.Failed(f"{path}: no function f")


def build(sources, element, folder):
    """An executable that calls both as `first` and `second`; no link-time optimization, as in the modules."""
    objects = []
    for source, name in zip(sources, ("first", "second")):
        object_ = folder / f"{name}.o"
        common.run([*compiler_of(source), *FLAGS, "-fPIE", "-c", source, "-o", object_])
        common.run(["objcopy", "--redefine-sym", f"{own_symbol(object_)}={name}", object_])
        # Templates come in groups, of which a linker keeps one of each name: as ordinary sections they can be hidden.
        common.run(["ld", "-r", "--force-group-allocation", object_, "-o", folder / "plain.o"])
        shutil.move(folder / "plain.o", object_)
        common.run(["objcopy", "--keep-global-symbol", name, object_])
        objects.append(object_)
    objects.append(folder / "main.o")
    common.run(["gcc", "-std=gnu17", "-O2", "-fPIE", f"-DELEMENT={element}", f"-DRESULT={CALLS[element][1]}",
                f"-DLENGTH={LENGTH}", "-c", HERE / "alternate.c", "-o", objects[-1]])
    # Each time another order of objects, since where code lies is luck.
    common.run(["g++", "-pie", *random.sample(objects, len(objects)), "-lm", "-o", folder / "pair"])
    return folder / "pair"


def run_once(program, seed, rounds, calls):
    """The times of one process, its environment of a random size."""
    text = common.run([program, seed, rounds, calls],
                      env={"PATH": "/usr/bin:/bin", "PAD": "x" * random.randrange(ENVIRONMENT)})
    lines = text.splitlines()
    first, second = lines[0].split()
    if first != second:
        raise common.Failed(f"{program}: the answers differ")
    return [tuple(map(float, line.split())) for line in lines[1:]]


def time_executable(sources, element, options):
    """Times of many processes, of a new link each fourth."""
    processes = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.processes):
            if number % 4 == 0:
                program = build(sources, element, Path(folder))
                slowest = max(max(pair) for pair in run_once(program, 1, 8, 8)) / 8
                calls = max(1, round(SAMPLE_NS / slowest))
            processes.append(run_once(program, random.getrandbits(32), options.rounds, calls))
    return processes


def module_functions(cache):
    """Instructions of both functions in the plain native module that a duel left in its cache."""
    for path in sorted(Path(cache).rglob("*.native*")):
        if not path.is_file() or path.read_bytes()[:4] != b"\x7fELF":
            continue
        found = [lines for name, lines in duels.functions_of(path) if re.fullmatch(r"f(\(.*\))?", name)]
        if len(found) == 2:
            return found
    return None


def code_differences(sources, folder, cache):
    """For both functions: instructions that only the executable or only the module has, or why that is not known."""
    module = module_functions(cache)
    if not module:
        return ["the module's code was not found"] * 2
    told = []
    executable = dict(duels.functions_of(folder / "pair"))
    for name, lines in zip(("first", "second"), module):
        differences = [line for line in difflib.ndiff(executable[name], lines) if line[0] in "+-"]
        told.append("\n".join(differences))
    return told


def measure(options):
    tried = []
    for name, sources, element in pairs(options.pairs_named):
        duels.progress(f"pair {name}")
        with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryDirectory() as folder:
            module = duels.try_files(options, sources, CALLS[element][0], str(LENGTH), options.budget or 2, cache)
            build(sources, element, Path(folder))
            codes = code_differences(sources, Path(folder), cache)
        processes = time_executable(sources, element, options)
        tried.append({"name": name, "module": module, "executable": figures.ratio_interval(processes), "code": codes,
                      "times_ns": [[list(pair) for pair in process] for process in processes]})
    if not tried:
        raise common.Failed("no such pair")
    return {"budget": options.budget or 2, "processes": options.processes, "rounds": options.rounds, "pairs": tried}


def agree(pair):
    """Same word, or none; and the ratios within each other's reach."""
    if pair["module"]["verdict"] == "invalid":
        return False
    same = not figures.contradict(pair["module"]["verdict"], figures.verdict_of(pair["executable"]))
    return same and figures.overlap(pair["module"]["speedup"], pair["executable"])


def code_words(codes):
    """'same', or how many lines of which function differ, and the first."""
    words = []
    for side, text in zip("AB", codes):
        lines = [line for line in text.splitlines() if line[:2] in ("+ ", "- ")]
        if lines:
            words.append(f"{side}: {len(lines)} lines, `{lines[0]}`")
        elif text:
            words.append(text)
    return "; ".join(dict.fromkeys(words)) or "same"


def row(pair):
    module = pair["module"]
    told = "–" if module["verdict"] == "invalid" else figures.told(module["speedup"])
    inside = module["verdict"] != "invalid" and figures.within(pair["executable"]["estimate"], module["speedup"])
    return [pair["name"], f"{told} {module['verdict']}",
            f"{figures.told(pair['executable'])} {figures.verdict_of(pair['executable'])}",
            "yes" if agree(pair) else "**no**", "yes" if inside else "no", code_words(pair["code"])]


def report(result):
    pairs_ = result["pairs"]
    return (f"Speedup of B over A as `duel` measures it ({result['budget']:g} s of timing) and in an executable (`cc "
            f"{' '.join(FLAGS)}`, PIE, linked anew each fourth process; {result['processes']} processes of {result['rounds']} "
            "rounds, environment of random size; midmean over rounds, Student's t over processes). They agree: no other claim, "
            "and the intervals meet. Code: instructions of the function without addresses; − the executable alone has, + the "
            f"module alone.\n\n{sum(map(agree, pairs_))} of {len(pairs_)} agree.\n\n" +
            common.table(["pair", "modules", "executable", "agree", "ratio within", "machine code"],
                         [row(pair) for pair in pairs_]) + "\n")


def failed(result):
    return not all(map(agree, result["pairs"]))


def ready():
    """Why this report cannot be made here, or nothing."""
    missing = [tool for tool in ("gcc", "g++", "objcopy", "objdump", "nm") if not shutil.which(tool)]
    return f"missing: {', '.join(missing)}" if missing else ""
