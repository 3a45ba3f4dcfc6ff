#!/usr/bin/python3 -B
"""Kernels that need servers: where they ran and what they said is told; they end with the program, whatever ends it."""
import glob
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import unittest

from program import (KERNELS, PROGRAM, SHORT, SOURCE, ProgramTest, as_nobody, in_namespace, main, processes_below, wait_until,
                     write_case)

PREDICTED = """title: T
kernel: served
candidates: [served]
predict:
  - evidence: contains USING SOCKET
  - evidence: lacks SCAN
"""


class Services(ProgramTest):
    def setUp(self):
        super().setUp()
        self.with_test_kernels()

    def case(self, text):
        return write_case(self.folder / "case", text)

    def test_what_is_told(self):
        result = self.run_well("run", self.case(PREDICTED), *SHORT, "--no-counters")
        self.assertRegex(result.stdout, r"server +squarer (on CPU \d+, its own|SHARES)")
        self.assertRegex(result.stdout, r"of CPU time, [0-9.]+ MiB of memory")
        file, = self.result_files()
        notes = self.run_well("show", file, "--notes").stdout
        self.assertRegex(notes, r"case, squarer \(")
        self.assertRegex(notes, r"case square: changed between replicates, in 1 of 2")
        details = self.run_well("show", file, "--details").stdout
        self.assertIn("served: SEARCH squarer", details)
        self.assertIn("USING SOCKET ?[31m", details)
        run = json.loads(self.run_well("show", file, "--format", "json").stdout)
        measurement, = run["measurements"]
        service, = measurement["services"]
        self.assertEqual(service["name"], "squarer")
        for replicate in measurement["replicates"]:
            self.assertGreater(replicate["services"][0]["cpu_s"], 0)
        self.assertIn('evidence contains "USING SOCKET"', run["comparisons"][0]["mechanism_text"])
        self.assert_matches_schema(run)
        self.run_well("verify", file)

    def assert_matches_schema(self, run):
        try:
            import jsonschema
        except ImportError:
            return
        schema = json.loads((SOURCE / "docs" / "countersign.run-1.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator(schema).validate(run)

    def test_a_prediction_that_fails(self):
        text = PREDICTED.replace("contains USING SOCKET", "contains USING INDEX")
        run = self.run_json(self.case(text), *SHORT, "--no-counters")
        self.assertEqual(run["comparisons"][0]["mechanism"], "unexplained")
        self.assertIn('predicted evidence that contains "USING INDEX", got "SEARCH squarer',
                      run["comparisons"][0]["mechanism_text"])

    def test_what_is_not_installed(self):
        words = "needs the server no-such-server-anywhere, which is not installed (not in PATH)"
        result = self.run_program("run", self.case("title: T\nkernel: unserved\ncandidates: [other]\n"), *SHORT)
        self.assertEqual(result.returncode, 4, result.stderr)
        self.assertIn(words, result.stdout + result.stderr)
        listed = self.run_program("list", "kernels").stdout
        self.assertIn("not supported here: " + words, listed)
        self.assertIn("server squarer (", listed)

    def test_simulation_is_left_out(self):
        run = self.run_json(self.case(PREDICTED), "--budget", "0.02", "--replicates", "2")
        simulation = run["measurements"][0]["simulation"]
        reasons = [simulation["reason"]] + [arm["reason"] for arm in simulation["arms"]]
        if simulation["tool"].startswith("valgrind-"):
            self.assertTrue(any("needs the server squarer" in reason for reason in reasons), reasons)

    def hanging(self):
        process = self.start("run", self.case("title: T\nkernel: served\ncandidates: [hanging]\n"), *SHORT, "--no-counters",
                             "--time-limit", "1000")
        wait_until(lambda: self.servers() and len(processes_below(self.scratch)) > 1, "server and variant run")
        return process

    def servers(self):
        found = []
        for pid in processes_below(self.scratch):
            try:
                if b"test_server" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
            except OSError:
                continue
        return found

    def test_interrupted(self):
        process = self.hanging()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 128 + signal.SIGINT)
        self.assert_tidy()

    def test_killed(self):
        process = self.hanging()
        process.kill()
        process.communicate(timeout=60)
        wait_until(lambda: not processes_below(self.scratch), "the server has ended, deaf to SIGTERM as it is")


class Served(ProgramTest):
    """What the kernels over a real server have in common."""
    SERVER = MODULE = ""

    def find(self, file, text):
        """Processes of the run whose `file` below /proc has `text` in it."""
        found = []
        for pid in processes_below(self.scratch):
            try:
                if text in pathlib.Path(f"/proc/{pid}/{file}").read_bytes():
                    found.append(pid)
            except OSError:
                continue
        return found

    def look_at_a_death_in_the_middle(self, *case):
        process = self.start("run", *case, "--no-counters")
        while process.poll() is None:  # each replicate has a server, which is there before its client is
            if self.find("maps", self.MODULE.encode()):
                for pid in self.find("cmdline", self.SERVER.encode()):
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
            time.sleep(0.01)
        out, _ = process.communicate()
        self.assertEqual(process.returncode, 3, out)
        self.assert_tidy()
        return " ".join(out.split())

    def look_at_a_path_that_is_too_long(self, *case):
        deep = self.scratch / ("x" * 90)
        deep.mkdir()
        result = self.run_program("run", *case, "--scratch", str(deep))
        self.assert_error(result, 4, "too long for a socket", "--scratch")
        self.assert_tidy()


@unittest.skipUnless(shutil.which("redis-server") and (KERNELS / "request-pipelining.native.so").exists(),
                     "redis-server or hiredis is not installed")
class Redis(Served):
    SERVER, MODULE = "redis-server", "request-pipelining"

    def case(self, budget="0.02", variants="pipelined, multi-key"):
        text = f"title: T\nkernel: request-pipelining\ncandidates: [{variants}]\nsweep: {{batch: [16]}}\n"
        return [write_case(self.folder / "case", text), "--budget", budget, "--replicates", "2", "--no-simulation"]

    def test_what_is_told(self):
        run = self.run_json(*self.case())
        for comparison in run["comparisons"]:
            self.assertNotEqual(comparison["verdict"], "invalid", comparison["reason"])
            trips, = [counter for counter in comparison["counters"] if counter["name"] == "round-trips"]
            self.assertAlmostEqual(trips["ratio"]["estimate"], 1 / 16)
        measurement, = run["measurements"]
        self.assertEqual(measurement["services"][0]["name"], "redis")
        for replicate in measurement["replicates"]:
            self.assertGreater(replicate["services"][0]["cpu_s"], 0)
            self.assertGreater(replicate["services"][0]["peak_rss_bytes"], 1 << 20)
        self.assert_tidy()

    def test_it_dies_in_the_middle(self):
        said = self.look_at_a_death_in_the_middle(*self.case(budget="60"))
        self.assertIn("lost its server redis: it was ended by SIGKILL", said)

    def test_over_tcp(self):
        """The same counts by another transport, and no port that listens afterwards."""
        text = "title: T\nkernel: connection-reuse\ncandidates: [kept]\nsweep: {requests: 1, transport: [unix, tcp]}\n"
        run = self.run_json(write_case(self.folder / "case", text), *SHORT)
        for comparison in run["comparisons"]:
            self.assertNotEqual(comparison["verdict"], "invalid", comparison["reason"])
            connects, = [counter for counter in comparison["counters"] if counter["name"] == "connects"]
            self.assertEqual((connects["baseline"], connects["candidate"]), (1, 0))
        self.assert_tidy()

    def test_a_port_that_is_taken(self):
        """By somebody who is there before the server: its last words are told, and nothing is left."""
        folder = self.folder / "bin"
        folder.mkdir()
        program = folder / "redis-server"
        program.write_text(f"""#!{sys.executable}
import socket, subprocess, sys
taken = socket.socket()
taken.bind(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])))
taken.listen()
sys.exit(subprocess.call(["{shutil.which("redis-server")}"] + sys.argv[1:]))
""", encoding="utf-8")
        program.chmod(0o755)
        self.environment["PATH"] = f"{folder}:{self.environment['PATH']}"
        result = self.run_program("run", *self.case())
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("did not get its server redis: it ended with exit status 1", " ".join(result.stdout.split()))
        self.assert_tidy()

    def test_a_path_that_is_too_long(self):
        self.look_at_a_path_that_is_too_long(*self.case())


def segments():
    """Identifiers of System V's shared memory to which nobody is attached: left, where they stay."""
    lines = pathlib.Path("/proc/sysvipc/shm").read_text(encoding="ascii").splitlines()[1:]
    return {line.split()[1] for line in lines if line.split()[6] == "0"}


@unittest.skipUnless(glob.glob("/usr/lib/postgresql/*/bin/postgres") and (KERNELS / "pg-batch-insert.native.so").exists(),
                     "PostgreSQL or libpq is not installed")
class Postgres(Served):
    SERVER, MODULE = "postgres", "pg-batch-insert"

    def setUp(self):
        super().setUp()
        if os.geteuid() == 0 and not as_nobody([PROGRAM]):
            self.skipTest("the user nobody, as whom PostgreSQL runs, can reach no file here")
        self.environment["PATH"] = "/usr/bin:/bin"  # where Debian has none of its programs
        before = segments()
        self.addCleanup(lambda: wait_until(lambda: not segments() - before, "no shared memory is left"))

    def case(self, budget="0.02"):
        text = "title: T\nkernel: pg-batch-insert\ncandidates: [multi-row]\nsweep: {batch: [8]}\n"
        return [write_case(self.folder / "case", text), "--budget", budget, "--replicates", "2", "--no-simulation"]

    def test_what_is_told(self):
        run = self.run_json(*self.case())
        comparison, = run["comparisons"]
        self.assertNotEqual(comparison["verdict"], "invalid", comparison["reason"])
        counters = {counter["name"]: counter for counter in comparison["counters"]}
        self.assertAlmostEqual(counters["round-trips"]["ratio"]["estimate"], 1 / 8)
        self.assertGreater(counters["fsyncs"]["baseline"], 0.9)
        self.assertLess(counters["fsyncs"]["candidate"], 0.3)
        service, = run["measurements"][0]["services"]
        self.assertEqual((service["name"], service.get("user", "")), ("postgres", "" if os.geteuid() else "nobody"))

    def test_told_plans_are_those_of_timed_runs(self):
        """The first five executions are planned for their parameters, later ones for any, however long an array."""
        if not (KERNELS / "pg-n-plus-one.native.so").exists():
            self.skipTest("the kernel pg-n-plus-one is not built")
        text = "title: T\nkernel: pg-n-plus-one\ncandidates: [join, any]\nsweep: {users: 100, table: 1000}\n"
        run = self.run_json(write_case(self.folder / "case", text), *SHORT)
        evidence = {arm["variant"]: arm["evidence"] for arm in run["measurements"][0]["arms"] if arm["role"] == "candidate"}
        self.assertIn("Bitmap Index Scan on orders_of_user\n        Index Cond: (user_id = ANY ($1))", evidence["any"])
        self.assertIn("((id >= $1) AND (id < $2))", evidence["join"])

    def test_it_dies_in_the_middle(self):
        said = self.look_at_a_death_in_the_middle(*self.case(budget="60"))
        self.assertIn("its server postgres: it was ended by SIGKILL", said)

    def test_a_path_that_is_too_long(self):
        self.look_at_a_path_that_is_too_long(*self.case())

    def test_interrupted_while_a_cluster_is_made(self):
        process = self.start("run", *self.case())
        wait_until(lambda: self.find("cmdline", b"initdb"), "initdb runs")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 128 + signal.SIGINT)
        self.assert_tidy()

    def test_a_full_disk(self):
        script = 'mount -t tmpfs -o size=8m,mode=777 none "$1" && shift && "$@"'
        command = in_namespace(script, self.scratch, PROGRAM, "run", *self.case())
        if not command:
            self.skipTest("no mount namespace can be made here, so no disk can be filled")
        result = self.run_program(command=command)
        self.assertEqual(result.returncode, 3, result.stderr)
        said = " ".join(result.stdout.split())
        self.assertIn("did not get what is to be there for its server postgres: it ended with exit status 1", said)

    @unittest.skipIf(os.geteuid(), "not root, whose folders others cannot read")
    def test_a_folder_that_is_roots_alone(self):
        self.folder.chmod(0o700)
        result = self.run_program("run", *self.case())
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("Permission denied", " ".join(result.stdout.split()))
        self.assert_tidy()


