#!/usr/bin/python3
"""The example kernel of docs/CASES.md compiles as it stands, exports its descriptor, and both variants agree."""
import ctypes
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[2]
BLOCK = re.compile(r"^`(kernels/sum/[a-z.]+)`\n\n```c\n(.*?)^```", re.MULTILINE | re.DOTALL)

# Sets the kernel up, runs each variant on a spoiled answer, and asks the kernel's own check.
DRIVER = """
#include <countersign.h>
#include <stdlib.h>
#include <string.h>
static void *allocate(const struct cs_host *host, const char *name, size_t count, size_t size, size_t alignment) {
    (void)host, (void)name;
    return memset(aligned_alloc(alignment, (count * size + alignment) / alignment * alignment), 0, count * size);
}
static struct cs_output answer;
static double items_of_run;
static void add_output(const struct cs_host *host, const struct cs_output *output) {
    (void)host;
    answer = *output;
}
static void set_work(const struct cs_host *host, double items, double bytes, double flops) {
    (void)host, (void)bytes, (void)flops;
    items_of_run = items < 0 ? items_of_run : items;
}
int drive(void) {
    char reason[200] = "";
    void *state = calloc(1, cs_kernel.state_size);
    struct cs_host host = {.size = sizeof host, .allocate = allocate, .add_output = add_output, .set_work = set_work};
    struct cs_env env = {.host = &host, .seed = 7, .value = {4099}, .threads = 1, .reason = reason,
                         .reason_size = sizeof reason};
    if (cs_kernel.setup(&env, state))
        return 1;
    int bad = 0;
    for (size_t variant = 0; cs_kernel.variants[variant].name; variant++) {
        struct cs_mismatch wrong = {0}, right = {0};
        *(double *)answer.data = -1;
        bad |= cs_kernel.check(state, variant, &wrong) || !wrong.output;
        cs_kernel.variants[variant].run(state);
        bad |= cs_kernel.check(state, variant, &right) || right.output;
    }
    return bad || answer.count != 1 || answer.type != CS_F64 || items_of_run != 4099;
}
"""


def main():
    compiler = shutil.which("cc")
    if not compiler:
        print("skip: no C compiler named cc")
        return 77
    files = BLOCK.findall((ROOT / "docs" / "CASES.md").read_text(encoding="utf-8"))
    if sorted(name for name, _ in files) != [f"kernels/sum/{name}" for name in ("four.c", "kernel.c", "one.c", "sum.h")]:
        print(f"docs/CASES.md: the example's files are {[name for name, _ in files]}")
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for path, text in files + [("driver.c", DRIVER)]:
            (folder / pathlib.Path(path).name).write_text(text, encoding="utf-8")
        module = folder / "sum.so"
        subprocess.run([compiler, "-std=gnu17", "-O3", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror", "-fPIC", "-shared",
                        "-I", ROOT / "harness" / "include", "-o", module, *folder.glob("*.c")], check=True)
        result = ctypes.CDLL(str(module)).drive()
    if result:
        print("the example's variants do not pass its own check")
    return result


sys.exit(main())
