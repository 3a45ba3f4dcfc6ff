#!/usr/bin/python3 -B
"""`report`: a page that holds its own proof, and what a browser shows of it."""
import base64
import csv
import gzip
import html.parser
import importlib.util
import io
import json
import pathlib
import re
import shutil
import subprocess
import unittest
import xml.etree.ElementTree

from program import PATIENCE_S, SOURCE, ProgramTest, main

RECORD = SOURCE / "results" / "amd-epyc-family25-model1-2cpu" / "20261127T040710Z-417b.json.gz"
COMPARE = pathlib.Path("/usr/share/benchmark/compare.py")  # of Debian's libbenchmark-tools
EMBEDDED = re.compile(r'(<script type="application/gzip" id="countersign-result-1">)([^<]*)(</script>)')


class Rows(html.parser.HTMLParser):
    """Rows of the table of all comparisons: verdict and speedup as the page's script reads them, and what is shown."""

    def __init__(self, text):
        super().__init__()
        self.table = self.hidden_controls = False
        self.rows = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "table":
            self.table = "forest" in attributes.get("class", "")
        if tag == "form":
            self.hidden_controls = "hidden" in attributes
        if tag == "tr" and self.table and "data-v" in attributes:
            self.rows.append({"verdict": attributes["data-v"], "speedup": attributes["data-s"], "text": ""})

    def handle_data(self, data):
        if self.table and self.rows:
            self.rows[-1]["text"] += data


