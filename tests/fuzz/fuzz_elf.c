/* Object files and libraries whose machine code is told apart by a hash. */
#include "fuzz_file.h"

#include "compile/code_hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char hash[17];
    uint64_t bytes;
    const char *path = fuzz_file_open(data, size);
    code_hash_library(path, hash, &bytes);
    code_hash_object(path, "entry", 0, hash, &bytes);
    fuzz_file_close(path);
    return 0;
}
