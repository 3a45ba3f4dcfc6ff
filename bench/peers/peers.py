"""
scripts/bench-peers: our best variants beside what a user would pick instead, as paired comparisons by countersign itself. The
rival is the baseline, so that the speedup is ours ÷ rival. docs/PEERS.md explains it, and has the table between its markers.
"""
import argparse
import gzip
import json
import math
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "trust")]
import assemble  # noqa: E402
import common  # noqa: E402
import duels  # noqa: E402
import figures  # noqa: E402
import matches  # noqa: E402

SCHEMA = "countersign.bench-peers/1"
GOAL = 0.9
DOCUMENT = common.ROOT / "docs/PEERS.md"
KIND = "peers"  # names the table in the document, and files


def marked(kind):
    return re.compile(rf"(<!-- table: {kind} -->\n)(.*?)(<!-- end -->)", re.S)


def add_results(parser, kind):
    """Options that all of scripts/bench-peers have: where results go and come from."""
    parser.add_argument("--output", type=Path, metavar="FILE",
                        help=f"raw result, gzip-compressed (default: results/MACHINE/bench/{kind}-DATE.json.gz)")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/PEERS.md as well")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--from", dest="source", type=Path, metavar="FILE",
                        help="print the tables of a raw result, measure nothing")
    source.add_argument("--resume", type=Path, metavar="FILE", help="measure only what a raw result lacks, and add it there")
    # By scripts/bench-peers, before it installs and builds anything.
    parser.add_argument("--check-arguments", action="store_true", help=argparse.SUPPRESS)


def read_arguments():
    rows = ", ".join(dict.fromkeys(match.row for match in matches.MATCHES))
    parser = argparse.ArgumentParser(
        prog="scripts/bench-peers", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures our best variants beside what a user would pick instead, each pair in one run of countersign, and\n"
                    "prints the tables of docs/PEERS.md. Nothing else may run on the machine meanwhile (about 14 minutes).\n"
                    "scripts/bench-peers programs --help: beside programs of their own, as fio.",
        epilog=f"rows: {rows}\n\n"
               "Exit status: 0 all was measured, and what is below 0.9 has its reason; 1 not so, or something failed; 2 wrong\n"
               "usage; 130 interrupted: what was measured until then is kept, for --resume.")
    parser.add_argument("--only", action="append", default=[], metavar="ROW",
                        help="a row, or comparisons with this in their name; may be repeated")
    parser.add_argument("--program", type=Path, default=Path("build/bin/countersign"), metavar="PATH",
                        help="what measures (default: build/bin/countersign)")
    parser.add_argument("--budget", type=common.at_least(float, 0.05), default=2, metavar="S",
                        help="seconds of timing a comparison (default: 2)")
    add_results(parser, KIND)
    options = parser.parse_args()
    options.matches = [match for match in matches.MATCHES if wanted(match, options.only)]
    if not options.matches:
        parser.error(f"--only: no row and no comparison has {' or '.join(options.only)} in its name; rows: {rows}")
    options.program = options.program.resolve()
    return options


def wanted(match, only):
    return not only or any(word == match.row or word in match.name for word in only)


def version_of(package):
    """Of a Debian package that is installed; '' where that cannot be told."""
    if not package or not shutil.which("dpkg-query"):
        return ""
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def measure(match, options, folder):
    """What one run of the program found, or under "problem" why it found nothing."""
    found = {"name": match.name, "version": version_of(match.package), "comparisons": []}
    place = assemble.assemble(match, folder)
    try:
        run, wall = duels.run_json(options.program, ["run", place, "--budget", f"{options.budget:g}", "--no-counters",
                                                     "--no-simulation", "--quiet"])
    except common.Failed as problem:
        return found | {"problem": " ".join(str(problem).splitlines()[1:])[:500] or str(problem)}
    kept = [duels.kept(comparison) | {"point": {name: value["choice"] or round(value["value"])
                                                for name, value in comparison["point"].items()}}
            for comparison in run["comparisons"]]
    build = run["measurements"][0]["build"] if run["measurements"] else {}
    problem = "" if kept else "; ".join(skip.get("reason", "") for skip in run["skipped"]) or "nothing was measured"
    return found | {"comparisons": kept, "build": build, "wall_s": round(wall, 2), "machine": run["host"]["machine"],
                    "problem": problem}


