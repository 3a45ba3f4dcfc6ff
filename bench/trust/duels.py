"""Running the program for the reports of scripts/bench-trust, and what they keep of its result files."""
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import common


def progress(text):
    print(f"bench-trust: {text}", file=sys.stderr, flush=True)


def environment(program, cache=None):
    names = common.environment(program.parent.parent)
    if cache:
        names["XDG_CACHE_HOME"] = str(cache)
    return names


def run_json(program, words, cache=None):
    """The result of a command of the program that writes a file: (run, wall seconds). Invalid comparisons are results, too."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result.json"
        command = [str(word) for word in (program, *words, "--output", path)]
        begin = time.monotonic()
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              env=environment(program, cache), check=False)
        wall = time.monotonic() - begin
        if done.returncode not in (0, 1, 3) or not path.exists():
            raise common.Failed(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr.strip()}")
        return json.loads(path.read_text(encoding="utf-8")), wall


def kept(comparison):
    """Of a comparison, what the reports need: samples are not kept, one can make them again."""
    return {key: comparison[key] for key in ("verdict", "reason", "speedup", "placebo", "verified", "identical_code")
            if key in comparison}


def try_files(options, files, call, sizes, budget, cache):
    """What one duel of source files found."""
    run, wall = run_json(options.program, ["duel", *files, "--call", call, "--sizes", sizes, "--budget", f"{budget:g}",
                                           "--no-counters"], cache)
    comparison, = run["comparisons"]
    return kept(comparison) | {"wall_s": round(wall, 3), "machine": run["host"]["machine"]}


def functions_of(path):
    """Machine code of the functions in an object, as (name, instructions), by address."""
    text = common.run(["objdump", "-d", "--no-show-raw-insn", "-C", path], env=dict(os.environ, LC_ALL="C"))
    found = []
    for line in text.splitlines():
        start = re.match(r"[0-9a-f]+ <(.*)>:$", line)
        if start:
            found.append((start[1], []))
        elif found and (word := re.match(r"\s*[0-9a-f]+:\t(.*)", line)):
            instruction = normalised(word[1], found[-1][0])
            if not re.match(r"(cs |data16 )*nop|xchg %ax,%ax|endbr64", instruction):
                found[-1][1].append(instruction)
    return found


def normalised(instruction, own):
    """'call <memcpy>', 'lea X(%rip),%rdi', 'jne <self>': what is left of an instruction without addresses."""
    text = re.sub(r"\s+#.*$", "", instruction)
    text = re.sub(rf"<{re.escape(own)}(?=[+>])", "<self", text)
    text = re.sub(r"-?0x[0-9a-f]+\(%rip\)", "X(%rip)", text)
    text = re.sub(r"\+0x[0-9a-f]+>", ">", text)
    text = re.sub(r"^((?:bnd )?\S+)\s+[0-9a-f]+ <", r"\1 <", text)
    return re.sub(r"\s+", " ", text).strip()
