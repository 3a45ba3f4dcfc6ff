#include "worker/allocations.h"

#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__x86_64__)
#define SLOT_OF_CALL R_X86_64_JUMP_SLOT
#define SLOT_OF_ADDRESS R_X86_64_GLOB_DAT
#elif defined(__aarch64__)
#define SLOT_OF_CALL R_AARCH64_JUMP_SLOT
#define SLOT_OF_ADDRESS R_AARCH64_GLOB_DAT
#endif

static _Atomic uint64_t calls;
static _Atomic int64_t bytes, most_bytes;

static void take(int64_t more) {
    int64_t now = atomic_fetch_add(&bytes, more) + more, most = atomic_load(&most_bytes);
    while (now > most && !atomic_compare_exchange_weak(&most_bytes, &most, now))
        ;
}

static void *taken(void *block) {
    atomic_fetch_add(&calls, 1);
    if (block)
        take((int64_t)malloc_usable_size(block));
    return block;
}

/* The program's own table is as it was, so that these are the C library's functions. */
static void *watched_malloc(size_t size) {
    return taken(malloc(size));
}

static void *watched_calloc(size_t count, size_t size) {
    return taken(calloc(count, size));
}

static void *watched_realloc(void *block, size_t size) {
    int64_t before = block ? (int64_t)malloc_usable_size(block) : 0;
    void *moved = realloc(block, size);
    if (moved || size == 0)
        take(-before);
    return taken(moved);
}

static void *watched_reallocarray(void *block, size_t count, size_t size) {
    size_t whole;
    if (__builtin_mul_overflow(count, size, &whole)) {
        errno = ENOMEM;
        return NULL;
    }
    return watched_realloc(block, whole);
}

static void *watched_aligned_alloc(size_t alignment, size_t size) {
    return taken(aligned_alloc(alignment, size));
}

static void *watched_memalign(size_t alignment, size_t size) {
    return taken(memalign(alignment, size));
}

static int watched_posix_memalign(void **block, size_t alignment, size_t size) {
    int status = posix_memalign(block, alignment, size);
    taken(status ? NULL : *block);
    return status;
}

static void watched_free(void *block) {
    if (block)
        take(-(int64_t)malloc_usable_size(block));
    free(block);
}

#define WATCHED(name)                                                                                        \
    { #name, (void (*)(void))watched_##name }
static const struct {
    const char *name;
    void (*function)(void);
} watched[] = {WATCHED(malloc),        WATCHED(calloc),   WATCHED(realloc),        WATCHED(reallocarray),
               WATCHED(aligned_alloc), WATCHED(memalign), WATCHED(posix_memalign), WATCHED(free)};

#ifdef SLOT_OF_CALL
/* What the dynamic section says of one object; glibc has relocated the addresses, but for the vDSO's. */
struct object {
    ElfW(Addr) base;
    const ElfW(Sym) * symbols;
    const char *names;
    const struct dl_phdr_info *info;
};

static bool is_writable(const struct object *object, ElfW(Addr) address) {
    for (int i = 0; i < object->info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &object->info->dlpi_phdr[i];
        if (header->p_type == PT_GNU_RELRO && address - object->base - header->p_vaddr < header->p_memsz)
            return false;
    }
    return true;
}

/* Pages that the loader made read-only after it had filled them stay writable only for the moment. */
static void write_slot(const struct object *object, void (**slot)(void), void (*function)(void)) {
    ElfW(Addr) page_size = (ElfW(Addr))sysconf(_SC_PAGESIZE), address = (ElfW(Addr))slot;
    void *page = (void *)(address & ~(page_size - 1));
    bool writable = is_writable(object, address);
    if (!writable && mprotect(page, page_size, PROT_READ | PROT_WRITE) != 0)
        return;
    *slot = function;
    if (!writable)
        mprotect(page, page_size, PROT_READ);
}

static void watch_relocations(const struct object *object, const ElfW(Rela) * relocations, size_t count) {
    for (size_t r = 0; r < count; r++) {
        unsigned type = (unsigned)ELF64_R_TYPE(relocations[r].r_info);
        if (type != SLOT_OF_CALL && type != SLOT_OF_ADDRESS)
            continue;
        const char *name = object->names + object->symbols[ELF64_R_SYM(relocations[r].r_info)].st_name;
        void (**slot)(void) = (void (**)(void))(object->base + relocations[r].r_offset);
        for (size_t i = 0; i < sizeof watched / sizeof *watched; i++)
            if (!strcmp(name, watched[i].name) && *slot != watched[i].function)
                write_slot(object, slot, watched[i].function);
    }
}

static const ElfW(Dyn) * find_dynamic(const struct dl_phdr_info *info) {
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
            return (const ElfW(Dyn) *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
    return NULL;
}

/* The program itself has no name; the vDSO has no file; the loader must not be called by its own hooks. */
static bool is_left_alone(const struct dl_phdr_info *info) {
    return !info->dlpi_name[0] || info->dlpi_name[0] != '/' || strstr(info->dlpi_name, "/ld-linux");
}

static int watch_object(struct dl_phdr_info *info, size_t size, void *unused) {
    struct object object = {.base = info->dlpi_addr, .info = info};
    const ElfW(Dyn) *entry = is_left_alone(info) ? NULL : find_dynamic(info);
    const ElfW(Rela) *calls_of = NULL, *addresses = NULL;
    size_t call_bytes = 0, address_bytes = 0;
    (void)size, (void)unused;
    for (; entry && entry->d_tag != DT_NULL; entry++) {
        void *address = (void *)entry->d_un.d_ptr;
        switch (entry->d_tag) {
        case DT_SYMTAB:
            object.symbols = address;
            break;
        case DT_STRTAB:
            object.names = address;
            break;
        case DT_JMPREL:
            calls_of = address;
            break;
        case DT_PLTRELSZ:
            call_bytes = entry->d_un.d_val;
            break;
        case DT_RELA:
            addresses = address;
            break;
        case DT_RELASZ:
            address_bytes = entry->d_un.d_val;
            break;
        default:
            break;
        }
    }
    if (object.symbols && object.names) {
        watch_relocations(&object, calls_of, calls_of ? call_bytes / sizeof *calls_of : 0);
        watch_relocations(&object, addresses, addresses ? address_bytes / sizeof *addresses : 0);
    }
    return 0;
}

int allocations_watch(void) {
    dl_iterate_phdr(watch_object, NULL);
    return 0;
}
#else
int allocations_watch(void) {
    (void)watched;
    return -ENOTSUP;
}
#endif

void allocations_read(struct allocations *allocations) {
    *allocations = (struct allocations){atomic_load(&calls), atomic_load(&bytes), atomic_load(&most_bytes)};
}

void allocations_forget_most(void) {
    atomic_store(&most_bytes, atomic_load(&bytes));
}
