/* A server that answers each number with its square, and misbehaves as it is told: server SOCKET WAY. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS 64

static int listen_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    return fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 8) == 0 ? fd
                                                                                                       : -1;
}

static void die(const char *words, int status) {
    fprintf(stderr, "%s\n", words);
    exit(status);
}

/* Whether the client is still there. */
static int answer(int client) {
    uint32_t number;
    if (read(client, &number, sizeof number) != sizeof number)
        return 0;
    number *= number;
    return write(client, &number, sizeof number) == sizeof number;
}

int main(int argc, char **argv) {
    struct pollfd ends[CLIENTS] = {0};
    nfds_t count = 1;
    if (argc != 3)
        return 2;
    const char *way = argv[2];
    long left = !strcmp(way, "lost") ? 12 : INT32_MAX;
    if (!strcmp(way, "rootless") && geteuid() == 0)
        die("refusing to run as root", 1);
    if (!strcmp(way, "never"))
        for (;;)
            pause();
    if (!strcmp(way, "rootless"))
        signal(SIGTERM, SIG_IGN); /* as one that takes its time */
    fclose(fopen("leavings", "w"));
    ends[0] = (struct pollfd){.fd = listen_at(argv[1]), .events = POLLIN};
    if (ends[0].fd < 0)
        die(strerror(errno), 1);
    printf("%s is listening\n", way);
    fflush(stdout);
    while (left > 0) {
        if (poll(ends, count, -1) < 0)
            return 1;
        if (ends[0].revents && count < CLIENTS)
            ends[count++] = (struct pollfd){.fd = accept(ends[0].fd, NULL, NULL), .events = POLLIN};
        for (nfds_t i = count; i-- > 1;)
            if (ends[i].revents && --left >= 0 && !answer(ends[i].fd)) {
                close(ends[i].fd);
                ends[i] = ends[--count];
            }
    }
    die("the disk is on fire", 3);
}
