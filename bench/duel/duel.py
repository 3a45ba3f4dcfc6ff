"""
scripts/bench-duel: how often `countersign duel` and hyperfine call two commands different: `true` against `true`, and a
program that spins about 20 ms against itself with 0 %, 1 % and 5 % more to do.
"""
import argparse
import json
import random
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "verdict")]
import claims  # noqa: E402
import common  # noqa: E402

SCHEMA = "countersign.bench-duel/1"
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


def rivalries(spin):
    """What is compared: its name, the planted difference in %, and both commands, the one with less to do first."""
    count = count_for(spin, SPIN_S)
    spins = [{"name": f"spin, {size} % planted", "size": size,
              "commands": [f"{spin} {count}", f"{spin} {round(count * (1 + size / 100))}"]} for size in SIZES]
    return [{"name": "`true` against `true`", "size": 0, "commands": ["true", "true"]}, *spins]


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
    begin = time.monotonic()
    common.run(["hyperfine", "-N", "--style", "none", "--warmup", 1, "--runs", runs, "--export-json", path, *commands])
    wall = time.monotonic() - begin
    results = json.loads(path.read_text(encoding="utf-8"))["results"]
    return {"baseline": results[0]["times"], "candidate": results[1]["times"]}, wall


def compare(arguments, rivalry, folder):
    """Both tools on one pair; the order of the commands is drawn."""
    swapped = bool(rivalry["size"]) and random.random() < 0.5
    commands = rivalry["commands"][::-1] if swapped else rivalry["commands"]
    duel, duel_s = try_countersign(arguments.program, commands, arguments.seconds, folder)
    times, hyperfine_s = try_hyperfine(commands, duel_s, folder)
    return {"name": rivalry["name"], "size": rivalry["size"], "swapped": swapped,
            "countersign": {"wall_s": round(duel_s, 3), "found": duel},
            "hyperfine": {"wall_s": round(hyperfine_s, 3), "found": times}}


def measure(arguments):
    """All tries, round by round, the pairs of each round in random order."""
    pairs = rivalries(arguments.spin)
    result = {"schema": SCHEMA, "heading": common.heading("Who calls which commands different",
                                                          arguments.program.resolve().parent.parent, arguments.command),
              "seconds": arguments.seconds, "tries": []}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(arguments.tries):
            print(f"bench-duel: try {number + 1} of {arguments.tries}", file=sys.stderr)
            for rivalry in random.sample(pairs, len(pairs)):
                result["tries"].append(compare(arguments, rivalry, Path(folder)))
    return result


def rate(hits, tries):
    low, high = claims.wilson(hits, tries)
    return f"{hits} of {tries} ({100 * hits / tries:.1f} %, {100 * low:.1f}–{100 * high:.1f} %)"


def rows(result):
    """A row for each pair, tool and rule: how many claims were right and how many wrong."""
    for name, size in dict.fromkeys((entry["name"], entry["size"]) for entry in
                                    sorted(result["tries"], key=lambda entry: (entry["name"], entry["size"]))):
        tries = [entry for entry in result["tries"] if entry["name"] == name]
        for tool in TOOLS:
            for rule, judge in claims.RULES[tool]:
                right = wrong = 0
                for entry in tries:
                    expected = 0 if not size else 1 if entry["swapped"] else -1
                    claim = judge(entry[tool]["found"])
                    right += claim != 0 and claim == expected
                    wrong += claim not in (0, expected)
                yield [name, tool, rule, rate(right, len(tries)) if size else "–", rate(wrong, len(tries))]


def report(result):
    """The Markdown report of a result."""
    tries = len(result["tries"]) // len({entry["name"] for entry in result["tries"]})
    walls = {tool: common.spread([entry[tool]["wall_s"] for entry in result["tries"]]) for tool in TOOLS}
    return (f"{result['heading']}\n{tries} tries of each, --budget {result['seconds']:g}; hyperfine gets the wall-clock "
            f"time that the duel beside it took. Seconds a try, median and 5th to 95th percentile: countersign "
            f"{walls['countersign']}, hyperfine {walls['hyperfine']}. A wrong claim is any between commands that are the "
            "same, and one in the wrong direction. Intervals are Wilson's, 95 %.\n\n" +
            common.table(["commands", "tool", "claim", "right", "wrong"], list(rows(result))))


def read_arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench-duel", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="Exit status: 0 done; 1 something failed; 2 wrong usage; 130 interrupted.")
    parser.add_argument("--program", type=Path, default=Path("build/bin/countersign"), help=argparse.SUPPRESS)
    parser.add_argument("--spin", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--tries", type=common.at_least(int, 1), default=40, metavar="N",
                        help="of each pair of commands (default: 40)")
    parser.add_argument("--seconds", type=common.at_least(float, 0.2), default=2.0, metavar="S",
                        help="of timing a duel (default: 2)")
    results = parser.add_mutually_exclusive_group()
    results.add_argument("--output", type=Path, metavar="FILE",
                         help="result file (default: results/runs/bench-duel-TIME.json)")
    results.add_argument("--report", type=Path, metavar="FILE", help="print the report of a result file, measure nothing")
    arguments = parser.parse_args()
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    arguments.output = arguments.output or Path(f"results/runs/bench-duel-{stamp}.json")
    if not arguments.report and arguments.output.exists():
        parser.error(f"{arguments.output} exists; --report {arguments.output} prints it")
    arguments.command = shlex.join(["scripts/bench-duel", *(["--tries", str(arguments.tries), "--seconds",
                                                             f"{arguments.seconds:g}"])])
    return arguments


def main():
    arguments = read_arguments()
    if arguments.report:
        try:
            result = json.loads(arguments.report.read_text(encoding="utf-8"))
            if result["schema"] != SCHEMA:
                raise ValueError
        except (ValueError, KeyError, TypeError):
            raise common.Failed(f"{arguments.report}: not a result file of scripts/bench-duel") from None
        print(report(result))
        return
    result = measure(arguments)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(report(result))


if __name__ == "__main__":
    try:
        main()
    except (common.Failed, OSError, subprocess.CalledProcessError) as failure:
        sys.exit(f"bench-duel: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
