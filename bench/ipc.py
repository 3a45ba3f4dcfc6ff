"""scripts/bench ipc: instructions a cycle, as a run gives them, on kernels whose own are known."""
import platform
import statistics

import common

STEPS = 32  # of a chain in a block of bench/kernels/chains
LOOP = 2  # instructions that end a block, beside the chain
ADD, MULTIPLY = 1, 3  # cycles

# Case by case: variant, what it is, instructions a step, cycles a step (None: bound by the core's width alone).
CASES = {
    "chain-adds": [
        ("add", "1 chain of additions", 1, ADD),
        ("add-2", "2 chains of additions", 2, ADD),
        ("add-3", "3 chains of additions", 3, ADD),
    ],
    "chain-multiplications": [
        ("multiply", "1 chain of multiplications", 1, MULTIPLY),
        ("multiply-2", "2 chains of multiplications", 2, MULTIPLY),
        ("multiply-add-2", "1 of multiplications, 2 of additions", 3, MULTIPLY),
        ("multiply-add-5", "1 of multiplications, 5 of additions", 6, MULTIPLY),
        ("multiply-add-8", "1 of multiplications, 8 of additions", 9, MULTIPLY),
    ],
    "issue-width": [
        ("add-9", "9 chains of additions", 9, None),
        ("add-nops", "1 chain of additions, 15 empty instructions", 16, None),
    ],
}


def instructions_a_block(a_step):
    """Of one pass through the code between two branches."""
    return STEPS * a_step + LOOP


def known_ipc(a_step, cycles):
    """None where the code sets no more than a bound."""
    return instructions_a_block(a_step) / (STEPS * cycles) if cycles else None


def counters_of(run, variant):
    """{name: [(source, value, interval, reason)]} of a variant, from the first comparison that it is in."""
    for comparison in run["comparisons"]:
        for side in ("baseline", "candidate"):
            if comparison[side] != variant:
                continue
            found = {}
            for entry in comparison["counters"]:
                found.setdefault(entry["name"], []).append(
                    (entry["source"], entry[side], entry[f"{side}_interval"], entry["reason"]))
            return found
    skipped = "; ".join(skip["reason"] for skip in run["skipped"])
    raise common.Failed(f"{variant} was not measured{': ' if skipped else ''}{skipped}")


def present(entries, what):
    """The entry with a value: simulated, or else counted."""
    there = [entry for entry in entries if entry[1] is not None]
    if not there:
        reason = entries[0][3] if entries else "the run has no such counter; is valgrind installed?"
        raise common.Failed(f"{what}: {reason}")
    return next((entry for entry in there if entry[0] == "sim"), there[0])


class Estimate:
    """What one run says of one variant."""

    def __init__(self, run, variant):
        counters = counters_of(run, variant)
        self.source, self.ipc, interval, _ = present(counters.get("ipc", []), f"{variant}: IPC")
        self.low, self.high = interval["low"], interval["high"]
        self.instructions = present(counters.get("instructions", []), f"{variant}: instructions")[1]


def row(what, a_step, cycles, estimates):
    """One line of the table."""
    known = known_ipc(a_step, cycles)
    values = [estimate.ipc for estimate in estimates]
    middle = min(estimates, key=lambda estimate: abs(estimate.ipc - statistics.median(values)))
    sources = ", ".join(f"`{source}`" for source in sorted({estimate.source for estimate in estimates}))
    line = [what, instructions_a_block(a_step),
            f"{statistics.median(estimate.instructions for estimate in estimates):.3f}", sources,
            f"{known:.4f}" if known else "bounded by width", common.span(values, "{:.4f}"),
            f"{middle.low:.4f}–{middle.high:.4f}"]
    if not known:
        return line + ["–", "–"]
    held = sum(estimate.low <= known <= estimate.high for estimate in estimates)
    return line + [common.span([100 * (value / known - 1) for value in values], "{:+.2f}"),
                   f"{held} of {len(estimates)}"]


def measure(build, folder, case):
    """A run of one case: only as long as it must be, since the estimate is not made of the comparison's samples."""
    path = folder / f"{case}-{len(list(folder.glob(f'{case}-*')))}.json"
    common.run([build / "bin/countersign", "run", case, "--budget", "0.2", "--replicates", "2", "--output", path],
               env=common.environment(build, bench_cases=True))
    return common.load_run(path)


def cases_here(machine=platform.machine()):
    """The cases whose cycles are known: on Arm a 64-bit multiplication takes 3 to 5, by the core."""
    return [case for case in CASES if case != "chain-multiplications" or machine == "x86_64"]


def report(build, output, options):
    """Markdown."""
    folder = common.new_folder(output, "ipc")
    runs = {case: [] for case in cases_here()}
    for _ in range(options.tries):
        for case, tried in runs.items():
            tried.append(measure(build, folder, case))
    rows = [row(what, a_step, cycles, [Estimate(run, variant) for run in tried])
            for case, tried in runs.items() for variant, what, a_step, cycles in CASES[case]]
    text = common.table(["code", "instructions a block, by the code", "by the run", "source", "IPC, known",
                         "IPC, by the run", "its interval", "error, %", "intervals that hold the known"], rows)
    return (f"{options.tries} runs of each case; median (least–most), and of the run nearest the median its interval. A "
            f"block is {STEPS} steps of every chain and {LOOP} instructions of the loop. A step of a chain takes "
            f"{ADD} cycle where it adds registers and {MULTIPLY} where it multiplies 64-bit words (x86-64), whatever runs "
            "beside it, so instructions a cycle follow from the code, up to the start and end of a run. The clock is itself "
            "calibrated on a chain of additions: rows without a multiplication test that calibration against itself at "
            "another time, rows with one against another latency. The last rows are bounded by how many instructions a "
            f"core can issue in a cycle, and show what is reached.\n\n{text}\n\nRaw: `{folder}`.\n")
