"""scripts/bench-trust verdict-time: how soon after its start the program has a verdict on a win of 2x in about 1 µs."""
import statistics
import tempfile
from pathlib import Path

import common
import duels

STEPS = 340  # dependent multiplications and additions of 4 or 5 cycles: half a microsecond at 3 GHz
TEXT = """#include <stdint.h>

static inline uint64_t steps(uint64_t x) {
    for (int i = 0; i < STEPS; i++)
        x = x * 0x9e3779b97f4a7c15u + 1;
    return x;
}

uint64_t f(uint64_t x) {
    x = steps(x);
    TWICE
    return x;
}
"""
# A takes as many steps again, to which nobody listens.
TWICE = {"a": 'uint64_t y = steps(x);\n    __asm__ volatile("" : : "r"(y));', "b": ""}


def sources(folder):
    files = []
    for side in "ab":
        files.append(Path(folder) / f"{side}.c")
        files[-1].write_text(TEXT.replace("STEPS", str(STEPS)).replace("TWICE", TWICE[side]), encoding="utf-8")
    return files


def try_once(options, files, cache):
    """A duel with a warm cache: its verdict, and where the wall time went."""
    budget = ["--budget", f"{options.budget:g}"] if options.budget else []
    run, wall = duels.run_json(options.program, ["duel", *files, "--call", "uint64_t f(uint64_t x)", "--no-counters",
                                                 "--no-simulation", *budget], cache)
    comparison, = run["comparisons"]
    replicates = run["measurements"][0]["replicates"]
    measured = sum(replicate["noise"]["wall_s"] for replicate in replicates)
    startup = sum(replicate.get("startup_ms", 0) for replicate in replicates) / 1000
    return duels.kept(comparison) | {
        "wall_s": wall, "run_s": run["duration_s"], "startup_s": startup, "measured_s": measured,
        "replicates": len(replicates), "machine": run["host"]["machine"],
        "time_ns": (comparison["baseline_time_ns"] or {}).get("median")}


def measure(options):
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cache:
        files = sources(folder)
        first = try_once(options, files, cache)
        tries = []
        for number in range(options.tries):
            duels.progress(f"try {number + 1} of {options.tries}")
            tries.append(try_once(options, files, cache))
    return {"first": first, "tries": tries, "budget": options.budget}


def report(result):
    tries = result["tries"]
    parts = (("**process start to verdict**", lambda found: found["wall_s"]),
             ("before and after the run: compiling (cached), loading, writing", lambda found: found["wall_s"] - found["run_s"]),
             ("workers' start, all replicates", lambda found: found["startup_s"]),
             ("rounds, all replicates", lambda found: found["measured_s"]),
             ("rest of the run", lambda found: found["run_s"] - found["startup_s"] - found["measured_s"]))
    rows = []
    for name, part in parts:
        values = [1000 * part(found) for found in tries]
        p95 = statistics.quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]
        rows.append([name, f"{statistics.median(values):.0f}", f"{p95:.0f}"])
    words = ", ".join(f"{name} {sum(found['verdict'] == name for found in tries)}"
                      for name in dict.fromkeys(found["verdict"] for found in tries))
    budget = f"--budget {result['budget']:g}" if result["budget"] else "the default budget"
    return (f"`duel a.c b.c`, {budget}, {len(tries)} times with a warm cache (the first, which compiles: "
            f"{result['first']['wall_s']:.1f} s). The baseline takes {tries[0]['time_ns']:.0f} ns an item, B half of it or less. "
            f"Verdicts: {words}; replicates {common.span([found['replicates'] for found in tries], '{:.0f}')}.\n\n" +
            common.table(["part", "median, ms", "p95, ms"], rows) + "\n")


def failed(result):
    return any(found["verdict"] != "faster" for found in result["tries"])
