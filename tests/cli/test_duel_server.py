#!/usr/bin/python3 -B
"""Duels of servers that one client asks: ready before it, there while it runs, gone after it, whatever happens."""
import json
import os
import pathlib
import signal
import socket
import sys

from program import ProgramTest, main, wait_until

FEW = ["--rounds", "2", "--replicates", "2", "--warmup", "1", "--quiet", "--shell", "/bin/sh"]
SERVER = """
import os, signal, socket, sys
answer, ends_after = sys.argv[1].encode(), int(sys.argv[2])
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    listener.bind(("127.0.0.1", int(os.environ.get("FIXED_PORT") or os.environ["COUNTERSIGN_PORT"])))
except OSError as error:
    sys.exit(str(error))
listener.listen()
asked = 0
while True:
    connection = listener.accept()[0]
    if connection.recv(1) == b"?":
        asked += 1
        if ends_after and asked == ends_after:
            sys.exit("out of answers")
        connection.sendall(answer + str(sorted(os.sched_getaffinity(0))).encode() * (answer == b"cpus"))
    connection.close()
"""
CLIENT = """
import os, socket, sys
port = int(os.environ.get("FIXED_PORT") or os.environ["COUNTERSIGN_PORT"])
for i in range(2):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"?")
        answer = connection.recv(100).decode()
print(answer)
if "endless" in sys.argv or not answer and "patient" in sys.argv:
    import time; time.sleep(600)
if not answer:
    sys.exit("no answer")
"""


class Servers(ProgramTest):
    def setUp(self):
        super().setUp()
        for name, text in (("server", SERVER), ("client", CLIENT)):
            (self.folder / f"{name}.py").write_text(text, encoding="utf-8")
        self.client = f"exec {sys.executable} client.py"

    def server(self, answer, ends_after=0):
        return ["--server", f"exec {sys.executable} -B server.py {answer} {ends_after}"]

    def duel(self, *arguments, status=0):
        return json.loads(self.run_well("duel", *FEW, "--format", "json", *arguments, status=status).stdout)

    def reason(self, *arguments):
        comparison = self.duel(*arguments, status=3)["comparisons"][0]
        self.assertEqual(comparison["verdict"], "invalid")
        self.assertEqual(self.servers(), [])
        return comparison["reason"]

    def servers(self):
        """Of this test, by their working folder."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(entry / "cwd") == str(self.folder) and b"server.py" in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                pass
        return found

    def test_both_are_asked_and_their_answers_compared(self):
        run = self.duel(*self.server("yes"), *self.server("yes"), self.client)
        self.assertEqual([(c["verified"], c["item"]) for c in run["comparisons"]], [("yes", "run")])
        arm = run["measurements"][0]["arms"][0]
        self.assertRegex(arm["command"], "server.py yes 0; client: .*client.py")
        self.assertIn("client on ", run["settings"]["cpu_reason"])
        self.assertRegex(run["comparisons"][0]["case_title"], "^A: .*server.py yes 0; B: .*server.py yes 0; client: ")
        self.assertEqual(self.servers(), [])
        self.assertIn("wrong answer", self.reason(*self.server("yes"), *self.server("no"), self.client))

    def test_the_server_has_cpus_of_its_own(self):
        if len(os.sched_getaffinity(0)) < 2:
            self.skipTest("needs two CPUs")
        cpu = max(os.sched_getaffinity(0))
        log = self.folder / "log"
        self.duel("--server-cpus", str(cpu), *self.server("cpus"), *self.server("cpus"), self.client + f" | tee -a {log}")
        self.assertEqual(set(log.read_text(encoding="utf-8").split()), {f"cpus[{cpu}]"})

    def test_rate_and_latencies_are_the_client_s_words(self):
        printed = [r"printf '  50%%%%  1.50ms\n  99%%%%  2.50ms\nRequests/sec:  %s\n'" % rate for rate in ("2000", "1000")]
        client = f"{sys.executable} client.py >answer; if grep -q yes answer; then {printed[0]}; else {printed[1]}; fi"
        run = self.duel(*self.server("no"), *self.server("yes"), "--rate", "Requests/sec:", client)
        comparison = run["comparisons"][0]
        self.assertEqual((comparison["item"], comparison["verified"]), ("request", "no"))
        self.assertAlmostEqual(comparison["baseline_time_ns"]["median"], 1e6, delta=10)
        self.assertAlmostEqual(comparison["candidate_time_ns"]["median"], 5e5, delta=10)
        self.assertEqual((comparison["latency_ns"]["baseline"]["p50"], comparison["latency_ns"]["baseline"]["p99"]),
                         (1.5e6, 2.5e6))
        self.assertIn("time as told: 500 µs median", self.run_well("show", self.result_files()[0]).stdout)
        self.assertIn("follows from the samples", self.run_well("verify", self.result_files()[0]).stdout)
        self.assertIn("did not print 'Requests per second' (--rate)", self.reason(
            *self.server("no"), *self.server("yes"), "--rate", "Requests per second", self.client))

    def test_one_that_does_not_come_is_said(self):
        late = ["--server", "sleep 100"]
        self.assertRegex(self.reason(*late, *late, "--ready-limit", "0.3", self.client),
                         r"^the server of [AB] was not ready after 0.3 s \(--ready-limit\)$")
        gone = ["--server", "echo no disk >&2; exit 3"]
        self.assertEqual(self.reason(*self.server("yes"), *gone, self.client),
                         "the server of B ended with exit status 3 before it was ready; it said: no disk")

    def test_one_that_ends_in_the_middle_is_said(self):
        reason = self.reason(*self.server("yes"), *self.server("yes", 2), self.client + " patient")
        self.assertEqual(reason, "the server of B ended with exit status 1 while the client ran; it said: out of answers")

    def test_a_port_that_is_taken_is_said(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.environment["FIXED_PORT"] = str(port)
            ready = f"exec {sys.executable} -c 'import socket; socket.create_connection((\"127.0.0.1\", {port}))'"
            self.assertIn("something answers already", self.reason(
                *self.server("yes"), *self.server("yes"), "--ready", ready, self.client))
            self.assertRegex(self.reason(*self.server("yes"), *self.server("yes"), self.client),
                             "the server of A ended with exit status 1 before it was ready; it said: .*in use")

    def test_none_is_left_after_a_signal(self):
        for number in (signal.SIGINT, signal.SIGKILL):
            process = self.start("duel", *FEW, *self.server("yes"), *self.server("yes"), self.client + " endless")
            wait_until(lambda: self.servers() and (self.folder / "client.py").exists(), "a server runs")
            process.send_signal(number)
            self.finish(process)
            wait_until(lambda: not self.servers(), "the server is ended")

    def test_what_is_refused(self):
        two = [*self.server("a"), *self.server("b")]
        self.assert_refused("duel", *self.server("a"), "true", parts=["expected two or more"])
        self.assert_refused("duel", *two, "true", "true", parts=["expected one command, the client, got 2"])
        self.assert_refused("duel", "--ready", "true", "true", "true", parts=["--ready: it is about servers"])


if __name__ == "__main__":
    main()
