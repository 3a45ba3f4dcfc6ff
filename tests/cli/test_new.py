#!/usr/bin/python3 -B
"""Code of one's own: a kernel from the template, and folders of sources as what `run` measures."""
import os
import pathlib
import re
import resource
import shutil
import signal
import stat

from program import PROGRAM, SHORT, SOURCE, ProgramTest, as_nobody, main, wait_until, write_case

FLAGS = ("CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS", "PKG_CONFIG", "MAKEFLAGS")
KERNEL = """#include <countersign.h>
void run_first(void *state);
void run_second(void *state);
static int setup(const struct cs_env *env, void *state) { (void)env; (void)state; return 0; }
static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    (void)variant;
    outputs[0] = (struct cs_output){.name = "answer", .data = state, .count = 1, .type = CS_U64};
    *count = 1;
    return 0;
}
static void work(const void *state, struct cs_work *work) { (void)state; work->items = 1; }
const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER, .name = "NAME", .summary = "an answer", .item = "answer",
    .variants = {{.name = "first", .run = run_first}, {.name = "second", .run = run_second}},
    .state_size = sizeof(uint64_t), .setup = setup, .outputs = outputs, .work = work};
"""
VARIANT = "#include <stdint.h>\nvoid run_%s(void *state) { *(uint64_t *)state = %d; }\n"


# How modules are compiled, so that they are measured as a program has them.
AS_A_PROGRAM = "-fPIC -fvisibility=hidden -fno-semantic-interposition -ftls-model=initial-exec -fno-lto"


class OwnCode(ProgramTest):
    def setUp(self):
        super().setUp()
        for name in FLAGS:
            self.environment.pop(name, None)
        self.cache = self.folder / "cache"
        self.environment["XDG_CACHE_HOME"] = str(self.cache)

    def write_kernel(self, folder, name, second=42):
        folder.mkdir(parents=True)
        (folder / "kernel.c").write_text(KERNEL.replace("NAME", name), encoding="ascii")
        (folder / "first.c").write_text(VARIANT % ("first", 42), encoding="ascii")
        (folder / "second.c").write_text(VARIANT % ("second", second), encoding="ascii")
        return folder

    def write_tool(self, name, script):
        path = self.folder / name
        path.write_text(script, encoding="ascii")
        path.chmod(0o755)
        return path


