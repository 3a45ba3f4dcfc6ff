"""scripts/bench empty-sample: what an empty sample costs, beside Google Benchmark."""
import json

import common

STRETCHES = [
    ("sample", "countersign: a sample of one empty run (two clock reads, one indirect call)"),
    ("clock_pair", "countersign: two clock reads alone"),
    ("gettime_pair", "`clock_gettime(CLOCK_MONOTONIC)` twice"),
    ("pause_resume", "Google Benchmark: `ResumeTiming` … `PauseTiming`"),
]
RUNS = [
    ("sample_run", "countersign: an empty run in a longer sample (indirect call)"),
    ("loop_call", "Google Benchmark: an iteration around the same indirect call"),
    ("loop", "Google Benchmark: an iteration around nothing"),
]


def report(build, output, options):
    """Markdown."""
    text = common.run([build / "bin/empty_sample", options.repeats])
    folder = common.new_folder(output, "empty-sample")
    (folder / "empty-sample.json").write_text(text, encoding="utf-8")
    raw = json.loads(text)
    series = raw["series"]

    def column(name, index):
        return [reading[index] for reading in series[name]]

    def ratio(name, base, index):
        if name == base:
            return "1"
        return common.spread([a / b for a, b in zip(column(name, index), column(base, index))], "{:.2f}")

    stretches = common.table(
        ["one empty stretch", "reads, ns", "takes, ns", "÷ sample's, reads", "÷ sample's, takes"],
        [[label, common.spread(column(name, 0)), common.spread(column(name, 1))]
         + [ratio(name, "sample", index) for index in (0, 1)]
         for name, label in STRETCHES])
    runs = common.table(
        ["each further run", "takes, ns", "÷ countersign's"],
        [[label, common.spread(column(name, 0), "{:.2f}"), ratio(name, "sample_run", 0)]
         for name, label in RUNS])
    return (f"Median (p5–p95) of {options.repeats} repeats in one process on CPU {raw['cpu']}, in random order within "
            f"each; sample clock: {raw['clock']}. A stretch is what lies between starting and stopping a timer once; a "
            f"repeat's figure is the mean over {raw['stretches']} stretches, or over {raw['iterations']} runs. "
            "*Reads*: what the timer says of an empty stretch. *Takes*: time until the next stretch can start. A repetition "
            "of Google Benchmark is one such stretch; it reads the thread's CPU time as well, which is a system call. "
            f"Ratios are taken within a repeat.\n\n{stretches}\n\n{runs}\n\nRaw: `{folder}`.\n")
