/* case.yaml, with the checks against a kernel. */
#include "fuzz_file.h"

#include "store/case_file.h"

static void run_nothing(void *state) {
    (void)state;
}

static const char *const orders[] = {"sorted", "random", NULL};

static const struct cs_kernel kernel = {
    CS_KERNEL_HEADER,
    .name = "lookup",
    .summary = "find ids",
    .item = "lookup",
    .parameters = {{.name = "n", .unit = "ids", .min = 1, .max = 65536, .def = 64},
                   {.name = "order", .choices = orders}},
    .variants = {{.name = "linear", .run = run_nothing}, {.name = "hash", .run = run_nothing}},
    .counters = {{.name = "comparisons", .unit = "comparison"}},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct case_file file;
    static char folder[] = "/tmp/fuzz-case-XXXXXX", name[64];
    struct problem problem;
    if (!name[0]) {
        if (!mkdtemp(folder))
            abort();
        snprintf(name, sizeof name, "%s/case.yaml", folder);
    }
    const char *path = fuzz_file_open(data, size);
    unlink(name);
    if (symlink(path, name) != 0)
        abort();
    if (case_file_load(&file, folder, &problem) == 0)
        case_file_check(&file, &kernel, &problem);
    fuzz_file_close(path);
    return 0;
}
