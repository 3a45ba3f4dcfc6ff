/* What the variants of `http-keep-alive` share: files that are asked for, one after the other. */
#ifndef HTTP_KEEP_ALIVE_H
#define HTTP_KEEP_ALIVE_H

#include "../http.h"

struct downloads {
    const char *scratch; /**< where the files are */
    struct http_url *urls;
    uint64_t seed;
    uint32_t words, count; /**< of a file, 8 bytes each; requests of a run */
    size_t next, pool;     /**< request that comes next, of `pool`: a run's more each run, and round again */
    uint32_t *asked;       /**< `pool` numbers of files */
    uint64_t *answers;     /**< sums of the files of the last run */
    enum http_transport transport;
    struct http_client each, kept; /**< a variant's each */
    uint64_t connects;
    int error; /**< 0, or -EIO since a request was not answered, until the next reset */
};

/** A word that is missing or wrong shows in the sum, since word i is the first and i times an odd number. */
static inline uint64_t download_first(uint64_t seed, uint32_t number) {
    return (seed ^ number) * UINT64_C(0x9e3779b97f4a7c15) + 1;
}
#define DOWNLOAD_STEP UINT64_C(0xd1342543de82ef95)

/** A run: each file asked for by this client, and summed up. */
static inline void download(struct downloads *downloads, struct http_client *client) {
    const uint32_t *asked = downloads->asked + cs_window(&downloads->next, downloads->count, downloads->pool);
    for (uint32_t i = 0; i < downloads->count; i++) {
        uint64_t sum = 0, word;
        long connects = 0;
        int status = http_get(client, downloads->urls[asked[i]].text);
        if (status || client->length != downloads->words * sizeof word)
            downloads->error = -EIO;
        for (size_t at = 0; at + sizeof word <= client->length; at += sizeof word) {
            memcpy(&word, client->body + at, sizeof word);
            sum += word;
        }
        downloads->answers[i] = sum;
        curl_easy_getinfo(client->easy, CURLINFO_NUM_CONNECTS, &connects);
        downloads->connects += (uint64_t)connects;
    }
}

/** A client of no connection yet, with room for an answer in an array of this name; as http_open. */
static inline int open_client(const struct cs_env *env, const struct downloads *downloads,
                              struct http_client *client, const char *name) {
    size_t bytes = downloads->words * sizeof(uint64_t);
    client->body = cs_array(env, name, bytes, char);
    return http_open(env, client, bytes, downloads->transport);
}

void run_connect_each(void *state);
int prepare_connect_each(const struct cs_env *env, void *state);
void release_connect_each(void *state);
void run_kept(void *state);
int prepare_kept(const struct cs_env *env, void *state);
void release_kept(void *state);

#endif
