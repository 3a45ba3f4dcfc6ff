"""Running one comparison with each tool, pinned to one CPU."""
import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import common
import resolution

CASES = Path(__file__).resolve().parent / "cases"
REPETITIONS = 20  # of Google Benchmark and hyperfine; above 8, so that compare.py takes the normal approximation
# Size of the planted difference in %: its case, baseline and candidate.
SIZES = {
    "0": ("placebo", "base", "again"),
    "0.25": ("quarter-percent", "base", "quarter"),
    "1": ("one-percent", "base", "one"),
}
TOOLS = ("countersign", "google-default", "google-interleaved", "hyperfine")


@dataclass
class Bench:
    """Where the programs are, and what every comparison is run with."""
    prefix: Path    # bin/countersign
    programs: Path  # bin/google, bin/repeat, bin/neighbour, kernels/
    cpu: int
    seconds: float


def timed(bench, command, accept=(0,), env=None):
    """Standard output and wall-clock seconds of a command."""
    words = [str(word) for word in command]
    begin = time.monotonic()
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=env,
                              timeout=120 + 20 * bench.seconds)
    except subprocess.TimeoutExpired as expired:
        raise common.Failed(f"{shlex.join(words)}: not done after {expired.timeout:.0f} s") from None
    wall = time.monotonic() - begin
    if done.returncode not in accept:
        raise common.Failed(f"{shlex.join(words)}: exit status {done.returncode}\n{done.stderr.strip()}")
    return done.stdout, wall


def pinned(bench, command):
    return ["taskset", "-c", bench.cpu, *command]


def read_countersign(run):
    """The only comparison of a run."""
    comparison, = run["comparisons"]
    ends = ("estimate", "low", "high")
    return {"verdict": comparison["verdict"], "reason": comparison["reason"], "noise": comparison["noise_text"],
            "speedup": {end: comparison["speedup"][end] for end in ends},
            "placebo": {end: comparison["placebo"][end] for end in ends}}


def read_google(report, baseline, candidate):
    """Repetitions of both benchmarks, in the order they were made, ns."""
    found = {}
    for role, name in (("baseline", baseline), ("candidate", candidate)):
        rows = [row for row in report["benchmarks"] if row["run_name"] == name and row["run_type"] == "iteration"]
        if len(rows) != REPETITIONS or any(row.get("error_occurred") or row["time_unit"] != "ns" for row in rows):
            raise common.Failed(f"Google Benchmark: expected {REPETITIONS} repetitions of {name} in ns, got {rows}")
        rows.sort(key=lambda row: row["repetition_index"])
        found[role] = {"real": [row["real_time"] for row in rows], "cpu": [row["cpu_time"] for row in rows]}
    return found


def read_hyperfine(report):
    """Times of both commands' processes, s."""
    results = report["results"]
    if len(results) != 2 or any(len(result["times"]) != REPETITIONS for result in results):
        raise common.Failed(f"hyperfine: expected {REPETITIONS} times of two commands, got {results}")
    return {"baseline": results[0]["times"], "candidate": results[1]["times"]}


def run_countersign(bench, size, seed):
    with tempfile.TemporaryDirectory(prefix="bench-verdict-") as folder:
        env = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")}
        env |= {"COUNTERSIGN_KERNELS": str(bench.programs / "kernels"), "COUNTERSIGN_CASES": str(CASES)}
        path = Path(folder) / "run.json"
        # 3: the comparison is invalid, which the result says too.
        _, wall = timed(bench, [bench.prefix / "bin/countersign", "run", SIZES[size][0], "--budget", bench.seconds,
                                "--cpus", bench.cpu, "--seed", seed, "--output", path, "--scratch", folder],
                        accept=(0, 3), env=env)
        return read_countersign(json.loads(path.read_text(encoding="utf-8"))), wall


def run_google(bench, size, effort, interleaved):
    """`effort`: shortest time of a repetition, s."""
    _, baseline, candidate = SIZES[size]
    command = [bench.programs / "bin/google", f"--benchmark_filter=^({baseline}|{candidate})$",
               f"--benchmark_repetitions={REPETITIONS}", f"--benchmark_min_time={effort:.9f}",
               "--benchmark_format=json"]
    out, wall = timed(bench, pinned(bench, command + ["--benchmark_enable_random_interleaving=true"] * interleaved))
    return read_google(json.loads(out), baseline, candidate), wall


def run_hyperfine(bench, size, effort):
    """`effort`: runs of the function in a process."""
    _, baseline, candidate = SIZES[size]
    program = shlex.quote(str(bench.programs / "bin/repeat"))
    commands = [f"{program} {variant} {max(1, round(effort))}" for variant in (baseline, candidate)]
    with tempfile.TemporaryDirectory(prefix="bench-verdict-") as folder:
        path = Path(folder) / "times.json"
        _, wall = timed(bench, pinned(bench, ["hyperfine", "--shell=none", "--style=none", "--runs", REPETITIONS,
                                              "--export-json", path, *commands]))
        return read_hyperfine(json.loads(path.read_text(encoding="utf-8"))), wall


def compare(bench, tool, size, effort, seed):
    """One try: figures and wall-clock seconds."""
    if tool == "countersign":
        return run_countersign(bench, size, seed)
    if tool == "hyperfine":
        return run_hyperfine(bench, size, effort["hyperfine"])
    return run_google(bench, size, effort["google"], tool == "google-interleaved")


def calibrate(bench, size="0"):
    """
    What makes the other tools take as long, by the clock on the wall, as countersign does with its budget. In turns,
    since what they take depends on the load too: Google Benchmark counts CPU time, hyperfine starts processes.
    """
    aim = sum(run_countersign(bench, size, seed)[1] for seed in (1, 2)) / 2
    effort = {"aim_s": aim, "google": aim / (2.8 * REPETITIONS), "hyperfine": aim / (2 * REPETITIONS) / 4e-6}
    for _ in range(3):
        effort["google"] *= aim / run_google(bench, size, effort["google"], False)[1]
        effort["hyperfine"] = max(1, effort["hyperfine"] * aim / run_hyperfine(bench, size, effort["hyperfine"])[1])
    return effort


def under(bench, load, seed):
    """The context of a load."""
    return resolution.neighbour(bench.programs, seed) if load == "bursty" else contextlib.nullcontext()


def versions(bench):
    """What is compared, with versions."""
    lines = [timed(bench, [program, "--version"])[0] for program in (bench.prefix / "bin/countersign", "hyperfine")]
    if shutil.which("dpkg-query"):
        query = ["dpkg-query", "-W", "-f", "Google Benchmark ${Version}", "libbenchmark-dev"]
        lines.insert(1, timed(bench, query, accept=(0, 1))[0])
    return ", ".join(line.strip() for line in lines if line.strip())


def end_as_interrupted():
    """A termination ends the run as an interrupt does: children are stopped, what was complete is kept."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
