#include "debug/exports.h"

#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

/* An IFUNC is a function, too: the loader asks it once which one is best on this processor. */
static bool is_function(const GElf_Sym *symbol) {
    unsigned type = GELF_ST_TYPE(symbol->st_info), binding = GELF_ST_BIND(symbol->st_info);
    return symbol->st_shndx != SHN_UNDEF && (type == STT_FUNC || type == STT_GNU_IFUNC) &&
           binding != STB_LOCAL;
}

static bool is_in_section(Elf *elf, Elf_Scn *section, const char *wanted) {
    GElf_Shdr header;
    GElf_Sym symbol;
    Elf_Data *data = gelf_getshdr(section, &header) && header.sh_type == SHT_DYNSYM && header.sh_entsize
                         ? elf_getdata(section, NULL)
                         : NULL;
    for (int i = 0; data && gelf_getsym(data, i, &symbol); i++) {
        const char *name = is_function(&symbol) ? elf_strptr(elf, header.sh_link, symbol.st_name) : NULL;
        if (name && !strcmp(name, wanted))
            return true;
    }
    return false;
}

bool exports_function(const char *library, const char *symbol) {
    bool found = false;
    int file = open(library, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    Elf *elf = elf_version(EV_CURRENT) == EV_NONE ? NULL : elf_begin(file, ELF_C_READ, NULL);
    Elf_Scn *section = NULL;
    while (elf && !found && (section = elf_nextscn(elf, section)))
        found = is_in_section(elf, section, symbol);
    elf_end(elf);
    close(file);
    return found;
}
