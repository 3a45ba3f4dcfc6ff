"""From samples to ratios with intervals, and which verdicts go together: pure, so that it is tested on known values."""
import math
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "verdict"))
import claims  # noqa: E402

DELTA = 0.01
CLAIMS = ("faster", "slower", "equivalent")
MIRRORED = {"faster": "slower", "slower": "faster"}


def student_quantile(freedom, confidence=0.95):
    """Two-sided quantile of Student's t, by bisection of its distribution function."""
    low, high = 0.0, 1000.0
    for _ in range(200):
        middle = (low + high) / 2
        beyond = claims.incomplete_beta(freedom / (freedom + middle * middle), freedom / 2, 0.5)
        low, high = (middle, high) if beyond > 1 - confidence else (low, middle)
    return (low + high) / 2


def midmean(values):
    """Mean of the middle half (interquartile mean), the quarters' borders weighted as they are cut."""
    ordered = sorted(values)
    cut, total, weight = len(ordered) / 4, 0.0, 0.0
    for index, value in enumerate(ordered):
        share = max(0.0, min(index + 1, len(ordered) - cut) - max(index, cut))
        total, weight = total + share * value, weight + share
    return total / weight


def ratio_interval(processes):
    """
    Ratio of first to second with its 95 % interval, from the (first, second) times of each process: the midmean over the
    rounds' logarithms, then Student's t over processes.
    """
    logs = [midmean([math.log(first / second) for first, second in rounds]) for rounds in processes]
    mean = statistics.mean(logs)
    half = student_quantile(len(logs) - 1) * statistics.stdev(logs) / math.sqrt(len(logs))
    return {"estimate": math.exp(mean), "low": math.exp(mean - half), "high": math.exp(mean + half)}


def verdict_of(interval, delta=DELTA):
    """The word for an interval alone, without a placebo's."""
    if interval["low"] > 1 + delta:
        return "faster"
    if interval["high"] < 1 / (1 + delta):
        return "slower"
    if interval["low"] >= 1 / (1 + delta) and interval["high"] <= 1 + delta:
        return "equivalent"
    return "inconclusive"


def contradict(one, other):
    """Whether two verdicts on one question cannot both hold: claims that differ."""
    return one in CLAIMS and other in CLAIMS and one != other


def mirrored(verdict):
    return MIRRORED.get(verdict, verdict)


def reciprocal(interval):
    return {"estimate": 1 / interval["estimate"], "low": 1 / interval["high"], "high": 1 / interval["low"]}


def overlap(one, other):
    return one["low"] <= other["high"] and other["low"] <= one["high"]


def within(estimate, interval):
    return interval["low"] <= estimate <= interval["high"]


def told(interval):
    """'1.052 [1.049, 1.055]', two digits of half the interval."""
    half = (interval["high"] - interval["low"]) / 2
    decimals = min(4, max(0, 1 - math.floor(math.log10(half)))) if half > 0 else 4
    return "{0:.{3}f} [{1:.{3}f}, {2:.{3}f}]".format(interval["estimate"], interval["low"], interval["high"], decimals)


def rate(hits, tries):
    """'3 of 40 (7.5 %, 2.6–19.9 %)', Wilson's interval."""
    if not tries:
        return "–"
    low, high = claims.wilson(hits, tries)
    return f"{hits} of {tries} ({100 * hits / tries:.1f} %, {100 * low:.1f}–{100 * high:.1f} %)"
