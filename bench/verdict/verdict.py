"""scripts/bench-verdict: how often each tool calls two functions different."""
import argparse
import json
import os
import random
import shlex
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.append(str(HERE.parent))

import common  # noqa: E402
import tables  # noqa: E402
import tools  # noqa: E402

SCHEMA = "countersign.bench-verdict/1"
LOADS = ("quiet", "bursty")
KEPT = ("seconds", "tries", "sizes", "loads", "seed", "cpu")  # settings that a result file keeps

# Installs and builds; $1: build folder, $2: "prefix" where countersign is there already.
PREPARE = """
set -euo pipefail
. scripts/packages
install_packages "$packages_to_build
$packages_to_bench_verdict"
[ "$2" = prefix ] || build "$1" -DCOUNTERSIGN_TESTS=OFF
cd bench/verdict
build "$1/verdict"
"""


def some_of(allowed):
    """The type of a list option: words of `allowed`, in its order."""
    def parse(text):
        words = text.split(",")
        for word in words:
            if word not in allowed:
                raise argparse.ArgumentTypeError(f"expected some of {','.join(allowed)}, got '{word}'")
        return [word for word in allowed if word in words]
    return parse


def read_arguments(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/bench-verdict", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="How often countersign, Google Benchmark (default order and random interleaving) and hyperfine\n"
                    "call two functions different, given equal time: identical ones, and ones that differ by 0.25 %\n"
                    "and 1 %, on a quiet machine and beside bursty neighbours. Prints a Markdown report.\n\n"
                    "Nothing else may run on the machine until it is done.",
        epilog="Progress goes to standard error. All 40 tries of the 6 cells take about 40 minutes; after an\n"
               "interrupt, --resume goes on. Paths are relative to the project's folder. Exit status: 0 done;\n"
               "1 something failed; 2 wrong usage; 130 interrupted.")
    parser.add_argument("--tries", type=common.at_least(int, 1), default=40, metavar="N", help="a cell (default: 40)")
    parser.add_argument("--seconds", type=common.at_least(float, 0.05), default=2.0, metavar="S",
                        help="countersign's budget for a comparison; the others get the time it takes (default: 2)")
    parser.add_argument("--sizes", type=some_of(tuple(tools.SIZES)), default=list(tools.SIZES), metavar="LIST",
                        help="differences in %%, of 0,0.25,1 (default: all)")
    parser.add_argument("--loads", type=some_of(LOADS), default=list(LOADS), metavar="LIST",
                        help="of quiet,bursty (default: both)")
    parser.add_argument("--cpu", type=common.at_least(int, 0), metavar="N", help="for all tools (default: the last allowed)")
    parser.add_argument("--seed", type=common.at_least(int, 0), metavar="N",
                        help="of inputs, order and bursts (default: random, recorded)")
    parser.add_argument("--build", type=Path, default=Path("build-bench-verdict"), metavar="FOLDER",
                        help="build folder (default: build-bench-verdict)")
    parser.add_argument("--prefix", type=Path, metavar="FOLDER",
                        help="build folder or installation whose bin/countersign is measured (default: one is built)")
    results = parser.add_mutually_exclusive_group()
    results.add_argument("--output", type=Path, metavar="FILE",
                         help="result file (default: results/runs/bench-verdict-TIME.json)")
    results.add_argument("--resume", type=Path, metavar="FILE",
                         help="go on with a result file, with its settings, until all its tries are made")
    results.add_argument("--report", type=Path, metavar="FILE",
                         help="print the report of a result file, measure nothing")
    options = parser.parse_args(arguments)
    allowed = sorted(os.sched_getaffinity(0))
    if options.cpu is None:
        options.cpu = allowed[-1]  # the first takes most interrupts
    elif options.cpu not in allowed:
        parser.error(f"--cpu: {options.cpu} may not be used; allowed: {','.join(map(str, allowed))}")
    if options.seed is None:
        options.seed = random.SystemRandom().getrandbits(32)
    return options


def load(path):
    """A result file."""
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        if result["schema"] != SCHEMA:
            raise common.Failed(f"{path}: schema {result['schema']}, expected {SCHEMA}")
    except (ValueError, TypeError, KeyError):
        raise common.Failed(f"{path}: not a result file of scripts/bench-verdict") from None
    return result


