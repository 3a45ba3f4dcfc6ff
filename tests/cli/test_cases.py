#!/usr/bin/python3 -B
"""Case files and kernel modules that are broken: refused before anything is measured, with the place."""
import shutil

from program import REAL_CASE, SHORT, TEST_KERNELS, ProgramTest, hostile_case, main, write_case

GOOD = """title: Test
kernel: hostile
baseline: square
candidates: [slow]
sweep: {after: [1]}
"""


class CaseFiles(ProgramTest):
    def setUp(self):
        super().setUp()
        self.with_test_kernels()

    def assert_case_refused(self, line, text, *parts):
        case = write_case(self.folder / "cases" / "broken", text)
        self.assert_refused("run", case, parts=[f"case.yaml:{line}:", *parts])

    def test_the_good_one_is_taken(self):
        case = write_case(self.folder / "cases" / "good", GOOD)
        self.run_well("run", case, *SHORT)

    def test_unknown_key(self):
        self.assert_case_refused(4, GOOD.replace("candidates:", "candidate:"), "candidate: unknown key",
                                 "did you mean candidates?")
        self.assert_case_refused(6, GOOD + "predict: [{wehre: {after: 1}}]\n", "wehre", "where")

    def test_wrong_type(self):
        self.assert_case_refused(4, GOOD.replace("[slow]", "{slow: 1}"), "candidates")
        self.assert_case_refused(5, GOOD.replace("{after: [1]}", "[1]"), "sweep")
        self.assert_case_refused(5, GOOD.replace("[1]", "[one]"), "one")

    def test_wrong_value(self):
        self.assert_case_refused(5, GOOD.replace("[1]", "[-5]"), "-5")
        self.assert_case_refused(6, GOOD + "target: -1\n", "target")

    def test_unknown_names(self):
        self.assert_case_refused(2, GOOD.replace("kernel: hostile", "kernel: hostil"), "no kernel 'hostil'")
        self.assert_case_refused(3, GOOD.replace("square", "sqare"), "sqare", "square")
        self.assert_case_refused(4, GOOD.replace("slow", "slwo"), "slwo", "slow")
        self.assert_case_refused(5, GOOD.replace("after", "aftre"), "aftre", "after")

    def test_a_key_twice(self):
        self.assert_case_refused(6, GOOD + "kernel: lookup\n", "kernel")

    def test_syntax(self):
        case = write_case(self.folder / "cases" / "broken", GOOD.replace("[slow]", "[slow"))
        self.assert_refused("run", case, parts=["case.yaml:"])

    def test_empty_and_binary(self):
        self.assert_refused("run", write_case(self.folder / "cases" / "empty", ""), parts=["case.yaml"])
        case = write_case(self.folder / "cases" / "binary", "")
        (self.folder / "cases" / "binary" / "case.yaml").write_bytes(bytes(range(256)))
        self.assert_refused("run", case, parts=["case.yaml"])

    def test_a_good_case_beside_a_broken_one_is_not_measured(self):
        good = write_case(self.folder / "cases" / "good", GOOD)
        broken = write_case(self.folder / "cases" / "broken", GOOD + "frob: 1\n")
        self.assert_refused("run", good, broken, parts=["frob"])

    def test_no_such_case(self):
        self.assert_refused("run", "lookup-hash-vs-liner", parts=[f"did you mean {REAL_CASE}?"])
        self.assert_refused("run", self.folder / "nowhere", parts=[str(self.folder / "nowhere")])

    def test_no_cases_at_all(self):
        self.environment["COUNTERSIGN_CASES"] = str(self.folder)
        self.assert_refused("run", parts=[f"no cases in {self.folder}"])


class Modules(ProgramTest):
    def setUp(self):
        super().setUp()
        self.with_test_kernels()

    def assert_module_refused(self, name, *parts):
        case = write_case(self.folder / "cases" / name, GOOD.replace("kernel: hostile", f"kernel: {name}"))
        self.assert_refused("run", case, parts=[f"{name}.native.so", *parts])

    def test_another_interface(self):
        self.assert_module_refused("other_abi", "kernel interface 44", "has 3", "rebuild")
        self.assert_module_refused("first_abi", "kernel interface 1", "has 3", "docs/CASES.md", "rebuild")

    def test_no_descriptor(self):
        self.assert_module_refused("no_descriptor", "no descriptor")

    def test_incomplete(self):
        self.assert_module_refused("incomplete", "cs_kernel.setup is missing")

    def test_crash_while_it_is_loaded(self):
        self.assert_module_refused("dies_on_load", "SIGABRT", "loading")

    def test_damaged(self):
        """Cut short, empty, or not a library at all."""
        whole = (TEST_KERNELS / "hostile.native.so").read_bytes()
        kernels = self.folder / "kernels"
        kernels.mkdir()
        self.environment["COUNTERSIGN_KERNELS"] = str(kernels)
        for name, data in (("short", whole[:5000]), ("header", whole[:100]), ("empty", b""),
                           ("text", b"not a library\n")):
            (kernels / f"{name}.native.so").write_bytes(data)
            with self.subTest(module=name):
                self.assert_module_refused(name)

    def test_listing_shows_the_good_and_names_the_broken(self):
        result = self.run_program("list", "kernels")
        self.assertEqual(result.returncode, 2)
        self.assertIn("hostile", result.stdout)
        lines = result.stderr.splitlines()
        self.assertEqual(len(lines), 6, result.stderr)
        for line in lines:
            self.assertTrue(line.startswith("countersign: "), line)
        self.assert_tidy()

    def test_no_portable_build(self):
        case = hostile_case(self.folder / "case", ["slow"])
        self.assert_refused("run", case, "--build", "portable", parts=["hostile.portable.so"])

    def test_setup_that_fails(self):
        """The kernel's own reason reaches the table; nothing is claimed."""
        case = write_case(self.folder / "cases" / "setup", GOOD.replace("after: [1]", "setup-fails: [0, 1]"))
        run = self.run_json(case, *SHORT, status=3)
        verdicts = {comparison["point"]["setup-fails"]["value"]: comparison for comparison in run["comparisons"]}
        self.assertNotEqual(verdicts[0]["verdict"], "invalid")
        self.assertEqual(verdicts[1]["verdict"], "invalid")
        self.assertIn("asked to fail", verdicts[1]["reason"])
        self.assertIsNone(verdicts[1]["speedup"]["estimate"])

    def test_nothing_can_run_here(self):
        case = hostile_case(self.folder / "case", ["never"])
        result = self.run_program("run", case, *SHORT)
        self.assert_error(result, 4, "every point was skipped")
        self.assertIn("needs a processor from the future", result.stdout)

    def test_module_under_another_name(self):
        kernels = self.folder / "kernels"
        kernels.mkdir()
        shutil.copy(TEST_KERNELS / "hostile.native.so", kernels / "guest.native.so")
        self.environment["COUNTERSIGN_KERNELS"] = str(kernels)
        case = write_case(self.folder / "cases" / "guest", GOOD.replace("kernel: hostile", "kernel: guest"))
        self.assert_refused("run", case, parts=["case.yaml:2:", "guest", "hostile"])


if __name__ == "__main__":
    main()
