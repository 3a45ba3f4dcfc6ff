#!/usr/bin/python3 -B
"""`profile -- COMMAND`: programs as they are, with symbols and without, and all that they start."""
import json
import pathlib
import shlex
import shutil
import signal
import subprocess
import unittest

from program import SANITIZED, ProgramTest, main, processes_below, wait_until

QUICK = ["--seconds", "0.05"]
needs_valgrind = unittest.skipUnless(shutil.which("valgrind") and not SANITIZED, "no valgrind, or a sanitized build")
needs_perf = unittest.skipUnless(shutil.which("perf"), "perf is not installed")
needs_compiler = unittest.skipUnless(shutil.which("cc"), "no compiler")

WORK = """
__attribute__((noinline)) static unsigned NAME(unsigned n) {
    unsigned s = 0;
    for (unsigned i = 0; i < n; i++) { s = s * 31 + i; __asm__ volatile("" : "+r"(s)); }
    return s;
}
"""
PARENT = WORK.replace("NAME", "parent_work")
ALONE = PARENT + "int main(int argc, char **argv) { (void)argv; parent_work(1000000); return argc - 1; }\n"
FORKS = "#include <sys/wait.h>\n#include <unistd.h>\n" + PARENT + WORK.replace("NAME", "child_work") + """
int main(void) {
    parent_work(1000000);
    if (fork() == 0) { child_work(500000); _exit(0); }
    wait(0);
    return 0;
}
"""
THREADS = "#include <pthread.h>\n" + PARENT + """
static void *run(void *none) { parent_work(200000); return none; }
int main(void) {
    pthread_t other;
    pthread_create(&other, 0, run, 0);
    run(0);
    pthread_join(other, 0);
    return 0;
}
"""
MISSES = """
struct line { struct line *next; char rest[56]; };
static struct line lines[1 << 15];
int main(void) {
    unsigned n = sizeof lines / sizeof *lines;
    for (unsigned i = 0; i < n; i++) lines[i].next = &lines[(i + 12345) % n];
    struct line *at = lines;
    for (unsigned i = 0; i < 8 * n; i++) at = at->next;
    return at == 0;
}
"""


def name_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text(encoding="utf-8")
    except OSError:  # it has ended
        return ""


def without_perf(reason):
    """What is said of Valgrind; behind it stands what perf, which would do as well, lacks on this machine."""
    return reason.split("; perf is not installed")[0]