def load(path, schema=SCHEMA):
    try:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            result = json.load(stream)
        if result["schema"] != schema:
            raise ValueError
    except (ValueError, KeyError, TypeError, EOFError, gzip.BadGzipFile):
        raise common.Failed(f"{path}: not a raw result of scripts/bench-peers") from None
    return result


def save(result, path):
    """All or nothing: a raw result that is being added to is never half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(gzip.compress(json.dumps(result).encode(), 9, mtime=0))
    os.replace(part, path)


def new_place(machine, kind=KIND):
    """Where nothing lies: a record is never overwritten."""
    folder, date = common.ROOT / "results" / (machine or "unknown") / "bench", time.strftime("%Y%m%d", time.gmtime())
    path, number = folder / f"{kind}-{date}.json.gz", 1
    while path.exists():
        number += 1
        path = folder / f"{kind}-{date}-{number}.json.gz"
    return path


def measure_left(result, wanted, measure_one, place):
    """Measures what of `wanted` has no figure yet. Saved after each comparison, so that nothing is lost."""
    done = {found["name"] for found in result["matches"] if not found["problem"]}
    left = [one for one in wanted if one.name not in done]
    for number, one in enumerate(left, 1):
        print(f"bench-peers: [{number}/{len(left)}] {one.row}: {one.rival}", file=sys.stderr, flush=True)
        found = measure_one(one)
        result["matches"] = [other for other in result["matches"] if other["name"] != one.name] + [found]
        place = place or new_place(found.get("machine"))
        save(result, place)
    if place:
        print(f"bench-peers: raw: {place}", file=sys.stderr)
    return result


def measure_all(options):
    place = options.resume or options.output
    if options.resume:
        result = load(options.resume)
    else:
        command = "scripts/bench-peers " + shlex.join(sys.argv[1:])
        result = {"schema": SCHEMA, "budget": options.budget, "matches": [],
                  "heading": common.heading("Beside what one would pick instead", options.program.parent.parent,
                                            command.strip())}
    return measure_left(result, options.matches, lambda match: measure(match, options, common.ROOT / "build/peers"), place)


def pairs(result):
    """(match, what was found) in the table's order, of what is still compared."""
    found = {one["name"]: one for one in result["matches"]}
    return [(match, found[match.name]) for match in matches.MATCHES if match.name in found]


def estimate_of(comparison):
    found = comparison["speedup"]
    return None if comparison["verdict"] == "invalid" or None in (found["estimate"], found["low"], found["high"]) else \
        found["estimate"]


def point_of(comparison, match):
    """The parameters that the match names."""
    return ", ".join(f"{name} {value}" for name, value in comparison["point"].items() if name in match.points)


def lines_of(match, found):
    version = f" {found['version']}" if found["version"] else ""
    head = [match.row, f"{match.rival}{version}", match.ours]
    if found["problem"]:
        return [head + ["–", "–", "not measured", found["problem"].replace("|", "/")]]
    lines = []
    for comparison in found["comparisons"]:
        ratio = estimate_of(comparison)
        reason = comparison["reason"] if ratio is None else matches.reason_of(match, comparison["point"]) if ratio < GOAL else ""
        lines.append(head + [point_of(comparison, match), "–" if ratio is None else figures.told(comparison["speedup"]),
                             comparison["verdict"], reason.replace("|", "/")])
    return lines


