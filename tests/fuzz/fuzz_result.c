/* Result files, of runs, calibrations and loads: reading, all that `verify` and `show` do with them, and writing. */
#include "fuzz_file.h"

#include "conclude/comparison.h"
#include "conclude/load.h"
#include "report/calibration.h"
#include "report/load.h"
#include "report/report.h"
#include "store/result_file.h"

#include <string.h>

static struct disagreement found[8];

static void print_run(const struct run *run) {
    static const struct report_style style = {.unicode = true, .width = 100};
    static const struct report_filter all;
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        abort();
    report_table(run, &(struct report_extent){0}, &style, stream);
    report_table(run, &(struct report_extent){.tables = true, .notes = true}, &style, stream);
    report_markdown(run, stream);
    report_csv(run, stream);
    report_details(run, &all, &style, stream);
    fclose(stream);
    if (size && memchr(text, '\033', size))
        abort(); /* whatever the file says, it does not steer the terminal */
    free(text);
}

static void print_load(const struct load *load) {
    static const struct report_style style = {.unicode = true, .width = 100};
    char *text = NULL, first[256];
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        abort();
    load_verify(load, first, sizeof first);
    report_load(load, &style, stream);
    report_load_markdown(load, stream);
    fclose(stream);
    if (size && memchr(text, '\033', size))
        abort();
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct result_file file;
    struct problem problem;
    const char *path = fuzz_file_open(data, size);
    int status = result_file_load(&file, path, &problem);
    if (status == 0 && file.kind == RESULT_LOAD)
        print_load(&file.load);
    else if (status == 0 && file.kind == RESULT_RUN) {
        run_verify(&file.run, found, sizeof found / sizeof *found);
        print_run(&file.run);
    }
    result_file_clear(&file);
    fuzz_file_close(path);
    return 0;
}
