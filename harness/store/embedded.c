#include "store/embedded.h"

#include <errno.h>
#include <limits.h>
#include <nettle/base64.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define GZIP (15 + 16) /* window bits, and a gzip header */

static int compress_document(const char *document, size_t length, uint8_t **bytes, size_t *size) {
    z_stream stream = {.next_in = (Bytef *)document, .avail_in = (uInt)length};
    if (length > UINT_MAX / 2 ||
        deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP, 9, Z_DEFAULT_STRATEGY))
        return -ENOMEM;
    *size = deflateBound(&stream, length);
    *bytes = malloc(*size);
    stream.next_out = *bytes;
    stream.avail_out = (uInt)*size;
    int status = *bytes ? deflate(&stream, Z_FINISH) : Z_MEM_ERROR;
    *size = stream.total_out;
    deflateEnd(&stream);
    return status == Z_STREAM_END ? 0 : -ENOMEM;
}

int embedded_encode(const char *document, size_t length, char **base64) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    *base64 = NULL;
    int status = compress_document(document, length, &bytes, &size);
    if (status == 0 && !(*base64 = calloc(1, BASE64_ENCODE_RAW_LENGTH(size) + 1)))
        status = -ENOMEM;
    if (status == 0)
        base64_encode_raw(*base64, size, bytes);
    free(bytes);
    return status;
}

/* Start of an element's base64 text at or behind `from`; NULL at the end. */
static const char *next_result(const char *from, const char *end) {
    const char *start = memmem(from, (size_t)(end - from), EMBEDDED_START, strlen(EMBEDDED_START));
    const char *text = start ? strstr(start, EMBEDDED_START_END) : NULL;
    return text ? text + strlen(EMBEDDED_START_END) : NULL;
}

size_t embedded_count(const char *page, size_t length) {
    size_t count = 0;
    for (const char *text = page; (text = next_result(text, page + length));)
        count++;
    return count;
}

int embedded_decode(const char *page, size_t length, size_t number, const char *path, void **bytes,
                    size_t *size, struct problem *problem) {
    const char *text = page;
    for (size_t i = 0; i < number && text; i++)
        text = next_result(text, page + length);
    *bytes = NULL;
    if (!text)
        return problem_set(problem, ENOENT, "%s: there is no result in it", path);
    const char *end = strstr(text, EMBEDDED_END);
    size_t written = end ? (size_t)(end - text) : 0;
    struct base64_decode_ctx context;
    base64_decode_init(&context);
    *size = BASE64_DECODE_LENGTH(written);
    *bytes = malloc(*size + 1);
    if (!*bytes)
        return problem_set(problem, ENOMEM, "%s: out of memory", path);
    if (end && base64_decode_update(&context, size, *bytes, written, text) && base64_decode_final(&context))
        return 0;
    free(*bytes);
    *bytes = NULL;
    return problem_set(problem, EINVAL, "%s: the result in the page is damaged or cut short", path);
}
