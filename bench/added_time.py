"""scripts/bench added-time: how much longer a run takes for its counters and its simulation."""
import subprocess

import common

MOST = 2  # times the time without them: as much again as timing, at the most
WAYS = [
    ("no-counters", "timing alone (`--no-counters`)", ["--no-counters"]),
    ("no-simulation", "and counters (`--no-simulation`)", ["--no-simulation"]),
    ("whole", "and simulation", []),
]


def simulated_seconds(run):
    """That simulation took, all points together."""
    return sum(measurement["simulation"]["duration_s"] for measurement in run["measurements"]
               if measurement.get("simulation"))


def measure(build, folder, name, more):
    """The result of a quick run of all cases."""
    path = folder / f"{name}.json"
    command = [str(build / "bin/countersign"), "run", "--quick", "--output", str(path), *more]
    process = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                             env=common.environment(build))
    if process.returncode not in (0, 3):  # 3: a comparison was invalid; the others count
        raise common.Failed(f"countersign run --quick: exit status {process.returncode}\n{process.stderr}")
    return common.load_run(path)


def rows_of(runs):
    """Lines of the table from (what, run), the first without counters."""
    least = runs[0][1]["duration_s"]
    return [[what, len(run["comparisons"]), f"{run['duration_s']:.1f}", f"{simulated_seconds(run):.1f}",
             f"{run['duration_s'] / least:.2f}"] for what, run in runs]


def report(build, output, options):
    """Markdown."""
    del options
    folder = common.new_folder(output, "added-time")
    runs = [(what, measure(build, folder, name, more)) for name, what, more in WAYS]
    whole, least = runs[-1][1]["duration_s"], runs[0][1]["duration_s"]
    verdict = "within" if whole <= MOST * least else "**beyond**"
    text = common.table(["`countersign run --quick`", "comparisons", "seconds", "of them simulating",
                         "times the first"], rows_of(runs))
    return (f"All cases, once each way, by the result files.\n\n{text}\n\nThe whole takes {whole / least:.2f} times as "
            f"long as timing alone, {verdict} the {MOST} aimed at.\n\nRaw: `{folder}`.\n")
