/*
 * A server that answers each number with its square, and misbehaves as it is told: server SOCKET WAY. As "slots" it has
 * SLOTS places, at each of which a number takes SLOT_MS, and so answers at most SLOTS / SLOT_MS of them; as "stalling" one, which now
 * and then keeps everybody waiting.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS 64
#define SLOTS 4
#define SLOT_MS 2
#define STALL_EACH 100 /* numbers */
#define STALL_MS 50

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

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* When the number that `client` has sent is through its place, of which the first to be free is taken. */
static double take_slot(double slots[SLOTS], int places, double takes_ms) {
    int first = 0;
    for (int i = 1; i < places; i++)
        first = slots[i] < slots[first] ? i : first;
    double begin = slots[first] > now_ms() ? slots[first] : now_ms();
    return slots[first] = begin + takes_ms;
}

/* Serves for good: numbers wait at their places, and clients for their answers. */
static int serve_slots(struct pollfd *ends, nfds_t count, bool stalls) {
    double slots[SLOTS] = {0}, due[CLIENTS] = {0};
    for (long asked = 0;;) {
        double wait = -1, now;
        for (nfds_t i = 1; i < count; i++)
            if (due[i] > 0 && (wait < 0 || due[i] < wait))
                wait = due[i];
        wait = wait < 0 ? 1e6 : wait - now_ms();
        long long ns = wait > 0 ? (long long)(wait * 1e6) : 0;
        struct timespec patience = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
        if (ppoll(ends, count, &patience, NULL) < 0)
            return 1;
        now = now_ms();
        if (ends[0].revents && count < CLIENTS)
            ends[count++] = (struct pollfd){.fd = accept(ends[0].fd, NULL, NULL), .events = POLLIN};
        for (nfds_t i = count; i-- > 1;) {
            if (ends[i].revents && !due[i]) {
                asked++;
                due[i] = take_slot(slots, stalls ? 1 : SLOTS,
                                   !stalls              ? SLOT_MS
                                   : asked % STALL_EACH ? 0.01
                                                        : STALL_MS);
                ends[i].events = 0;
            }
            if (due[i] > 0 && due[i] <= now) {
                due[i] = 0;
                ends[i].events = POLLIN;
                if (answer(ends[i].fd))
                    continue;
                close(ends[i].fd);
                ends[i] = ends[--count];
                due[i] = due[count];
                due[count] = 0;
            }
        }
    }
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
    if (!strcmp(way, "slots") || !strcmp(way, "stalling"))
        return serve_slots(ends, count, !strcmp(way, "stalling"));
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
