/* Prototypes of functions that `duel --call` is given. */
#include "fuzz_file.h"

#include "compile/signature.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct signature signature;
    struct problem problem;
    char *text = strndup((const char *)data, size);
    if (!text)
        abort();
    if (signature_read(&signature, text, &problem) == 0)
        for (size_t i = 0; i < signature.count; i++)
            if (signature_find(&signature, signature.parameters[i].name) < 0 ||
                signature_length_of(&signature, i) >= (int)signature.count)
                abort();
    free(text);
    return 0;
}
