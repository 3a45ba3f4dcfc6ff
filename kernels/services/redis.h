/* What the kernels of this group share: a Redis of their own, its keys, and values whose sum a formula tells. */
#ifndef SERVICES_REDIS_H
#define SERVICES_REDIS_H

#include <countersign.h>
#include <hiredis.h>
#include <string.h>

/** In memory alone, at its socket and at a TCP port: "0" for none. */
#define REDIS_SERVICE_AT(tcp_port)                                                                           \
    {                                                                                                        \
        .name = "redis", .program = "redis-server", .arguments = (const char *const[]) {                     \
            "--port", tcp_port, "--bind", "127.0.0.1", "--unixsocket", "{socket}", "--dir", "{folder}",      \
                "--save", "", "--appendonly", "no", "--daemonize", "no", NULL                                \
        }                                                                                                    \
    }
#define REDIS_SERVICE REDIS_SERVICE_AT("0")

/** How a client reaches it; the choices of a parameter in this order. */
enum redis_transport { REDIS_UNIX, REDIS_TCP };
#define REDIS_TRANSPORT                                                                                      \
    {                                                                                                        \
        .name = "transport", .choices = (const char *const[]){"unix", "tcp", NULL},                          \
        .summary = "a Unix socket, or TCP over loopback"                                                     \
    }

#define REDIS_KEY 18 /* bytes of a key, its end not included */

/** The key of value `number`, in the space of names that `space` begins. */
struct redis_key {
    char text[REDIS_KEY + 1];
};

static inline struct redis_key redis_key(char space, uint64_t seed, uint32_t number) {
    struct redis_key key;
    snprintf(key.text, sizeof key.text, "%c%08x:%08x", space, (unsigned)(uint32_t)seed, (unsigned)number);
    return key;
}

/** Word i of value `number` is its first one and i times an odd number: a wrong or missing word shows in the sum. */
static inline uint64_t redis_first_word(uint64_t seed, uint32_t number) {
    return (seed ^ number) * UINT64_C(0x9e3779b97f4a7c15) + 1;
}
#define REDIS_STEP UINT64_C(0xd1342543de82ef95)

static inline void redis_make_value(uint64_t *words, uint32_t count, uint64_t seed, uint32_t number) {
    for (uint32_t i = 0; i < count; i++)
        words[i] = redis_first_word(seed, number) + i * REDIS_STEP;
}

/** What its words add up to, by the formula of a series. */
static inline uint64_t redis_expected_sum(uint32_t count, uint64_t seed, uint32_t number) {
    return count * redis_first_word(seed, number) + (uint64_t)count * (count - 1) / 2 * REDIS_STEP;
}

/** A connection that may have failed. hiredis turns Nagle's algorithm off at TCP. */
static inline redisContext *redis_connect(enum redis_transport transport, const char *path, int port) {
    return transport == REDIS_TCP ? redisConnect("127.0.0.1", port) : redisConnectUnix(path);
}

/** A connection, or NULL with the reason at env, for setup and prepare. */
static inline redisContext *redis_open_by(const struct cs_env *env, enum redis_transport transport) {
    redisContext *context = redis_connect(transport, env->service[0], env->port[0]);
    if (context && !context->err)
        return context;
    cs_fail(env, ECONNREFUSED, "cannot connect to Redis: %s", context ? context->errstr : "no memory");
    if (context)
        redisFree(context);
    return NULL;
}

static inline redisContext *redis_open(const struct cs_env *env) {
    return redis_open_by(env, REDIS_UNIX);
}

/** Adds a command to those that are sent together by the next that waits for a reply. 0 or -EIO. */
static inline int redis_add(redisContext *context, int count, const char **arguments, const size_t *lengths) {
    return redisAppendCommandArgv(context, count, arguments, lengths) == REDIS_OK ? 0 : -EIO;
}

static inline int redis_add_get(redisContext *context, const struct redis_key *key) {
    return redis_add(context, 2, (const char *[]){"GET", key->text}, (const size_t[]){3, REDIS_KEY});
}

static inline int redis_add_set(redisContext *context, const struct redis_key *key, const uint64_t *words,
                                uint32_t count) {
    return redis_add(context, 3, (const char *[]){"SET", key->text, (const char *)words},
                     (const size_t[]){3, REDIS_KEY, count * sizeof *words});
}

/** The next reply, which freeReplyObject frees; NULL where the connection broke. */
static inline redisReply *redis_next(redisContext *context) {
    void *reply = NULL;
    return redisGetReply(context, &reply) == REDIS_OK ? (redisReply *)reply : NULL;
}

/** Whether a reply is a value of so many words. */
static inline int redis_is_value(const redisReply *reply, uint32_t words) {
    return reply && reply->type == REDIS_REPLY_STRING && (size_t)reply->len == words * sizeof(uint64_t);
}

/** The words of a value added up; *error becomes -EIO where the reply is none. */
static inline uint64_t redis_sum(const redisReply *reply, uint32_t words, int *error) {
    uint64_t sum = 0, word;
    if (!redis_is_value(reply, words)) {
        *error = -EIO;
        return 0;
    }
    for (uint32_t i = 0; i < words; i++) {
        memcpy(&word, reply->str + i * sizeof word, sizeof word);
        sum += word;
    }
    return sum;
}

/** Asks for one value and waits for it; its sum. */
static inline uint64_t redis_get_sum(redisContext *context, const struct redis_key *key, uint32_t words,
                                     int *error) {
    redisReply *reply = redis_add_get(context, key) ? NULL : redis_next(context);
    uint64_t sum = redis_sum(reply, words, error);
    freeReplyObject(reply);
    return sum;
}

/** Waits for `count` replies to commands that change something. 0, or -EIO where one was refused. */
static inline int redis_expect(redisContext *context, uint32_t count) {
    int status = 0;
    for (uint32_t i = 0; i < count; i++) {
        redisReply *reply = redis_next(context);
        if (!reply || reply->type == REDIS_REPLY_ERROR)
            status = -EIO;
        freeReplyObject(reply);
    }
    return status;
}

/** Stores values 0 to count - 1, of `words` words, 64 a round trip. 0, or -EIO with the reason at env. For setup. */
static inline int redis_fill(const struct cs_env *env, redisContext *context, char space, uint32_t count,
                             uint32_t words) {
    uint64_t *value = cs_array(env, "value", words, uint64_t);
    int status = 0;
    for (uint32_t first = 0, sent = 0; status == 0 && first < count; first += sent) {
        for (sent = 0; status == 0 && sent < 64 && first + sent < count; sent++) {
            struct redis_key key = redis_key(space, env->seed, first + sent);
            redis_make_value(value, words, env->seed, first + sent);
            status = redis_add_set(context, &key, value, words);
        }
        if (status == 0)
            status = redis_expect(context, sent);
    }
    cs_free(env, value);
    return status ? cs_fail(env, EIO, "cannot fill Redis: %s", context->err ? context->errstr : "refused")
                  : 0;
}

#endif
