"""From one try's figures to what its tool, or a reader of its output, claims; and rates with their intervals."""
import math
import statistics

ALPHA = 0.05


def u_test(first, second):
    """
    Mann and Whitney's U of `first`, and the two-sided p-value by the normal approximation with correction for ties
    and continuity: what compare.py gets from scipy.stats.mannwhitneyu for samples this large.
    """
    ordered = sorted(first + second)
    rank_of, ties, begin = {}, 0, 0
    while begin < len(ordered):
        end = begin
        while end < len(ordered) and ordered[end] == ordered[begin]:
            end += 1
        rank_of[ordered[begin]] = (begin + 1 + end) / 2
        ties += (end - begin) ** 3 - (end - begin)
        begin = end
    n, m = len(first), len(second)
    total = n + m
    u = sum(rank_of[value] for value in first) - n * (n + 1) / 2
    deviation = math.sqrt(n * m / 12 * (total + 1 - ties / (total * (total - 1))))
    if deviation == 0:
        return u, 1.0
    z = (abs(u - n * m / 2) - 0.5) / deviation
    return u, min(1.0, math.erfc(z / math.sqrt(2)))


def incomplete_beta(x, a, b):
    """Regularized incomplete beta function by Lentz's method (Press et al., Numerical Recipes, 3rd ed., 6.4)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    tiny = 1e-300
    c, d, value = 1.0, 1 - (a + b) * x / (a + 1), 1.0
    d = 1 / (d if abs(d) > tiny else tiny)
    value = d
    for k in range(1, 10000):
        for term in (k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k)),
                     -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1))):
            d = 1 + term * d
            c = 1 + term / c
            d = 1 / (d if abs(d) > tiny else tiny)
            c = c if abs(c) > tiny else tiny
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * value


def welch(first, second):
    """Welch's t, its degrees of freedom and the two-sided p-value (Welch 1947)."""
    a, b = statistics.variance(first) / len(first), statistics.variance(second) / len(second)
    difference = statistics.mean(first) - statistics.mean(second)
    if a + b == 0:
        return (0.0, math.inf, 1.0) if difference == 0 else (math.copysign(math.inf, difference), math.inf, 0.0)
    t = difference / math.sqrt(a + b)
    freedom = (a + b) ** 2 / (a * a / (len(first) - 1) + b * b / (len(second) - 1))
    return t, freedom, incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5)


def wilson(hits, tries):
    """95 % interval of a rate (Wilson 1927)."""
    z = 1.959963984540054
    rate = hits / tries
    middle = (rate + z * z / (2 * tries)) / (1 + z * z / tries)
    half = z / (1 + z * z / tries) * math.sqrt(rate * (1 - rate) / tries + z * z / (4 * tries * tries))
    return max(0.0, middle - half), min(1.0, middle + half)


def relative_speed(first, second):
    """hyperfine's summary, "ran X ± Y times faster": slower mean over faster, and the error it prints with that."""
    means = statistics.mean(first), statistics.mean(second)
    ratio = max(means) / min(means)
    errors = statistics.stdev(first) / means[0], statistics.stdev(second) / means[1]
    return ratio, ratio * math.hypot(*errors)


def claim_by_verdict(found):
    """countersign's word."""
    return {"faster": 1, "slower": -1}.get(found["verdict"], 0)


def claim_apart(found):
    """countersign's interval is clear of its placebo's: the rule of verdicts where every difference is worth a word."""
    ends = [found[interval][end] for interval in ("placebo", "speedup") for end in ("low", "high")]
    if found["verdict"] == "invalid" or None in ends:
        return 0
    least, most, low, high = map(math.log, ends)
    floor = max(abs(least), abs(most))
    return 1 if low > floor else -1 if high < -floor else 0


def claim_by_u_test(found, clock):
    baseline, candidate = found["baseline"][clock], found["candidate"][clock]
    u, p = u_test(baseline, candidate)
    if p >= ALPHA:
        return 0
    return 1 if u > len(baseline) * len(candidate) / 2 else -1


def claim_by_relative_speed(found):
    """The summary without a 1 within its ± reads as a difference."""
    baseline, candidate = found["baseline"], found["candidate"]
    ratio, error = relative_speed(baseline, candidate)
    if ratio - error <= 1:
        return 0
    return 1 if statistics.mean(baseline) > statistics.mean(candidate) else -1


def claim_by_welch(found):
    t, _, p = welch(found["baseline"], found["candidate"])
    return 0 if p >= ALPHA else 1 if t > 0 else -1


def u_test_rules():
    return [("U test on time, 5 %", lambda found: claim_by_u_test(found, "real")),
            ("U test on CPU time, 5 %", lambda found: claim_by_u_test(found, "cpu"))]


# Rules of each tool: what it is called, and 1 (candidate called faster), -1 (slower) or 0 from a try's figures.
RULES = {
    "countersign": [("verdict: faster or slower by more than 1 %", claim_by_verdict),
                    ("told apart: interval clear of the placebo's", claim_apart)],
    "google-default": u_test_rules(),
    "google-interleaved": u_test_rules(),
    "hyperfine": [("relative speed − its error above 1", claim_by_relative_speed),
                  ("Welch's t on its times, 5 %", claim_by_welch)],
}
