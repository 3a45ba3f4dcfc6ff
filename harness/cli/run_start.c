#include "cli/run_start.h"

#include "base/child.h"
#include "base/find_program.h"
#include "host/clock.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

char *quote_command(int argc, char **argv) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        return NULL;
    fputs("countersign", stream);
    for (int i = 0; i < argc; i++) {
        bool plain =
            argv[i][0] && strspn(argv[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                          "-_./,=:+%@") == strlen(argv[i]);
        fputs(plain ? " " : " '", stream);
        for (const char *c = argv[i]; *c; c++)
            fputs(*c == '\'' ? "'\\''" : (char[]){*c, '\0'}, stream);
        fputs(plain ? "" : "'", stream);
    }
    fclose(stream);
    return text;
}

uint64_t draw_seed(void) {
    uint64_t seed;
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
        seed = monotonic_ns();
    return seed >> 32;
}

#define COMMIT_MS 2000 /* that git may take; a repository is not always near */

static struct {
    FILE *answer; /* NULL: nothing was asked */
    struct child child;
} git;

void commit_anticipate(void) {
    char path[4096];
    if (git.answer || find_program("git", path, sizeof path))
        return;
    /* One command tells the hash and whether files differ, and takes no lock of the user's index. */
    char *const command[] = {path,          "--no-optional-locks", "describe", "--always",
                             "--abbrev=40", "--exclude=*",         "--dirty",  NULL};
    git.answer = child_read(command, &git.child);
}

void take_commit(struct run *run) {
    commit_anticipate();
    if (!git.answer)
        return;
    struct pollfd end = {.fd = fileno(git.answer), .events = POLLIN};
    if (poll(&end, 1, COMMIT_MS) > 0 && fgets(run->commit, sizeof run->commit, git.answer))
        run->commit[strcspn(run->commit, "\n")] = '\0';
    /* It reads files by processes of its own, which would go on while others are timed. */
    kill(-git.child.pid, SIGKILL);
    child_read_end(git.answer, &git.child);
    git.answer = NULL;
}

void start_run(struct run *run, const struct run_settings *settings, char *command) {
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    uint16_t salt = 0;
    if (getrandom(&salt, sizeof salt, 0) != sizeof salt)
        salt = (uint16_t)getpid();
    strftime(run->started, sizeof run->started, "%Y-%m-%dT%H:%M:%SZ", &utc);
    size_t length = strftime(run->id, sizeof run->id, "%Y%m%dT%H%M%SZ", &utc);
    snprintf(run->id + length, sizeof run->id - length, "-%04x", salt);
    snprintf(run->version, sizeof run->version, "%s", COUNTERSIGN_VERSION);
    run->command = command;
    run->settings = *settings;
}
