#include "compile/code_hash.h"

#include "compile/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* libelf checks every offset of the file; what it cannot read is absent. */
struct elf {
    int file;
    Elf *handle;
    GElf_Shdr *sections;
    size_t count, names; /* names: index of the section with the sections' names */
    uint64_t size;       /* of the file */
};

/* Sections in the order in which they were come upon. */
struct walk {
    const struct elf *elf;
    size_t *order, *place; /* order[i]: a section; place[section]: i + 1, or 0 */
    size_t found;
    uint64_t hash, bytes, read; /* read: bytes of the file */
};

static void close_elf(struct elf *elf) {
    free(elf->sections);
    elf_end(elf->handle);
    if (elf->file >= 0)
        close(elf->file);
}

static int read_headers(struct elf *elf) {
    if (elf_kind(elf->handle) != ELF_K_ELF || elf_getshdrnum(elf->handle, &elf->count) != 0 ||
        elf_getshdrstrndx(elf->handle, &elf->names) != 0)
        return -ENODATA;
    elf->sections = calloc(elf->count + 1, sizeof *elf->sections);
    if (!elf->sections)
        return -ENOMEM;
    for (size_t i = 0; i < elf->count; i++) {
        Elf_Scn *section = elf_getscn(elf->handle, i);
        if (!section || !gelf_getshdr(section, &elf->sections[i]))
            return -ENODATA;
    }
    return 0;
}