class Pages(ProgramTest):
    def setUp(self):
        super().setUp()
        self.page = self.folder / "report.html"

    def make(self, *arguments):
        self.run_well("report", RECORD, "-o", self.page, *arguments)
        return self.page.read_text(encoding="utf-8")

    def test_the_page_proves_itself(self):
        text = self.make()
        self.assertIn("all 51 comparisons follow from the samples", self.run_well("verify", self.page).stdout)
        self.assertEqual(self.run_well("show", self.page).stdout, self.run_well("show", RECORD).stdout)
        document = gzip.decompress(base64.b64decode(EMBEDDED.search(text).group(2)))
        self.assertEqual(document, gzip.decompress(RECORD.read_bytes()))
        again = self.folder / "again.html"
        self.run_well("report", self.page, "--output", again)
        self.assertEqual(EMBEDDED.search(again.read_text(encoding="utf-8")).group(2), EMBEDDED.search(text).group(2))

        run = json.loads(document)
        run["comparisons"][0]["speedup"]["estimate"] *= 1.01
        run["comparisons"][0]["speedup"]["high"] *= 1.01
        changed = base64.b64encode(gzip.compress(json.dumps(run).encode())).decode()
        self.page.write_text(EMBEDDED.sub(lambda match: match[1] + changed + match[3], text), encoding="utf-8")
        result = self.run_program("verify", self.page)
        self.assertEqual(result.returncode, 1)
        self.assertIn("speedup: the file says", result.stdout)

    def test_several_results(self):
        self.run_well("report", RECORD, RECORD, "-o", self.page)
        self.assertEqual(self.run_well("verify", self.page).stdout.count("follow from the samples"), 2)
        self.assertEqual(self.run_well("show", f"{self.page}#2").stdout, self.run_well("show", RECORD).stdout)
        for name, words in ((self.page, "holds 2 results; name one"), (f"{self.page}#3", "holds 2 results")):
            result = self.run_program("show", name)
            self.assertEqual(result.returncode, 2)
            self.assertIn(words, result.stderr)

    def test_damaged_and_foreign_pages(self):
        text = self.make()
        found = EMBEDDED.search(text)
        other = "B" if found.group(2)[5000] == "A" else "A"
        cases = {"without a result": "<!doctype html><p>hello</p>",
                 "cut short": text[:found.start(2) + 4000],
                 "damaged": text[:found.start(2) + 5000] + other + text[found.start(2) + 5001:]}
        for words, content in cases.items():
            self.page.write_text(content, encoding="utf-8")
            for verb in ("show", "verify", "report"):
                result = self.run_program(verb, self.page)
                self.assertEqual(result.returncode, 2, (words, verb))
                self.assertRegex(result.stderr, f"^countersign: .*(?:{words}|damaged).*\n$")

    def test_without_samples_and_as_text(self):
        text = self.make("--no-samples")
        self.assertNotIn("application/gzip", text)
        self.assertIn("can only be checked with the result file", text)
        out = self.run_well("report", RECORD, "--format", "markdown").stdout
        self.assertEqual(out.count("<details>"), 1)
        self.assertIn("| lookup-hash-vs-linear | 1 | 1 | 0 | 0 | 0 | hash wins", out)

    def test_advice(self):
        out = self.run_well("report", RECORD, "--analysis").stdout
        self.assertIn("Of 20 candidates in 51 comparisons, 4 can be taken over as they are, 14 where they win; 0", out)
        self.assertRegex(out, r"(?s)## Quick wins .*### io-batched-writes: pwrite .*\*\*way back\*\* a batch of one")
        self.assertEqual(self.run_program("report", RECORD, "--analysis", "--format", "html").returncode, 2)

    def test_where_it_cannot_be_written(self):
        for output, words in ((self.folder / "none" / "a.html", "folder does not exist"), (self.folder, "directory")):
            result = self.run_program("report", RECORD, "-o", output)
            self.assertEqual(result.returncode, 2)
            self.assertIn(words, result.stderr.lower())
        self.run_well("report", RECORD, "-o", "/dev/null")
        self.assertEqual(self.run_program("report").returncode, 2)

    def test_forms_of_other_tools(self):
        forms = {}
        for form in ("google-benchmark", "openmetrics", "junit"):
            forms[form] = self.folder / form
            forms[form].write_text(self.run_well("show", RECORD, "--format", form).stdout, encoding="utf-8")
        suite = xml.etree.ElementTree.parse(forms["junit"]).getroot().find("testsuite")
        self.assertEqual(len(suite.findall("testcase")), int(suite.get("tests")))
        if shutil.which("xmllint"):
            told = subprocess.run(["xmllint", "--noout", "--schema", SOURCE / "tests/data/report/junit.xsd", forms["junit"]],
                                  capture_output=True)
            self.assertEqual(told.returncode, 0, told.stderr)
        if shutil.which("promtool"):
            with open(forms["openmetrics"], encoding="utf-8") as stream:
                told = subprocess.run(["promtool", "check", "metrics"], stdin=stream, capture_output=True)
            self.assertEqual(told.returncode, 0, told.stderr)
        if COMPARE.exists() and importlib.util.find_spec("scipy"):
            told = subprocess.run(["/usr/bin/python3", COMPARE, "--no-color", "filters", forms["google-benchmark"],
                                   "io-batched-reads/per-record", "io-batched-reads/stdio"], capture_output=True)
            self.assertEqual(told.returncode, 0, told.stderr)
            self.assertIn(b"[io-batched-reads/per-record vs. io-batched-reads/stdio]/size:64/batch:1", told.stdout)
        samples = self.run_well("show", RECORD, "--format", "csv", "--samples", "--case", "parallel-vs-serial").stdout
        rows = list(csv.DictReader(io.StringIO(samples)))
        self.assertEqual({row["case"] for row in rows}, {"parallel-vs-serial"})
        self.assertAlmostEqual(float(rows[0]["ticks"]) / int(rows[0]["runs"]) / float(rows[0]["ns_per_run"]), 2.445, 2)
        self.assertEqual(self.run_program("show", RECORD, "--samples").returncode, 2)

    @unittest.skipUnless(shutil.which("chromium"), "chromium is not installed")
    def test_what_a_browser_shows(self):
        self.make("--no-samples")
        shown = subprocess.run(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom",
             f"--user-data-dir={self.folder / 'profile'}", f"file://{self.page}"],
            capture_output=True, encoding="utf-8", timeout=PATIENCE_S, check=True)
        self.assertNotIn("CONSOLE", shown.stderr)  # no error of the script, nothing that the policy refused
        rows = Rows(shown.stdout)
        self.assertFalse(rows.hidden_controls)  # the script ran
        self.assertEqual(shown.stdout.count('class="again"'), self.page.read_text(encoding="utf-8").count('class="again"'))
        run = json.loads(self.run_well("show", RECORD, "--format", "json").stdout)
        self.assertEqual(len(rows.rows), len(run["comparisons"]))
        for row, comparison in zip(rows.rows, run["comparisons"]):
            self.assertEqual(row["verdict"], comparison["verdict"])
            self.assertAlmostEqual(float(row["speedup"]) / comparison["speedup"]["estimate"], 1, places=5)
            for word in (comparison["case"], comparison["candidate"], comparison["verdict"]):
                self.assertIn(word, row["text"])


if __name__ == "__main__":
    main()
