/* http-compression: files of an nginx over one kept connection, plain, compressed when asked for, or beforehand. */
#include "http-compression.h"

#include <strings.h>

#define LEAST_POOL 1024 /* requests before the first comes again */

/*
 * Level 1 is nginx's default. The client that does not say that it could inflate is served the file as it is. Below
 * /made/ are the same files, of which one whose name ends with .gz is served in place of its neighbour.
 */
#define GZIP                                                                                                 \
    "    gzip on;\n    gzip_comp_level 1;\n    gzip_types *;\n"                                              \
    "    location /made/ { alias {scratch}/; gzip_static on; }\n"

void draw_file(uint64_t seed, uint32_t number, enum content content, char *text, size_t bytes) {
    static const char *const words[] = {"amber", "brass", "cedar", "delta", "ember", "flint",
                                        "grain", "hazel", "ivory", "jade",  "kelp",  "linden",
                                        "maple", "north", "onyx",  "pearl"};
    struct cs_random random = cs_random_seed(seed ^ ((number + UINT64_C(1)) << 32));
    for (size_t at = 0; at < bytes;) {
        char piece[128];
        size_t length = sizeof(uint64_t);
        uint64_t drawn = cs_random_u64(&random);
        if (content == CONTENT_RANDOM)
            memcpy(piece, &drawn, length);
        else
            length = (size_t)snprintf(
                piece, sizeof piece, "{\"id\":%u,\"name\":\"%s %s\",\"price\":%u.%02u,\"stock\":%u}\n",
                (unsigned)(drawn >> 40), words[drawn & 15], words[drawn >> 4 & 15],
                (unsigned)(drawn >> 8 & 255), (unsigned)(drawn >> 16 & 63), (unsigned)(drawn >> 24 & 1023));
        length = length < bytes - at ? length : bytes - at;
        memcpy(text + at, piece, length);
        at += length;
    }
}

/* One line of the headers of an answer, of which the first is its status. */
static size_t take_header(char *line, size_t size, size_t count, void *to) {
    static const char gzip[] = "Content-Encoding: gzip", chunked[] = "Transfer-Encoding: chunked";
    struct encoding *encoding = to;
    size_t length = size * count;
    if (length > 5 && memcmp(line, "HTTP/", 5) == 0)
        *encoding = (struct encoding){0};
    encoding->gzip |= length >= sizeof gzip - 1 && strncasecmp(line, gzip, sizeof gzip - 1) == 0;
    encoding->chunked |= length >= sizeof chunked - 1 && strncasecmp(line, chunked, sizeof chunked - 1) == 0;
    return length;
}

int open_source(const struct cs_env *env, struct responses *responses, struct source *source,
                const char *folder) {
    int status = http_open(env, &source->client, responses->bytes, HTTP_TCP);
    if (status)
        return status;
    for (uint32_t i = 0; i < FILES; i++)
        http_address(env, &source->urls[i], HTTP_TCP, folder, i);
    curl_easy_setopt(source->client.easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(source->client.easy, CURLOPT_HEADERDATA, &source->encoding);
    return 0;
}

void tell_encoding(const struct responses *responses, struct source *source, char *text, size_t size) {
    source->client.body = (char *)responses->answers;
    if (http_get(&source->client, source->urls[0].text))
        snprintf(text, size, "no answer\n");
    else
        snprintf(text, size, "content: %s, length: %s\n", source->encoding.gzip ? "gzip" : "plain",
                 source->encoding.chunked ? "not known beforehand" : "said beforehand");
}

static void teardown(void *state) {
    http_remove(((struct responses *)state)->scratch, FILES, "");
    curl_global_cleanup();
}

static int setup(const struct cs_env *env, void *state) {
    struct responses *responses = state;
    struct cs_random random = cs_random_seed(env->seed);
    responses->seed = env->seed;
    responses->scratch = env->scratch;
    responses->content = (enum content)cs_value(env, "content");
    responses->bytes = cs_size(env, "bytes");
    responses->count = (uint32_t)cs_value(env, "requests");
    responses->pool = cs_windows(env, &responses->next, LEAST_POOL, responses->count);
    responses->asked = cs_array(env, "requests", responses->pool, uint32_t);
    responses->answers = cs_answer(env, "body", responses->count * responses->bytes, uint8_t);
    responses->expected = cs_array(env, "file", responses->bytes, char);
    for (size_t i = 0; i < responses->pool; i++)
        responses->asked[i] = cs_random_below(&random, FILES);
    cs_work(env, responses->count, (double)responses->count * (double)responses->bytes);
    cs_count(env, "body-bytes", &responses->received);
    cs_count(env, "inflated-bytes", &responses->inflated);
    cs_count(env, "connects", &responses->connects);
    cs_run_error(env, &responses->error);
    int status =
        curl_global_init(CURL_GLOBAL_NOTHING) == CURLE_OK ? 0 : cs_fail(env, EIO, "curl_global_init");
    for (uint32_t i = 0; i < FILES && status == 0; i++) {
        draw_file(env->seed, i, responses->content, responses->expected, responses->bytes);
        status = http_write(env, i, "", responses->expected, responses->bytes);
    }
    if (status)
        teardown(state);
    return status;
}

/* No server, no file and no zlib: the bytes are drawn again. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    const struct responses *responses = state;
    const uint32_t *asked =
        responses->asked + cs_last_window(responses->next, responses->count, responses->pool);
    for (uint32_t i = 0; i < responses->count; i++) {
        draw_file(responses->seed, asked[i], responses->content, responses->expected, responses->bytes);
        for (size_t at = i * responses->bytes, j = 0; j < responses->bytes; j++)
            cs_expect(mismatch, "body", at + j, responses->answers[at + j], (uint8_t)responses->expected[j]);
    }
    return 0;
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL("http-compression", "request", "get files from nginx, compressed or plain"),
    .parameters = {CS_NUMBER("bytes", "bytes", 32, 1 << 22, 16384, "of a file"),
                   CS_CHOICE("content", CONTENT_TEXT, "of a file: records of JSON, or random bytes", "text",
                             "random"),
                   CS_NUMBER("requests", "requests", 1, 16, 2, "of a run")},
    .variants = {CS_VARIANT("plain", run_plain, "the file as it is", .flags = CS_IO, .prepare = prepare_plain,
                            .release = release_plain, .evidence = evidence_plain),
                 CS_VARIANT("gzip", run_gzip, "compressed by nginx when asked for", .flags = CS_IO,
                            .prepare = prepare_gzip, .release = release_gzip, .evidence = evidence_gzip),
                 CS_VARIANT("precompressed", run_precompressed, "compressed beforehand", .flags = CS_IO,
                            .prepare = prepare_precompressed, .release = release_precompressed,
                            .evidence = evidence_precompressed)},
    .counters = {CS_COUNTER("body-bytes", "byte"), CS_COUNTER("inflated-bytes", "byte"),
                 CS_COUNTER("connects", "connection")},
    CS_STATE(struct responses, setup),
    .check = check,
    .teardown = teardown,
    .scale = "requests",
    .services = {HTTP_SERVICE(GZIP)},
};
