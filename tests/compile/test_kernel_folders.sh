#!/usr/bin/env bash
# The build finds kernels by folder: one that is no kernel stops it with a reason; a kernel in C++ is built as one in C is.
#   test_kernel_folders.sh BUILD
set -euo pipefail
source_folder=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(kernels LANGUAGES C CXX)
set(CMAKE_CXX_STANDARD 20)
set(COUNTERSIGN_WERROR ON)
set(COUNTERSIGN_KERNEL_DIRECTORY \${PROJECT_BINARY_DIR}/kernels)
include($source_folder/cmake/Kernels.cmake)
countersign_add_kernels(\${PROJECT_SOURCE_DIR}/kernels)
END

# refused WHAT WORDS: configuring fails and says so.
refused() {
  if cmake -G Ninja -S "$folder" -B "$folder/build" >"$folder/log" 2>&1; then
    echo "$1 was not refused"
    exit 1
  fi
  tr -s ' \n' ' ' <"$folder/log" | grep -q "$2" || { cat "$folder/log" && exit 1; }
  rm -rf "$folder/build"
}

mkdir -p "$folder/kernels/empty"
refused "a folder without kernel.c" "kernels/empty is not a kernel: it has no kernel.c or kernel.cpp"
rmdir "$folder/kernels/empty"
touch "$folder/kernels/notes.txt"
refused "a file among the kernels" "notes.txt is not a kernel: kernels/ holds folders only"
rm "$folder/kernels/notes.txt"

mkdir "$folder/kernels/twice"
cat >"$folder/kernels/twice/kernel.cpp" <<'END'
#include <countersign.h>
#include <vector>

struct state {
    std::vector<uint32_t> input, output;
};

static void run_loop(void *data) {
    auto *state = static_cast<struct state *>(data);
    for (size_t i = 0; i < state->input.size(); i++)
        state->output[i] = state->input[i] * 2;
}

static int setup(const struct cs_env *env, void *data) {
    auto *state = new (data) struct state;
    cs_random random = cs_random_seed(env->seed);
    for (int64_t i = 0; i < env->value[0]; i++)
        state->input.push_back(uint32_t(cs_random_u64(&random)));
    state->output.resize(state->input.size());
    return 0;
}

static int outputs(void *data, size_t, struct cs_output *outputs, size_t *count) {
    auto *state = static_cast<struct state *>(data);
    outputs[0] = {.name = "twice", .data = state->output.data(), .count = state->output.size(), .type = CS_U32};
    *count = 1;
    return 0;
}

static void work(const void *data, struct cs_work *work) {
    work->items = double(static_cast<const struct state *>(data)->input.size());
}

static void teardown(void *data) {
    static_cast<struct state *>(data)->~state();
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "twice",
    .summary = "doubles numbers",
    .item = "number",
    .parameters = {{.name = "n", .unit = "numbers", .min = 1, .max = 1000, .def = 100}},
    .variants = {{.name = "loop", .run = run_loop}, {.name = "again", .run = run_loop}},
    .state_size = sizeof(struct state),
    .setup = setup,
    .outputs = outputs,
    .work = work,
    .teardown = teardown,
};
END
cmake -G Ninja -S "$folder" -B "$folder/build" >"$folder/log" 2>&1 && cmake --build "$folder/build" >>"$folder/log" 2>&1 ||
  { cat "$folder/log" && exit 1; }
[ "$(find "$folder/build/kernels" -name '*.so' -o -name recipe | wc -l)" -eq 4 ] || { find "$folder/build/kernels" && exit 1; }

mkdir -p "$folder/cases/double"
printf 'title: Twice\nkernel: twice\nsweep: {n: 100}\n' >"$folder/cases/double/case.yaml"
COUNTERSIGN_KERNELS=$folder/build/kernels "$1/bin/countersign" run "$folder/cases/double" --budget 0.02 --replicates 2 \
  --output "$folder/result.json" >"$folder/log" 2>&1 || { cat "$folder/log" && exit 1; }
grep -q 'doubles\|double: Twice' "$folder/log"
