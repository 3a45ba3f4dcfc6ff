#include "host/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Files of /proc have no size to ask for: reads until the end, as much as there is. */
static int read_all(int file, char **text) {
    size_t capacity = 4096, used = 0;
    char *buffer = malloc(capacity);
    while (buffer) {
        ssize_t got = read(file, buffer + used, capacity - used - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            int error = errno;
            free(buffer);
            return -error;
        }
        used += (size_t)got;
        buffer[used] = '\0';
        if (got == 0) {
            *text = buffer;
            return 0;
        }
        if (capacity - used < 2048) {
            char *larger = realloc(buffer, capacity *= 2);
            if (!larger)
                free(buffer);
            buffer = larger;
        }
    }
    return -ENOMEM;
}

int text_file_read(const char *path, char **text) {
    *text = NULL;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return -errno;
    int status = read_all(file, text);
    close(file);
    return status;
}

int text_file_line(const char *path, char *line, size_t size) {
    line[0] = '\0';
    char *text;
    int status = text_file_read(path, &text);
    if (status)
        return status;
    text[strcspn(text, "\n")] = '\0';
    size_t length = strnlen(text, size - 1);
    memcpy(line, text, length);
    line[length] = '\0';
    free(text);
    return 0;
}

double text_file_kib(const char *path, const char *key) {
    char line[256];
    double kib = NAN;
    size_t length = strlen(key);
    FILE *file = fopen(path, "re");
    while (file && isnan(kib) && fgets(line, sizeof line, file))
        if (!strncmp(line, key, length) && sscanf(line + length, " %lf kB", &kib) != 1)
            break;
    if (file)
        fclose(file);
    return kib * 1024;
}
