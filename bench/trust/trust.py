"""The reports of scripts/bench-trust: conditions of trust that `calibrate` does not measure alone."""
import argparse
import gzip
import json
import shlex
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common  # noqa: E402
import executable  # noqa: E402
import mirror  # noqa: E402
import planted  # noqa: E402
import quick  # noqa: E402
import verdict_time  # noqa: E402

SCHEMA = "countersign.bench-trust/1"
REPORTS = {
    "mirror": ("Whether swapped roles mirror the verdict", mirror, 0),
    "executable": ("Modules beside an ordinary executable", executable, 0),
    "planted": ("Small planted differences", planted, 40),
    "quick": ("`run --quick`, old and new program", quick, 10),
    "verdict-time": ("From start to verdict", verdict_time, 20),
}


def read_arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/bench-trust", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures conditions of trust in countersign's verdicts and prints a Markdown report. Nothing else may\n"
                    "run on the machine meanwhile.",
        epilog="reports:\n"
               "  mirror        pairs of generated sources, both ways: no contradictions (200 pairs: 40 minutes)\n"
               "  executable    20 pairs as modules and in an executable: same verdict, same code (10 minutes)\n"
               "  planted       small differences by calibrate, within their seconds (40 tries: 30 minutes)\n"
               "  quick         run --quick of two installed programs, and a long run as judge (30 minutes)\n"
               "  verdict-time  from process start to a verdict on a win of 2x (a minute)\n\n"
               "Exit status: 0 done, and what must hold holds; 1 it does not, or something failed; 2 wrong usage; 130\n"
               "interrupted.")
    parser.add_argument("report", choices=REPORTS, metavar="REPORT")
    parser.add_argument("--program", type=Path, default=Path("build/bin/countersign"), metavar="PATH",
                        help="what is measured (default: build/bin/countersign)")
    parser.add_argument("--budget", type=common.at_least(float, 0.05), metavar="S",
                        help="seconds of timing a comparison (default: mirror 0.25, executable 2, the others as the program "
                             "or the table of planted has it)")
    parser.add_argument("--tries", type=common.at_least(int, 1), metavar="N",
                        help="of planted (40), quick (10) and verdict-time (20)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of mirror's sources (default: 1)")
    parser.add_argument("--pairs", type=common.at_least(int, 1), default=204, metavar="N", help="of mirror (default: 204)")
    parser.add_argument("--processes", type=common.at_least(int, 4), default=24, metavar="N",
                        help="of executable, a pair (default: 24)")
    parser.add_argument("--rounds", type=common.at_least(int, 4), default=300, metavar="N",
                        help="of executable, a process (default: 300)")
    parser.add_argument("--only", action="append", default=[], metavar="NAME",
                        help="of executable, a pair; of planted, rows with this in their name; may be repeated")
    parser.add_argument("--placebo-tries", type=common.at_least(int, 1), default=10, metavar="N",
                        help="of planted, without a difference (default: 10)")
    parser.add_argument("--old", metavar="PREFIX", help="of quick: where the old program is installed")
    parser.add_argument("--new", metavar="PREFIX", help="of quick: where the new program is installed")
    parser.add_argument("--judge", choices=("old", "new"), default="new", help="of quick: who makes the long run (default: new)")
    parser.add_argument("--long", type=Path, metavar="FILE", help="of quick: the long run, made and kept here if it is absent")
    parser.add_argument("--cases", nargs="*", default=[], metavar="CASE", help="of quick: these cases alone")
    results = parser.add_mutually_exclusive_group()
    results.add_argument("--output", type=Path, metavar="FILE",
                         help="raw result, gzip-compressed (default: results/MACHINE/bench/trust-REPORT-DATE.json.gz)")
    results.add_argument("--from", dest="source", type=Path, metavar="FILE",
                         help="print the report of a raw result, measure nothing")
    # By scripts/bench-trust, before it installs and builds anything.
    parser.add_argument("--check-arguments", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.report == "quick" and not options.source and not (options.old and options.new):
        parser.error("quick: --old PREFIX and --new PREFIX are needed")
    options.tries = options.tries or REPORTS[options.report][2]
    options.pairs_named = options.rows_named = options.only
    options.program = options.program.resolve()
    return options


def machine_of(result):
    """The machine's name, which every try tells."""
    if isinstance(result, dict):
        if isinstance(result.get("machine"), str):
            return result["machine"]
        result = list(result.values())
    for part in result if isinstance(result, list) else []:
        name = machine_of(part)
        if name:
            return name
    return ""


def load(path, name):
    try:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            result = json.load(stream)
        if (result["schema"], result["report"]) != (SCHEMA, name):
            raise ValueError
    except (ValueError, KeyError, TypeError, gzip.BadGzipFile):
        raise common.Failed(f"{path}: not a raw result of scripts/bench-trust {name}") from None
    return result


def save(result, path, name):
    """Where nothing lies: a record is never overwritten."""
    if not path:
        path = common.ROOT / "results" / (machine_of(result) or "unknown") / "bench" / (
            f"trust-{name}-{time.strftime('%Y%m%d', time.gmtime())}.json.gz")
    stem, number = path.name.removesuffix(".json.gz"), 1
    while path.exists():
        number += 1
        path = path.with_name(f"{stem}-{number}.json.gz")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(json.dumps(result).encode(), 9, mtime=0))
    return path


def text_of(result):
    return f"{result['heading']}\n{REPORTS[result['report']][1].report(result)}"


def main():
    options = read_arguments()
    if options.check_arguments:
        return 0
    _, module, _ = REPORTS[options.report]
    try:
        if options.source:
            result = load(options.source, options.report)
        else:
            command = "scripts/bench-trust " + shlex.join(sys.argv[1:])
            program = quick.program_of(options.new) if options.report == "quick" else options.program
            heading = common.heading(REPORTS[options.report][0], program.parent.parent, command)
            result = {"schema": SCHEMA, "report": options.report, "heading": heading} | module.measure(options)
            place = save(result, options.output, options.report)
            print(f"bench-trust: raw: {place}", file=sys.stderr)
        print(text_of(result))
    except (common.Failed, OSError) as problem:
        print(f"bench-trust: {problem}", file=sys.stderr)
        return 1
    return 1 if module.failed(result) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
