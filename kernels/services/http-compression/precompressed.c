/* Compressed once, beforehand and as well as zlib can; nginx serves that file, libcurl inflates it. */
#include "http-compression.h"

#include <zlib.h>

#define WINDOW_GZIP (15 + 16) /* the largest window, and gzip's header and checksum */
#define MEMORY 9

void run_precompressed(void *state) {
    struct responses *responses = state;
    request_all(responses, &responses->precompressed);
}

/* The file of that number as a file of gzip beside it. `text` and `packed` are room for the one and the other. */
static int compress_file(const struct cs_env *env, const struct responses *responses, uint32_t number,
                         char *text, uint8_t *packed, size_t room) {
    z_stream stream = {0};
    draw_file(responses->seed, number, responses->content, text, responses->bytes);
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, WINDOW_GZIP, MEMORY, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        return cs_fail(env, ENOMEM, "deflateInit2");
    stream.next_in = (Bytef *)text;
    stream.avail_in = (uInt)responses->bytes;
    stream.next_out = packed;
    stream.avail_out = (uInt)room;
    int whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    size_t length = stream.total_out;
    deflateEnd(&stream);
    return whole ? http_write(env, number, ".gz", packed, length) : cs_fail(env, EIO, "deflate");
}

int prepare_precompressed(const struct cs_env *env, void *state) {
    struct responses *responses = state;
    size_t room = 2 * responses->bytes + 256; /* what does not compress grows by some bytes a block */
    char *text = cs_array(env, "file", responses->bytes, char);
    uint8_t *packed = cs_array(env, "compressed file", room, uint8_t);
    int status = 0;
    for (uint32_t i = 0; i < FILES && status == 0; i++)
        status = compress_file(env, responses, i, text, packed, room);
    cs_free(env, packed);
    cs_free(env, text);
    if (status == 0)
        status = open_source(env, responses, &responses->precompressed, "made/");
    if (status == 0)
        curl_easy_setopt(responses->precompressed.client.easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    else
        http_remove(responses->scratch, FILES, ".gz");
    return status;
}

void release_precompressed(void *state) {
    struct responses *responses = state;
    http_close(&responses->precompressed.client);
    http_remove(responses->scratch, FILES, ".gz");
}

void evidence_precompressed(void *state, char *text, size_t size) {
    struct responses *responses = state;
    tell_encoding(responses, &responses->precompressed, text, size);
}
