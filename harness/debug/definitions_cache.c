#include "debug/definitions_cache.h"

#include "base/whole_file.h"
#include "compile/cache.h"
#include "compile/dependencies.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define MOST 300 /* definitions that are kept: some 28 KB each */

/* A build of this program writes other definitions, or the same in another layout. */
static uint64_t key_program(uint64_t key) {
    struct stat facts;
    if (stat("/proc/self/exe", &facts) != 0)
        return key;
    const int64_t numbers[] = {(int64_t)facts.st_dev, (int64_t)facts.st_ino, facts.st_size,
                               facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec};
    return hash_bytes(key, numbers, sizeof numbers);
}

int definitions_cache_find(struct definitions_cache *cache, uint64_t key) {
    char folder[4096];
    struct problem problem;
    int status = cache_folder("types", folder, sizeof folder, &problem);
    if (status)
        return status;
    cache_prune(folder);
    key = key_program(key);
    snprintf(cache->uses, sizeof cache->uses, "%s/%016llx.uses", folder, (unsigned long long)key);
    snprintf(cache->types, sizeof cache->types, "%s/%016llx.types", folder, (unsigned long long)key);
    return 0;
}

/* 0; -EPROTO where it is not whole; or another -errno. */
static int read_items(FILE *stream, struct definitions *definitions) {
    struct stat facts;
    if (fstat(fileno(stream), &facts) != 0)
        return -errno;
    size_t bytes = (size_t)facts.st_size, count = bytes / sizeof *definitions->items;
    if (count > MOST || bytes != count * sizeof *definitions->items)
        return -EPROTO;
    definitions->items = malloc(bytes + 1);
    if (!definitions->items)
        return -ENOMEM;
    definitions->count = fread(definitions->items, sizeof *definitions->items, count, stream);
    return definitions->count == count ? 0 : -EPROTO;
}

static uint64_t key_items(const struct definitions *definitions) {
    return hash_bytes(HASH_START, definitions->items, definitions->count * sizeof *definitions->items);
}

bool definitions_cache_load(const struct definitions_cache *cache, struct definitions *definitions) {
    struct dependencies dependencies = {0};
    uint64_t key;
    bool holds = dependencies_hold(&dependencies, cache->uses, &key);
    dependencies_clear(&dependencies);
    FILE *stream = holds ? fopen(cache->types, "re") : NULL;
    holds = stream && read_items(stream, definitions) == 0 && key_items(definitions) == key;
    if (stream)
        fclose(stream);
    if (!holds) {
        definitions_clear(definitions);
        return false;
    }
    cache_use(cache->uses);
    cache_use(cache->types);
    return true;
}

static int write_items(FILE *stream, const void *data) {
    const struct definitions *definitions = data;
    size_t count = definitions->count;
    return fwrite(definitions->items, sizeof *definitions->items, count, stream) == count ? 0 : -EIO;
}

void definitions_cache_save(const struct definitions_cache *cache, const struct definitions *definitions,
                            const char *depfile, const char *said, const char *own, uint64_t begun_ns) {
    struct dependencies dependencies = {0};
    struct problem problem;
    if (definitions->count > 0 && definitions->count <= MOST &&
        dependencies_read(&dependencies, depfile, said) == 0) {
        dependencies_leave_out(&dependencies, own);
        if (whole_file_save(cache->types, 0666, "types", write_items, definitions, &problem) == 0)
            dependencies_save(&dependencies, cache->uses, begun_ns, key_items(definitions));
    }
    dependencies_clear(&dependencies);
}
