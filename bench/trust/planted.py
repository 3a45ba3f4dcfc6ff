"""scripts/bench-trust planted: how often `calibrate` tells a small planted difference apart, within how much time."""
import common
import duels
import figures

# What must be reached: a name, calibrate's --kinds and --sizes, seconds of timing, beside neighbours or not, share told apart.
# Without a budget: the least of BUDGETS with which the share is reached.
ROWS = (
    ("0.1 % core-bound, quiet", "core", 0.1, 1, False, 0.95),
    ("0.1 % core-bound, beside neighbours", "core", 0.1, 1, True, 0.95),
    ("3 % system calls", "syscall", 3, 2, False, 0.95),
    ("3 % copies", "copy", 3, 2, False, 0.95),
    ("3 % allocation", "allocation", 3, 2, False, 0.95),
    ("1 % branchy", "branchy", 1, None, False, 0.95),
)
BUDGETS = (1, 2, 4, 8, 16)


def calibrate(options, row, budget):
    """The figures of one kind and size, or why there are none."""
    name, kind, size, _, neighbour, _ = row
    duels.progress(f"{name}, {budget:g} s, {options.tries} tries")
    words = ["calibrate", "--kinds", kind, "--sizes", f"0,{size:g}", "--tries", options.tries, "--placebo-tries",
             options.placebo_tries, "--budget", f"{budget:g}"] + (["--neighbour"] if neighbour else [])
    try:
        run, wall = duels.run_json(options.program, words)
    except common.Failed as problem:
        return {"name": name, "budget": budget, "problem": str(problem).splitlines()[-1], "goal": row[-1]}
    summary, = run["summary"]["kinds"]
    if summary["skipped"]:
        return {"name": name, "budget": budget, "problem": summary["skipped"], "goal": row[-1]}
    sizes = {round(100 * found["planted"], 4): found for found in summary["sizes"]}
    return {"name": name, "budget": budget, "goal": row[-1], "wall_s": round(wall, 2), "placebo": sizes[0], "planted":
            sizes[size], "seconds_a_try": summary["seconds_a_try"], "machine": run["host"]["machine"], "calibration": run}


def reached(found):
    planted = found.get("planted")
    return bool(planted) and planted["tries"] > 0 and planted["told_apart"] >= found["goal"] * planted["tries"]


def measure(options):
    found = []
    for row in ROWS:
        if options.rows_named and not any(word in row[0] for word in options.rows_named):
            continue
        given = options.budget or row[3]
        for budget in [given] if given else BUDGETS:
            found.append(calibrate(options, row, budget))
            if "problem" in found[-1] or reached(found[-1]):
                break
    return {"tries": options.tries, "rows": found}


def line(found):
    if "problem" in found:
        return [found["name"], f"{found['budget']:g}", found["problem"], "–", "–", "–", "–", "–"]
    planted, placebo = found["planted"], found["placebo"]
    half = planted["half_width"]
    return [found["name"], f"{found['budget']:g}", figures.rate(planted["told_apart"], planted["tries"]),
            figures.rate(planted["claimed"], planted["tries"]), planted["wrong_direction"],
            "–" if half is None else f"{100 * half:.3f}", figures.rate(placebo["claimed"], placebo["tries"]),
            "yes" if reached(found) else "**no**"]


def report(result):
    head = ["planted", "budget, s", "told apart", "claimed", "wrong direction", "half-width, %", "false claims without it",
            "goal reached"]
    return (f"By `calibrate`, {result['tries']} tries each. Told apart: the interval is clear of the placebo's; claimed: a "
            "verdict `faster` or `slower`. A row without its own budget is tried with more seconds until the goal is reached. "
            "Intervals are Wilson's, 95 %.\n\n" + common.table(head, [line(found) for found in result["rows"]]) + "\n")


def failed(result):
    """Of each row, the last try decides."""
    last = {found["name"]: found for found in result["rows"]}
    return not all(map(reached, last.values()))
