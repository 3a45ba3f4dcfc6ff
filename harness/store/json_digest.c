#include "store/json_file.h"

#include <errno.h>
#include <nettle/sha2.h>

#include <string.h>

static int add_bytes(const char *bytes, size_t size, void *state) {
    sha256_update(state, size, (const uint8_t *)bytes);
    return 0;
}

int json_digest(const json_t *object, char digest[JSON_DIGEST]) {
    static const char digits[] = "0123456789abcdef";
    struct sha256_ctx state;
    uint8_t hash[SHA256_DIGEST_SIZE];
    json_t *members = json_copy((json_t *)object); /* shallow: the values are shared */
    if (!members)
        return -ENOMEM;
    json_object_del(members, "digest");
    sha256_init(&state);
    int error = json_dump_callback(members, add_bytes, &state,
                                   JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(17))
                    ? -ENOMEM
                    : 0;
    json_decref(members);
    sha256_digest(&state, sizeof hash, hash);
    char *to = stpcpy(digest, "sha256:");
    for (size_t i = 0; i < sizeof hash; i++) {
        *to++ = digits[hash[i] >> 4];
        *to++ = digits[hash[i] & 15];
    }
    *to = '\0';
    return error;
}
