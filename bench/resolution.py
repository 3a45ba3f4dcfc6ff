"""scripts/bench resolution: how narrow the interval is where there is no difference."""
import contextlib
import math
import os
import subprocess

import common

CASES = [
    ("twin-chain", "dependent multiplications"),
    ("twin-sum", "sum of an array in L2"),
    ("twin-branches", "unpredictable branches"),
    ("moved-branches", "the same, moved in its page"),
]


@contextlib.contextmanager
def neighbour(build, seed):
    """The bursty neighbour, on all CPUs as long as the context lasts."""
    process = subprocess.Popen([str(build / "bin/neighbour"), str(seed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        if process.stdout.readline() != b"ready\n":
            raise common.Failed("the neighbour did not start")
        yield
        if process.poll() is not None:
            raise common.Failed("the neighbour ended early: the last try was not disturbed")
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait()


def half_width(interval):
    """Half the width of an interval of a ratio, in % (of its logarithm: both sides alike)."""
    return 100 * math.log(interval["high"] / interval["low"]) / 2


def measure(build, folder, case, budget):
    """The comparison of one run."""
    before = set(folder.glob("*.json"))
    common.run([build / "bin/countersign", "run", case, "--budget", budget, "--no-counters", "--output", folder],
               env=common.environment(build, bench_cases=True))
    new = set(folder.glob("*.json")) - before
    if len(new) != 1:
        raise common.Failed(f"{folder}: expected one new result file, found {len(new)}")
    run = common.load_run(new.pop())
    comparison = run["comparisons"][0]
    if comparison["verdict"] == "invalid":
        raise common.Failed(f"{case}: {comparison['reason']}")
    return comparison


def row(name, condition, comparisons):
    """One line of the table."""
    verdicts = [comparison["verdict"] for comparison in comparisons]
    return [name, condition,
            common.span([100 * math.log(comparison["speedup"]["estimate"]) for comparison in comparisons], "{:+.3f}"),
            common.span([half_width(comparison["speedup"]) for comparison in comparisons]),
            common.span([half_width(comparison["placebo"]) for comparison in comparisons]),
            f"{len(verdicts) - verdicts.count('equivalent')} of {len(verdicts)}",
            verdicts.count("faster") + verdicts.count("slower")]


def report(build, output, options):
    """Markdown."""
    folder = common.new_folder(output, "resolution")
    found = {}
    for attempt in range(options.tries):
        for case, _ in CASES:
            for condition in ("quiet", "neighbours"):
                place = folder / f"{case}-{condition}"
                place.mkdir(exist_ok=True)
                with neighbour(build, attempt) if condition == "neighbours" else contextlib.nullcontext():
                    found.setdefault((case, condition), []).append(measure(build, place, case, options.budget))
    rows = [row(name, condition, found[case, condition])
            for case, name in CASES for condition in ("quiet", "neighbours")]
    text = common.table(["the same code twice", "beside", "difference, %", "half-width, %", "placebo's half-width, %",
                         "not equivalent", "of these faster or slower"], rows)
    return (f"{options.tries} tries each of {options.budget:g} s of timing, conditions in turn; median (least–most) of "
            "the difference, positive where the candidate seems faster, and of half the "
            "95 % interval of the speedup. Neighbours: a process on each of the "
            f"{len(os.sched_getaffinity(0))} CPUs, busy for 1–20 ms and idle for 1–20 ms at random. The two variants "
            "are the same machine code, each at the start of a page; the placebo is a second loaded copy of the first. "
            "In the last rows the candidate begins 32 instructions further on in its page: a difference there is real, "
            f"and of the address alone.\n\n{text}\n\n"
            f"Raw: `{folder}`.\n")