class New(OwnCode):
    def made(self, folder):
        return sorted(entry.name for entry in folder.iterdir())

    def test_files(self):
        result = self.run_well("new", "dot")
        self.assertEqual(self.made(self.folder / "dot"), ["README.md", "baseline.c", "candidate.c", "case.yaml", "kernel.c",
                                                          "kernel.h"])
        self.assertIn("next: countersign run ./dot --quick\n", result.stdout)
        (self.folder / "home").mkdir()
        self.run_well("new", "bare", "--kernel-only", "--cxx", "--dir", self.folder / "home")
        self.assertEqual(self.made(self.folder / "home"), ["bare"])
        self.assertEqual(self.made(self.folder / "home" / "bare"), ["kernel.cpp"])
        for path in (self.folder / "dot").iterdir():
            self.assertNotIn("@NAME@", path.read_text(encoding="utf-8"))

    def test_every_case_is_copied_with_its_kernel(self):
        for case in sorted((SOURCE / "cases").glob("*/*/case.yaml")):
            kernel = re.search(r"(?m)^kernel: (\S+)", case.read_text(encoding="utf-8")).group(1)
            sources, = (path for path in (SOURCE / "kernels").glob(f"*/{kernel}/kernel.*") if path.suffix in (".c", ".cpp"))
            self.run_well("new", "--from", case.parent.name, "own", "--quiet")
            own = self.folder / "own"
            expected = {path.name for folder in (case.parent, sources.parent) for path in folder.iterdir()}
            shared = {name for path in sources.parent.glob("*.[ch]*")
                      for name in re.findall(r'(?m)^#include "\.\./(.*)"', path.read_text(encoding="utf-8"))}
            expected |= shared
            with self.subTest(case=case.parent.name):
                self.assertEqual(set(self.made(own)), expected)
                self.assertRegex((own / "case.yaml").read_text(encoding="utf-8"), r"(?m)^kernel: own$")
                for path in own.glob("*.[ch]*"):
                    self.assertNotIn('#include "../', path.read_text(encoding="utf-8"))
                self.assertRegex((own / sources.name).read_text(encoding="utf-8"), r'(CS_KERNEL\(|\.name = )"own"')
                self.assertNotIn(f"<!-- table: {case.parent.name} -->", (own / "README.md").read_text(encoding="utf-8"))
            shutil.rmtree(own)

    def test_a_copy_runs_at_once(self):
        self.assertEqual(self.run_well("new", "--from", "placebo").stdout,
                         "./my-placebo\nnext: countersign run ./my-placebo --quick\n")
        run = self.run_json("./my-placebo", "--quick", *SHORT)
        self.assertEqual({(comparison["case"], comparison["kernel"]) for comparison in run["comparisons"]},
                         {("my-placebo", "my-placebo")})
        self.run_well("new", "--from", "./my-placebo/", "again", "--quiet")  # of one's own, with the kernel beside it
        self.assertEqual(self.made(self.folder / "again"), self.made(self.folder / "my-placebo"))
        self.assertIn("run ./again`", (self.folder / "again" / "README.md").read_text(encoding="utf-8"))

    def test_copies_that_are_refused(self):
        before = self.made(self.folder)
        for words, part in ((["--from", "placebx"], "did you mean placebo"), (["--from", "placebo", "a", "b"], "got 2"),
                            (["--from", "placebo", "--cxx"], "--cxx is for the template"),
                            (["--from", "placebo", "--kernel-only", "x"], "--kernel-only is for the template")):
            self.assert_refused("new", *words, parts=[part])
        write_case(self.folder / "alone", "title: t\nkernel: nowhere\n")
        self.assert_refused("new", "--from", "./alone", parts=["nowhere has no sources"])
        self.assertEqual(self.made(self.folder), sorted(before + ["alone"]))

    def test_permissions_follow_the_umask(self):
        self.run_well("new", "dot", prepare=lambda: os.umask(0o027))
        self.assertEqual(stat.S_IMODE((self.folder / "dot").stat().st_mode), 0o750)
        self.assertEqual(stat.S_IMODE((self.folder / "dot" / "kernel.c").stat().st_mode), 0o640)

    def test_refused_names(self):
        before = self.made(self.folder)
        for name in ("", "Dot", "a b", "a/b", "..", ".", "_x", "é", "x" * 64, "a.c"):
            with self.subTest(name=name):
                self.assert_refused("new", name, parts=["expected a name"])
        self.assert_refused("new", parts=["expected one name, got 0"])
        self.assert_refused("new", "a", "b", parts=["expected one name, got 2"])
        self.assertEqual(self.made(self.folder), before)

    def test_existing_is_left_alone(self):
        (self.folder / "file").write_text("mine", encoding="ascii")
        (self.folder / "empty").mkdir()
        (self.folder / "link").symlink_to("nowhere")
        before = self.made(self.folder)
        for name in ("file", "empty", "link"):
            self.assert_refused("new", name, parts=[f"{name} is there already"])
        self.assertEqual((self.folder / "file").read_text(encoding="ascii"), "mine")
        self.assertEqual(self.made(self.folder / "empty"), [])
        self.assertEqual(self.made(self.folder), before)

    def test_unwritable_places(self):
        self.assert_refused("new", "dot", "--dir", self.folder / "nowhere", parts=["nowhere", "No such file"])
        (self.folder / "file").write_text("", encoding="ascii")
        self.assert_refused("new", "dot", "--dir", self.folder / "file", parts=["Not a directory"])
        command = as_nobody([PROGRAM, "new", "dot"])
        self.folder.chmod(0o555)  # also where one is nobody already, whose folder it is
        self.addCleanup(self.folder.chmod, 0o755)
        if command:
            self.assert_refused(command=command, parts=["cannot make a folder in .: Permission denied"])

    def test_full_disk_leaves_nothing(self):
        """Half a template is none."""
        before = self.made(self.folder)

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        self.assert_refused("new", "dot", prepare=limit, parts=["kernel.c: File too large"])
        self.assertEqual(self.made(self.folder), before)


