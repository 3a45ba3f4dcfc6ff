#include "build/code_hash.h"

#include "build/cache.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A file read whole; every section that is used lies within it. */
struct elf {
    unsigned char *data;
    size_t size;
    const Elf64_Shdr *sections;
    size_t count;
    const char *names;
    size_t names_size;
};

/* Sections in the order in which they were come upon. */
struct walk {
    const struct elf *elf;
    size_t *order, *place; /* order[i]: a section; place[section]: i + 1, or 0 */
    size_t found;
    uint64_t hash, bytes;
};

static bool is_within(const struct elf *elf, uint64_t offset, uint64_t size) {
    return offset <= elf->size && size <= elf->size - offset;
}

static bool is_aligned(uint64_t offset) {
    return offset % _Alignof(Elf64_Shdr) == 0;
}

/* Header, section headers and the sections' names. */
static bool read_headers(struct elf *elf) {
    const Elf64_Ehdr *head = (const void *)elf->data;
    unsigned char order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
    if (elf->size < sizeof *head || memcmp(head->e_ident, ELFMAG, SELFMAG) ||
        head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_ident[EI_DATA] != order ||
        head->e_shentsize != sizeof(Elf64_Shdr) || !is_aligned(head->e_shoff) ||
        !is_within(elf, head->e_shoff, (uint64_t)head->e_shnum * sizeof(Elf64_Shdr)) ||
        head->e_shstrndx >= head->e_shnum)
        return false;
    elf->sections = (const void *)(elf->data + head->e_shoff);
    elf->count = head->e_shnum;
    for (size_t i = 0; i < elf->count; i++)
        if (elf->sections[i].sh_type != SHT_NOBITS && elf->sections[i].sh_type != SHT_NULL &&
            !is_within(elf, elf->sections[i].sh_offset, elf->sections[i].sh_size))
            return false;
    const Elf64_Shdr *names = &elf->sections[head->e_shstrndx];
    elf->names = (const char *)elf->data + names->sh_offset;
    elf->names_size = names->sh_size;
    return names->sh_type == SHT_STRTAB && names->sh_size && !elf->names[names->sh_size - 1];
}

static int read_elf(struct elf *elf, const char *path) {
    struct stat facts;
    FILE *file = fopen(path, "re");
    *elf = (struct elf){0};
    if (!file)
        return -errno;
    int status = fstat(fileno(file), &facts) == 0 ? 0 : -errno;
    if (status == 0 && !S_ISREG(facts.st_mode))
        status = -ENODATA;
    elf->size = status ? 0 : (size_t)facts.st_size;
    elf->data = status ? NULL : malloc(elf->size + 1);
    if (status == 0 && !elf->data)
        status = -ENOMEM;
    if (status == 0 && fread(elf->data, 1, elf->size, file) != elf->size)
        status = -EIO;
    fclose(file);
    if (status == 0 && !read_headers(elf))
        status = -ENODATA;
    if (status) {
        free(elf->data);
        elf->data = NULL;
    }
    return status;
}

static const char *section_name(const struct elf *elf, size_t section) {
    size_t at = elf->sections[section].sh_name;
    return at < elf->names_size ? elf->names + at : "";
}

/* Symbols that relocations or look-ups of `table` mean; 0 where the table makes no sense. */
static size_t symbols_of(const struct elf *elf, size_t table, const Elf64_Sym **symbols) {
    const Elf64_Shdr *section = table < elf->count ? &elf->sections[table] : NULL;
    if (!section || section->sh_type != SHT_SYMTAB || !is_aligned(section->sh_offset))
        return 0;
    *symbols = (const void *)(elf->data + section->sh_offset);
    return section->sh_size / sizeof **symbols;
}