@needs_compiler
class Commands(ProgramTest):
    def compile(self, name, source, *flags):
        (self.folder / f"{name}.c").write_text(source, encoding="utf-8")
        subprocess.run(["cc", "-g", "-O1", *flags, f"{name}.c", "-o", name, "-pthread"], cwd=self.folder, check=True)
        return f"./{name}"

    def profile(self, *arguments, status=0):
        """The profile and its one variant."""
        result = self.run_well("profile", *QUICK, "--format", "json", *arguments, status=status)
        profile = json.loads(result.stdout)
        self.assertEqual(profile["schema"], "countersign.profile/1")
        variant, = profile["variants"]
        return profile, variant

    @staticmethod
    def functions(variant):
        return {place["function"]: place for place in variant["functions"]}

    @needs_valgrind
    def test_lines_and_counts_of_a_program(self):
        """A loop of five instructions, a million times; the loader does the rest."""
        profile, variant = self.profile(self.compile("alone", ALONE))
        self.assertEqual((profile["command"], profile["module"], profile["item"], profile["items"]),
                         ("./alone", "./alone", "run", 1))
        self.assertEqual(variant["variant"], "alone")
        self.assertEqual(variant["source"], "sim")
        self.assertEqual(variant["notes"], ["one process: it started no other"])
        self.assertEqual(variant["functions"][0]["function"], "parent_work")
        self.assertGreater(variant["functions"][0]["share"], 0.5)
        self.assertGreater(variant["functions"][0]["instructions"], 3e6)
        self.assertTrue(variant["lines"][0]["file"].endswith("/alone.c"))
        self.assertIn("for (unsigned i = 0", variant["lines"][0]["text"])
        evidence = variant["evidence"]
        self.assertGreaterEqual(evidence["instructions"]["value"], variant["functions"][0]["instructions"])
        self.assertGreater(evidence["time_ns"], 0)
        self.assertGreater(evidence["working_set_bytes"], 0)
        self.assertEqual(evidence["uncounted"], "")
        self.assertIsNone(evidence["other_load_share"])

    @needs_valgrind
    def test_misses_of_a_program(self):
        """Lines that lie 12345 apart in 2 MiB: a miss each time, in eight walks and when they are linked."""
        _, variant = self.profile(self.compile("misses", MISSES))
        self.assertAlmostEqual(variant["evidence"]["l1d_misses"]["value"] / (9 * 2**15), 1, delta=0.1)
        self.assertGreater(variant["evidence"]["working_set_bytes"], 2**21)

    @needs_valgrind
    def test_words_and_input_reach_the_command(self):
        program = self.compile("alone", ALONE)
        _, variant = self.profile("--", program, "-x", status=3)
        self.assertRegex(variant["invalid"], r"\Ait ended with exit status 1 \(--ignore-failure lets it\)\Z")
        profile, variant = self.profile("--ignore-failure", "--", program, "--", "two words", status=0)
        self.assertEqual(shlex.split(profile["command"]), [program, "--", "two words"])
        self.assertEqual(variant["invalid"], "")
        self.assertEqual(variant["source"], "sim")
        (self.folder / "input").write_text("yes\n", encoding="utf-8")
        read = ["sh", "-c", "read word && test \"$word\" = yes"]
        self.assertEqual(self.profile("--input", "input", "--", *read)[1]["invalid"], "")
        self.assertIn("exit status 1", self.profile("--", *read, status=3)[1]["invalid"])

    def test_exit_status_must_stay_the_same(self):
        _, variant = self.profile("--ignore-failure", "--", "sh", "-c", "test -e there; was=$?; : > there; exit $was",
                                  status=3)
        self.assertEqual(variant["invalid"], "it ended with exit status 0, and the time before with 1")

    @needs_valgrind
    def test_forked_children_are_followed(self):
        _, variant = self.profile(self.compile("forks", FORKS))
        functions = self.functions(variant)
        self.assertEqual(variant["notes"][0], "2 processes, all of them timed and simulated: forks")
        self.assertAlmostEqual(functions["parent_work"]["instructions"] / functions["child_work"]["instructions"], 2,
                               delta=0.01)
        self.assertEqual(variant["evidence"]["threads"], 1)

    @needs_valgrind
    def test_programs_that_it_starts_are_followed(self):
        program = self.compile("alone", ALONE)
        _, variant = self.profile("--", "sh", "-c", f"{program}; {program}; true")
        self.assertEqual(variant["notes"][0], "3 processes, all of them timed and simulated: alone, sh")
        _, single = self.profile(program)
        self.assertAlmostEqual(self.functions(variant)["parent_work"]["instructions"] /
                               self.functions(single)["parent_work"]["instructions"], 2, delta=0.01)

    @needs_valgrind
    def test_too_many_processes(self):
        _, variant = self.profile("--with", "callgrind", "--", "sh", "-c",
                                  "i=0; while [ $i -lt 70 ]; do (:); i=$((i+1)); done")
        self.assertEqual(variant["source"], "none")
        self.assertIn("it started more than 63 processes; profile one of them", variant["reason"])

    @needs_valgrind
    def test_threads_have_places_and_no_bound_by_counts(self):
        _, variant = self.profile(self.compile("threads", THREADS))
        self.assertEqual(variant["evidence"]["threads"], 2)
        self.assertIn("2 threads: Callgrind runs one at a time", variant["evidence"]["uncounted"])
        self.assertIsNone(variant["evidence"]["l1d_misses"]["value"])
        self.assertIn("parent_work", self.functions(variant))
        self.assertIn(variant["judgement"]["bound"], {"not clear", "waiting", "system calls"})

    @needs_valgrind
    def test_stripped(self):
        self.compile("alone", ALONE, "-s")
        result = self.run_well("profile", "./alone", *QUICK)
        self.assertRegex(result.stdout, r"(?m)^ +\d+ %  \(alone\) ")
        self.assertRegex(" ".join(result.stdout.split()),
                         r"→ \d\d % of it is in files without symbols \(stripped\), which stand in parentheses; build")
        self.assertNotIn("0x", result.stdout)

    @needs_valgrind
    def test_no_debug_data(self):
        self.compile("alone", ALONE, "-g0", "-static")
        result = self.run_well("profile", "./alone", *QUICK)
        self.assertIn("parent_work", result.stdout)

    @needs_valgrind
    def test_static(self):
        _, variant = self.profile(self.compile("alone", ALONE, "-static"))
        self.assertEqual(variant["functions"][0]["function"], "parent_work")

    def without_library(self):
        """A program of 32 bits that needs no library to be linked; skips where that cannot be made."""
        (self.folder / "small.s").write_text(
            ".globl _start\n_start:\n mov $1000000, %ecx\nspin:\n dec %ecx\n jnz spin\n"
            " mov $1, %eax\n xor %ebx, %ebx\n int $0x80\n", encoding="utf-8")
        command = ["cc", "-m32", "-g", "-nostdlib", "-static", "small.s", "-o", "small"]
        if subprocess.run(command, cwd=self.folder, capture_output=True).returncode:
            self.skipTest("no programs of 32 bits can be made here")
        try:
            subprocess.run([self.folder / "small"], check=True)
        except (OSError, subprocess.CalledProcessError):
            self.skipTest("no programs of 32 bits run here")
        return "./small"

    @needs_valgrind
    def test_32_bits(self):
        """Two instructions, a million times; and where this Valgrind has no part for them, it is said."""
        program = self.without_library()
        libraries = pathlib.Path("/usr/libexec/valgrind")
        if (libraries / "callgrind-x86-linux").exists():
            _, variant = self.profile(program)
            self.assertAlmostEqual(variant["evidence"]["instructions"]["value"], 2e6, delta=2e4)
        if not libraries.exists():
            self.skipTest("Valgrind's parts are elsewhere")
        (self.folder / "parts").mkdir()
        for part in libraries.iterdir():
            if "x86-linux" not in part.name:
                (self.folder / "parts" / part.name).symlink_to(part)
        self.environment["VALGRIND_LIB"] = str(self.folder / "parts")
        _, variant = self.profile("--with", "callgrind", program)
        self.assertEqual(variant["source"], "none")
        self.assertIn("failed to start tool 'callgrind' for platform 'x86-linux'", variant["reason"])

    @needs_valgrind
    def test_a_script_is_its_interpreter(self):
        script = self.folder / "script"
        script.write_text("#!/bin/sh -e\n:\n", encoding="utf-8")
        script.chmod(0o755)
        _, variant = self.profile("--", "./script")
        self.assertIn("a script: its functions are those of /bin/sh -e, which runs it", variant["notes"])
        self.assertEqual(self.profile("./script")[0]["command"], "./script")

    @needs_valgrind
    def test_what_takes_too_long_to_simulate(self):
        program = self.compile("long", ALONE.replace("1000000", "400000000"))
        _, variant = self.profile("--with", "callgrind", "--simulation-budget", "1", program)
        self.assertRegex(variant["reason"], r"\Asimulating it (would take about \d+ s, and|takes longer than 1 s)")
        self.assertIn("--simulation-budget", variant["reason"])
        self.assertEqual(variant["judgement"]["bound"], "not clear")
        self.assertEqual(variant["evidence"]["uncounted"], without_perf(variant["reason"]))

    @needs_valgrind
    def test_other_under_valgrind(self):
        """LD_PRELOAD tells a program that it is there; Valgrind adds to it."""
        _, variant = self.profile("--with", "callgrind", "--", "sh", "-c", 'test -z "$LD_PRELOAD"')
        self.assertEqual(without_perf(variant["reason"]), "under Valgrind: it ended with exit status 1 (--ignore-failure lets it)")
        _, variant = self.profile("--with", "callgrind", "--ignore-failure", "--", "sh", "-c",
                                  'test -z "$LD_PRELOAD"')
        self.assertEqual(without_perf(variant["reason"]),
                         "under Valgrind: it ended with exit status 1, and without Valgrind with 0")

    @needs_valgrind
    @unittest.skipUnless("sha_ni" in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"), "no SHA instructions")
    def test_an_instruction_that_valgrind_does_not_know(self):
        source = 'int main(void) { __asm__ volatile("sha256rnds2 %%xmm0, %%xmm1, %%xmm2" ::: "xmm2"); }'
        _, variant = self.profile("--with", "callgrind", self.compile("sha", source, "-msha"))
        if variant["source"] == "sim":
            self.skipTest("this Valgrind knows it")
        self.assertIn("under Valgrind: Valgrind does not know an instruction of it", variant["reason"])

    @needs_perf
    def test_samples(self):
        program = self.compile("long", ALONE.replace("1000000", "100000000"))
        _, variant = self.profile("--with", "perf", "--", "sh", "-c", f"{program}; true")
        if variant["source"] == "none":
            self.skipTest(variant["reason"])
        self.assertIn(variant["source"], ("hw", "sw"))
        self.assertGreater(self.functions(variant)["parent_work"]["share"], 0.5)
        self.assertIn("it and all processes that it started were timed and sampled", variant["notes"])

    def test_limits(self):
        _, variant = self.profile("--time-limit", "0.2", "--", "sleep", "60", status=3)
        self.assertEqual(variant["invalid"], "it took longer than 0.2 s (--time-limit)")
        _, variant = self.profile("--memory-limit", "16M", "--", "python3", "-c", "x = bytearray(10**8); input()",
                                  status=3)
        self.assertIn("--memory-limit", variant["invalid"])
        _, variant = self.profile("--", "sh", "-c", "kill -SEGV $$", status=3)
        self.assertIn("SIGSEGV", variant["invalid"])
        self.assert_tidy()

    def test_interrupted(self):
        process = self.start("profile", "--time-limit", "600", "--", "sh", "-c", "sleep 100; sleep 500")
        wait_until(lambda: any(name_of(pid) == "sleep\n" for pid in processes_below(self.folder)), "it sleeps")
        process.send_signal(signal.SIGINT)
        result = self.finish(process)
        self.assertEqual(result.returncode, 128 + signal.SIGINT)
        self.assertIn("interrupted; nothing was profiled", result.stderr)
        self.assert_tidy()


@needs_compiler
class Refused(ProgramTest):
    def test_arguments(self):
        self.assert_refused("profile", "--", parts=["expected a command behind --"])
        self.assert_refused("profile", "aos-vs-soa", "--", "ls", parts=["got 'aos-vs-soa' as well"])
        self.assert_refused("profile", "--where", "n=1", "--", "ls", parts=["--where", "a command has none"])
        self.assert_refused("profile", "aos-vs-soa", "--ignore-failure", parts=["--ignore-failure", "commands"])
        self.assert_refused("profile", "--input", "none", "--", "cat", parts=["--input: none: No such file"])
        self.assert_refused("profile", "--input", ".", "--", "cat", parts=["--input: .: expected a file"])
        self.assert_refused("profile", "/bin/ls", "/", parts=["got '/' too", "behind --"])

    def test_what_is_no_program(self):
        def refused(*words, parts):
            self.assert_refused("profile", "--", *words, parts=parts)
        text = self.folder / "text"
        text.write_text("words\n", encoding="utf-8")
        refused("no-such-program", parts=["no-such-program cannot be run: there is no such program in PATH"])
        refused("./none", parts=["./none cannot be run: No such file"])
        refused(".//", parts=["it is a folder"])
        text.chmod(0o644)
        refused("./text", parts=["chmod +x"])
        text.chmod(0o755)
        refused("./text", parts=["neither an ELF program nor a script"])
        (self.folder / "a.c").write_text("int main(void) { return 0; }\n", encoding="utf-8")
        subprocess.run(["cc", "-c", "a.c", "-o", "object"], cwd=self.folder, check=True)
        (self.folder / "object").chmod(0o755)
        refused("./object", parts=["it is an object file"])
        subprocess.run(["cc", "a.c", "-o", "other"], cwd=self.folder, check=True)
        program = bytearray((self.folder / "other").read_bytes())
        program[18:20] = (243).to_bytes(2, "little")  # e_machine: RISC-V
        (self.folder / "other").write_bytes(program)
        refused("./other", parts=["a program for another machine (RISC-V)"])

    def test_no_tool(self):
        self.environment["PATH"] = str(self.folder)
        for tool, part in (("callgrind", "valgrind is not installed"), ("perf", "perf is not installed")):
            result = self.run_program("profile", "--with", tool, "--", "/bin/true")
            self.assert_error(result, 4, part)


if __name__ == "__main__":
    main()
