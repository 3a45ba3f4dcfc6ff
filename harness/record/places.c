#include "record/places.h"

#include <elf.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct search {
    const char *symbol;
    struct places *places;
    char program[4096];
};

static void note(struct search *search, uint64_t address, const char *file) {
    struct places *places = search->places;
    if (places->function && strcmp(places->file, file) != 0)
        return;
    if (places->function != address)
        places->count++;
    if (!places->function)
        snprintf(places->file, sizeof places->file, "%s", file);
    places->function = address;
}

/* One file's symbols. */
static int look_at(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr start, void *argument) {
    struct search *search = argument;
    const char *file = NULL;
    (void)data;
    (void)start;
    int count = dwfl_module_getsymtab(module);
    dwfl_module_info(module, NULL, NULL, NULL, NULL, NULL, &file, NULL);
    for (int i = 1; i < count; i++) {
        GElf_Sym symbol;
        GElf_Addr address;
        const char *found = dwfl_module_getsym_info(module, i, &symbol, &address, NULL, NULL, NULL);
        if (!found || symbol.st_shndx == SHN_UNDEF)
            continue;
        if (!strcmp(found, "_dl_debug_state"))
            search->places->loader = address;
        else if (GELF_ST_TYPE(symbol.st_info) == STT_FUNC && !strcmp(found, search->symbol))
            note(search, address, file ? file : name);
    }
    return DWARF_CB_OK;
}

/* Its own before libraries', which are in the order of addresses. */
static int look_at_program(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr start,
                           void *argument) {
    struct search *search = argument;
    return strcmp(name, search->program) ? DWARF_CB_OK : look_at(module, data, name, start, argument);
}

int places_find(pid_t pid, const char *symbol, struct places *places) {
    char *path = NULL, link[64];
    const Dwfl_Callbacks callbacks = {.find_elf = dwfl_linux_proc_find_elf,
                                      .find_debuginfo = dwfl_standard_find_debuginfo,
                                      .debuginfo_path = &path};
    struct search search = {.symbol = symbol, .places = places};
    *places = (struct places){.function = 0};
    snprintf(link, sizeof link, "/proc/%ld/exe", (long)pid);
    ssize_t length = readlink(link, search.program, sizeof search.program - 1);
    search.program[length > 0 ? length : 0] = '\0';
    Dwfl *dwfl = dwfl_begin(&callbacks);
    if (!dwfl)
        return -ENOMEM;
    int status = dwfl_linux_proc_report(dwfl, pid);
    dwfl_report_end(dwfl, NULL, NULL);
    if (status == 0) {
        dwfl_getmodules(dwfl, look_at_program, &search, 0);
        if (!places->function)
            dwfl_getmodules(dwfl, look_at, &search, 0);
    }
    dwfl_end(dwfl);
    return status > 0 ? -status : status;
}

uint64_t places_entry(pid_t pid) {
    char path[64];
    Elf64_auxv_t entry;
    uint64_t address = 0;
    snprintf(path, sizeof path, "/proc/%ld/auxv", (long)pid);
    FILE *file = fopen(path, "re");
    while (file && !address && fread(&entry, sizeof entry, 1, file) == 1 && entry.a_type != AT_NULL)
        address = entry.a_type == AT_ENTRY ? entry.a_un.a_val : 0;
    if (file)
        fclose(file);
    return address;
}
