"""
How often `countersign duel` and hyperfine call two commands different: `true` against `true`, and a program that spins
about 20 ms against itself with 0 %, 1 % and 5 % more to do. Both tools get the same wall-clock time for a try.
"""
import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "verdict")]
import claims  # noqa: E402
import common  # noqa: E402

SPIN_S = 0.02
SIZES = (0, 1, 5)  # planted differences of spin in %
TOOLS = ("countersign", "hyperfine")


def wall_of(command):
    begin = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    return time.monotonic() - begin


def count_for(spin, seconds):
    """Multiplications that take about so long, the start of the process left out."""
    short, long = 2_000_000, 22_000_000
    times = [min(wall_of([spin, str(count)]) for _ in range(10)) for count in (short, long)]
    return round(seconds / ((times[1] - times[0]) / (long - short)))


def pairs(spin):
    """Name of a rivalry, its planted difference in %, and its commands: the baseline has less to do, or as much."""
    count = count_for(spin, SPIN_S)
    yield "`true` against `true`", 0, ("true", "true")
    for size in SIZES:
        more = round(count * (1 + size / 100))
        yield f"spin, {size} % planted", size, (f"{spin} {count}", f"{spin} {more}")


def try_countersign(program, commands, seconds, folder):
    """What one duel found, and the wall-clock seconds it took."""
    begin = time.monotonic()
    text = common.run([program, "duel", "--quiet", "--shell", "none", "--budget", seconds, "--no-counters", "--format",
                       "json", "--output", folder / "duel.json", *commands])
    wall = time.monotonic() - begin
    comparison, = json.loads(text)["comparisons"]
    return {key: comparison[key] for key in ("verdict", "speedup", "placebo")}, wall


def try_hyperfine(commands, seconds, folder):
    """Times of both commands, as many runs as the seconds hold."""
    path = folder / "hyperfine.json"
    once = sum(min(wall_of(command.split()) for _ in range(3)) for command in commands)
    runs = max(2, round(seconds / once))
    common.run(["hyperfine", "-N", "--style", "none", "--warmup", 1, "--runs", runs, "--export-json", path, *commands])
    results = json.loads(path.read_text(encoding="utf-8"))["results"]
    return {"baseline": results[0]["times"], "candidate": results[1]["times"]}


def rate(hits, tries):
    low, high = claims.wilson(hits, tries)
    return f"{hits} of {tries} ({100 * hits / tries:.1f} %, {100 * low:.1f}–{100 * high:.1f} %)"


def run_pair(arguments, commands, size, folder):
    """By tool and rule, how many claims were right and how many wrong; the order of the commands is drawn."""
    tally = {(tool, rule): [0, 0] for tool in TOOLS for rule, _ in claims.RULES[tool]}
    for _ in range(arguments.tries):
        swapped = bool(size) and random.random() < 0.5
        order = commands[::-1] if swapped else commands
        expected = 0 if not size else 1 if swapped else -1
        found, wall = try_countersign(arguments.program, order, arguments.seconds, folder)
        results = {"countersign": found, "hyperfine": try_hyperfine(order, wall, folder)}
        for tool in TOOLS:
            for rule, judge in claims.RULES[tool]:
                claim = judge(results[tool])
                if claim:
                    tally[tool, rule][claim != expected] += 1
    return tally


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path, help="countersign")
    parser.add_argument("spin", type=Path, help="the program made of spin.c")
    parser.add_argument("--tries", type=int, default=40, help="of each pair of commands (default 40)")
    parser.add_argument("--seconds", type=float, default=5, help="of timing a try (default 5)")
    arguments = parser.parse_args()
    print(f"{arguments.tries} tries of each, --budget {arguments.seconds:g}; hyperfine gets the wall-clock time that the "
          "duel beside it took. A wrong claim is any between commands that are the same, and one in the wrong direction. "
          "Intervals are Wilson's, 95 %.\n")
    print("| commands | tool | claim | right | wrong |\n| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for name, size, commands in pairs(arguments.spin):
            for (tool, rule), (right, wrong) in run_pair(arguments, commands, size, Path(folder)).items():
                seen = rate(right, arguments.tries) if size else "–"
                print(f"| {name} | {tool} | {rule} | {seen} | {rate(wrong, arguments.tries)} |", flush=True)


if __name__ == "__main__":
    try:
        main()
    except (common.Failed, subprocess.CalledProcessError) as failure:
        sys.exit(f"bench-duel: {failure}")