class Templates(OwnCode):
    """What `new` makes is measured as it is."""

    def measured(self, *options):
        self.run_well("new", "dot", *options)
        run = self.run_json("./dot", *SHORT, "--no-counters", "--quick")
        comparison, = run["comparisons"]
        self.assertEqual((comparison["case"], comparison["kernel"]), ("dot", "dot"))
        self.assertEqual((comparison["baseline"], comparison["candidate"]), ("baseline", "candidate"))
        self.assertEqual(comparison["verified"], "checked")
        self.assertNotEqual(comparison["verdict"], "invalid")
        self.assertFalse(comparison["identical_code"])
        layouts = {replicate["layout"] for replicate in run["measurements"][0]["replicates"]}
        self.assertEqual(len(layouts), len(run["measurements"][0]["replicates"]), layouts)
        return run

    def test_c(self):
        run = self.measured()
        self.assertEqual(run["comparisons"][0]["point"]["n"]["value"], 1024)
        self.assertEqual(run["measurements"][0]["build"]["flags"], f"-std=gnu17 -O3 -g -march=native {AS_A_PROGRAM}")

    def test_cxx(self):
        run = self.measured("--cxx")
        self.assertEqual(run["measurements"][0]["build"]["flags"], f"-std=gnu++20 -O3 -g -march=native {AS_A_PROGRAM}")

    def test_kernel_only(self):
        for language in ([], ["--cxx"]):
            run = self.measured("--kernel-only", *language)
            self.assertEqual(run["comparisons"][0]["point"], {})
            self.assertEqual(run["comparisons"][0]["target"]["speedup"], 1.25)
            for path in (self.folder / "dot").iterdir():
                path.unlink()
            (self.folder / "dot").rmdir()

    def test_without_warnings(self):
        self.environment.update(CFLAGS="-O2 -Wall -Wextra -Werror", CXXFLAGS="-O2 -Wall -Wextra -Werror "
                                "-Wno-missing-field-initializers")
        for name, language in (("c", []), ("cxx", ["--cxx"])):
            self.run_well("new", name, *language)
            self.run_well("run", f"./{name}", *SHORT, "--no-counters", "--quick")

    def test_portable(self):
        """Compiled where it is asked for, or simulated."""
        self.run_well("new", "dot")
        self.run_well("run", "./dot", *SHORT, "--quick")
        self.assertEqual([len(list(self.cache.rglob(f"dot.{build}.so"))) for build in ("native", "portable")], [1, 0])
        run = self.run_json("./dot", *SHORT, "--no-counters", "--quick", "--build", "portable")
        self.assertNotIn("native", run["measurements"][0]["build"]["flags"])
        self.assertEqual(run["measurements"][0]["build"]["kind"], "portable")


LAMBDAS = """#include <algorithm>
#include <countersign.hpp>
#include <numeric>
#include <stdexcept>
#include <vector>
using numbers = std::vector<uint32_t>;
static constexpr auto setup = [](countersign::point point) {
    numbers made(100);
    auto random = point.random();
    for (auto &value : made)
        value = random.below(1000);
    return made;
};
COUNTERSIGN_EXPORT(countersign::pair("own", setup, %s))
"""
SUM = "[](const numbers &all) { return std::accumulate(all.begin(), all.end(), uint64_t{0}); }"


