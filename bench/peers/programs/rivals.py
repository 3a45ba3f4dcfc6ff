"""
What is compared: a program of its own, as one would start it, and our variant at a point, both on one file, table or server. A
rival is a class: made once at a place, of which `play` does the work of so many runs and returns (items, seconds) as the
program tells them, and raises common.Failed where it did something else.
"""
import json
import re
import sqlite3
import time
from dataclasses import dataclass

import common

BATCH = 256  # rows a transaction
BYTES = 64  # of a value of Redis


class Fio:
    """fio reads or writes the kernel's own file. The rate is fio's: requests over its run time, without its start."""

    def __init__(self, place, program, runs):
        self.place, self.items = place, round(place.run(1)[0]) * runs
        block = program.point.get("block") or program.point["size"]
        file = place.file(program.file)
        self.words = ["fio", "--name=rival", f"--filename={file}", f"--size={file.stat().st_size}", f"--bs={block}",
                      f"--io_size={self.items * block}", "--allow_file_create=0", "--randrepeat=0", "--gtod_reduce=1",
                      "--thread", "--output-format=json", *(word.format(**program.point) for word in program.words)]

    def play(self):
        job, = json.loads(self.place.call(self.words, cwd=self.place.folder))["jobs"]
        done = job["read"] if job["read"]["total_ios"] else job["write"]
        if job["error"] or done["total_ios"] != self.items:
            raise common.Failed(f"fio made {done['total_ios']} requests of {self.items}, error {job['error']}")
        return done["total_ios"], done["total_ios"] / done["iops"]


class Import:
    """sqlite3 imports files of rows into the kernel's own table, a transaction each. The time is that of the whole process."""

    def __init__(self, place, program, runs):
        self.place, self.database = place, place.file("shop.*")
        self.items, _ = place.run(runs)
        with sqlite3.connect(self.database) as database:
            self.rows = database.execute("SELECT * FROM orders ORDER BY id DESC LIMIT ?", (int(self.items),)).fetchall()[::-1]
        database.close()
        lines = ["PRAGMA synchronous = NORMAL;", "PRAGMA cache_size = -256;", ".mode csv"]
        for first in range(0, len(self.rows), BATCH):
            file = place.folder / f"rows-{first}.csv"
            file.write_text("".join(",".join(f'"{cell}"' if isinstance(cell, str) else str(cell) for cell in row) + "\n"
                                    for row in self.rows[first:first + BATCH]), encoding="utf-8")
            lines.append(f".import {file} orders")
        self.script = "\n".join(lines) + "\n"

    def play(self):
        self.place.reset()
        begun = time.monotonic()
        self.place.call(["sqlite3", "-batch", "-bail", "-init", "/dev/null", self.database], input=self.script)
        seconds = time.monotonic() - begun
        with sqlite3.connect(self.database) as database:
            found = database.execute("SELECT * FROM orders WHERE id >= ? ORDER BY id", (self.rows[0][0],)).fetchall()
        database.close()
        if found != self.rows:
            raise common.Failed(f"sqlite3 left {len(found)} rows of {len(self.rows)}, or others")
        return self.items, seconds


class Copy:
    """psql copies files of rows into the kernel's own table, a transaction each. The times are psql's, of each \\copy."""

    COLUMNS = "user_id, status, total, address"

    def __init__(self, place, program, runs):
        self.place = place
        self.schema, = self.ask("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'shop%'").split()
        self.items, _ = place.run(runs)
        self.rows = self.content(self.items)
        lines = self.rows.splitlines(keepends=True)
        script = [f"SET search_path = {self.schema};", "\\timing on"]
        for first in range(0, len(lines), BATCH):
            file = place.folder / f"rows-{first}"
            file.write_text("".join(lines[first:first + BATCH]), encoding="utf-8")
            script.append(f"\\copy orders ({self.COLUMNS}) from '{file}'")
        self.script = "\n".join(script) + "\n"

    def ask(self, text):
        return self.place.call(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.place.socket.parent, "-p", "1",
                                "-U", "shop", "postgres"], input=text)

    def content(self, items):
        return self.ask(f"COPY (SELECT {self.COLUMNS} FROM (SELECT * FROM {self.schema}.orders ORDER BY id DESC LIMIT {items:.0f})"
                        " AS last ORDER BY id) TO STDOUT")

    def play(self):
        self.place.reset()
        before = int(self.ask(f"SELECT count(*) FROM {self.schema}.orders"))
        said = self.ask(self.script)
        times = [float(text) for text in re.findall(r"^Time: ([\d.]+) ms", said, re.M)]
        added = int(self.ask(f"SELECT count(*) FROM {self.schema}.orders")) - before
        if added != self.items or self.content(self.items) != self.rows or len(times) != self.items / BATCH:
            raise common.Failed(f"psql left {added} rows of {self.items:.0f}, or others")
        return self.items, sum(times) / 1000


