/* Files of recorded calls: heads and digests of strangers. */
#include "fuzz_file.h"

#include "record/recording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct recording_facts facts;
    struct problem problem;
    const char *path = fuzz_file_open(data, size);
    recording_read(path, &facts, &problem);
    fuzz_file_close(path);
    return 0;
}
