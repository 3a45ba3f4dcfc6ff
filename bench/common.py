"""What the reports of scripts/bench share: running the program, quantiles, Markdown."""
import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUIET = 0.02  # busy share of all CPUs up to which a machine passes for quiet


class Failed(Exception):
    """Ends the script; the text says what failed."""


def run(command, **options):
    """Standard output of a command that must succeed."""
    words = [str(word) for word in command]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        raise Failed(f"{shlex.join(words)}: exit status {done.returncode}\n{done.stderr.strip()}")
    return done.stdout


def environment(build, bench_cases=False):
    """For the program: only the folders that are meant, whatever the caller's environment names."""
    names = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")}
    if bench_cases:
        names["COUNTERSIGN_KERNELS"] = str(build / "lib/countersign/bench-kernels")
        names["COUNTERSIGN_CASES"] = str(ROOT / "bench/cases")
    return names


def load_run(path):
    """A result file."""
    with open(path, encoding="utf-8") as stream:
        return json.load(stream)


def load_runs(folder):
    """Result files in a folder, in the order they were made."""
    return [load_run(path) for path in sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)]


def new_folder(output, what):
    """A folder of its own for the raw results of one report."""
    folder = output / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-bench-{what}"
    folder.mkdir(parents=True)
    return folder


def spread(values, form="{:.1f}"):
    """'median (p5–p95)'; quantiles are type 7 of Hyndman and Fan, as everywhere in countersign."""
    if len(values) < 2:
        return form.format(values[0])
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    return f"{form.format(statistics.median(values))} ({form.format(cuts[0])}–{form.format(cuts[-1])})"


def span(values, form="{:.3f}"):
    """'median (least–most)'."""
    return f"{form.format(statistics.median(values))} ({form.format(min(values))}–{form.format(max(values))})"


def table(head, rows):
    """A Markdown table; all columns but the first are numbers."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1)] + rows
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def busy_share(seconds=1.0):
    """Share of all CPUs' time that was not idle, by /proc/stat (proc(5)); steal counts as busy."""
    def read():
        with open("/proc/stat", encoding="ascii") as stream:
            fields = [int(field) for field in stream.readline().split()[1:9]]
        return sum(fields), fields[3] + fields[4]

    total, idle = read()
    time.sleep(seconds)
    total_after, idle_after = read()
    return 1 - (idle_after - idle) / max(1, total_after - total)


def heading(title, build, command):
    """Title, command, machine, and whether it was quiet just before."""
    doctor = run([build / "bin/countersign", "doctor", "--seconds", "0.2"], env=environment(build))
    wanted = ("processor ", "topology ", "clock ", "system ")
    facts = [line.split(maxsplit=1)[1] for line in doctor.splitlines() if line.startswith(wanted)]
    busy = busy_share()
    if busy > QUIET:
        print(f"bench: other work took {100 * busy:.0f} % of the CPUs just now: these figures are not for the record",
              file=sys.stderr)
    state = f"{100 * busy:.1f} % of the CPUs busy just before" + (" (**not quiet**)" if busy > QUIET else "")
    facts += [time.strftime("%Y-%m-%d", time.gmtime()), state]
    return f"### {title}\n\n    {command}\n\nMachine: {'; '.join(facts)}.\n"


def at_least(type_, least):
    """A number option's type, refused below `least`."""
    def parse(text):
        try:
            value = type_(text)
        except ValueError:
            value = None
        if value is None or not least <= value < float("inf"):
            kind = "whole number" if type_ is int else "number"
            raise argparse.ArgumentTypeError(f"expected a {kind} of at least {least}, got '{text}'")
        return value
    return parse
