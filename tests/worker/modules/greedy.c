/* A kernel whose variants keep what they take, answer by chance, or do what they may not; and some that look
 * alike and are good. */
#include "squares.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Read by nobody; keeps the compiler from removing an allocation. */
static void use(void *memory) {
    __asm__ volatile("" ::"r"(memory) : "memory");
}

static void run_leak(void *state) {
    square(state);
    use(malloc(40));
}

static void run_map(void *state) {
    square(state);
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page != MAP_FAILED)
        page[0] = 1;
}

static void run_open(void *state) {
    square(state);
    if (open("/dev/null", O_RDONLY) < 0)
        ((struct state *)state)->answer[0] = 0;
}

/* Gives back what it takes, in another order. */
static void run_free(void *state) {
    void *pieces[8];
    square(state);
    for (int i = 0; i < 8; i++)
        use(pieces[i] = malloc(1000u << i));
    for (int i = 0; i < 8; i++)
        free(pieces[i ^ 3]);
}

/* A run a sample, and blocks of three sizes, of each of which free() keeps the first seven: calloc() does not
 * take them back. */
static void run_clear(void *state) {
    static unsigned runs;
    square(state);
    void *cleared = calloc(1, 104 + 16 * (runs++ / 7 % 3));
    use(cleared);
    for (volatile int i = 0; i < 1000000; i++)
        ;
    free(cleared);
}

/* Grows at first, and not for long. */
static void run_grow(void *state) {
    static size_t used, capacity;
    static char *log;
    square(state);
    if (used == capacity && capacity < 1u << 20) {
        capacity = capacity ? 2 * capacity : 64;
        log = realloc(log, capacity);
    }
    if (used < capacity)
        log[used++] = 1;
}

static void *do_nothing(void *nothing) {
    return nothing;
}

static void run_join(void *state) {
    pthread_t thread;
    square(state);
    if (pthread_create(&thread, NULL, do_nothing, NULL) == 0)
        pthread_join(thread, NULL);
}

static void run_chance(void *data) {
    struct state *state = data;
    static uint32_t runs;
    square(state);
    state->answer[17] += ++runs;
}

static void run_undefined(void *state) {
    if (is_good(state))
        return;
#if defined(__x86_64__)
    __asm__ volatile("ud2");
#elif defined(__aarch64__)
    __asm__ volatile("udf #0");
#endif
}

static void run_flood(void *state) {
    static char text[65536];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\n';
    square(state);
    while (write(STDERR_FILENO, text, sizeof text) > 0)
        ;
}

/* Beside its folder; a wrong answer tells that it could. */
static void run_escape(void *data) {
    struct state *state = data;
    square(state);
    int fd = open("../escaped", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) {
        close(fd);
        state->answer[0] ^= 1;
    }
}

/* In it; a wrong answer tells that it could not. */
static void run_stay(void *data) {
    struct state *state = data;
    char path[4200];
    square(state);
    snprintf(path, sizeof path, "%s/stayed", getenv("TMPDIR"));
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, "x", 1) != 1 || ftruncate(fd, 0) != 0 || rename(path, "files/moved") != 0 ||
        unlink("files/moved") != 0)
        state->answer[0] ^= 1;
    if (fd >= 0)
        close(fd);
}

const struct cs_kernel cs_kernel = {
    CS_KERNEL_HEADER,
    .name = "greedy",
    .summary = "variants that keep what they take, for tests",
    SQUARES,
    .variants = {{.name = "square", .run = run_square},
                 {.name = "leak", .run = run_leak},
                 {.name = "map", .run = run_map},
                 {.name = "open", .run = run_open},
                 {.name = "free", .run = run_free},
                 {.name = "clear", .run = run_clear},
                 {.name = "grow", .run = run_grow},
                 {.name = "join", .run = run_join},
                 {.name = "chance", .run = run_chance},
                 {.name = "undefined", .run = run_undefined},
                 {.name = "flood", .run = run_flood},
                 {.name = "escape", .run = run_escape},
                 {.name = "stay", .run = run_stay}},
};