class RedisBenchmark:
    """redis-benchmark asks the kernel's own server for values as long as the kernel's. The rate is its own."""

    def __init__(self, place, program, runs):
        self.place, self.items = place, round(place.run(1)[0]) * runs
        self.client = ["redis-cli", "-s", place.socket]
        place.call(self.client, input="".join(f"SET value:{i:012} {'x' * BYTES}\n" for i in range(256)))
        self.words = ["redis-benchmark", "-s", place.socket, "-c", 1, "-P", program.point["batch"], "-n", self.items, "-r", 256,
                      "-e", "--csv", "GET", "value:__rand_int__"]  # which is 12 digits

    def hits(self):
        return int(re.search(r"keyspace_hits:(\d+)", self.place.call([*self.client, "info", "stats"]))[1])

    def play(self):
        before = self.hits()
        rate = float(self.place.call(self.words).splitlines()[-1].split('","')[1])
        hits = self.hits() - before
        if hits != self.items:
            raise common.Failed(f"redis-benchmark was given {hits} values of {self.items}")
        return self.items, self.items / rate


@dataclass(frozen=True)
class Program:
    row: str  # of the table
    kernel: str
    ours: str
    rival: str  # as the table names it
    play: type
    needs: str  # the program
    package: str  # of Debian, which has it
    point: dict
    differs: str  # what is not the same on both sides
    file: str = ""  # of fio
    words: tuple = ()  # of fio, with the parameters of the point in braces
    most_runs: int = 1 << 20  # of what is prepared for each run
    defines: tuple = ()  # (macro, value), of the kernel's build
    reason: str = ""  # why ours is below 0.9 where it is

    @property
    def name(self):
        return "-".join([self.kernel, self.needs, *(f"{key}-{value}" for key, value in self.point.items())])


RING = ("--rw=randread", "--readonly", "--direct=1", "--ioengine=io_uring", "--fixedbufs", "--registerfiles",
        "--iodepth={depth}", "--iodepth_batch_submit={depth}", "--iodepth_batch_complete_min=1",
        "--iodepth_batch_complete_max={depth}")
FIO = ("fio looks at no block, ours adds up each one's sectors; fio's start is in no time, and it times no single request "
       "(--gtod_reduce)")
# fio keeps its requests in flight until the end; a run of the kernel of 2 × depth blocks would wait for all of them each time.
PASS = (("LEAST_READS", 2048),)
# Calls counted at io_uring_submit_and_wait and syscall(2); the 4 % by 30 pairs of runs that add up all sectors of a block or one.
UNUSED_DISK = ("nothing is in flight while ours adds up the 8 blocks that came together, 4 % of the time [−1, 8]; it makes one "
               "system call for 8 blocks, fio two; the rest is not explained")
# callgrind of both clients, the difference of two lengths; strace -c of both.
COMMANDS = ("hiredis builds each of our commands anew, redis-benchmark its batch once, and then writes other digits into it: 3188 "
            "instructions of the client a value against 995, and both read and write once a batch")
FEW_ENDS = "a run of ours is 2048 blocks here, so that it seldom waits for its last ones, as fio does once"


def reads(variant, words, rival, defines, reason="", **point):
    row, differs = ("reads in flight", f"{FIO}; {FEW_ENDS}") if defines else ("reads one by one", FIO)
    return Program(row, "async-io", variant, rival, Fio, "fio", "fio", point, differs, "blocks.*", words, defines=defines,
                   reason=reason)


PROGRAMS = (
    reads("pread", ("--rw=randread", "--readonly", "--direct=1", "--ioengine=psync"), "fio, psync", (), block=4096),
    reads("uring-fixed", RING, "fio, io_uring", PASS, UNUSED_DISK, block=4096, depth=8),
    reads("uring-fixed", RING, "fio, io_uring", PASS, block=4096, depth=32),
    reads("uring-fixed", RING, "fio, io_uring", PASS, block=65536, depth=8),
    Program("durable writes", "durable-log", "per-record", "fio, psync and fdatasync", Fio, "fio", "fio", {"size": 4096},
            "fio writes one buffer again and again, ours makes each record; fio's start is in no time", "log.*",
            ("--rw=write", "--ioengine=psync", "--fdatasync=1", "--overwrite=1")),
    Program("batch insert", "batch-insert", "batched", "sqlite3's .import", Import, "sqlite3", "sqlite3",
            {"journal": "wal-normal", "batch": BATCH, "rows": BATCH},
            "sqlite3's start and reading rows from files are in its time, ours has the rows in memory", most_runs=400),
    Program("bulk load", "pg-batch-insert", "copy", "psql's \\copy", Copy, "psql", "postgresql-client-15",
            {"batch": BATCH, "rows": BATCH},
            "psql reads rows from files, ours makes lines of rows in memory; psql's start is in no time", most_runs=200),
    *(Program("values asked for together", "request-pipelining", "pipelined", f"redis-benchmark -P {batch}", RedisBenchmark,
              "redis-benchmark", "redis-tools", {"batch": batch, "bytes": BYTES, "requests": 256, "transport": "unix"},
              "redis-benchmark looks at no value, ours adds up each one's words; its start is in no time",
              reason=COMMANDS) for batch in (16, 64)),
)
