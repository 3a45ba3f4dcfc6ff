"""The Markdown report of a result file."""
import statistics

import claims
import common
import tools

NAMES = {
    "countersign": "countersign",
    "google-default": "Google Benchmark, default order",
    "google-interleaved": "Google Benchmark, random interleaving",
    "hyperfine": "hyperfine",
}
LOADS = {"quiet": "quiet", "bursty": "beside bursts"}


def rate(hits, tries):
    """'14 of 40: 35 % (22–50)'."""
    if not tries:
        return "–"
    low, high = claims.wilson(hits, tries)
    return f"{hits} of {tries}: {100 * hits / tries:.0f} % ({100 * low:.0f}–{100 * high:.0f})"


def count_claims(tries, rule):
    """How many tries were called slower, not different, faster."""
    found = [rule(entry["found"]) for entry in tries]
    return {way: found.count(way) for way in (-1, 0, 1)}


def select(result, tool, size, load):
    return [entry for entry in result["tries"] if (entry["tool"], entry["size"], entry["load"]) == (tool, size, load)]


def size_table(result, size):
    """Rates of all rules for one size of difference. The candidate has more steps: slower is right."""
    loads = result["settings"]["loads"]
    columns = ["called different"] if size == "0" else ["called slower: right", "called faster: wrong"]
    rows = []
    for tool in tools.TOOLS:
        for name, rule in claims.RULES[tool]:
            cells = []
            for load in loads:
                tries = select(result, tool, size, load)
                ways = count_claims(tries, rule)
                hits = [ways[-1] + ways[1]] if size == "0" else [ways[-1], ways[1]]
                cells += [rate(count, len(tries)) for count in hits]
            rows.append([f"{NAMES[tool]}; {name}", *cells])
    title = "The same function compiled twice: every claim is false" if size == "0" else f"{size} % more steps"
    head = ["tool; what counts as a claim", *(f"{LOADS[load]}: {column}" for load in loads for column in columns)]
    return f"**{title}**\n\n{common.table(head, rows)}\n"


def time_table(result):
    """What each tool was run with and how long it took."""
    rows = []
    for load in result["settings"]["loads"]:
        effort = result["efforts"].get(load)
        for tool in tools.TOOLS:
            walls = [entry["wall_s"] for entry in result["tries"] if (entry["tool"], entry["load"]) == (tool, load)]
            if not walls or not effort:
                continue
            setting = {"countersign": f"--budget {result['settings']['seconds']:g}",
                       "hyperfine": f"--shell=none --runs {tools.REPETITIONS}, the function {effort['hyperfine']:.0f} "
                                    "times a process"}.get(
                tool, f"--benchmark_repetitions={tools.REPETITIONS} --benchmark_min_time={effort['google']:.4f}")
            rows.append([f"{NAMES[tool]}, {LOADS[load]}", setting, common.span(walls, "{:.2f}"), len(walls)])
    return common.table(["tool", "settings", "wall-clock s a comparison, median (least–most)", "comparisons"], rows)


def noted(result):
    """What a reader has to know besides the rates."""
    settings = result["settings"]
    wanted = settings["tries"] * len(settings["sizes"]) * len(settings["loads"]) * len(tools.TOOLS)
    notes = []
    if len(result["tries"]) < wanted:
        notes.append(f"**Not complete:** {len(result['tries'])} of {wanted} comparisons were made.")
    if len(result["starts"]) > 1:
        notes.append(f"Measured in {len(result['starts'])} parts, started {', '.join(result['starts'])}.")
    invalid = sum(entry["found"].get("verdict") == "invalid" for entry in result["tries"])
    if invalid:
        notes.append(f"**{invalid} comparisons of countersign were invalid** and count as no claim.")
    apart = [entry["found"]["placebo"] for entry in result["tries"] if entry["tool"] == "countersign"
             and entry["found"]["placebo"]["low"] is not None]
    if apart:
        widths = [50 * (interval["high"] - interval["low"]) for interval in apart]
        notes.append("Half-width of countersign's placebo interval: median "
                     f"{statistics.median(widths):.3f} %, largest {max(widths):.3f} %.")
    return " ".join(notes)


def report(result, path):
    """Markdown of the whole."""
    settings = result["settings"]
    text = (f"{settings['tries']} tries a cell; seed {settings['seed']}; all tools on CPU {settings['cpu']}; "
            f"{result['versions']}. **Nothing else may run on the machine meanwhile, or the figures are void.** The "
            "functions are chains of 4000, 4010 (0.25 % more) and 4040 (1 % more) dependent multiplications, the same "
            "machine code otherwise. They are compiled once; the object files are the kernel's for countersign and are "
            "linked into the programs that Google Benchmark and hyperfine time. The shorter chain is the baseline and "
            "comes first where a tool has an order. The tools took turns within a try in random order, each given the "
            "wall-clock time that countersign took with its budget. *Beside bursts*: a process on each CPU, busy for "
            "1–20 ms and idle for 1–20 ms at random.\n\n"
            "Claims: countersign's verdict is `faster` or `slower` (default settings: beyond 1 %, so that 0.25 % is "
            "rightly not called, and 1 % is at the edge); *told apart* is its interval against its own placebo. Google "
            "Benchmark's repetitions go through the Mann-Whitney U test at 5 %, as its compare.py does, on time and on "
            "CPU time, in the direction of U. hyperfine has no test: its summary \"X ± Y times faster\" is read as a "
            "claim where X − Y is above 1 (Y is made of the scatter of single runs, not of their mean's error, so it "
            "seldom is), and its exported times go through Welch's t test at 5 %. In brackets: 95 % interval "
            "(Wilson).\n")
    parts = [result["heading"], text, *(size_table(result, size) for size in settings["sizes"]), time_table(result), "",
             noted(result), "", f"Raw: `{path}`."]
    return "\n".join(parts) + "\n"