def hardest(result):
    """{row: (ratio, match, comparison)}: the rival and the point at which ours does worst."""
    worst = {}
    for match, found in pairs(result):
        for comparison in found["comparisons"]:
            ratio = estimate_of(comparison)
            if ratio is not None and (match.row not in worst or ratio < worst[match.row][0]):
                worst[match.row] = (ratio, match, comparison)
    return worst


def typical(result, row):
    """Geometric mean over the points of the row's best rival: the one beside which ours does worst."""
    means = []
    for match, found in pairs(result):
        ratios = [ratio for ratio in map(estimate_of, found["comparisons"]) if ratio] if match.row == row else []
        if ratios:
            means.append((math.exp(statistics.mean(map(math.log, ratios))), match.rival))
    return min(means)


def summary(result):
    worst = hardest(result)
    if not worst:
        return "Nothing was measured.\n"
    lines, means = [], []
    for row, (_, match, comparison) in worst.items():
        mean, rival = typical(result, row)
        means.append(mean)
        lines.append([row, rival, f"{mean:.2f}", f"{match.rival}, {point_of(comparison, match)}",
                      figures.told(comparison["speedup"])])
    least = [found[0] for found in worst.values()]
    said = (f"{len(worst)} rows. Ours ÷ the best rival, the geometric mean over the points of a row: median "
            f"{statistics.median(means):.2f}, at least {GOAL:g} in {sum(mean >= GOAL for mean in means)}. At the hardest point, "
            f"at least {GOAL:g} in {sum(ratio >= GOAL for ratio in least)}.")
    return f"{said}\n\n" + table(["row", "best rival", "ours ÷ it, all points", "hardest", "ours ÷ rival there"], lines) + "\n"


def table(head, rows):
    lines = [head, ["---"] * len(head)] + rows
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def text_of(result):
    rows = [line for match, found in pairs(result) for line in lines_of(match, found)]
    head = ["row", "rival and its version", "ours", "point", "ours ÷ rival", "verdict", "why, where below 0.9"]
    included = dict.fromkeys(match.included for match, _ in pairs(result) if match.included)
    notes = "".join(f"- {note}.\n" for note in included)
    return (f"{result['heading']}\n{summary(result)}\n{table(head, rows)}\n" +
            (f"\nIn the time, where both sides do not the same call for call:\n\n{notes}" if notes else ""))


def failures(result):
    """What is not as it must be, in words."""
    said = []
    for match, found in pairs(result):
        if found["problem"]:
            said.append(f"{match.name}: {found['problem']}")
        for comparison in found["comparisons"]:
            ratio, where = estimate_of(comparison), f"{match.name} at {point_of(comparison, match)}"
            if ratio is None:
                said.append(f"{where}: {comparison['verdict']}: {comparison['reason']}")
            elif ratio < GOAL and not matches.reason_of(match, comparison["point"]):
                said.append(f"{where}: {ratio:.2f}, and no reason is given in bench/peers/matches.py")
    return said


def write_document(text, kind=KIND):
    document = DOCUMENT.read_text(encoding="utf-8")
    if not marked(kind).search(document):
        raise common.Failed(f"{DOCUMENT}: no <!-- table: {kind} --> … <!-- end -->")
    DOCUMENT.write_text(marked(kind).sub(lambda found: f"{found[1]}{text}{found[3]}", document), encoding="utf-8")


def report(options, what):
    """Measures or loads, prints and writes, for `what`: this module, or one with the same functions. The exit status."""
    if options.check_arguments:
        return 0
    try:
        result = load(options.source, what.SCHEMA) if options.source else what.measure_all(options)
        text = what.text_of(result)
        print(text)
        if options.write:
            write_document(text, what.KIND)
    except (common.Failed, OSError) as problem:
        print(f"bench-peers: {problem}", file=sys.stderr)
        return 1
    for failure in what.failures(result):
        print(f"bench-peers: {failure}", file=sys.stderr)
    return 1 if what.failures(result) else 0


def main(what):
    try:
        sys.exit(report(what.read_arguments(), what))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main(sys.modules[__name__])
