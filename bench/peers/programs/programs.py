"""
scripts/bench-peers programs: our best variants beside programs of their own. Both work on one file, table or server, in pairs
whose order is drawn; docs/PEERS.md explains it, and has the table between its markers.
"""
import argparse
import random
import shlex
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent.parent), str(HERE.parent.parent / "trust")]
import common  # noqa: E402
import drive  # noqa: E402
import duels  # noqa: E402
import figures  # noqa: E402
import peers  # noqa: E402
import rivals  # noqa: E402

KIND = "programs"
SCHEMA = "countersign.bench-programs/1"
LEAST_PAIRS = 9


def read_arguments():
    rows = ", ".join(dict.fromkeys(program.row for program in rivals.PROGRAMS))
    parser = argparse.ArgumentParser(
        prog="scripts/bench-peers programs", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures our best variants beside programs of their own (fio, sqlite3, psql, redis-benchmark), in pairs, and\n"
                    "prints the table of docs/PEERS.md. Nothing else may run on the machine meanwhile (about 5 minutes).",
        epilog=f"rows: {rows}\n\n"
               "Exit status: 0 all was measured, and what is below 0.9 has its reason; 1 not so, or something failed; 2 wrong\n"
               "usage; 130 interrupted: what was measured until then is kept, for --resume.")
    parser.add_argument("--only", action="append", default=[], metavar="ROW",
                        help="a row, or comparisons with this in their name; may be repeated")
    parser.add_argument("--program", type=Path, default=Path("build/bin/countersign"), metavar="PATH",
                        help="what describes the machine (default: build/bin/countersign)")
    parser.add_argument("--seconds", type=common.at_least(float, 0.01), default=0.6, metavar="S",
                        help="of one execution of ours, of which a pair has one (default: 0.6)")
    parser.add_argument("--pairs", type=common.at_least(int, 2), default=12, metavar="N",
                        help=f"a comparison; the record has at least {LEAST_PAIRS} (default: 12)")
    peers.add_results(parser, KIND)
    options = parser.parse_args()
    options.programs = [program for program in rivals.PROGRAMS if peers.wanted(program, options.only)]
    if not options.programs:
        parser.error(f"--only: no row and no comparison has {' or '.join(options.only)} in its name; rows: {rows}")
    if options.write and not options.source and options.pairs < LEAST_PAIRS:
        parser.error(f"--write: the record has at least {LEAST_PAIRS} pairs a comparison, not {options.pairs}")
    options.program = options.program.resolve()
    return options


def runs_for(place, seconds, most):
    """Runs of ours that take about so long; they warm up as well."""
    runs = 1
    while (took := place.run(runs)[1]) < seconds / 5 and runs < most:
        runs *= 4
    return max(1, min(most, round(runs * seconds / took)))


def pair(place, rival, runs):
    """(ours, the rival's), each as (items, seconds); which is first is drawn."""
    found = {}
    for side in random.sample(("ours", "rival"), 2):
        found[side] = place.run(runs) if side == "ours" else rival.play()
    return found["ours"], found["rival"]


def measure(program, options):
    """All pairs of a comparison, or under "problem" why there are none."""
    found = {"name": program.name, "version": peers.version_of(program.package), "pairs": [], "problem": ""}
    if not shutil.which(program.needs):
        return found | {"problem": f"{program.needs} is not installed"}
    try:
        with drive.place(program.kernel, program.ours, program.point, dict(program.defines)) as place:
            found["runs"] = runs_for(place, options.seconds, program.most_runs)
            rival = program.play(place, program, found["runs"])
            rival.play()
            found["pairs"] = [pair(place, rival, found["runs"]) for _ in range(options.pairs)]
    except (common.Failed, subprocess.TimeoutExpired) as problem:
        return found | {"pairs": [], "problem": " ".join(str(problem).split())[:500]}
    return found


def ratio_of(found):
    """Ours ÷ rival: of the times of an item, Student's t over pairs."""
    times = [[(rival[1] / rival[0], ours[1] / ours[0])] for ours, rival in found["pairs"]]
    return figures.ratio_interval(times)


def machine_of(program):
    run, _ = duels.run_json(program, ["duel", "--quiet", "--no-counters", "--rounds", 8, "true", "true"])
    return run["host"]["machine"]


def measure_all(options):
    place = options.resume or options.output
    if options.resume:
        result = peers.load(options.resume, SCHEMA)
    else:
        command = "scripts/bench-peers programs " + shlex.join(sys.argv[1:])
        result = {"schema": SCHEMA, "seconds": options.seconds, "pairs": options.pairs, "matches": [],
                  "heading": common.heading("Beside programs of their own", options.program.parent.parent, command.strip())}
        place = place or peers.new_place(machine_of(options.program), KIND)
    return peers.measure_left(result, options.programs, lambda program: measure(program, options), place)


def known(result):
    """(program, what was found) in the table's order, of what is still compared."""
    found = {one["name"]: one for one in result["matches"]}
    return [(program, found[program.name]) for program in rivals.PROGRAMS if program.name in found]


def rate(sides):
    return f"{statistics.median(items / seconds for items, seconds in sides):,.0f}".replace(",", " ")


def line_of(program, found):
    version = f" {found['version']}" if found["version"] else ""
    point = ", ".join(f"{name} {value}" for name, value in program.point.items())
    head = [program.row, f"{program.rival}{version}", f"{program.kernel}: {program.ours}", point]
    if found["problem"]:
        return head + ["–", "–", "–", "not measured", found["problem"].replace("|", "/")]
    ratio = ratio_of(found)
    return head + [rate([ours for ours, _ in found["pairs"]]), rate([other for _, other in found["pairs"]]),
                   figures.told(ratio), figures.verdict_of(ratio), program.reason if ratio["estimate"] < peers.GOAL else ""]


def text_of(result):
    head = ["row", "rival and its version", "ours", "point", "ours, items/s", "rival, items/s", "ours ÷ rival", "verdict",
            "why, where below 0.9"]
    differs = dict.fromkeys(f"{program.row}: {program.differs}" for program, _ in known(result))
    lines = peers.table(head, [line_of(*one) for one in known(result)])
    return (f"{result['heading']}\n{result['pairs']} pairs a comparison. Rates are medians; the ratio is of pairs, with its 95 % "
            f"interval.\n\n{lines}\n\nWhat is not the same on both sides:\n\n" + "".join(f"- {text}.\n" for text in differs))


def failures(result):
    """What is not as it must be, in words."""
    said = []
    for program, found in known(result):
        if found["problem"]:
            said.append(f"{program.name}: {found['problem']}")
        elif (ratio := ratio_of(found)["estimate"]) < peers.GOAL and not program.reason:
            said.append(f"{program.name}: {ratio:.2f}, and no reason is given in bench/peers/programs/rivals.py")
    return said


if __name__ == "__main__":
    peers.main(sys.modules[__name__])