@unittest.skipUnless(os.access("/usr/sbin/nginx", os.X_OK) and (KERNELS / "http-keep-alive.native.so").exists(),
                     "nginx or libcurl is not installed")
class Http(ProgramTest):
    def case(self):
        text = "title: T\nkernel: http-keep-alive\ncandidates: [kept]\nsweep: {bytes: 64, transport: [unix, tcp]}\n"
        return write_case(self.folder / "case", text)

    def test_what_is_told(self):
        """As root and as anybody else: the server reads what its client wrote."""
        run = self.run_json(self.case(), *SHORT)
        self.assertEqual(len(run["comparisons"]), 2)
        for comparison in run["comparisons"]:
            self.assertNotEqual(comparison["verdict"], "invalid", comparison["reason"])
            connects, = [counter for counter in comparison["counters"] if counter["name"] == "connects"]
            self.assertEqual((connects["baseline"], connects["candidate"]), (1, 0))
        self.assertEqual(run["measurements"][0]["services"][0]["name"], "nginx")
        self.assert_tidy()

    def test_root_of_a_namespace_that_has_no_other_user(self):
        """And no network but a loopback of its own, as where one is made slower."""
        command = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && "$@"', "sh"]
        if subprocess.run([*command, "true"], capture_output=True).returncode:
            self.skipTest("no network namespace can be made here")
        run = json.loads(self.run_program(command=[*command, PROGRAM, "run", self.case(), *SHORT, "--no-counters",
                                                   "--format", "json"]).stdout)
        self.assertEqual([comparison["verified"] for comparison in run["comparisons"]], ["checked", "checked"])
        self.assert_tidy()

    def test_answers_are_compressed(self):
        """By nginx or beforehand, which their headers tell apart; random ones come out longer."""
        text = "title: T\nkernel: http-compression\ncandidates: [gzip, precompressed]\nsweep: {bytes: 4096, content: [text, random]}\n"
        run = self.run_json(write_case(self.folder / "case", text), *SHORT)
        self.assertEqual(len(run["comparisons"]), 4)
        for comparison in run["comparisons"]:
            self.assertNotEqual(comparison["verdict"], "invalid", comparison["reason"])
            counters = {counter["name"]: (counter["baseline"], counter["candidate"]) for counter in comparison["counters"]}
            self.assertEqual(counters["inflated-bytes"], (0, 4096))
            self.assertEqual(counters["body-bytes"][0], 4096)
            self.assertEqual(counters["body-bytes"][1] > 4096, comparison["point"]["content"]["choice"] == "random")
        evidence = {arm["variant"]: arm["evidence"] for arm in run["measurements"][0]["arms"] if arm["role"] != "placebo"}
        self.assertEqual(evidence["plain"], "content: plain, length: said beforehand\n")
        self.assertEqual(evidence["gzip"], "content: gzip, length: not known beforehand\n")
        self.assertEqual(evidence["precompressed"], "content: gzip, length: said beforehand\n")
        self.assert_tidy()

    def test_a_full_disk(self):
        text = "title: T\nkernel: http-keep-alive\ncandidates: [kept]\nsweep: {bytes: 262144}\n"
        script = 'mount -t tmpfs -o size=2m,mode=777 none "$1" && full="$1" && shift && "$@"; status=$?; ' \
                 'echo "left: $(ls -A "$full")"; exit $status'
        command = in_namespace(script, self.scratch, PROGRAM, "run", write_case(self.folder / "case", text), *SHORT,
                               "--layout", "fixed")
        if not command:
            self.skipTest("no mount namespace can be made here, so no disk can be filled")
        result = self.run_program(command=command)
        self.assertEqual(result.returncode, 3, result.stderr)
        said = " ".join(result.stdout.split())
        self.assertIn("No space left on device; make room or choose another scratch folder", said)
        self.assertTrue(result.stdout.endswith("left: \n"), result.stdout)

    def test_it_dies_under_load(self):
        process = self.start("load", self.case(), "--seconds", "60", "--where", "bytes=64", "--replicates", "2")
        def servers():
            found = []
            for pid in processes_below(self.scratch):
                try:
                    command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
                except OSError:
                    continue
                if b"/nginx" in command:
                    found.append(pid)
            return found if len(processes_below(self.scratch)) > len(found) else []
        for pid in wait_until(servers, "the server and its client run"):
            os.kill(pid, signal.SIGKILL)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 3, err)
        self.assertIn("lost its server nginx: it was ended by SIGKILL", err)
        self.assert_tidy()


if __name__ == "__main__":
    main()
