/* What the variants of `config-cached` share: settings of tenants in files that somebody changes now and then. */
#ifndef CONFIG_CACHED_H
#define CONFIG_CACHED_H

#include <countersign.h>
#include <string.h>
#include <sys/stat.h>

#define FILES 16
#define KEYS 32

/** A file's settings, and the version of the file, which each change counts up. */
struct config {
    uint32_t version, values[KEYS];
};

/** A parsed file and what it was parsed from. */
struct entry {
    struct config config;
    struct stat file; /**< of the file when it was parsed */
    uint32_t tenant;  /**< whose it is */
    int used;         /**< 0: the entry is free */
    unsigned trusted; /**< calls that do not look at the file any more before the next look */
    uint64_t called;  /**< when it was last asked for, in calls */
};

/** Entries that the variant cached holds at the most, and calls that trust one before its file is looked at. */
#define CACHED 8
#define TRUSTED 16

struct call {
    uint32_t tenant, key;
};

struct configs {
    char *paths[FILES];
    char *changed;                                 /**< path of the file that replaces another */
    uint32_t values[FILES][KEYS], versions[FILES]; /**< what the files say */
    uint32_t calls;                                /**< calls a run, after one change */
    size_t next, pool;  /**< call that comes next, of `pool`: a run's more each run, and round again */
    struct call *asked; /**< `pool` calls; the first call of a run also tells whose file changes before it */
    uint32_t *answers;  /**< the answer: a setting for each call of a run */
    struct entry known[FILES];  /**< of check-mtime: a file each */
    struct entry cache[CACHED]; /**< of cached */
    uint64_t now;               /**< of cached: calls so far */
    uint64_t parses, stale;     /**< files parsed; answers from a version that is no longer the file's */
    int error;                  /**< 0, or why a run gave up, as -errno; it stays until the next reset */
};

/** Reads and parses a tenant's file. Returns 0 or -errno, which is kept in `error` as well. */
int parse_config(struct configs *configs, uint32_t tenant, struct config *config);
/**
 * Changes one file, as a careful program does: writes another and lets both change places. It is written over blocks that
 * it has: a new file each time would have the file system write to the disk. The settings stay, the version does not.
 */
void change_file(struct configs *configs, uint32_t tenant);

/** Whether a file may have changed since it was parsed. A look that fails is kept in `error`. */
static inline int has_changed(struct configs *configs, const struct entry *entry, struct stat *file) {
    if (stat(configs->paths[entry->tenant], file) < 0) {
        configs->error = -errno;
        return 0;
    }
    return file->st_ino != entry->file.st_ino || file->st_size != entry->file.st_size ||
           file->st_mtim.tv_sec != entry->file.st_mtim.tv_sec ||
           file->st_mtim.tv_nsec != entry->file.st_mtim.tv_nsec;
}

/** The change before a run, and its calls. */
static inline const struct call *begin_run(struct configs *configs) {
    const struct call *calls = configs->asked + cs_window(&configs->next, configs->calls, configs->pool);
    change_file(configs, calls[0].tenant);
    return calls;
}

/** Answers call i, and counts an answer that is not from the file as it is. */
static inline void answer(struct configs *configs, uint32_t i, struct call call,
                          const struct config *config) {
    configs->answers[i] = config->values[call.key];
    configs->stale += config->version != configs->versions[call.tenant];
}

void run_parse_each(void *state);
void run_check_mtime(void *state);
void run_cached(void *state);

#endif
