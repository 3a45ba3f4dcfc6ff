#!/usr/bin/env bash
# The build finds kernels by folder: one that is no kernel stops it with a reason; a kernel in C++ is built as one in C is;
# one whose library is missing is left out; what `duel --keep` leaves is a kernel; and the record is what was compiled with.
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
refused "a file among the kernels" "notes.txt is not a kernel: kernels/ holds folders, and headers"
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

# A second kernel, whose library is nowhere, and a third, which a duel leaves.
mkdir "$folder/kernels/lacking"
cp "$folder/kernels/twice/kernel.cpp" "$folder/kernels/lacking/"
echo 'set(KERNEL_LIBRARIES no_such_library)' >"$folder/kernels/lacking/kernel.cmake"
program=$1/bin/countersign
export XDG_CACHE_HOME=$folder/cache COUNTERSIGN_RESULTS=$folder/results
well() { "$@" >"$folder/log" 2>&1 || { cat "$folder/log" && exit 1; }; }
for variant in one two; do
  echo 'float total(const float *a, int n) { float sum = 0; for (int i = 0; i < n; i++) sum += a[i]; return sum; }' \
    >"$folder/$variant.c"
done
well "$program" duel --call 'float total(const float *a, int n)' "$folder/one.c" "$folder/two.c" \
  --keep "$folder/kernels/total" --budget 0.02 --replicates 2 --no-counters --sizes 16

# The environment's flags are neither used nor recorded, whenever they are set.
well env CFLAGS=-fno-tree-vectorize CXXFLAGS=-fno-tree-vectorize cmake -G Ninja -S "$folder" -B "$folder/build"
build() { well env CFLAGS=-O0 CXXFLAGS=-O0 LDFLAGS=-lno_such_library cmake --build "$folder/build" "$@"; }
build
kernels=$folder/build/kernels
[ "$(find "$kernels" -name '*.so' -o -name command | wc -l)" -eq 8 ] || { find "$kernels" && exit 1; }
grep -q 'kernel lacking is left out: .*no_such_library' "$folder/log"

mkdir -p "$folder/cases/double" "$folder/cases/absent"
printf 'title: Twice\nkernel: twice\nsweep: {n: 100}\n' >"$folder/cases/double/case.yaml"
printf 'title: Absent\nkernel: lacking\nsweep: {n: 100}\n' >"$folder/cases/absent/case.yaml"
export COUNTERSIGN_KERNELS=$kernels COUNTERSIGN_CASES=$folder/cases
well "$program" list kernels
grep -q '^  lacking .*left out of the build: .*no_such_library' "$folder/log"
grep -q '^  total ' "$folder/log"
run=(run --budget 0.02 --replicates 2 --no-counters --output "$folder/result.json")
well "$program" "${run[@]}" "$kernels/total.native.so"
well "$program" "${run[@]}"
grep -q 'double: Twice' "$folder/log"
tr -s ' \n' ' ' <"$folder/log" | grep -q 'absent.*no_such_library' || { cat "$folder/log" && exit 1; }
"$program" "${run[@]}" absent >"$folder/log" 2>&1 && exit 1 || [ $? -eq 4 ] || { cat "$folder/log" && exit 1; }
well "$program" "${run[@]}" double --format json
flags="-std=gnu++20 -O3 -g -march=native -fPIC -fvisibility=hidden -fno-semantic-interposition -ftls-model=initial-exec -fno-lto"
grep -q "\"flags\": \"$flags\"" "$folder/log" || { grep flags "$folder/log" && exit 1; }

# One source that is touched is compiled, in both builds; one that is added belongs to the kernel.
objects() { find "$folder/build/kernel-objects" -name '*.o' -path '*/cache/*.o' -not -path '*.link/*' | wc -l; }
before=$(objects)
echo 'extern const int other; const int other = 1;' >>"$folder/kernels/twice/kernel.cpp"
build
[ "$(objects)" -eq $((before + 2)) ]
echo 'extern const int added; const int added = 1;' >"$folder/kernels/twice/added.c"
build
[ "$(objects)" -eq $((before + 4)) ]
[ -e "$kernels/twice.native.link/added.c.o" ]
before=$(stat -c %Y.%y "$kernels/twice.native.so")
build
[ "$(stat -c %Y.%y "$kernels/twice.native.so")" = "$before" ]

# The library has come: the next build takes the kernel.
echo 'set(KERNEL_LIBRARIES m)' >"$folder/kernels/lacking/kernel.cmake"
build
[ -e "$kernels/lacking.native.so" ] && [ ! -e "$kernels/lacking.missing" ]
