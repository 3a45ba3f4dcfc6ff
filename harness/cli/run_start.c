#include "cli/run_start.h"

#include "base/command.h"
#include "host/clock.h"

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

/* The commit of the repository of the current folder; nothing where there is none, or no git. One command tells the hash
 * and whether files differ, and takes no lock of the user's index. */
static void read_commit(char *commit, size_t size) {
    struct words line = {0};
    struct command_result result = {0};
    int status =
        words_split(&line, "git --no-optional-locks describe --always --abbrev=40 --exclude=* --dirty");
    if (status == 0)
        status = command_run(&line, &(struct command_limits){.time_s = 2}, &result, NULL);
    if (status == 0 && result.exit_status == 0 && result.out)
        snprintf(commit, size, "%.*s", (int)strcspn(result.out, "\n"), result.out);
    command_result_clear(&result);
    words_clear(&line);
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
    read_commit(run->commit, sizeof run->commit);
    run->command = command;
    run->settings = *settings;
}
