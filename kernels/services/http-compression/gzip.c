/* nginx compresses each answer when it is asked for; libcurl inflates it. */
#include "http-compression.h"

void run_gzip(void *state) {
    struct responses *responses = state;
    request_all(responses, &responses->gzip);
}

int prepare_gzip(const struct cs_env *env, void *state) {
    struct responses *responses = state;
    int status = open_source(env, responses, &responses->gzip, "");
    if (status == 0)
        curl_easy_setopt(responses->gzip.client.easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    return status;
}

void release_gzip(void *state) {
    http_close(&((struct responses *)state)->gzip.client);
}

void evidence_gzip(void *state, char *text, size_t size) {
    struct responses *responses = state;
    tell_encoding(responses, &responses->gzip, text, size);
}
