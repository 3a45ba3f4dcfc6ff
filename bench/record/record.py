"""
scripts/record: measures all cases on this machine for the record, and writes the tables of the lessons from the newest
record. Between <!-- table: CASE --> and <!-- end --> a lesson holds what its record gives, never a figure written by hand.
"""
import argparse
import gzip
import json
import math
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]
import archive  # noqa: E402
import common  # noqa: E402

MARKED = re.compile(r"(<!-- table: ([\w-]+) -->\n)(.*?)(<!-- end -->)", re.S)
UNITS = (("ns", 1), ("µs", 1e3), ("ms", 1e6), ("s", 1e9))


def group(value):
    """'12 345'."""
    return f"{value:,}".replace(",", " ")


def significant(value, digits=3):
    """'1.20', '84.2', '498': so many significant digits, never an exponent."""
    if value <= 0:
        return "0"
    rounded = float(f"{value:.{digits - 1}e}")
    return f"{rounded:.{max(0, digits - 1 - math.floor(math.log10(rounded)))}f}"


def duration(nanoseconds):
    for unit, scale in UNITS:
        if nanoseconds < 999.5 * scale or unit == "s":
            return f"{significant(nanoseconds / scale)} {unit}"
    return None


def speedup_decimals(low, high):
    """Two digits of half the interval are shown, of the speedup at most four decimals."""
    half = (high - low) / 2
    return 4 if half <= 0 else min(4, max(0, 1 - math.floor(math.log10(half))))


def cell(comparison):
    """'**2.19×** [1.94, 2.48]', or '0.57× [0.53, 0.62] slower'."""
    found, verdict = comparison["speedup"], comparison["verdict"]
    if verdict == "invalid" or None in (found["estimate"], found["low"], found["high"]):
        return verdict
    decimals = speedup_decimals(found["low"], found["high"])
    estimate, low, high = (f"{found[end]:.{decimals}f}" for end in ("estimate", "low", "high"))
    if verdict == "faster":
        return f"**{estimate}×** [{low}, {high}]"
    return f"{estimate}× [{low}, {high}] {verdict}"


def shown(parameter):
    return parameter["choice"] or group(round(parameter["value"]))


def pivot(comparisons):
    """A row for each point, a column for each candidate."""
    names = [name for name in comparisons[0]["point"]
             if len({comparison["point"][name]["value"] for comparison in comparisons}) > 1]
    candidates = list(dict.fromkeys(comparison["candidate"] for comparison in comparisons))
    rows = {}
    for comparison in comparisons:
        rows.setdefault(tuple(comparison["point"][name]["value"] for name in names), {})[comparison["candidate"]] = comparison
    lines = [names + [comparisons[0]["baseline"]] + candidates,
             ["---:"] * (len(names) + 1) + ["---"] * len(candidates)]
    for key in sorted(rows):
        first = next(iter(rows[key].values()))
        time_ns = first["baseline_time_ns"]["median"]
        lines.append([shown(first["point"][name]) for name in names] + ["–" if time_ns is None else duration(time_ns)] +
                     [cell(rows[key][name]) if name in rows[key] else "–" for name in candidates])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine_words(run):
    host = run["host"]
    units = host["topology"]["cpus"]
    facts = [f"{units} processing unit{'s' if units != 1 else ''}"]
    if host["hypervisor"]:
        facts.append(f"{host['hypervisor']} hypervisor")
    counted = any(event["source"].startswith("hw") for event in run["counter_plan"]["events"].values())
    facts.append(run["counter_plan"]["pmu"] or "PMU" if counted else "no PMU")
    return f"{host['cpu_model']} ({', '.join(facts)})"


def told_command(run):
    """The command without the place of its result, which says nothing."""
    words = shlex.split(run["command"])
    if "--output" in words:
        at = words.index("--output")
        del words[at:at + 2]
    return shlex.join(words)


def lesson_table(case, record, lesson):
    """What stands between the markers: how it was measured, and the table."""
    if not record:
        return f"Not measured for the record yet. `countersign run {case}` measures it on your machine.\n"
    path, run = record
    comparisons = [comparison for comparison in run["comparisons"] if comparison["case"] == case]
    if len({comparison["baseline"] for comparison in comparisons}) != 1:
        raise common.Failed(f"{path}: {case} has more than one baseline, which no table of a lesson shows")
    link = os.path.relpath(path, lesson.parent)
    return (f"On {machine_words(run)}, {run['started'][:10]}, by\n`{told_command(run)}`; the samples are in\n"
            f"[{path.name}]({link}).\nThe first column of times is the baseline's, an item; the others are speedups with "
            f"their 95 % interval,\nin bold where the verdict is `faster`.\n\n{pivot(comparisons)}\n")