/* Without waiting for the writer of a named pipe. To be closed in any case. */
static int open_elf(struct elf *elf, const char *path) {
    struct stat facts;
    *elf = (struct elf){.file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    if (elf->file < 0)
        return -errno;
    if (fstat(elf->file, &facts) != 0)
        return -errno;
    if (!S_ISREG(facts.st_mode) || elf_version(EV_CURRENT) == EV_NONE)
        return -ENODATA;
    elf->size = (uint64_t)facts.st_size;
    elf->handle = elf_begin(elf->file, ELF_C_READ, NULL);
    return elf->handle ? read_headers(elf) : -ENODATA;
}

static const char *section_name(const struct elf *elf, size_t section) {
    const char *name = elf_strptr(elf->handle, elf->names, elf->sections[section].sh_name);
    return name ? name : "";
}

/* Entries of a section, as libelf understands its type; NULL where it cannot. *count of entries of `size`. */
static Elf_Data *entries_of(const struct elf *elf, size_t section, size_t *count) {
    uint64_t size = section < elf->count ? elf->sections[section].sh_entsize : 0;
    Elf_Data *data = size ? elf_getdata(elf_getscn(elf->handle, section), NULL) : NULL;
    *count = data && data->d_buf && data->d_size / size <= INT_MAX ? data->d_size / size : 0;
    return data;
}

/* Symbols that relocations or look-ups of `table` mean; 0 where the table makes no sense. */
static size_t symbols_of(const struct elf *elf, size_t table, Elf_Data **symbols) {
    size_t count = 0;
    if (table < elf->count && elf->sections[table].sh_type == SHT_SYMTAB)
        *symbols = entries_of(elf, table, &count);
    return count;
}

static const char *symbol_name(const struct elf *elf, size_t table, const GElf_Sym *symbol) {
    const char *name = elf_strptr(elf->handle, elf->sections[table].sh_link, symbol->st_name);
    return name ? name : "";
}

static void add(struct walk *walk, const void *data, size_t size) {
    walk->hash = hash_bytes(walk->hash, data, size);
}

static void add_number(struct walk *walk, uint64_t number) {
    add(walk, &number, sizeof number);
}

static void come_upon(struct walk *walk, size_t section) {
    if (!walk->place[section]) {
        walk->order[walk->found++] = section;
        walk->place[section] = walk->found;
    }
}

/* What a relocation means: a name that others define, or a place in a section of this file. */
static int add_target(struct walk *walk, size_t table, const GElf_Rela *relocation) {
    Elf_Data *symbols = NULL;
    GElf_Sym symbol;
    size_t index = GELF_R_SYM(relocation->r_info);
    if (index >= symbols_of(walk->elf, table, &symbols) || !gelf_getsym(symbols, (int)index, &symbol))
        return -ENODATA;
    add_number(walk, GELF_R_TYPE(relocation->r_info));
    add_number(walk, (uint64_t)relocation->r_addend);
    if (symbol.st_shndx > SHN_UNDEF && symbol.st_shndx < walk->elf->count) {
        come_upon(walk, symbol.st_shndx);
        add_number(walk, walk->place[symbol.st_shndx]);
        add_number(walk, symbol.st_value);
    } else {
        add_number(walk, symbol.st_shndx);
        add_number(walk, symbol.st_shndx == SHN_UNDEF ? 0 : symbol.st_value);
        walk->hash = hash_text(walk->hash, symbol_name(walk->elf, table, &symbol));
    }
    return 0;
}

/* Relocations of `section` from `from` on, `size` bytes of it; SHT_REL is not of 64-bit machines that we
 * know. */
static int add_relocations(struct walk *walk, size_t section, uint64_t from, uint64_t size, size_t *count) {
    int status = 0;
    *count = 0;
    for (size_t i = 0; i < walk->elf->count && status == 0; i++) {
        const GElf_Shdr *header = &walk->elf->sections[i];
        size_t entries = 0;
        if (header->sh_info != section || (header->sh_type != SHT_RELA && header->sh_type != SHT_REL))
            continue;
        Elf_Data *data = header->sh_type == SHT_RELA ? entries_of(walk->elf, i, &entries) : NULL;
        if (!data)
            return -ENODATA;
        for (size_t r = 0; r < entries && status == 0; r++) {
            GElf_Rela relocation;
            if (!gelf_getrela(data, (int)r, &relocation))
                return -ENODATA;
            if (relocation.r_offset < from || relocation.r_offset - from >= size)
                continue;
            add_number(walk, relocation.r_offset - from);
            status = add_target(walk, header->sh_link, &relocation);
            ++*count;
        }
    }
    return status;
}

/* Sections lie beside one another: what is more than the file holds was made to be read without an end. */
static int add_contents(struct walk *walk, size_t section) {
    const GElf_Shdr *header = &walk->elf->sections[section];
    add_number(walk, header->sh_type);
    add_number(walk, header->sh_flags & ~(uint64_t)SHF_GROUP);
    add_number(walk, header->sh_addralign);
    add_number(walk, header->sh_size);
    if (header->sh_flags & SHF_EXECINSTR)
        walk->bytes += header->sh_size;
    if (header->sh_type == SHT_NOBITS || header->sh_type == SHT_NULL || !header->sh_size)
        return 0;
    if (header->sh_size > walk->elf->size - walk->read)
        return -ENODATA;
    walk->read += header->sh_size;
    const Elf_Data *data = elf_rawdata(elf_getscn(walk->elf->handle, section), NULL);
    if (!data || !data->d_buf)
        return -ENODATA;
    add(walk, data->d_buf, data->d_size);
    return 0;
}

static int walk_on(struct walk *walk, size_t *next) {
    int status = 0;
    size_t count;
    for (; *next < walk->found && status == 0; ++*next) {
        size_t section = walk->order[*next];
        status = add_contents(walk, section);
        if (status == 0)
            status = add_relocations(walk, section, 0, walk->elf->sections[section].sh_size, &count);
    }
    return status;
}

/* The pointer's own relocation leads to the function; its handlers of exceptions are tables apart, to which
 * only the unwinder's lead. */
static int walk_from(struct walk *walk, size_t section, uint64_t offset) {
    size_t count, next = 0;
    int status = add_relocations(walk, section, offset, sizeof(void *), &count);
    if (status == 0 && count != 1)
        status = count ? -ENODATA : -ENOENT;
    if (status == 0)
        status = walk_on(walk, &next);
    for (size_t i = 0; i < walk->elf->count && status == 0; i++)
        if (!strncmp(section_name(walk->elf, i), ".gcc_except_table", 17))
            come_upon(walk, i);
    return status == 0 ? walk_on(walk, &next) : status;
}

static int find_pointer(const struct elf *elf, const char *name, size_t *section, uint64_t *offset) {
    for (size_t table = 0; table < elf->count; table++) {
        Elf_Data *symbols = NULL;
        GElf_Sym symbol;
        size_t count = symbols_of(elf, table, &symbols);
        for (size_t i = 0; i < count && gelf_getsym(symbols, (int)i, &symbol); i++)
            if (symbol.st_shndx > SHN_UNDEF && symbol.st_shndx < elf->count &&
                !strcmp(symbol_name(elf, table, &symbol), name)) {
                *section = symbol.st_shndx;
                *offset = symbol.st_value;
                return 0;
            }
    }
    return -ENODATA;
}

static int conclude(const struct walk *walk, char hash[17], uint64_t *bytes) {
    if (!walk->bytes)
        return -ENODATA;
    snprintf(hash, 17, "%016llx", (unsigned long long)walk->hash);
    *bytes = walk->bytes;
    return 0;
}

int code_hash_object(const char *path, const char *symbol, size_t member, char hash[17], uint64_t *bytes) {
    struct elf elf;
    size_t section = 0;
    uint64_t offset = 0;
    hash[0] = '\0';
    *bytes = 0;
    int status = open_elf(&elf, path);
    struct walk walk = {.elf = &elf, .hash = HASH_START};
    walk.order = calloc(elf.count + 1, sizeof *walk.order);
    walk.place = calloc(elf.count + 1, sizeof *walk.place);
    if (status == 0)
        status = walk.order && walk.place ? find_pointer(&elf, symbol, &section, &offset) : -ENOMEM;
    if (status == 0)
        status = walk_from(&walk, section, offset + member);
    if (status == 0)
        status = conclude(&walk, hash, bytes);
    free(walk.order);
    free(walk.place);
    close_elf(&elf);
    return status;
}

int code_hash_library(const char *path, char hash[17], uint64_t *bytes) {
    struct elf elf;
    hash[0] = '\0';
    *bytes = 0;
    int status = open_elf(&elf, path);
    struct walk walk = {.elf = &elf, .hash = HASH_START};
    for (size_t i = 0; i < elf.count && status == 0; i++) {
        if (!(elf.sections[i].sh_flags & SHF_ALLOC) || elf.sections[i].sh_type == SHT_NOTE)
            continue;
        walk.hash = hash_text(walk.hash, section_name(&elf, i));
        add_number(&walk, elf.sections[i].sh_addr);
        status = add_contents(&walk, i);
    }
    if (status == 0)
        status = conclude(&walk, hash, bytes);
    close_elf(&elf);
    return status;
}
