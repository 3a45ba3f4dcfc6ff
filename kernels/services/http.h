/* What kernels over HTTP share: an nginx of their own that serves files of the scratch folder, and a client, libcurl. */
#ifndef SERVICES_HTTP_H
#define SERVICES_HTTP_H

#include <countersign.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/**
 * One process, which stays who it is: as root, too, it reads the scratch folder, which is its client's alone, and serves
 * nothing else: its port is open to all of the machine. Its folders are root's then, as a container may have no other
 * user; as anybody else nginx ignores it. It closes no connection before its client does. `more` is a literal, directives
 * of its one virtual server, or "".
 */
#define HTTP_CONFIG(more)                                                                                    \
    "daemon off;\nmaster_process off;\nuser root;\npid {folder}/pid;\nerror_log stderr crit;\n"              \
    "events { worker_connections 256; }\n"                                                                   \
    "http {\n"                                                                                               \
    "  access_log off;\n  default_type application/octet-stream;\n"                                          \
    "  keepalive_requests 1000000000;\n  keepalive_timeout 1h;\n  tcp_nodelay on;\n"                         \
    "  client_body_temp_path {folder}/body;\n  proxy_temp_path {folder}/proxy;\n"                            \
    "  fastcgi_temp_path {folder}/fastcgi;\n  uwsgi_temp_path {folder}/uwsgi;\n"                             \
    "  scgi_temp_path {folder}/scgi;\n"                                                                      \
    "  server { listen unix:{socket}; listen 127.0.0.1:{port}; root {scratch};\n" more " }\n"                \
    "}\n"

#define HTTP_SERVICE(more)                                                                                   \
    {                                                                                                        \
        .name = "nginx", .program = "/usr/sbin/nginx", .arguments = (const char *const[]) {                  \
            "-e", "stderr", "-p", "{folder}", "-c", "{config}" HTTP_CONFIG(more), NULL                       \
        }                                                                                                    \
    }

/** How a client reaches it; the choices of a parameter in this order. */
enum http_transport { HTTP_UNIX, HTTP_TCP };
#define HTTP_TRANSPORT CS_CHOICE("transport", HTTP_UNIX, "a Unix socket, or TCP over loopback", "unix", "tcp")

/** An address: http://, a port and a path. */
struct http_url {
    char text[96];
};

/** The address of file `number`, below `folder`, which is "" or ends with a slash. */
static inline void http_address(const struct cs_env *env, struct http_url *url, enum http_transport transport,
                                const char *folder, uint32_t number) {
    char host[24] = "localhost", own[24] = "";
    if (transport == HTTP_TCP)
        snprintf(host, sizeof host, "127.0.0.1:%u", env->port[0]);
    if (env->client)
        snprintf(own, sizeof own, CS_CLIENT_FOLDER "/", env->client);
    snprintf(url->text, sizeof url->text, "http://%s/%s%s%u", host, own, folder, number);
}

/** Makes file `number` of the scratch folder, whose name ends with `suffix`; 0 or -errno with the reason at env. */
static inline int http_write(const struct cs_env *env, uint32_t number, const char *suffix, const void *data,
                             size_t bytes) {
    char path[4200];
    snprintf(path, sizeof path, "%s/%u%s", env->scratch, number, suffix);
    FILE *file = fopen(path, "we");
    if (!file)
        return cs_fail(env, errno, "cannot make %s: %s; choose another scratch folder", path,
                       strerror(errno));
    int error = fwrite(data, 1, bytes, file) == bytes ? 0 : errno;
    if (fclose(file) && !error)
        error = errno;
    return error ? cs_fail(env, error, "cannot write %s: %s; make room or choose another scratch folder",
                           path, strerror(error))
                 : 0;
}

/** Removes files 0 to `count` - 1 of that suffix, those that are there. */
static inline void http_remove(const char *scratch, uint32_t count, const char *suffix) {
    char path[4200];
    for (uint32_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%u%s", scratch, i, suffix);
        unlink(path);
    }
}

/** A client and what it received last. */
struct http_client {
    CURL *easy;
    char *body;              /**< set before a request: where its answer goes */
    size_t length, capacity; /**< of it; what is more than `capacity` is an error */
};

static inline size_t http_take(char *data, size_t size, size_t count, void *to) {
    struct http_client *client = (struct http_client *)to;
    size_t bytes = size * count;
    if (bytes > client->capacity - client->length)
        return 0;
    memcpy(client->body + client->length, data, bytes);
    client->length += bytes;
    return bytes;
}

/** 0 or -errno with the reason at env. A client of no connection yet, for answers of at most `capacity` bytes. */
static inline int http_open(const struct cs_env *env, struct http_client *client, size_t capacity,
                            enum http_transport transport) {
    client->capacity = capacity;
    client->easy = curl_easy_init();
    if (!client->easy)
        return cs_fail(env, ENOMEM, "curl_easy_init");
    curl_easy_setopt(client->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(client->easy, CURLOPT_PROXY, ""); /* whatever the environment says */
    curl_easy_setopt(client->easy, CURLOPT_WRITEFUNCTION, http_take);
    curl_easy_setopt(client->easy, CURLOPT_WRITEDATA, client);
    if (transport == HTTP_UNIX)
        curl_easy_setopt(client->easy, CURLOPT_UNIX_SOCKET_PATH, env->service[0]);
    return 0;
}

static inline void http_close(struct http_client *client) {
    curl_easy_cleanup(client->easy);
}

/** Asks for a file and waits for it; 0, or -EIO where it was not answered by 200. */
static inline int http_get(struct http_client *client, const char *url) {
    long status = 0;
    client->length = 0;
    curl_easy_setopt(client->easy, CURLOPT_URL, url);
    if (curl_easy_perform(client->easy) != CURLE_OK)
        return -EIO;
    curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &status);
    return status == 200 ? 0 : -EIO;
}

#endif
