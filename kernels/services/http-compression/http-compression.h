/* What the variants of `http-compression` share: files that are asked for over one connection, encoded or plain. */
#ifndef HTTP_COMPRESSION_H
#define HTTP_COMPRESSION_H

#include "../http.h"

#define FILES 8

/** What a file holds; the choices of a parameter in this order. */
enum content { CONTENT_TEXT, CONTENT_RANDOM };

/** What the headers of the last answer said. */
struct encoding {
    int gzip, chunked;
};

/** Addresses and a client, a variant's each. */
struct source {
    struct http_url urls[FILES];
    struct http_client client;
    struct encoding encoding;
};

struct responses {
    const char *scratch; /**< where the files are */
    uint64_t seed;
    enum content content;
    size_t bytes;      /**< of a file */
    uint32_t count;    /**< requests of a run */
    size_t next, pool; /**< request that comes next, of `pool`: a run's more each run, and round again */
    uint32_t *asked;   /**< `pool` numbers of files */
    uint8_t *answers;  /**< `count` files of the last run, one after the other */
    char *expected;    /**< a file that `check` draws again */
    struct source plain, gzip, precompressed;
    uint64_t received, inflated, connects;
    int error; /**< 0, or -EIO since a request was not answered, until the next reset */
};

/** The bytes of file `number`: records of JSON, or random ones. */
void draw_file(uint64_t seed, uint32_t number, enum content content, char *text, size_t bytes);

/** A client for answers of files below `folder`, "" or with a slash at its end; as http_open. */
int open_source(const struct cs_env *env, struct responses *responses, struct source *source,
                const char *folder);

/** Tells how the answers are encoded, as a variant's evidence. */
void tell_encoding(const struct responses *responses, struct source *source, char *text, size_t size);

/** A run: each file asked for by this client, and left whole in memory. */
static inline void request_all(struct responses *responses, struct source *source) {
    struct http_client *client = &source->client;
    const uint32_t *asked = responses->asked + cs_window(&responses->next, responses->count, responses->pool);
    for (uint32_t i = 0; i < responses->count; i++) {
        curl_off_t received = 0;
        long connects = 0;
        client->body = (char *)responses->answers + i * responses->bytes;
        if (http_get(client, source->urls[asked[i]].text) || client->length != responses->bytes)
            responses->error = -EIO;
        curl_easy_getinfo(client->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
        curl_easy_getinfo(client->easy, CURLINFO_NUM_CONNECTS, &connects);
        responses->received += (uint64_t)received;
        responses->inflated += source->encoding.gzip ? client->length : 0;
        responses->connects += (uint64_t)connects;
    }
}

void run_plain(void *state);
int prepare_plain(const struct cs_env *env, void *state);
void release_plain(void *state);
void evidence_plain(void *state, char *text, size_t size);
void run_gzip(void *state);
int prepare_gzip(const struct cs_env *env, void *state);
void release_gzip(void *state);
void evidence_gzip(void *state, char *text, size_t size);
void run_precompressed(void *state);
int prepare_precompressed(const struct cs_env *env, void *state);
void release_precompressed(void *state);
void evidence_precompressed(void *state, char *text, size_t size);

#endif
