/* The files: how they are parsed and changed. */
#define _GNU_SOURCE /* renameat2 */
#include "config-cached.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_SIZE 2048

/* Names are compared, as a parser does that knows which settings there are. */
static int parse_line(const char *line, struct config *config) {
    unsigned key, value;
    if (strncmp(line, "limit.", 6) == 0 && sscanf(line + 6, "%u = %u", &key, &value) == 2 && key < KEYS)
        config->values[key] = value;
    else if (sscanf(line, "version = %u", &config->version) != 1)
        return -EINVAL;
    return 0;
}

static int parse_text(char *text, struct config *config) {
    char *rest = NULL;
    int status = 0;
    for (char *line = strtok_r(text, "\n", &rest); line && status == 0; line = strtok_r(NULL, "\n", &rest))
        status = *line == '#' ? 0 : parse_line(line, config);
    return status;
}

int parse_config(struct configs *configs, uint32_t tenant, struct config *config) {
    char text[FILE_SIZE];
    int descriptor = open(configs->paths[tenant], O_RDONLY | O_CLOEXEC);
    ssize_t size = descriptor < 0 ? -1 : read(descriptor, text, sizeof text - 1);
    int status = size < 0 ? -errno : 0;
    if (descriptor >= 0)
        close(descriptor);
    if (status == 0) {
        text[size] = '\0';
        status = parse_text(text, config);
    }
    configs->parses++;
    if (status)
        configs->error = status;
    return status;
}

/* The old file becomes the one that is written next. Where files cannot change places, the new one takes the other's. */
static int change_places(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE) == 0 || rename(from, to) == 0 ? 0
                                                                                                  : -errno;
}

void change_file(struct configs *configs, uint32_t tenant) {
    char text[FILE_SIZE];
    int length = snprintf(text, sizeof text, "# settings of tenant %u\nversion = %u\n", tenant,
                          ++configs->versions[tenant]);
    for (unsigned key = 0; key < KEYS; key++)
        length += snprintf(text + length, sizeof text - (size_t)length, "limit.%u = %u\n", key,
                           configs->values[tenant][key]);
    int descriptor = open(configs->changed, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int status = descriptor < 0 ? -errno : 0;
    if (status == 0 &&
        (write(descriptor, text, (size_t)length) != length || ftruncate(descriptor, length) < 0))
        status = errno ? -errno : -EIO;
    if (descriptor >= 0)
        close(descriptor);
    if (status == 0)
        status = change_places(configs->changed, configs->paths[tenant]);
    if (status)
        configs->error = status;
}