def save(result, path):
    """Whole or not at all."""
    part = path.with_name(path.name + ".part")
    with open(part, "w", encoding="utf-8") as stream:
        json.dump(result, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def schedule(settings):
    """
    All cells of all tries, in the order they are measured: try by try, so that a run cut short has as many of each,
    cells and tools in random order. The same settings give the same schedule.
    """
    draw = random.Random(settings["seed"])
    steps = []
    for attempt in range(settings["tries"]):
        cells = [(size, load_) for load_ in settings["loads"] for size in settings["sizes"]]
        draw.shuffle(cells)
        for size, load_ in cells:
            steps.append({"try": attempt, "size": size, "load": load_, "seed": draw.getrandbits(32),
                          "tools": draw.sample(tools.TOOLS, len(tools.TOOLS))})
    return steps


def announce(text):
    """A progress line; on a terminal each replaces the one before."""
    print(f"\r\033[K{text}" if sys.stderr.isatty() else text, end="" if sys.stderr.isatty() else "\n", file=sys.stderr,
          flush=True)


def measure(bench, result, path):
    """What is missing of the schedule, into the result and its file."""
    settings = result["settings"]
    for load_ in settings["loads"]:
        if load_ not in result["efforts"]:
            announce(f"bench-verdict: finding settings that take equal time, {load_}")
            with tools.under(bench, load_, settings["seed"]):
                result["efforts"][load_] = tools.calibrate(bench)
    done = {(entry["try"], entry["size"], entry["load"]) for entry in result["tries"]}
    steps = [step for step in schedule(settings) if (step["try"], step["size"], step["load"]) not in done]
    begin = time.monotonic()
    for number, step in enumerate(steps):
        each = (time.monotonic() - begin) / number if number else 10 * settings["seconds"]
        announce(f"bench-verdict: {number + 1}/{len(steps)}, try {step['try'] + 1}, {step['size']} %, {step['load']}; "
                 f"about {each * (len(steps) - number) / 60:.0f} min left")
        entries = []
        with tools.under(bench, step["load"], step["seed"]):
            for turn, tool in enumerate(step["tools"]):
                found, wall = tools.compare(bench, tool, step["size"], result["efforts"][step["load"]], step["seed"])
                entries.append({"try": step["try"], "size": step["size"], "load": step["load"], "tool": tool,
                                "turn": turn, "seed": step["seed"], "wall_s": round(wall, 6), "found": found})
        result["tries"] += entries
        save(result, path)
    if sys.stderr.isatty():
        print(file=sys.stderr)


def prepare(options, settings):
    """Installs, builds, and says where everything is."""
    build = options.build.resolve()
    prefix = options.prefix.resolve() if options.prefix else build
    if options.prefix and not (prefix / "bin/countersign").exists():
        raise common.Failed(f"--prefix: no {prefix / 'bin/countersign'}")
    done = subprocess.run(["bash", "-c", PREPARE, "bash", str(build), "prefix" if options.prefix else ""], cwd=ROOT,
                          stdout=sys.stderr)
    if done.returncode != 0:
        raise common.Failed("it could not be built")
    return tools.Bench(prefix=prefix, programs=build / "verdict", cpu=settings["cpu"], seconds=settings["seconds"])


def start(options, arguments):
    """A new result and its path, or the one to go on with."""
    if options.resume:
        return load(options.resume), options.resume
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    path = options.output or Path(f"results/runs/bench-verdict-{stamp}.json")
    if path.exists():
        raise common.Failed(f"{path} exists; --resume {path} goes on with it, --report {path} prints it")
    path.parent.mkdir(parents=True, exist_ok=True)
    return {"schema": SCHEMA, "command": shlex.join(["scripts/bench-verdict", *arguments]), "starts": [],
            "settings": {name: getattr(options, name) for name in KEPT}, "efforts": {}, "tries": []}, path


def run(options, arguments):
    """Measures and prints."""
    if options.report:
        print(tables.report(load(options.report), options.report), end="")
        return
    result, path = start(options, arguments)
    bench = prepare(options, result["settings"])
    print("bench-verdict: nothing else may run on this machine until the report is printed", file=sys.stderr)
    if not result["starts"]:
        result["heading"] = common.heading("Who calls what different", bench.prefix, result["command"])
        result["versions"] = tools.versions(bench)
    result["starts"].append(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    try:
        measure(bench, result, path)
    except KeyboardInterrupt:
        hint = f"; --resume {path} goes on" if path.exists() else " before anything was complete"
        print(f"\nbench-verdict: interrupted{hint}", file=sys.stderr)
        raise
    print(tables.report(result, path), end="")


def main():
    arguments = sys.argv[1:]
    options = read_arguments(arguments)
    tools.end_as_interrupted()
    try:
        run(options, arguments)
    except (common.Failed, OSError) as problem:
        print(f"bench-verdict: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
