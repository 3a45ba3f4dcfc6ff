#include "compile/link_pad.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Null, the sections that are moved, the mark that no executable stack is needed, and the names. */
enum { NOTE = LINK_SECTIONS + 1, NAMES, SECTIONS };

static const struct {
    const char *name;
    uint32_t type;
    uint64_t flags;
} kinds[SECTIONS] = {
    [LINK_TEXT + 1] = {".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR},
    [LINK_RODATA + 1] = {".rodata", SHT_PROGBITS, SHF_ALLOC},
    [LINK_RELRO + 1] = {".data.rel.ro", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE},
    [LINK_DATA + 1] = {".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE},
    [LINK_BSS + 1] = {".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE},
    [LINK_TLS + 1] = {".tbss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE | SHF_TLS},
    [NOTE] = {".note.GNU-stack", SHT_PROGBITS, 0},
    [NAMES] = {".shstrtab", SHT_STRTAB, 0},
};

static int read_header(const char *path, Elf64_Ehdr *header) {
    static const unsigned char order =
        __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? (unsigned char)ELFDATA2LSB : (unsigned char)ELFDATA2MSB;
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    size_t got = fread(header, 1, sizeof *header, file);
    fclose(file);
    return got == sizeof *header && !memcmp(header->e_ident, ELFMAG, SELFMAG) && header->e_type == ET_REL &&
                   header->e_ident[EI_CLASS] == ELFCLASS64 && header->e_ident[EI_DATA] == order
               ? 0
               : -ENOTSUP;
}

bool link_pad_wants_tls(const char *path) {
    Elf64_Ehdr header;
    Elf64_Shdr section;
    bool found = false;
    FILE *file = read_header(path, &header) == 0 ? fopen(path, "re") : NULL;
    if (file && header.e_shentsize == sizeof section && fseek(file, (long)header.e_shoff, SEEK_SET) == 0)
        for (unsigned i = 0; i < header.e_shnum && !found && fread(&section, sizeof section, 1, file) == 1;
             i++)
            found = section.sh_flags & SHF_TLS && section.sh_size > 0;
    if (file)
        fclose(file);
    return found;
}

static uint64_t round_up(uint64_t value) {
    return (value + 15) / 16 * 16;
}

int link_pad_write(const char *path, const char *like, const uint32_t bytes[LINK_SECTIONS]) {
    static const char zeros[65536];
    Elf64_Ehdr header;
    Elf64_Shdr sections[SECTIONS] = {{0}};
    char names[128] = "";
    uint64_t names_size = 1, content = 0;
    int status = read_header(like, &header);
    if (status)
        return status;
    for (size_t i = 1; i < SECTIONS; i++) {
        Elf64_Shdr *section = &sections[i];
        *section = (Elf64_Shdr){.sh_name = (Elf64_Word)names_size,
                                .sh_type = kinds[i].type,
                                .sh_flags = kinds[i].flags,
                                .sh_offset = sizeof header + content,
                                .sh_size = i <= LINK_SECTIONS ? bytes[i - 1] : 0,
                                .sh_addralign = i <= LINK_SECTIONS ? 16 : 1};
        strcpy(names + names_size, kinds[i].name);
        names_size += strlen(kinds[i].name) + 1;
        if (section->sh_size > sizeof zeros)
            return -EINVAL;
        if (kinds[i].type == SHT_PROGBITS)
            content += round_up(section->sh_size);
    }
    sections[NAMES].sh_size = names_size;
    header.e_shoff = sizeof header + content + round_up(names_size);
    header.e_shnum = SECTIONS;
    header.e_shstrndx = NAMES;
    FILE *file = fopen(path, "we");
    if (!file)
        return -errno;
    fwrite(&header, sizeof header, 1, file);
    for (size_t i = 1; i <= LINK_SECTIONS; i++)
        if (kinds[i].type == SHT_PROGBITS)
            fwrite(zeros, 1, round_up(sections[i].sh_size), file);
    fwrite(names, 1, round_up(names_size), file);
    fwrite(sections, sizeof *sections, SECTIONS, file);
    status = ferror(file) ? -EIO : 0;
    return fclose(file) ? -errno : status;
}
