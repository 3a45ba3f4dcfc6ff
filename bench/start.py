"""scripts/bench start: how long it takes until something is measured."""
import fcntl
import os
import pty
import struct
import subprocess
import termios
import time

import common

QUICK_LIMIT_S = 90  # promised for all cases on two cores


def time_to_first_replicate(command, environment):
    """
    Milliseconds from before the program is started until it announces its first replicate. It announces on a terminal
    alone, right before it starts the worker.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 200, 0, 0))
    start = time.monotonic_ns()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, env=environment)
    os.close(theirs)
    seen, first = b"", None
    try:
        while piece := os.read(ours, 65536):
            now = time.monotonic_ns()
            seen += piece
            if first is None and b"replicate 1/" in seen:
                first = (now - start) / 1e6
    except OSError:  # EIO: the program closed its end
        pass
    finally:
        os.close(ours)
    status = process.wait()
    if status != 0 or first is None:
        raise common.Failed(f"{' '.join(command)}: exit status {status}\n{seen.decode(errors='replace')}")
    return first


def first_sample(build, folder, tries, *more):
    """Rows of the table of the first sample: before the worker, the worker, both."""
    folder = folder / ("first" + "".join(more))
    folder.mkdir()
    command = [str(build / "bin/countersign"), "run", "twin-chain", "--budget", "0.1", "--replicates", "2", "--output",
               str(folder), *more]
    environment = common.environment(build, bench_cases=True)
    time_to_first_replicate(command, environment)  # so that files are in memory
    for path in folder.glob("*.json"):
        path.unlink()
    before = [time_to_first_replicate(command, environment) for _ in range(tries)]
    worker = [run["measurements"][0]["replicates"][0]["startup_ms"] for run in common.load_runs(folder)]
    return before, worker, [a + b for a, b in zip(before, worker)]


def quick_run(build, folder):
    """Seconds that all cases take, and each kernel's start-up times."""
    folder = folder / "quick"
    start = time.monotonic()
    command = [str(build / "bin/countersign"), "run", "--quick", "--output", str(folder)]
    process = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                             env=common.environment(build))
    seconds = time.monotonic() - start
    if process.returncode not in (0, 3):  # 3: a comparison was invalid; the others count
        raise common.Failed(f"countersign run --quick: exit status {process.returncode}\n{process.stderr}")
    run = common.load_runs(folder)[-1]
    kernels = {}
    for measurement in run["measurements"]:
        kernels.setdefault(measurement["kernel"], []).extend(
            replicate["startup_ms"] for replicate in measurement["replicates"] if replicate["startup_ms"] is not None)
    return seconds, run, kernels


def report(build, output, options):
    """Markdown."""
    folder = common.new_folder(output, "start")
    rows = []
    for label, more in (("`run`, with the counters' self-test", ()), ("`run --no-counters`", ("--no-counters",))):
        before, worker, both = first_sample(build, folder, options.tries, *more)
        rows.append([label] + [common.spread(values) for values in (before, worker, both)])
    first = common.table(["from start to first sample, ms", "until the worker is started", "worker", "together"], rows)
    seconds, run, kernels = quick_run(build, folder)
    starts = common.table(["kernel", "replicates", "from spawn to first sample, ms"],
                          [[name, len(values), common.spread(values)]
                           for name, values in sorted(kernels.items()) if values])
    cases = len({comparison["case"] for comparison in run["comparisons"]})
    invalid = sum(comparison["verdict"] == "invalid" for comparison in run["comparisons"])
    verdict = "within" if seconds <= QUICK_LIMIT_S else "**beyond**"
    return (f"Median (p5–p95) of {options.tries} runs of a small kernel, files in memory:\n\n{first}\n\n"
            "A worker loads the kernel, makes its inputs, verifies every variant and sizes the samples before the "
            "first one. All replicates of `countersign run --quick`:\n\n"
            f"{starts}\n\n`countersign run --quick`: {len(run['comparisons'])} comparisons of {cases} cases "
            f"in {seconds:.1f} s, {verdict} the {QUICK_LIMIT_S} s aimed at; {invalid} invalid, {len(run['skipped'])} "
            f"points skipped.\n\nRaw: `{folder}`.\n")
