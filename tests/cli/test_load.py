#!/usr/bin/python3 -B
"""Requests that arrive by a schedule: what a stall does to those behind it is told, and nothing that failed is called fast."""
import base64
import gzip
import json
import pathlib
import re
import shutil
import signal
import subprocess
import unittest

from program import PATIENCE_S, SOURCE, ProgramTest, main, processes_below, wait_until, write_case

RECORD = SOURCE / "results" / "amd-epyc-family25-model1-2cpu" / "20261127T040710Z-417b.json.gz"
EMBEDDED = re.compile(r'(<script type="application/gzip" id="countersign-result-1">)([^<]*)(</script>)')

MS = 1e6  # ns


class Load(ProgramTest):
    def setUp(self):
        super().setUp()
        self.with_test_kernels()

    def case(self, candidates, more="", kernel="stalls"):
        return write_case(self.folder / "case", f"title: T\nkernel: {kernel}\ncandidates: [{candidates}]\n{more}")

    def load(self, *arguments, status=0, replicates=2):
        """The load that is printed as JSON."""
        result = self.run_well("load", *arguments, "--replicates", replicates, "--format", "json", "--output",
                               self.folder / "out.json", status=status)
        return json.loads(result.stdout)

    def readings(self, load, variant, share=None):
        arms = [i for i, arm in enumerate(load["arms"]) if arm["variant"] == variant and arm["role"] != "placebo"]
        return [reading for reading in load["readings"] if reading["arm"] in arms and
                (reading["share"] > 0 if share is None else reading["share"] == share)]

    def comparison(self, load, quantity):
        found, = [each for each in load["comparisons"] if each["quantity"] == quantity and each["share"] > 0]
        return found

    def test_a_stall_is_told_of_those_that_wait_behind_it(self):
        """50 ms in 125 requests of which one comes each ms: a client that waits for its answers would see one late request."""
        load = self.load(self.case("stalls"), "--rate", 1000, "--seconds", 0.5, "--arrivals", "fixed")
        for reading in self.readings(load, "stalls"):
            self.assertEqual(reading["requests"], 500)
            self.assertGreater(reading["p99"], 20 * MS)
            self.assertGreater(reading["service_max"], 50 * MS)
            self.assertLess(reading["service_p99"], 20 * MS)
            self.assertEqual(reading["unserved"], 0)

    def test_arrivals_are_those_of_the_seed(self):
        """As many for both variants, at the rate that was asked for; of a short process no 99.9th percentile."""
        load = self.load(self.case("stalls"), "--rate", "500,1000", "--seconds", 0.2, "--seed", 3)
        self.assertEqual([round(share * load["saturation"]) for share in load["shares"]], [500, 1000])
        for share, count in zip(load["shares"], (100, 200)):
            for variant in ("steady", "stalls"):
                for reading in self.readings(load, variant, share):
                    self.assertEqual(reading["requests"], count)
                    self.assertIsNone(reading["p999"])
        self.assertEqual(load["seed"], "3")
        self.assertTrue(load["poisson"])
        reasons = {each["reason"] for each in load["comparisons"] if each["quantity"] == "latency-p99.9"}
        self.assertEqual(reasons, {"too few"})

    def test_overload_is_no_latency(self):
        """4 ms each, of which 1000 come a second: some are never begun, and no verdict is given."""
        slo = self.folder / "slo.yaml"
        slo.write_text('latency-p99: "< 1 ms"\nerror-rate: "< 1 %"\n', encoding="utf-8")
        load = self.load(self.case("slow"), "--rate", 1000, "--seconds", 0.1, "--slo", slo, status=1)
        for reading in self.readings(load, "slow"):
            self.assertGreater(reading["unserved"], 0)
            self.assertLess(reading["served"], 300)
        for quantity in ("latency-p50", "latency-p99"):
            self.assertEqual(self.comparison(load, quantity)["verdict"], "invalid")
            self.assertIn("overloaded", self.comparison(load, quantity)["reason"])
        outcomes = {(load["targets"][each["target"]]["quantity"], each["arm"]): each["outcome"] for each in load["judgements"]}
        self.assertEqual(outcomes["latency-p99", 1], "missed")
        self.assertEqual(outcomes["error-rate", 1], "missed")
        text = self.run_well("show", self.folder / "out.json").stdout
        self.assertIn("overload: slow: ", text)

    def test_failing_fast_is_no_win(self):
        load = self.load(self.case("fails", "slo: {error-rate: '< 5 %', throughput: '> 1'}\n"), "--rate", 1000, "--seconds",
                         0.2, status=1)
        for reading in self.readings(load, "fails"):
            self.assertEqual(reading["errors"], reading["requests"] // 10)
        for each in load["comparisons"]:
            self.assertEqual((each["verdict"], each["reason"]), ("invalid", "requests failed"))
        outcomes = {(load["targets"][each["target"]]["quantity"], each["arm"]): each["outcome"] for each in load["judgements"]}
        self.assertEqual(outcomes["error-rate", 0], "met")
        self.assertEqual(outcomes["error-rate", 1], "missed")
        self.assertEqual(outcomes["throughput", 0], "met")
        self.assertEqual(outcomes["throughput", 1], "undecided")

    def test_what_becomes_of_the_file(self):
        load = self.load(self.case("slow"), "--rate", 100, "--seconds", 0.05)
        file = self.folder / "out.json"
        self.assertIn("follow from its readings; nothing was changed", self.run_well("verify", file).stdout)
        self.assertIn("back to back", self.run_well("show", file).stdout)
        self.assertIn("| requests/s |", self.run_well("show", file, "--format", "markdown").stdout)
        self.assertIn("| requests/s |", self.run_well("report", file, "--analysis").stdout)
        self.assertEqual(json.loads(self.run_well("show", file, "--format", "json").stdout), load)
        self.assert_matches_schema(load)
        self.assert_error(self.run_program("show", file, "--format", "csv"), 2, "a load; it is shown whole")
        self.assertIn("| requests/s |", self.run_well("report", file, "--format", "markdown").stdout)
        load["comparisons"][0]["verdict"] = "equivalent"
        file.write_text(json.dumps(load), encoding="utf-8")
        result = self.run_program("verify", file)
        self.assertEqual(result.returncode, 1)
        self.assertIn("the file says equivalent, its readings say", result.stdout)
        load["comparisons"][0]["arm"] = 99
        file.write_text(json.dumps(load), encoding="utf-8")
        self.assert_error(self.run_program("verify", file), 2, "comparisons[0].arm: there is no such arm")

    def test_the_page_proves_itself(self):
        self.load(self.case("slow", "slo: {latency-p50: '< 3600 s'}\n"), "--rate", 100, "--seconds", 0.05)
        file, page = self.folder / "out.json", self.folder / "page.html"
        self.run_well("report", file, "-o", page)
        self.assertIn("follow from its readings; nothing was changed", self.run_well("verify", page).stdout)
        self.assertEqual(self.run_well("show", page).stdout, self.run_well("show", file).stdout)
        text = page.read_text(encoding="utf-8")
        load = json.loads(gzip.decompress(base64.b64decode(EMBEDDED.search(text).group(2))))
        load["judgements"][0]["outcome"] = "missed"
        changed = base64.b64encode(gzip.compress(json.dumps(load).encode())).decode()
        page.write_text(EMBEDDED.sub(lambda match: match[1] + changed + match[3], text), encoding="utf-8")
        result = self.run_program("verify", page)
        self.assertEqual(result.returncode, 1)
        self.assertIn("target latency-p50 of steady: the file says missed, its readings say met", result.stdout)
        self.run_well("report", file, "-o", page, "--no-samples")
        self.assertNotIn("application/gzip", page.read_text(encoding="utf-8"))
        self.assert_error(self.run_program("verify", page), 2, "without a result in it")

        self.run_well("report", file, RECORD, "-o", page)
        self.assertEqual(self.run_well("show", f"{page}#1").stdout, self.run_well("show", file).stdout)
        self.assertEqual(self.run_well("show", f"{page}#2").stdout, self.run_well("show", RECORD).stdout)
        told = self.run_well("verify", page).stdout
        self.assertIn("follow from its readings", told)
        self.assertIn("follow from the samples", told)

    @unittest.skipUnless(shutil.which("chromium"), "chromium is not installed")
    def test_what_a_browser_shows(self):
        """The script counts the rows that it filters; the policy refused nothing; on a narrow screen nothing sticks out."""
        load = self.load(self.case("slow", "slo: {latency-p50: '< 3600 s'}\n"), "--rate", "50,100", "--seconds", 0.05)
        page = self.folder / "page.html"
        self.run_well("report", self.folder / "out.json", "-o", page, "--no-samples")
        probe = ("<script>document.title = document.documentElement.scrollWidth + ' of ' + innerWidth;</script></body>")
        text = page.read_text(encoding="utf-8")
        narrow = self.folder / "narrow.html"  # without its policy, which lets no other script run
        narrow.write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text).replace("</body>", probe),
                          encoding="utf-8")
        shown, log = self.browse(page, 1100)
        self.assertNotIn("CONSOLE", log)
        self.assertEqual(len(re.findall(r'<tr data-v="[a-z]+" data-s="', shown)), len(load["comparisons"]))
        self.assertNotRegex(shown, r'<form[^>]* hidden')  # the script ran
        width, window = map(int, re.search(r"<title>([0-9]+) of ([0-9]+)</title>", self.browse(narrow, 500)[0]).groups())
        self.assertLessEqual(width, window)

    def browse(self, page, width):
        """What a browser makes of a page, and its log."""
        result = subprocess.run(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom",
             f"--window-size={width},900", f"--user-data-dir={self.folder / 'profile'}", f"file://{page}"],
            capture_output=True, encoding="utf-8", timeout=PATIENCE_S, check=True)
        return result.stdout, result.stderr

    def assert_matches_schema(self, load):
        try:
            import jsonschema
        except ImportError:
            return
        schema = json.loads((SOURCE / "docs" / "countersign.load-1.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator(schema).validate(load)

    def test_it_is_kept_with_the_results(self):
        result = self.run_program("load", self.case("stalls"), "--rate", 1000, "--seconds", 0.1, "--replicates", 2)
        self.assertEqual(result.returncode, 0, result.stderr)
        file, = (self.results / "loads").glob("*.json")
        self.assertIn(f"result file: {file}", result.stdout)
        self.assertIn("waiting: stalls at", result.stdout)

    def saturation(self, clients):
        load = self.load(self.slots("square"), "--rate", 100, "--seconds", 0.4, "--clients", clients)
        self.assertEqual(load["clients"], clients)
        self.assertEqual({reading["errors"] + reading["unserved"] for reading in self.readings(load, "slots", 0)}, {0})
        return load["saturation"]

    def slots(self, candidates, baseline="slots"):
        return self.case(candidates, f"baseline: {baseline}\n", kernel="slots")

    def test_several_clients_find_what_a_server_can_serve(self):
        """4 places of 2 ms serve 2000 requests a second, and one client that waits for each answer gets 500 at the most."""
        one, four, eight = (self.saturation(clients) for clients in (1, 4, 8))
        self.assertLess(one, 505)
        self.assertGreater(four, 2 * one)
        self.assertGreater(eight, 2 * one)
        self.assertLess(max(four, eight), 2020 + 8 / 0.1)  # what is in flight at the end of a block counts, too

    def test_a_free_client_takes_the_next_request(self):
        """At 1000/s one client is overloaded, and four are not; the arrivals are the same, and are as many."""
        for clients, overloaded in ((1, True), (4, False)):
            load = self.load(self.slots("square"), "--rate", 1000, "--seconds", 0.4, "--clients", clients, "--seed", 5)
            for reading in self.readings(load, "slots", load["shares"][0]):
                self.assertEqual(reading["requests"], 400)
                self.assertEqual(reading["p50"] > 20 * MS, overloaded, reading)
                self.assertGreater(reading["served"], 0)

    def test_a_stall_of_the_server_is_told_by_all_clients(self):
        """50 ms in 100 requests of which one comes each ms: 2 clients see it twice, and 50 requests are late by it."""
        load = self.load(self.slots("stalling", "square"), "--rate", 1000, "--seconds", 0.8, "--arrivals", "fixed", "--clients", 2)
        for reading in self.readings(load, "stalling", load["shares"][0]):
            self.assertEqual((reading["requests"], reading["unserved"]), (800, 0))
            self.assertGreater(reading["p99"], 30 * MS)
            self.assertGreater(reading["service_max"], 45 * MS)
            self.assertGreater(reading["p50"], reading["service_p50"])

    def test_clients_are_told(self):
        load = self.load(self.slots("square", "slots"), "--rate", 100, "--seconds", 0.1, "--clients", 3)
        self.assertLessEqual(load["client_cpus"], 3)
        file, page = self.folder / "out.json", self.folder / "page.html"
        self.run_well("report", file, "-o", page)
        self.assert_matches_schema(load)
        for text in (self.run_well("show", file).stdout, self.run_well("report", file, "--analysis").stdout,
                     page.read_text(encoding="utf-8")):
            self.assertRegex(" ".join(text.split()), r"; 3 clients on [123] CPUs?; ")
        self.assertRegex(" ".join(self.run_well("show", file).stdout.split()),
                         r"limit: slots: back to back the clients kept .* and waited else, with 3 requests at one time")
        for reading in load["readings"]:
            if reading["cpu_share"] is not None:
                reading["cpu_share"] = 0.95 * load["client_cpus"]
        del load["digest"]
        file.write_text(json.dumps(load), encoding="utf-8")
        self.assertRegex(" ".join(self.run_program("show", file).stdout.split()),
                         r"slots: back to back the clients kept 95 % of their CPUs busy: its rate is a limit of the client, not")
        del load["clients"], load["client_cpus"]  # as in files from before
        file.write_text(json.dumps(load), encoding="utf-8")
        self.assertIn("; 1 client on 1 CPU; ", " ".join(self.run_program("show", file).stdout.split()))
        self.assertIn("follow from its readings", self.run_program("verify", file).stdout)

    def test_clients_of_a_case(self):
        case = self.case("square", "baseline: slots\nclients: 5\n", kernel="slots")
        self.assertEqual(self.load(case, "--rate", 100, "--seconds", 0.1)["clients"], 5)
        self.assertEqual(self.load(case, "--rate", 100, "--seconds", 0.1, "--clients", 2)["clients"], 2)
        self.assertEqual(self.load(self.case("stalls"), "--rate", 100, "--seconds", 0.1)["clients"], 1)
        self.assert_refused("load", self.case("square", "clients: 1.5\n", kernel="slots"),
                            parts=["case.yaml:4", "expected a whole number of clients from 1 to"])

    def test_what_a_further_client_does_wrong(self):
        for variant, words in (("mortal", "mortal: client 2 of the load ended by Killed"),
                               ("unready", "one client is enough (client 2 of the load)"),
                               ("wrong", "(client 2 of the load)")):
            with self.subTest(variant):
                load = self.load(self.slots(variant, "square"), "--rate", 1000, "--seconds", 0.2, "--clients", 2, status=3)
                self.assertIn(words, load["arms"][1]["invalid"])
                self.assertEqual(load["arms"][0]["invalid"], "")
                self.assert_tidy()
        load = self.load(self.slots("refused", "square"), "--rate", 1000, "--seconds", 0.2, "--clients", 2)
        for reading in self.readings(load, "refused"):
            self.assertGreater(reading["requests"], 0)
        self.assertGreater(sum(reading["errors"] for reading in self.readings(load, "refused", 0)), 0)
        self.assertIn("requests failed", {each["reason"] for each in load["comparisons"]})

    def test_a_server_that_is_lost(self):
        result = self.run_program("load", self.case("lost", kernel="served"), "--rate", 100, "--seconds", 0.2)
        self.assert_error(result, 3, "lost its server mortal: it ended with exit status 3; it said: the disk is on fire")

    def test_a_server_is_told(self):
        load = self.load(self.case("served", kernel="served"), "--rate", 100, "--seconds", 0.02)
        self.assertIn("squarer (", load["servers"])

    def test_interrupted(self):
        process = self.start("load", self.case("hanging", kernel="served"), "--time-limit", "1000")
        wait_until(lambda: len(processes_below(self.scratch)) > 1, "server and variant run")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 128 + signal.SIGINT)
        self.assertIn("interrupted; nothing was written", err)
        self.assert_tidy()

    def test_refused(self):
        case = self.case("stalls")
        for arguments, words in (((), "load needs a case"), ((case, case), "load takes one case"),
                                 ((case, "--share", "0.6,0.3"), "each larger than the last one"),
                                 ((case, "--share", "0.3,x"), "each larger than the last one"),
                                 ((case, "--rate", "0"), "numbers from 1 to"),
                                 ((case, "--where", "nothing=1"), "has no parameter 'nothing'")):
            self.assert_refused("load", *arguments, parts=[words])

    def test_targets_that_are_none(self):
        for text, words in (("latency-p99: 500", "expected a bound such as"),
                            ("latency-p99: '> 5 ms'", "expected a bound such as"),
                            ("latency-p99: '< 5'", "with ns, us, ms or s"), ("latency-p98: '< 5 ms'", "did you mean"),
                            ("throughput: '< 5'", "at the least"), ("{}", "expected a target, got none")):
            slo = self.folder / "slo.yaml"
            slo.write_text(text + "\n", encoding="utf-8")
            self.assert_refused("load", self.case("stalls"), "--slo", slo, parts=["slo.yaml:1", words])
        self.assert_refused("load", self.case("stalls", "slo: {error-rate: many}\n"), parts=["case.yaml:4", "error-rate"])


if __name__ == "__main__":
    main()
