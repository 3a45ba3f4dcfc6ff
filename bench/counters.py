"""scripts/bench counters: what counting costs, source by source."""
import re

import common

LINE = re.compile(r"^  cost of (?P<source>[a-z-]+) +start (?P<start>\d+) ns(?:, read (?P<read>\d+) ns)?, "
                  r"stop (?P<stop>\d+) ns \(a thread, set of (?P<events>\d+)\)$", re.MULTILINE)
FAST = re.compile(r"^  (?P<text>.*rdpmc.*)$", re.MULTILINE)


def costs(build):
    """Matches of one examination of this machine, each with its own medians, and the sentence on user-mode reads."""
    text = common.run([build / "bin/countersign", "doctor", "--seconds", "0.2"], env=common.environment(build))
    return list(LINE.finditer(text)), FAST.search(text)


def report(build, output, options):
    """Markdown."""
    del output  # nothing raw is kept: doctor's own medians are the samples
    sources, fast = {}, None
    for _ in range(options.tries):
        lines, fast = costs(build)
        if not lines:
            raise common.Failed("countersign doctor: no line says what counting costs")
        for line in lines:
            sources.setdefault((line["source"], line["events"]), []).append(line)
    rows = []
    for (source, events), lines in sources.items():
        figures = []
        for part in ("start", "read", "stop"):
            values = [float(line[part]) for line in lines if line[part] is not None]
            figures.append(common.spread(values) if values else "–")
        rows.append([f"`{source}`", events, *figures])
    note = f"\nReading in user mode: {fast['text']}.\n" if fast else ""
    return (common.table(["source", "events of the set", "start, ns", "read, ns", "stop, ns"], rows) +
            f"\n\nMedian (p5–p95) over {options.tries} processes of each one's median of 301; one thread; stop includes a "
            f"reading. A source that is missing counts nothing on this machine.\n{note}")
