"""scripts/bench-trust mirror: whether swapping baseline and candidate mirrors the verdict, over pairs of many kinds."""
import math
import statistics
import tempfile
from pathlib import Path

import common
import duels
import figures
import sources


def measure(options):
    """Each pair both ways, one right behind the other, which way first drawn by the pair's number."""
    tried = []
    pairs = sources.pairs(options.pairs, options.seed)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cache:
        for number, pair in enumerate(pairs):
            duels.progress(f"pair {number + 1} of {len(pairs)}: {pair['name']}")
            files = {}
            for side in "ab":
                files[side] = Path(folder) / f"{number}{side}.c"
                files[side].write_text(pair[side], encoding="utf-8")
            found = {}
            for way in ("ab", "ba") if number % 2 else ("ba", "ab"):
                found[way] = duels.try_files(options, [files[side] for side in way], sources.CALL, "1024",
                                             options.budget or 0.25, cache)
            tried.append({key: pair[key] for key in ("name", "kind", "planted")} | found)
    return {"seed": options.seed, "budget": options.budget or 0.25, "pairs": tried}


def is_contradiction(pair):
    return figures.contradict(pair["ab"]["verdict"], figures.mirrored(pair["ba"]["verdict"]))


def row(name, pairs):
    valid = [pair for pair in pairs if "invalid" not in (pair["ab"]["verdict"], pair["ba"]["verdict"])]
    claimed = [pair[way]["verdict"] for pair in pairs for way in ("ab", "ba")]
    apart = sum(not figures.overlap(pair["ab"]["speedup"], figures.reciprocal(pair["ba"]["speedup"])) for pair in valid)
    sums = [abs(math.log(pair["ab"]["speedup"]["estimate"] * pair["ba"]["speedup"]["estimate"])) for pair in valid]
    # B never does less than A: it is faster in no pair, and in a pair without a difference no claim is right.
    false = sum(figures.mirrored(pair["ba"]["verdict"]) == "faster" or pair["ab"]["verdict"] == "faster" or
                (not pair["planted"] and "slower" in (pair["ab"]["verdict"], figures.mirrored(pair["ba"]["verdict"])))
                for pair in pairs)
    return [name, len(pairs), sum(map(is_contradiction, pairs)),
            sum(pair["ab"]["verdict"] == figures.mirrored(pair["ba"]["verdict"]) for pair in valid),
            claimed.count("inconclusive"), len(pairs) - len(valid), false,
            f"{100 * statistics.median(sums):.2f}" if sums else "–", apart]


def report(result):
    pairs = result["pairs"]
    kinds = dict.fromkeys(pair["kind"] for pair in pairs)
    rows = [row(kind, [pair for pair in pairs if pair["kind"] == kind]) for kind in kinds]
    rows += [row("same work", [pair for pair in pairs if not pair["planted"]]),
             row("a difference planted", [pair for pair in pairs if pair["planted"]]), row("**all**", pairs)]
    rows = [line for line in rows if line[1]]
    contradictions = [f"- {pair['name']}, {pair['planted']} % planted: {pair['ab']['verdict']} "
                      f"{figures.told(pair['ab']['speedup'])}, swapped {pair['ba']['verdict']} "
                      f"{figures.told(pair['ba']['speedup'])}" for pair in pairs if is_contradiction(pair)]
    head = ["pairs of", "pairs", "contradictions", "mirrored", "inconclusive (of twice)", "invalid", "false claims",
            "product of both speedups off 1, %, median", "intervals apart"]
    return (f"`duel A.c B.c` and `duel B.c A.c`, {result['budget']:g} s of timing each, seed {result['seed']}. "
            "A contradiction: both `faster`, both `slower`, or `equivalent` against either. B does what A does, and what is "
            "planted besides; the unused data and functions beside the code differ. False: a claim where nothing is planted, "
            "or that B is faster, either way. Intervals apart: one way's and the reciprocal of the other's do not meet.\n\n" +
            common.table(head, rows) + "\n" + ("\nContradictions:\n" + "\n".join(contradictions) + "\n" if contradictions else ""))


def failed(result):
    """What must not be."""
    return any(map(is_contradiction, result["pairs"]))
