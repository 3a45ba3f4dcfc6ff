"""scripts/bench-trust quick: `run --quick` of two installed programs, in turn, and what of the old one's claims the new makes."""
import json
import random
import statistics
from pathlib import Path

import common
import duels
import figures

LONG = 10  # times the quick run's budget


def key_of(comparison):
    point = sorted((name, value["value"]) for name, value in comparison["point"].items())
    return f"{comparison['case']} {comparison['candidate']} " + " ".join(f"{name}={value}" for name, value in point)


def verdicts(run):
    return {key_of(comparison): duels.kept(comparison) for comparison in run["comparisons"]}


def program_of(prefix):
    program = Path(prefix) / "bin/countersign"
    if not program.exists():
        raise common.Failed(f"{program}: no such program; a prefix is what was given to cmake --install")
    return program


def long_run(options, program):
    """The judge: ten times as long, made once and kept."""
    if options.long and options.long.exists():
        return common.load_run(options.long)
    duels.progress("the long run")
    run, _ = duels.run_json(program, ["run", *options.cases, "--quick", "--budget", f"{LONG * (options.budget or 1):g}",
                                      "--no-counters"])
    if options.long:
        options.long.parent.mkdir(parents=True, exist_ok=True)
        options.long.write_text(json.dumps(run), encoding="utf-8")
    return run


def measure(options):
    programs = {"old": program_of(options.old), "new": program_of(options.new)}
    judge = verdicts(long_run(options, programs[options.judge]))
    words = ["run", *options.cases, "--quick"]
    tries = []
    for number in range(options.tries):
        duels.progress(f"pair of runs {number + 1} of {options.tries}")
        found = {}
        for which in random.sample(["old", "new"], 2):
            run, wall = duels.run_json(programs[which], words)
            found[which] = {"wall_s": round(wall, 3), "verdicts": verdicts(run), "machine": run["host"]["machine"]}
        tries.append(found)
    return {"judge": judge, "judged_by": options.judge, "tries": tries}


def counted(judge, old, new):
    """Of one pair of runs: the old one's right claims, those that the new one makes, too; contradictions with the judge."""
    right = [key for key, found in old.items() if found["verdict"] in figures.CLAIMS and key in judge and
             judge[key]["verdict"] == found["verdict"]]
    kept = [key for key in right if new.get(key, {}).get("verdict") == old[key]["verdict"]]
    against = {which: [key for key, found in verdicts_.items() if key in judge and
                       figures.contradict(found["verdict"], judge[key]["verdict"])]
               for which, verdicts_ in (("old", old), ("new", new))}
    return right, kept, against


def report(result):
    rows, lost, against_new = [], {}, {}
    totals = [0, 0, 0, 0]
    for number, found in enumerate(result["tries"], 1):
        right, kept, against = counted(result["judge"], found["old"]["verdicts"], found["new"]["verdicts"])
        for key in set(right) - set(kept):
            lost[key] = lost.get(key, 0) + 1
        for key in against["new"]:
            against_new[key] = against_new.get(key, 0) + 1
        for index, more in enumerate((len(right), len(kept), len(against["old"]), len(against["new"]))):
            totals[index] += more
        rows.append([number, f"{found['old']['wall_s']:.1f}", f"{found['new']['wall_s']:.1f}",
                     f"{found['new']['wall_s'] / found['old']['wall_s']:.3f}", len(right), len(kept),
                     len(against["old"]), len(against["new"])])
    ratios = [found["new"]["wall_s"] / found["old"]["wall_s"] for found in result["tries"]]
    walls = {which: statistics.median(found[which]["wall_s"] for found in result["tries"]) for which in ("old", "new")}
    text = [f"`run --quick` of both programs in turn, and once by the {result['judged_by']} one with {LONG} times the budget as "
            f"the judge ({len(result['judge'])} comparisons). Right: a claim that the judge makes, too. A contradiction: another "
            f"claim than the judge's.\n\nWall time: old {walls['old']:.1f} s, new {walls['new']:.1f} s, ratio "
            f"{common.span(ratios)} (median, least and most). Of the old program's right claims the new one makes "
            f"{figures.rate(totals[1], totals[0])}; contradictions: old {totals[2]}, new {totals[3]}.\n",
            common.table(["pair of runs", "old, s", "new, s", "new / old", "right claims of old", "of these new", "old against",
                          "new against"], rows), ""]
    for title, keys in (("Claims that were lost", lost), ("Contradictions of the new program", against_new)):
        if keys:
            text += [f"{title}:", *(f"- {key}: {times} of {len(rows)}" for key, times in sorted(keys.items())), ""]
    return "\n".join(text)


def failed(result):
    """Fewer than 97 % of the right claims, or a contradiction."""
    right = kept = against = 0
    for found in result["tries"]:
        one, other, wrong = counted(result["judge"], found["old"]["verdicts"], found["new"]["verdicts"])
        right, kept, against = right + len(one), kept + len(other), against + len(wrong["new"])
    return against > 0 or kept < 0.97 * right