class Lambdas(OwnCode):
    """Kernels by countersign.hpp."""

    def setUp(self):
        super().setUp()
        self.environment["CXXFLAGS"] = "-O0"  # quickly compiled

    def test_documented_example(self):
        block, = re.findall(r"(?ms)^```cpp\n(COUNTERSIGN_EXPORT.*?)^```", (SOURCE / "docs/YOUR-CODE.md").read_text(encoding="utf-8"))
        header = (SOURCE / "harness/include/countersign.hpp").read_text(encoding="utf-8")
        for line in block.splitlines():
            self.assertIn(f" *     {line}\n", header)
        (self.folder / "sum").mkdir()
        (self.folder / "sum/kernel.cpp").write_text("#include <countersign.hpp>\n#include <numeric>\n#include <vector>\n" + block,
                                                    encoding="utf-8")
        comparison, = self.run_json("./sum", *SHORT, "--no-counters")["comparisons"]
        self.assertEqual(comparison["verified"], "yes")

    def write_lambdas(self, described, *replaced):
        text = LAMBDAS % described
        for old, new in replaced:
            self.assertIn(old, text)
            text = text.replace(old, new)
        (self.folder / "own").mkdir(exist_ok=True)
        (self.folder / "own/kernel.cpp").write_text(text, encoding="ascii")

    def assert_concluded(self, described, *replaced, **reasons):
        """Candidates are invalid for these reasons, and the others are not."""
        self.write_lambdas(described, *replaced)
        run = self.run_json("./own", *SHORT, "--no-counters", status=3 if reasons else 0)
        for comparison in run["comparisons"]:
            reason = reasons.pop(comparison["candidate"], None)
            self.assertEqual(comparison["verdict"] == "invalid", reason is not None, comparison["reason"])
            self.assertIn(reason or "", comparison["reason"])
        self.assertEqual(reasons, {})
        return [comparison["candidate"] for comparison in run["comparisons"]]

    def test_what_is_returned_is_the_answer(self):
        names = self.assert_concluded(
            f"{SUM}, [](numbers &all) {{ uint64_t sum = 0; for (auto x : all) sum += x; return sum; }})"
            '.names("old", "new").candidate("wrong", [](const numbers &all) { return uint64_t{7} + all[0]; })'
            '.candidate("thrown", [](const numbers &all) -> uint64_t { return all.at(100); }',
            wrong="wrong answer from wrong: answer[0]: got ", thrown="an uncaught C++ exception, std::out_of_range")
        self.assertEqual(names, ["new", "wrong", "thrown"])

    def test_answers_of_many_numbers(self):
        double = "[](const numbers &all) { auto two = all; for (auto &x : two) x *= 2; %s }"
        self.assert_concluded(f"{double % 'return two;'}, {double % 'two[3]++; return two;'}",
                              candidate="wrong answer from candidate: answer[3]: got ")
        self.assert_concluded(f"{double % 'return std::pair(all[0], two);'}, {double % 'return std::pair(all[0], two);'})"
                              f'.candidate("other", {double % "two[9]++; return std::pair(all[0], two);"}',
                              other="wrong answer from other: answer[9]: got ")

    def test_what_runs_change_is_made_anew(self):
        """One pass of a bubble sort: on what the pass before has left, the second gives another answer."""
        once = ("[](numbers &all) { %s for (size_t i = 1; i < all.size(); i++) "
                "if (all[i] < all[i - 1]) std::swap(all[i], all[i - 1]); }")
        described = (f"{once % ''}, {once % ''}).answer([](numbers &all) -> auto & {{ return all; }})"
                     f'.candidate("other", {once % "all[0] = 3;"}')
        self.assert_concluded(described, other="wrong answer from other: answer[")
        self.assert_concluded(f"{described}).reset([](numbers &) {{}}", other="wrong answer from other: answer[",
                              candidate="wrong answer from")

    def test_checks(self):
        self.assert_concluded(f"{SUM}, {SUM}).check([](const numbers &all, uint64_t sum) {{ return sum >= all[0]; }}")
        self.assert_concluded(f"{SUM}, {SUM}).check([](const numbers &, uint64_t sum) {{ return sum == 1; }}",
                              candidate="check[0]: got refused, expected accepted")

    def test_setups_that_fail(self):
        self.assert_concluded(f"{SUM}, {SUM}", ("numbers made(100);", "numbers made(100); if (point.seed()) throw "
                                                                   'std::runtime_error("no such data");'),
                              candidate="setup: no such data")
        self.assert_concluded("[](std::unique_ptr<numbers> &all) { return all->size(); }, "
                              "[](std::unique_ptr<numbers> &all) { return all->size(); }",
                              ("return made;", "return std::make_unique<numbers>(made);"),
                              ("#include <numeric>", "#include <memory>\n#include <numeric>"),
                              candidate="cannot be copied back: say .reset()")

    def test_mistakes_are_told_by_the_compiler(self):
        for described, words in ((f"{SUM}, [](const numbers &all) {{ return all[0]; }}", "must return what the baseline returns"),
                                 (f"{SUM}, {SUM}).answer([](numbers &all) -> auto & {{ return all; }}", "would be a second one"),
                                 ("[](const numbers &all) { return &all; }, [](const numbers &all) { return &all; }",
                                  "an answer is a number, an array of numbers")):
            self.write_lambdas(described)
            result = self.run_program("run", "./own", *SHORT)
            self.assertEqual(result.returncode, 2)
            self.assertIn(words, result.stderr)


