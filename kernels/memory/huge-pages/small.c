#define _DEFAULT_SOURCE /* madvise */
#include "huge-pages.h"

#include <sys/mman.h>
#include <unistd.h>

/* Where every mapping gets huge pages unasked, they are given back: small ones come when the numbers are written. */
int prepare_small(const struct cs_env *env, void *state) {
    struct huge_pages *all = state;
    size_t bytes = all->n * sizeof *all->small;
    all->small = cs_aligned_array(env, "numbers", all->n, uint64_t, (size_t)sysconf(_SC_PAGESIZE));
    madvise(all->small, bytes, MADV_NOHUGEPAGE);
    if (huge_pages_held(all->small) > 0)
        madvise(all->small, bytes, MADV_DONTNEED);
    huge_pages_fill(all, all->small);
    return 0;
}

void run_small(void *state) {
    struct huge_pages *all = state;
    huge_pages_read(all, all->small);
}

void tell_small(void *state, char *text, size_t size) {
    const struct huge_pages *all = state;
    huge_pages_tell(all, all->small, text, size);
}
