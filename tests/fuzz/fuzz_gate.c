/* The expectations file of a gate. */
#include "fuzz_file.h"

#include "store/gate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct gate_file file;
    struct problem problem;
    const char *path = fuzz_file_open(data, size);
    gate_file_load(&file, path, &problem);
    fuzz_file_close(path);
    return 0;
}