class Folders(OwnCode):
    QUICK = [*SHORT, "--no-counters"]

    def test_names_of_a_folder(self):
        self.write_kernel(self.folder / "one", "one")
        for name in ("./one", "one/", str(self.folder / "one"), "./one/../one"):
            run = self.run_json(name, *self.QUICK)
            self.assertEqual([comparison["case"] for comparison in run["comparisons"]], ["one"])
        run = self.run_json(".", *self.QUICK, cwd=self.folder / "one")
        self.assertEqual(len(run["comparisons"]), 1)

    def test_compiler_and_flags_are_the_users(self):
        folder = self.write_kernel(self.folder / "one", "one")
        log = self.folder / "log"
        self.environment.update(CC=str(self.write_tool("tool", f'#!/bin/sh\necho "$@" >>{log}\nexec cc "$@"\n')) + " -pipe",
                                CFLAGS="-O1 -DONE='\"a b\"'", LDFLAGS="-Wl,-O1")
        run = self.run_json(folder, *self.QUICK)
        self.assertEqual(run["measurements"][0]["build"]["flags"], f"-pipe -std=gnu17 -O1 '-DONE=\"a b\"' {AS_A_PROGRAM} -Wl,-O1")
        told = log.read_text(encoding="utf-8").splitlines()
        self.assertTrue(all(line.startswith("-pipe ") for line in told), told)
        self.assertTrue(any("-shared" in line and "-Wl,-O1" in line for line in told))
        log.unlink()
        self.run_json(folder, *self.QUICK)
        self.assertNotIn(" -c ", log.read_text(encoding="utf-8"), "compiled again what was there")

    def assert_compiler_complains(self, *parts):
        result = self.run_program("run", "./one", *self.QUICK)
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        lines = result.stderr.splitlines()
        self.assertTrue(lines[0].startswith("countersign: cannot "), result.stderr)
        self.assertEqual(sum(line.startswith("countersign: ") for line in lines), 1)
        for part in parts:
            self.assertIn(part, result.stderr)
        self.assertFalse(self.results.exists())
        self.assert_tidy()

    def test_errors_of_the_compiler(self):
        folder = self.write_kernel(self.folder / "one", "one")
        (folder / "second.c").write_text("void run_second(void *state) {\n    oops\n}\n", encoding="ascii")
        self.assert_compiler_complains("cannot compile", "second.c:2:", "error:", "oops")
        (folder / "second.c").write_text("", encoding="ascii")
        self.assert_compiler_complains("cannot link", "run_second")
        (folder / "kernel.cmake").write_text("set(KERNEL_PACKAGES no-such-package)\n", encoding="ascii")
        self.assert_compiler_complains("no-such-package")

    def test_warnings_are_shown(self):
        folder = self.write_kernel(self.folder / "one", "one")
        (folder / "first.c").write_text("#warning careful\n" + VARIANT % ("first", 42), encoding="ascii")
        result = self.run_program("run", "./one", *self.QUICK)
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stderr.count("[-W"), 1, result.stderr)

    def test_tools_that_are_not_there(self):
        self.write_kernel(self.folder / "one", "one")
        self.environment["CC"] = "no-such-compiler"
        self.assert_refused("run", "./one", parts=["no-such-compiler", "CC"])
        self.environment["CC"] = "'gcc"
        self.assert_refused("run", "./one", parts=["CC: a quote is not closed"])
        del self.environment["CC"]
        self.environment["XDG_CACHE_HOME"] = "/proc/nowhere"
        self.assert_refused("run", "./one", parts=["XDG_CACHE_HOME"])
        del self.environment["XDG_CACHE_HOME"], self.environment["HOME"]
        self.assert_refused("run", "./one", parts=["HOME is not set"])

    def test_file_of_needs(self):
        folder = self.write_kernel(self.folder / "one", "one")
        (folder / "kernel.cmake").write_text("# none\nfind_package(ZLIB)\n", encoding="ascii")
        self.assert_refused("run", folder, parts=["kernel.cmake:2:", "KERNEL_PACKAGES"])
        (folder / "kernel.cmake").write_text("# threads\nset(KERNEL_OPENMP ON)\n", encoding="ascii")
        self.assertIn("-fopenmp", self.run_json(folder, *self.QUICK)["measurements"][0]["build"]["flags"])

    def test_wrong_answer(self):
        self.write_kernel(self.folder / "one", "one", second=43)
        comparison, = self.run_json("./one", *self.QUICK, status=3)["comparisons"]
        self.assertEqual(comparison["verdict"], "invalid")
        self.assertIn("43", comparison["reason"])

    def test_case_over_a_kernel_beside_it(self):
        self.write_kernel(self.folder / "all" / "one", "one")
        write_case(self.folder / "all" / "other", "title: Other\nkernel: one\nbaseline: second\n")
        comparison, = self.run_json("./all/other", *self.QUICK)["comparisons"]
        self.assertEqual((comparison["case"], comparison["kernel"], comparison["baseline"]), ("other", "one", "second"))
        cases = [comparison["case"] for comparison in self.run_json("./all/", *self.QUICK)["comparisons"]]
        self.assertEqual(cases, ["one", "other"])

    def test_case_of_another_kernel(self):
        folder = self.write_kernel(self.folder / "one", "one")
        write_case(folder, "title: One\nkernel: two\n")
        self.assert_refused("run", "./one", parts=["case.yaml:2:", "two", "one"])

    def test_same_name_twice(self):
        self.write_kernel(self.folder / "a" / "one", "one")
        self.write_kernel(self.folder / "b" / "one", "one")
        self.assert_refused("run", "./a/one", "./b/one", parts=["./a/one", "./b/one", "both named one"])

    def test_module(self):
        folder = self.write_kernel(self.folder / "one", "one")
        self.run_json(folder, *self.QUICK)
        module, = self.cache.glob("countersign/one-*/*/one.native.so")
        (self.folder / "mine.so").write_bytes(module.read_bytes())
        run = self.run_json("./mine.so", *self.QUICK)
        self.assertEqual([comparison["case"] for comparison in run["comparisons"]], ["one"])

    def test_nothing_to_measure(self):
        (self.folder / "empty" / "deeper").mkdir(parents=True)
        self.assert_refused("run", "./empty", parts=["./empty: expected kernel.c, kernel.cpp or case.yaml"])
        self.assert_refused("run", "./nowhere", parts=["./nowhere: No such file"])
        (self.folder / "file").write_text("", encoding="ascii")
        self.assert_refused("run", "./file", parts=["./file"])

    def test_interrupted_compiler(self):
        """No compiler outlives the program, and nothing half-made is taken for whole by the next run."""
        self.write_kernel(self.folder / "one", "one")
        mark = self.folder / "compiles"
        self.environment["CC"] = str(self.write_tool(
            "tool", f'#!/bin/sh\ncase "$*" in *" -c "*) echo $$ >{mark}.part; mv {mark}.part {mark}; sleep 1000;; esac\n'
            'exec cc "$@"\n'))
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.start("run", "./one", *self.QUICK)
            wait_until(mark.exists, "the compiler runs")
            compiler = pathlib.Path("/proc", mark.read_text(encoding="ascii").strip())
            mark.unlink()
            process.send_signal(number)
            self.assert_error(self.finish(process), 128 + number, "interrupted")
            wait_until(lambda: not compiler.exists(), "the compiler ended")
        del self.environment["CC"]
        self.run_json("./one", *self.QUICK)


if __name__ == "__main__":
    main()
