"""The reports of scripts/bench, which installs and builds what they need."""
import argparse
import shlex
import sys
from pathlib import Path

import added_time
import common
import counters
import empty_sample
import ipc
import own_code
import resolution
import simulated
import start

REPORTS = {
    "empty-sample": ("What an empty sample costs", empty_sample.report),
    "start": ("How soon it measures", start.report),
    "counters": ("What counting costs", counters.report),
    "ipc": ("Instructions a cycle against known ones", ipc.report),
    "simulated": ("Counts against known ones", simulated.report),
    "added-time": ("What counters and simulation add to a run", added_time.report),
    "own-code": ("From nothing to a verdict", own_code.report),
    "resolution": ("What it can tell apart", resolution.report),
}


def read_arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/bench", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures countersign itself and prints a Markdown report. Nothing else may run on the machine\n"
                    "meanwhile.",
        epilog="reports:\n"
               "  empty-sample  cost of an empty sample, beside Google Benchmark's (some seconds)\n"
               "  start         time to the first sample, start of a worker, all cases with --quick (2 minutes)\n"
               "  counters      cost of starting, reading and stopping counters, source by source (some seconds)\n"
               "  ipc           instructions a cycle, as estimated, on kernels whose own are known (a minute)\n"
               "  simulated     simulated and counted events on kernels whose own are known (some seconds)\n"
               "  added-time    run --quick without counters, with them, with simulation too (4 minutes)\n"
               "  own-code      from `new` to a verdict on one's own kernel, from an installed copy (2 minutes)\n"
               "  resolution    width of the interval where both variants are the same code (3 minutes)\n"
               "  all           all of them\n\n"
               "Paths are relative to the project's folder. Exit status: 0 done; 1 something failed; 2 wrong usage.")
    parser.add_argument("report", choices=[*REPORTS, "all"], metavar="REPORT")
    parser.add_argument("--output", type=Path, default=Path("results/runs"), metavar="FOLDER",
                        help="for raw results, each report's in a new folder below (default: results/runs)")
    parser.add_argument("--build", type=Path, default=Path("build-bench"), metavar="FOLDER",
                        help="build folder (default: build-bench)")
    parser.add_argument("--tries", type=common.at_least(int, 2), default=10, metavar="N",
                        help="of start, counters, ipc, own-code and resolution (default: 10)")
    parser.add_argument("--budget", type=common.at_least(float, 0.05), default=2, metavar="S",
                        help="seconds a comparison of resolution (default: 2)")
    parser.add_argument("--repeats", type=common.at_least(int, 2), default=1000, metavar="N",
                        help="of empty-sample (default: 1000)")
    # By scripts/bench, before it installs and builds anything.
    parser.add_argument("--check-arguments", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    options = read_arguments()
    if options.check_arguments:
        print(options.build)
        return 0
    build = options.build.resolve()
    command = "scripts/bench " + shlex.join(sys.argv[1:])
    print("bench: nothing else may run on this machine until the report is complete", file=sys.stderr)
    try:
        for name in REPORTS if options.report == "all" else [options.report]:
            title, report = REPORTS[name]
            print(common.heading(title, build, command))
            print(report(build, options.output, options), flush=True)
    except (common.Failed, OSError) as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted; the report is not complete", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
