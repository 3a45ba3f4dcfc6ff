#!/usr/bin/python3
"""Result files against docs/countersign.run-1.schema.json: good ones pass, broken ones are refused."""
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import jsonschema
    Validator = jsonschema.Draft202012Validator
except (ImportError, AttributeError):
    print("skip: python3-jsonschema with draft 2020-12 (4.0 or newer) is not installed")
    sys.exit(77)

SCHEMA = pathlib.Path(__file__).parents[2] / "docs" / "countersign.run-1.schema.json"
REPLICATE = ("measurements", 0, "replicates", 0)
SAMPLE = REPLICATE + ("samples", 0)

BROKEN = [
    (("schema",), "countersign.run/2"),
    (("digest",), "sha1:0123"),
    (("comparisons", 1, "speedup", "estimate"), 1e300),
    (("comparisons", 1, "baseline_time_ns", "median"), -5),
    (("duration_s",), None),
    (("duration_s",), "12"),
    (("host", "aslr"), -2),
    (("host", "topology", "cores"), 1.5),
    (("host", "extra"), 1),
    (("settings", "seed"), 12),
    (("settings", "seed"), "-1"),
    (("settings", "confidence"), 1.5),
    (("counter_plan", "events", "cycles", "source"), "magic"),
    (("counter_plan", "events", "cycels"), {}),
    (("comparisons", 1, "verdict"), "best"),
    (("comparisons", 1, "speedup", "low"), -1),
    (("comparisons", 1, "speedup", "low"), "1.4"),
    (("comparisons", 1, "point", "n", "value"), "many"),
    (("comparisons", 1, "point", ""), {"value": 1, "unit": "", "choice": ""}),
    (("measurements", 0, "arms", 0, "role"), "twin"),
    (("measurements", 0, "app_counters"), [str(i) for i in range(9)]),
    (REPLICATE + ("threads", 0, "cpu"), None),
    (SAMPLE + ("ticks",), "1 2  3"),
    (SAMPLE + ("ticks",), "1 02"),
    (SAMPLE + ("ticks",), [1, 2, 3]),
    (SAMPLE + ("counters", "cycels"), 1),
    (SAMPLE + ("counters", "cycles"), None),
    (("measurements", 0, "simulation", "seed"), 1),
    (("measurements", 0, "simulation", "items"), -1),
    (("measurements", 0, "simulation", "arms", 0, "counts", "cycels"), 1),
    (("measurements", 0, "simulation", "arms", 0, "cycles"), "many"),
    (("skipped", 0, "reason"), 3),
    (("crossovers", 0, "outcome"), "held"),
    (("crossovers", 0, "range", "low"), None),
    (("crossovers", 0, "range", "first"), 1.5),
    (("comparisons", 0, "counters", 1, "baseline_interval", "low"), "2"),
]


def write_sample(build):
    """The run that test_store_result fills, written by the program's own code."""
    program = build / "bin" / "test_store_result"
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "sample.json"
        subprocess.run([program], env={**os.environ, "COUNTERSIGN_TEST_SAMPLE": str(path)}, check=True)
        return json.loads(path.read_text(encoding="utf-8"))


def replaced(run, path, value):
    """A copy of the run with one value set."""
    result = copy.deepcopy(run)
    target = result
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return result


def key_paths(value, path=()):
    """The way to every key of every object."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if isinstance(value, dict):
            yield path + (key,)
        yield from key_paths(inner, path + (key,))


# Keys that files of earlier versions do not have.
ADDED_LATER = {"pmu_type", "pmu_cpus", "data-reads", "data-writes", "system-calls", "latency-p50", "latency-p95",
               "latency-p99", "latency-max", "case_counter_plans", "native_events", "counter_problem",
               "baseline_interval", "candidate_interval", "crossovers", "growth", "scaling", "scratch_sync_ns", "predicted", "simulate", "simulation",
               "simulation_budget_s", "spread_layout", "command", "user-time", "system-time", "allocations",
               "memory", "peak-memory", "prepare-time", "design", "preempted",
               "replicates", "units", "missed_share", "neighbours", "kinds", "evidence", "other_evidence",
               "evidence_changes", "services", "limit", "fault", "cause", "claims"}


def is_optional(path):
    """Points, counts and the kernel's own counters are free mappings: their keys may be absent."""
    if "samples" in path and "threads" in path:  # a sample's counts by thread; a replicate has its bindings
        return True
    if path == ("digest",) or path[-2:] == ("target", "p_value"):
        return True
    added = path[-1] in ADDED_LATER and path[-2:-1] != ("limit",) and "claims" not in path[:-1] and path not in (("settings", "replicates"), ("measurements", 0, "replicates"),
                                                     ("measurements", 1, "replicates"))
    return added or len(path) > 1 and (
        path[-2] in ("point", "counters", "counts", "app") or "::" in str(path[-1]))


def removed(run, path):
    result = copy.deepcopy(run)
    target = result
    for step in path[:-1]:
        target = target[step]
    del target[path[-1]]
    return result


def undocumented(schema, path="schema"):
    """Keys of the schema without a description."""
    for name, inner in schema.get("properties", {}).items():
        if not inner.get("description"):
            yield f"{path}.{name}"
        yield from undocumented(inner, f"{path}.{name}")
    for name, inner in schema.get("$defs", {}).items():
        yield from undocumented(inner, f"{path}.$defs.{name}")
    if isinstance(schema.get("items"), dict):
        yield from undocumented(schema["items"], f"{path}[]")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from undocumented(schema["additionalProperties"], f"{path}.*")


def main():
    build = pathlib.Path(sys.argv[1])
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Validator.check_schema(schema)
    validator = Validator(schema)
    failures = [f"{path}: no description" for path in undocumented(schema)]

    run = write_sample(build)
    for error in validator.iter_errors(run):
        failures.append(f"sample refused at {list(error.absolute_path)}: {error.message}")
    for path, value in BROKEN:
        if validator.is_valid(replaced(run, path, value)):
            failures.append(f"accepted {value!r} at {path}")
    # One element of each array is enough, and keeps this short.
    for path in key_paths(run):
        if all(step in (0, 1) for step in path if isinstance(step, int)) and not is_optional(path):
            if validator.is_valid(removed(run, path)):
                failures.append(f"accepted a run without {path}")

    for failure in failures:
        print(failure)
    return 1 if failures else 0


sys.exit(main())
