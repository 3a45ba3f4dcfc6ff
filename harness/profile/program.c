#include "profile/program.h"

#include "base/find_program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#define MACHINE_32 EM_386
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#define MACHINE_32 EM_ARM
#else
#define MACHINE EM_NONE
#define MACHINE_32 EM_NONE
#endif

/* The first bytes of a file: what they name is at the same place in ELF files of 32 and of 64 bits. */
union beginning {
    Elf32_Ehdr elf;
    char text[sizeof((struct program *)0)->interpreter + 2];
};

/* How many bytes, or -errno. The rest is zero. */
static int read_beginning(const char *path, union beginning *beginning) {
    memset(beginning, 0, sizeof *beginning);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file < 0 ? -errno : read(file, beginning->text, sizeof beginning->text - 1);
    if (file >= 0 && size < 0)
        size = -errno;
    if (file >= 0)
        close(file);
    return (int)size;
}

static bool is_elf(const union beginning *beginning, int size) {
    return size >= (int)sizeof beginning->elf && memcmp(beginning->text, ELFMAG, SELFMAG) == 0;
}

static bool is_script(const union beginning *beginning) {
    return strncmp(beginning->text, "#!", 2) == 0;
}

bool program_is_executable(const char *path) {
    union beginning beginning;
    struct stat facts;
    size_t length = strlen(path);
    if ((length > 3 && strcmp(path + length - 3, ".so") == 0) || stat(path, &facts) != 0 ||
        !S_ISREG(facts.st_mode) || access(path, X_OK) != 0)
        return false;
    return is_elf(&beginning, read_beginning(path, &beginning)) || is_script(&beginning);
}

static int check_elf(const char *path, const Elf32_Ehdr *elf, struct problem *problem) {
    if (elf->e_type != ET_EXEC && elf->e_type != ET_DYN)
        return problem_set(problem, ENOEXEC, "%s cannot be run: it is %s, not a linked program", path,
                           elf->e_type == ET_REL    ? "an object file"
                           : elf->e_type == ET_CORE ? "a core dump"
                                                    : "an unknown kind of ELF file");
    if (MACHINE != EM_NONE && elf->e_machine != MACHINE && elf->e_machine != MACHINE_32)
        return problem_set(problem, ENOEXEC, "%s cannot be run: it is a program for another machine (%s)",
                           path,
                           elf->e_machine == EM_AARCH64  ? "AArch64"
                           : elf->e_machine == EM_X86_64 ? "x86-64"
                           : elf->e_machine == EM_ARM    ? "Arm"
                           : elf->e_machine == EM_RISCV  ? "RISC-V"
                                                         : "see readelf -h");
    return 0;
}

static int look(const char *path, struct program *program, struct problem *problem) {
    union beginning beginning;
    int size = read_beginning(path, &beginning);
    if (size < 0 && size != -EACCES)
        return problem_set(problem, -size, "%s cannot be read: %s", path, strerror(-size));
    if (is_elf(&beginning, size))
        return check_elf(path, &beginning.elf, problem);
    if (size == -EACCES || !is_script(&beginning))
        return problem_set(problem, ENOEXEC, "%s cannot be profiled: %s", path,
                           size == -EACCES ? "it may be run, but not read"
                                           : "it is neither an ELF program nor a script that begins with #!");
    const char *words = beginning.text + 2 + strspn(beginning.text + 2, " \t");
    snprintf(program->interpreter, sizeof program->interpreter, "%.*s", (int)strcspn(words, "\r\n"), words);
    return 0;
}

int program_find(const char *name, struct program *program, struct problem *problem) {
    struct stat facts;
    *program = (struct program){.path = ""};
    if (!strchr(name, '/') && find_program(name, program->path, sizeof program->path))
        return problem_set(problem, ENOENT, "%s cannot be run: there is no such program in PATH", name);
    if (strchr(name, '/'))
        snprintf(program->path, sizeof program->path, "%s", name);
    if (stat(program->path, &facts) != 0)
        return problem_set(problem, errno, "%s cannot be run: %s", name, strerror(errno));
    if (!S_ISREG(facts.st_mode))
        return problem_set(problem, EACCES, "%s cannot be run: it is %s", name,
                           S_ISDIR(facts.st_mode) ? "a folder" : "not a file");
    if (access(program->path, X_OK) != 0)
        return problem_set(problem, errno, "%s cannot be run: %s; chmod +x makes it a program", name,
                           strerror(errno));
    return look(program->path, program, problem);
}