static const char *symbol_name(const struct elf *elf, size_t table, const Elf64_Sym *symbol) {
    size_t link = elf->sections[table].sh_link;
    const Elf64_Shdr *texts = link < elf->count ? &elf->sections[link] : NULL;
    if (!texts || texts->sh_type != SHT_STRTAB || symbol->st_name >= texts->sh_size ||
        elf->data[texts->sh_offset + texts->sh_size - 1])
        return "";
    return (const char *)elf->data + texts->sh_offset + symbol->st_name;
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
static int add_target(struct walk *walk, size_t table, const Elf64_Rela *relocation) {
    const Elf64_Sym *symbols = NULL;
    size_t index = ELF64_R_SYM(relocation->r_info);
    if (index >= symbols_of(walk->elf, table, &symbols))
        return -ENODATA;
    const Elf64_Sym *symbol = &symbols[index];
    add_number(walk, ELF64_R_TYPE(relocation->r_info));
    add_number(walk, (uint64_t)relocation->r_addend);
    if (symbol->st_shndx > SHN_UNDEF && symbol->st_shndx < walk->elf->count) {
        come_upon(walk, symbol->st_shndx);
        add_number(walk, walk->place[symbol->st_shndx]);
        add_number(walk, symbol->st_value);
    } else {
        add_number(walk, symbol->st_shndx);
        add_number(walk, symbol->st_shndx == SHN_UNDEF ? 0 : symbol->st_value);
        walk->hash = hash_text(walk->hash, symbol_name(walk->elf, table, symbol));
    }
    return 0;
}

/* Relocations of `section` from `from` on, `size` bytes of it; SHT_REL is not of 64-bit machines that we
 * know. */
static int add_relocations(struct walk *walk, size_t section, uint64_t from, uint64_t size, size_t *count) {
    int status = 0;
    *count = 0;
    for (size_t i = 0; i < walk->elf->count && status == 0; i++) {
        const Elf64_Shdr *header = &walk->elf->sections[i];
        if (header->sh_info != section || (header->sh_type != SHT_RELA && header->sh_type != SHT_REL))
            continue;
        if (header->sh_type == SHT_REL || !is_aligned(header->sh_offset))
            return -ENODATA;
        const Elf64_Rela *relocations = (const void *)(walk->elf->data + header->sh_offset);
        for (size_t r = 0; r < header->sh_size / sizeof *relocations && status == 0; r++) {
            if (relocations[r].r_offset < from || relocations[r].r_offset - from >= size)
                continue;
            add_number(walk, relocations[r].r_offset - from);
            status = add_target(walk, header->sh_link, &relocations[r]);
            ++*count;
        }
    }
    return status;
}

static void add_contents(struct walk *walk, size_t section) {
    const Elf64_Shdr *header = &walk->elf->sections[section];
    add_number(walk, header->sh_type);
    add_number(walk, header->sh_flags & ~(uint64_t)SHF_GROUP);
    add_number(walk, header->sh_addralign);
    add_number(walk, header->sh_size);
    if (header->sh_type != SHT_NOBITS)
        add(walk, walk->elf->data + header->sh_offset, header->sh_size);
    if (header->sh_flags & SHF_EXECINSTR)
        walk->bytes += header->sh_size;
}

static int walk_on(struct walk *walk, size_t *next) {
    int status = 0;
    size_t count;
    for (; *next < walk->found && status == 0; ++*next) {
        size_t section = walk->order[*next];
        add_contents(walk, section);
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
        status = -ENODATA;
    if (status == 0)
        status = walk_on(walk, &next);
    for (size_t i = 0; i < walk->elf->count && status == 0; i++)
        if (!strncmp(section_name(walk->elf, i), ".gcc_except_table", 17))
            come_upon(walk, i);
    return status == 0 ? walk_on(walk, &next) : status;
}

static int find_pointer(const struct elf *elf, const char *name, size_t *section, uint64_t *offset) {
    for (size_t table = 0; table < elf->count; table++) {
        const Elf64_Sym *symbols = NULL;
        size_t count = symbols_of(elf, table, &symbols);
        for (size_t i = 0; i < count; i++)
            if (symbols[i].st_shndx > SHN_UNDEF && symbols[i].st_shndx < elf->count &&
                !strcmp(symbol_name(elf, table, &symbols[i]), name)) {
                *section = symbols[i].st_shndx;
                *offset = symbols[i].st_value;
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

int code_hash_object(const char *path, const char *symbol, char hash[17], uint64_t *bytes) {
    struct elf elf;
    size_t section = 0;
    uint64_t offset = 0;
    hash[0] = '\0';
    *bytes = 0;
    int status = read_elf(&elf, path);
    if (status)
        return status;
    struct walk walk = {.elf = &elf, .hash = HASH_START};
    walk.order = calloc(elf.count + 1, sizeof *walk.order);
    walk.place = calloc(elf.count + 1, sizeof *walk.place);
    status = walk.order && walk.place ? find_pointer(&elf, symbol, &section, &offset) : -ENOMEM;
    if (status == 0)
        status = walk_from(&walk, section, offset);
    if (status == 0)
        status = conclude(&walk, hash, bytes);
    free(walk.order);
    free(walk.place);
    free(elf.data);
    return status;
}

int code_hash_library(const char *path, char hash[17], uint64_t *bytes) {
    struct elf elf;
    hash[0] = '\0';
    *bytes = 0;
    int status = read_elf(&elf, path);
    if (status)
        return status;
    struct walk walk = {.elf = &elf, .hash = HASH_START};
    for (size_t i = 0; i < elf.count; i++) {
        if (!(elf.sections[i].sh_flags & SHF_ALLOC) || elf.sections[i].sh_type == SHT_NOTE)
            continue;
        walk.hash = hash_text(walk.hash, section_name(&elf, i));
        add_number(&walk, elf.sections[i].sh_addr);
        add_contents(&walk, i);
    }
    status = conclude(&walk, hash, bytes);
    free(elf.data);
    return status;
}
