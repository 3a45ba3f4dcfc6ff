"""scripts/bench simulated: counts that a run gives, against those that follow from the code."""
import re

import common

CASES = common.ROOT / "bench/known-counts"
INSTRUCTION = re.compile(r"^\s*(?P<at>[0-9a-f]+):\s+(?P<name>\S+)(?:\s+(?P<operands>.*))?$")
TARGET = re.compile(r"\b(?P<target>[0-9a-f]+) <")
JUMPS = re.compile(r"j(?!mp)[a-z]+$|b\.[a-z]+$|cbn?z$|tbn?z$")  # conditional, of x86-64 and 64-bit Arm

# Counts an item: case, what to look for in its points, variant, event, source, known, why.
KNOWN = [
    ("particle-misses", {}, "aos", "l1d-misses", "sim", 1, "a line of 64 bytes is one particle"),
    ("particle-misses", {}, "soa", "l1d-misses", "sim", 1 / 16, "a line is 16 floats"),
    ("element-misses", {"op": "reduce"}, "serial", "l1d-misses", "sim", 1 / 8, "a line is 8 words, read"),
    ("element-misses", {"op": "map"}, "serial", "l1d-misses", "sim", 2 / 8, "one line read, another written"),
    ("read-calls", {"batch": 16}, "per-record", "read-calls", "sw", 1, "a call a record"),
    ("read-calls", {"batch": 16}, "batched", "read-calls", "sw", 1 / 16, "a call a batch of 16"),
    ("read-calls", {"batch": 256}, "batched", "read-calls", "sw", 1 / 256, "a call a batch of 256"),
    ("write-calls", {"batch": 16}, "per-record", "write-calls", "sw", 1, "a call a record"),
    ("write-calls", {"batch": 16}, "batched", "write-calls", "sw", 1 / 16, "a call a batch of 16"),
    ("write-calls", {"batch": 256}, "batched", "write-calls", "sw", 1 / 256, "a call a batch of 256"),
]

# Steps of a lookup of an absent id at each n of lookup-steps: every id, or halvings until one is left.
STEPS = [("linear", {256: 256, 512: 512}), ("binary", {256: 8, 512: 9})]


def innermost_loop(disassembly):
    """Names of the instructions of a function's shortest loop, from where a jump goes back to, to that jump."""
    lines = [match for match in map(INSTRUCTION.match, disassembly.splitlines()) if match]
    addresses = [int(line["at"], 16) for line in lines]
    best = None
    for end, line in enumerate(lines):
        target = TARGET.search(line["operands"] or "") if JUMPS.match(line["name"]) else None
        if not target or int(target["target"], 16) not in addresses[:end + 1]:
            continue
        start = addresses.index(int(target["target"], 16))
        if best is None or end - start < len(best):
            best = [entry["name"] for entry in lines[start:end + 1]]
    if best is None:
        raise common.Failed("no loop was found in the disassembly")
    return best


def loop_of(build, variant):
    """Of the portable build, which is what is simulated."""
    module = build / "lib/countersign/kernels/lookup.portable.so"
    return innermost_loop(common.run(["objdump", "--disassemble=run_" + variant, "--no-show-raw-insn", module]))


def matches(comparison, wanted):
    """Whether a comparison is at a point with these values; a choice is given by its name."""
    values = {name: value["choice"] or value["value"] for name, value in comparison["point"].items()}
    return all(values.get(name) == value for name, value in wanted.items())


def find_count(run, wanted, variant, event, source):
    """A count an item."""
    for comparison in run["comparisons"]:
        for side in ("baseline", "candidate"):
            if comparison[side] != variant or not matches(comparison, wanted):
                continue
            simulation = run["measurements"][comparison["measurement"]].get("simulation")
            if source == "sim" and simulation and simulation["scaled"]:
                raise common.Failed(f"{comparison['case']}: the point was made smaller to be simulated")
            entries = [entry for entry in comparison["counters"]
                       if entry["name"] == event and entry["source"] == source]
            if entries and entries[0][side] is not None:
                return entries[0][side]
            reason = entries[0]["reason"] if entries else f"no counter {event} from {source}; is valgrind installed?"
            raise common.Failed(f"{comparison['case']}, {variant}: {reason}")
    raise common.Failed(f"{variant} was not measured at {wanted}")


def error(count, known):
    """In %."""
    return f"{100 * (count / known - 1):+.3f}"


def items_rows(runs):
    """Lines of counts an item."""
    rows = []
    for case, wanted, variant, event, source, known, why in KNOWN:
        count = find_count(runs[case], wanted, variant, event, source)
        rows.append([f"{case}, {variant}: {why}", event, f"`{source}`", f"{known:.6g}", f"{count:.6g}",
                     error(count, known)])
    return rows


def step_rows(run, loops):
    """Lines of counts a step: what a larger n adds to a lookup, without what a lookup costs beside its steps."""
    rows = []
    for variant, steps in STEPS:
        (small, few), (large, many) = steps.items()
        known = {"instructions": len(loops[variant]),
                 "branches": sum(bool(JUMPS.match(name)) for name in loops[variant]), "data-reads": 1}
        for event, count in known.items():
            more, less = (find_count(run, {"n": n}, variant, event, "sim") for n in (large, small))
            each = (more - less) / (many - few)
            why = "a step reads one id" if event == "data-reads" else "a step, by its loop's disassembly"
            rows.append([f"lookup-steps, {variant}: {why}", event, "`sim`", count, f"{each:.6g}", error(each, count)])
    return rows


def measure(build, folder, case):
    """A run of one case: counts do not need long timing."""
    path = folder / f"{case}.json"
    environment = common.environment(build)
    environment["COUNTERSIGN_CASES"] = str(CASES)
    common.run([build / "bin/countersign", "run", case, "--budget", "0.2", "--replicates", "2",
                "--simulation-budget", "60", "--output", path], env=environment)
    return common.load_run(path)


def report(build, output, options):
    """Markdown."""
    del options
    folder = common.new_folder(output, "simulated")
    runs = {path.parent.name: measure(build, folder, path.parent.name) for path in sorted(CASES.glob("*/case.yaml"))}
    loops = {variant: loop_of(build, variant) for variant, _ in STEPS}
    rows = items_rows(runs) + step_rows(runs["lookup-steps"], loops)
    simulation = runs["particle-misses"]["measurements"][0]["simulation"]
    text = common.table(["case, variant: what is known", "event", "source", "known", "by the run", "error, %"], rows)
    return (f"Counts an item or a step; {simulation['tool']}, {simulation['caches']}. What is known leaves out what a run "
            "costs once: its entry, the first lines of its stack and state. A step of a lookup is the difference between "
            f"two sizes, over the difference in steps.\n\n{text}\n\nRaw: `{folder}`.\n")
