/* The file as it is: the client does not say that it could inflate. */
#include "http-compression.h"

void run_plain(void *state) {
    struct responses *responses = state;
    request_all(responses, &responses->plain);
}

int prepare_plain(const struct cs_env *env, void *state) {
    struct responses *responses = state;
    return open_source(env, responses, &responses->plain, "");
}

void release_plain(void *state) {
    http_close(&((struct responses *)state)->plain.client);
}

void evidence_plain(void *state, char *text, size_t size) {
    struct responses *responses = state;
    tell_encoding(responses, &responses->plain, text, size);
}