def sweeps(results):
    """Complete sweeps of record, newest first, as (path, run)."""
    runs = []
    for path in results.glob("*/*.json.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            run = json.load(stream)
        if run["complete"] and run["settings"]["points"] in ("sweep", "full"):
            runs.append((path, run))
    return sorted(runs, key=lambda record: record[1]["started"], reverse=True)


def record_of(case, records):
    """The newest record that holds the case, or None."""
    for record in records:
        if any(comparison["case"] == case for comparison in record[1]["comparisons"]):
            return record
    return None


def rewritten(text, lesson, records):
    """A lesson's text with its tables made again."""
    return MARKED.sub(lambda found: found[1] + lesson_table(found[2], record_of(found[2], records), lesson) + found[4], text)


def lessons(root):
    """Every lesson. One without a marker would go stale unseen."""
    found = sorted((root / "cases").rglob("README.md"))
    for lesson in found:
        if not MARKED.search(lesson.read_text(encoding="utf-8")):
            raise common.Failed(f"{lesson}: no <!-- table: CASE --> … <!-- end -->")
    return found


def figures_in_prose(text):
    """Numbers of the lines that quote a measured figure (a factor, a time, a share), tables aside."""
    begin = text.find("## What was measured")
    end = text.find("\n## ", begin + 1)
    marked = [found.span() for found in MARKED.finditer(text)]
    place, lines = 0, []
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        outside = not any(first <= place < last for first, last in marked)
        if begin <= place < (end if end > 0 else len(text)) and outside and re.search(r"\d ?[×%]|\d [nµm]s\b|\btimes\b", line):
            lines.append(number)
        place += len(line)
    return lines


def write_tables(root, check=False):
    """Makes the tables again; lessons that are (or, with check, would be) changed."""
    records, changed = sweeps(root / "results"), []
    for lesson in lessons(root):
        old = lesson.read_text(encoding="utf-8")
        new = rewritten(old, lesson, records)
        if new == old:
            continue
        changed.append(lesson)
        if not check:
            lesson.write_text(new, encoding="utf-8")
            for number in figures_in_prose(new):
                print(f"read again: {lesson.relative_to(root)}:{number}: "
                      f"{new.splitlines()[number - 1].strip()[:100]}", file=sys.stderr)
    return changed


def measure(options):
    """The sweep of all cases; its record."""
    busy = common.busy_share(3.0)
    if busy > common.QUIET and not options.anyway:
        raise common.Failed(f"other work takes {100 * busy:.0f} % of the CPUs; end it, or --anyway records beside it")
    program = options.build / "bin/countersign"
    with tempfile.TemporaryDirectory(dir=options.build) as folder:
        # By the words that another would type, since the record and the lessons repeat them.
        command = ["countersign", "run", "--sweep", "--budget", f"{options.budget:g}", "--seed",
                   options.seed or time.strftime("%Y%m%d", time.gmtime()), *options.cases]
        print(f"record: {shlex.join(command)}", file=sys.stderr)
        done = subprocess.run(command, executable=program, check=False, stdout=subprocess.DEVNULL,
                              env=common.environment(options.build) | {"COUNTERSIGN_RESULTS": folder})
        if done.returncode not in (0, 3):
            raise common.Failed(f"countersign run: exit status {done.returncode}")
        made, = Path(folder).glob("*.json")
        common.run([program, "verify", made], env=common.environment(options.build))
        run = common.load_run(made)
        place = common.ROOT / "results" / run["host"]["machine"] / f"{made.name}.gz"
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(gzip.compress(made.read_bytes(), 9, mtime=0))
    invalid = [comparison for comparison in run["comparisons"] if comparison["verdict"] == "invalid"]
    for comparison in invalid:
        print(f"record: invalid: {comparison['case']}, {comparison['candidate']}: {comparison['reason']}", file=sys.stderr)
    return place


def unpack_all(root):
    """Unpacks every archived campaign; the folders."""
    folders = []
    for path in sorted((root / "results").glob("*/*" + archive.SUFFIX)):
        folder = root / "results/runs" / path.parent.name
        archive.unpack(path, folder)
        folders.append(folder / path.name.removesuffix(archive.SUFFIX))
    return folders


def pack_campaign(folder):
    """The archive; the folder is removed once it is whole."""
    if not folder.is_dir() or folder.resolve().parent.parent.name != "results":
        raise common.Failed(f"{folder}: no campaign's folder; name one as results/MACHINE/CAMPAIGN")
    made = archive.pack(folder)
    shutil.rmtree(folder)
    return made


def read_arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/record", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Makes the results of record again: measures every point of every case, stores the result file in\n"
                    "results/MACHINE/ and writes its figures into the tables of cases/*/*/README.md. Nothing else may run\n"
                    "on the machine meanwhile. Then read again the prose around the tables: the lines that quote figures\n"
                    "are named.",
        epilog="Exit status: 0 done; 1 something failed, or a table is not what its record gives; 2 wrong usage.")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--tables", action="store_true", help="write the tables from the newest record, measure nothing")
    what.add_argument("--unpack", action="store_true",
                      help="unpack the archived campaigns below results/runs/, for show and verify")
    what.add_argument("--pack", type=Path, metavar="FOLDER",
                      help="make FOLDER.tar.xz of a campaign's folder below results/MACHINE/, and remove the folder")
    what.add_argument("--check", action="store_true", help="fail where a lesson's table is not what its record gives")
    parser.add_argument("--budget", type=common.at_least(float, 0.05), default=1, metavar="S",
                        help="seconds of timing a comparison (default: 1)")
    parser.add_argument("--seed", metavar="N", help="of inputs and order (default: today's date)")
    parser.add_argument("--build", type=Path, default=Path("build"), metavar="FOLDER", help="build folder (default: build)")
    parser.add_argument("--anyway", action="store_true", help="also where the machine is not quiet")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="these cases alone (default: all)")
    return parser.parse_args()


def main():
    options = read_arguments()
    options.build = options.build.resolve()
    try:
        if options.unpack:
            print("\n".join(f"unpacked: {folder.relative_to(common.ROOT)}" for folder in unpack_all(common.ROOT)))
            return 0
        if options.pack:
            print(f"packed: {pack_campaign(options.pack)}")
            return 0
        if not options.tables and not options.check:
            print(f"recorded: {measure(options).relative_to(common.ROOT)}")
        changed = write_tables(common.ROOT, options.check)
    except (common.Failed, OSError, ValueError) as problem:
        print(f"record: {problem}", file=sys.stderr)
        return 1
    for lesson in changed:
        print(f"{'stale' if options.check else 'written'}: {lesson.relative_to(common.ROOT)}")
    return 1 if options.check and changed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
