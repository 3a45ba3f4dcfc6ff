/* Result files, of runs and calibrations: reading, all that `verify` and `show` do with them, and writing. */
#include "fuzz_file.h"

#include "conclude/comparison.h"
#include "report/calibration.h"
#include "report/report.h"
#include "store/calibration.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct run run;
    static struct calibration calibration;
    struct problem problem;
    bool is_calibration = false;
    const char *path = fuzz_file_open(data, size);
    if (result_load(&run, &calibration, &is_calibration, path, &problem) == 0 && !is_calibration) {
        run_verify(&run, found, sizeof found / sizeof *found);
        print_run(&run);
    }
    run_clear(&run);
    calibration_clear(&calibration);
    fuzz_file_close(path);
    return 0;
}
