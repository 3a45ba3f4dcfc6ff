"""scripts/bench own-code: from `countersign new` to a verdict, from an installed copy."""
import shutil
import tempfile
import time
from pathlib import Path

import common

LANGUAGES = [("C", []), ("C++", ["--cxx"])]


def timed(command, environment, folder):
    begin = time.monotonic()
    common.run(command, env=environment, cwd=folder)
    return time.monotonic() - begin


def try_once(program, environment, folder, more):
    """Seconds of `new`, of the first run, which compiles, of one more, which does not, and until the first verdict."""
    new = timed([program, "new", "mine", *more], environment, folder)
    runs = [timed([program, "run", "./mine", "--quick", "--output", f"{name}.json"], environment, folder)
            for name in ("first", "second")]
    return new, *runs, new + runs[0]


def report(build, output, options):
    """Markdown."""
    rows = []
    raw = common.new_folder(output, "own-code")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        common.run(["cmake", "--install", build, "--prefix", folder / "installed"])
        environment = common.environment(build) | {"XDG_CACHE_HOME": str(folder / "cache")}  # nothing is compiled already
        for language, more in LANGUAGES:
            tries = []
            for number in range(options.tries):
                place = folder / f"{language}-{number}"
                place.mkdir()
                shutil.rmtree(folder / "cache", ignore_errors=True)
                tries.append(try_once(folder / "installed/bin/countersign", environment, place, more))
                shutil.copy(place / "first.json", raw / f"{language}-{number + 1}.json")
            rows.append([language, *(common.spread(values) for values in zip(*tries))])
    table = common.table(["seconds", "`new`", "first `run ./mine --quick`", "once more, compiled already",
                          "from `new` to the verdict"], rows)
    budget = common.load_runs(raw)[0]["settings"]["budget_s"]
    return (f"The template's kernel, one comparison of {budget:g} s, median (p5–p95) of {options.tries} tries, the "
            f"first run each with an empty cache:\n\n{table}\n\nRaw: `{raw}`.\n")
