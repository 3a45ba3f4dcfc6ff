/* Callgrind's profile files. */
#include "fuzz_file.h"

#include "counters/callgrind_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = fuzz_file_open(data, size);
    for (int details = 0; details < 2; details++) {
        struct callgrind_profile profile;
        struct problem problem;
        if (callgrind_file_load(&profile, path, details, &problem) == 0)
            callgrind_profile_clear(&profile);
    }
    fuzz_file_close(path);
    return 0;
}
