#include "worker/module.h"

#include "base/folder.h"
#include "base/hash.h"

#include <ctype.h>
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void copy_text(char *to, size_t size, const char *from) {
    snprintf(to, size, "%s", from ? from : "");
}

bool module_is_legal_name(const char *name) {
    if (!name || !*name || strlen(name) >= RESULT_NAME)
        return false;
    for (const char *c = name; *c; c++)
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '-' && *c != '_')
            return false;
    return true;
}

static int check_parameters(const struct cs_kernel *kernel, const char *path, struct problem *problem) {
    for (size_t i = 0; i < CS_MAX_PARAMETERS && kernel->parameters[i].name; i++) {
        const struct cs_parameter *parameter = &kernel->parameters[i];
        if (!module_is_legal_name(parameter->name) || !strcmp(parameter->name, "threads"))
            return problem_set(
                problem, EINVAL,
                "%s: parameter %zu: name '%s' is not legal (a-z, 0-9, - and _; 'threads' is reserved)", path,
                i, parameter->name);
        for (size_t j = 0; j < i; j++)
            if (!strcmp(kernel->parameters[j].name, parameter->name))
                return problem_set(problem, EINVAL, "%s: parameter '%s' is there twice", path,
                                   parameter->name);
        size_t choices = 0;
        while (parameter->choices && parameter->choices[choices])
            choices++;
        if (choices > MODULE_CHOICES)
            return problem_set(problem, EINVAL, "%s: parameter '%s' has more than %d choices", path,
                               parameter->name, MODULE_CHOICES);
        int64_t low = parameter->choices ? 0 : parameter->min;
        int64_t high = parameter->choices ? (int64_t)choices - 1 : parameter->max;
        if (low > high || parameter->def < low || parameter->def > high)
            return problem_set(problem, EINVAL,
                               "%s: parameter '%s': default %lld is not within its limits %lld..%lld", path,
                               parameter->name, (long long)parameter->def, (long long)low, (long long)high);
    }
    return 0;
}

static int check_scale(const struct cs_kernel *kernel, const char *path, struct problem *problem) {
    for (size_t i = 0; kernel->scale && i < CS_MAX_PARAMETERS && kernel->parameters[i].name; i++)
        if (!strcmp(kernel->parameters[i].name, kernel->scale) && !kernel->parameters[i].choices)
            return 0;
    return kernel->scale
               ? problem_set(problem, EINVAL,
                             "%s: cs_kernel.scale is '%s', which is none of its parameters that are numbers",
                             path, kernel->scale)
               : 0;
}

static int check_variants(const struct cs_kernel *kernel, const char *path, struct problem *problem) {
    size_t count = 0;
    for (; count < CS_MAX_VARIANTS && kernel->variants[count].name; count++) {
        const struct cs_variant *variant = &kernel->variants[count];
        if (!module_is_legal_name(variant->name))
            return problem_set(problem, EINVAL, "%s: variant %zu: name '%s' is not legal (a-z, 0-9, - and _)",
                               path, count, variant->name);
        if (!variant->run)
            return problem_set(problem, EINVAL, "%s: variant '%s' has no run function", path, variant->name);
        for (size_t j = 0; j < count; j++)
            if (!strcmp(kernel->variants[j].name, variant->name))
                return problem_set(problem, EINVAL, "%s: variant '%s' is there twice", path, variant->name);
    }
    if (count == 0)
        return problem_set(problem, EINVAL, "%s: the kernel has no variant; it needs at least a baseline",
                           path);
    return 0;
}

/* Whether so many words fit in a module_words. */
static bool fit(const char *const *words) {
    size_t count = 0, bytes = 0;
    while (words && words[count])
        bytes += strlen(words[count++]) + 1;
    return count <= MODULE_SERVICE_ARGUMENTS && bytes <= MODULE_SERVICE_TEXT;
}

/* What a server need not say. */
static int check_service_options(const struct cs_service *service, const char *path,
                                 struct problem *problem) {
    if (service->folders && (service->folders[0] != '/' || strlen(service->folders) >= MODULE_TEXT))
        return problem_set(
            problem, EINVAL,
            "%s: service '%s': folders: expected NULL or an absolute pattern of at most %d characters", path,
            service->name, MODULE_TEXT - 1);
    if (service->socket &&
        (!*service->socket || strchr(service->socket, '/') || strlen(service->socket) >= RESULT_NAME))
        return problem_set(problem, EINVAL, "%s: service '%s': socket: expected NULL or a name without /",
                           path, service->name);
    if (service->make && (!fit(service->make) || !service->make[0] || strchr(service->make[0], '/')))
        return problem_set(
            problem, EINVAL,
            "%s: service '%s': make: expected the name of a program and its arguments, in all at most %d "
            "words of %d characters",
            path, service->name, MODULE_SERVICE_ARGUMENTS, MODULE_SERVICE_TEXT);
    if (service->ready && (!*service->ready || strlen(service->ready) >= MODULE_TEXT))
        return problem_set(problem, EINVAL, "%s: service '%s': ready: expected NULL or 1 to %d characters",
                           path, service->name, MODULE_TEXT - 1);
    if (!(service->ready_s >= 0 && service->ready_s <= 3600))
        return problem_set(problem, EINVAL, "%s: service '%s': ready_s must be from 0 to 3600", path,
                           service->name);
    return 0;
}

static int check_service(const struct cs_kernel *kernel, size_t index, const char *path,
                         struct problem *problem) {
    const struct cs_service *service = &kernel->services[index];
    size_t variants = 0;
    while (variants < CS_MAX_VARIANTS && kernel->variants[variants].name)
        variants++;
    if (!module_is_legal_name(service->name))
        return problem_set(problem, EINVAL, "%s: service %zu: name '%s' is not legal (a-z, 0-9, - and _)",
                           path, index, service->name);
    for (size_t j = 0; j < index; j++)
        if (!strcmp(kernel->services[j].name, service->name))
            return problem_set(problem, EINVAL, "%s: service '%s' is there twice", path, service->name);
    if (!service->program || !*service->program || strlen(service->program) >= MODULE_TEXT ||
        (strchr(service->program, '/') && service->program[0] != '/'))
        return problem_set(
            problem, EINVAL,
            "%s: service '%s': program: expected a name that is looked for in PATH, or an absolute "
            "path, of at most %d characters",
            path, service->name, MODULE_TEXT - 1);
    if (!fit(service->arguments))
        return problem_set(problem, EINVAL, "%s: service '%s': more than %d arguments or %d characters", path,
                           service->name, MODULE_SERVICE_ARGUMENTS, MODULE_SERVICE_TEXT);
    if (variants < 32 && service->variants >> variants)
        return problem_set(problem, EINVAL, "%s: service '%s' is of variants that are not there", path,
                           service->name);
    return check_service_options(service, path, problem);
}

static int check_services(const struct cs_kernel *kernel, const char *path, struct problem *problem) {
    int status = 0;
    for (size_t i = 0; i < CS_MAX_SERVICES && kernel->services[i].name && status == 0; i++)
        status = check_service(kernel, i, path, problem);
    return status;
}

/* Versions from which descriptors are as now; before the next, setup could not say outputs and work. */
#define OLDEST_ABI 2u
#define DECLARING_ABI 3u

int module_check(const struct cs_kernel *kernel, const char *path, struct problem *problem) {
    if (kernel->abi < OLDEST_ABI || kernel->abi > CS_ABI)
        return problem_set(
            problem, EPROTO,
            "%s: built for kernel interface %u, this countersign has %u; %s this countersign.h", path,
            (unsigned)kernel->abi, CS_ABI,
            kernel->abi == 1 ? "let the harness make its state and arrays (docs/CASES.md, \"From "
                               "interface 1\"), and rebuild it against"
                             : "rebuild the kernel against");
    if (kernel->size < sizeof(struct cs_kernel))
        return problem_set(
            problem, EPROTO,
            "%s: its descriptor has %u bytes, expected %zu; start it with CS_KERNEL_HEADER and "
            "rebuild",
            path, (unsigned)kernel->size, sizeof(struct cs_kernel));
    if (!module_is_legal_name(kernel->name))
        return problem_set(problem, EINVAL, "%s: cs_kernel.name is missing or not legal (a-z, 0-9, - and _)",
                           path);
    const struct {
        bool missing;
        const char *field;
    } required[] = {{!kernel->item, "item"},
                    {!kernel->summary, "summary"},
                    {!kernel->setup, "setup"},
                    {!kernel->outputs && kernel->abi < DECLARING_ABI, "outputs"},
                    {!kernel->work && kernel->abi < DECLARING_ABI, "work"},
                    {!kernel->state_size, "state_size"}};
    for (size_t i = 0; i < sizeof required / sizeof *required; i++)
        if (required[i].missing)
            return problem_set(problem, EINVAL, "%s: cs_kernel.%s is missing", path, required[i].field);
    if (kernel->reset_each_run && !kernel->reset)
        return problem_set(problem, EINVAL, "%s: cs_kernel.reset_each_run is set, but reset is missing",
                           path);
    if (!(kernel->tolerance >= 0 && kernel->tolerance < 1))
        return problem_set(problem, EINVAL, "%s: cs_kernel.tolerance must be 0 or more and below 1", path);
    int status = check_parameters(kernel, path, problem);
    if (status == 0)
        status = check_scale(kernel, path, problem);
    if (status == 0)
        status = check_services(kernel, path, problem);
    return status ? status : check_variants(kernel, path, problem);
}

int module_open(struct module *module, const char *path, struct problem *problem) {
    *module = (struct module){0};
    if (access(path, R_OK) != 0)
        return problem_set(problem, errno, "%s: %s", path, strerror(errno));
    /* Everything is bound now, so that no sample pays for the loader. */
    module->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!module->handle)
        return problem_set(problem, ELIBBAD, "cannot load %s: %s", path, dlerror());
    module->kernel = dlsym(module->handle, "cs_kernel");
    int status = module->kernel
                     ? module_check(module->kernel, path, problem)
                     : problem_set(problem, ELIBBAD,
                                   "%s: no descriptor; a kernel module exports `const struct cs_kernel "
                                   "cs_kernel` (see countersign.h)",
                                   path);
    if (status)
        module_close(module);
    return status;
}

int module_open_copy(struct module *module, const char *path, const char *copy, struct problem *problem) {
    *module = (struct module){0};
    int status = file_copy(path, copy);
    if (status)
        problem_set(problem, -status, "cannot copy %s to %s: %s", path, copy, strerror(-status));
    return status ? status : module_open(module, copy, problem);
}

void module_close(struct module *module) {
    if (module->handle)
        dlclose(module->handle);
    *module = (struct module){0};
}

static size_t find_size(const ElfW(Ehdr) * header, size_t file_size, uint64_t value) {
    const unsigned char *file = (const unsigned char *)header;
    if (file_size < sizeof *header || header->e_shentsize != sizeof(ElfW(Shdr)) ||
        header->e_shoff > file_size || header->e_shnum > (file_size - header->e_shoff) / sizeof(ElfW(Shdr)))
        return 0;
    const ElfW(Shdr) *sections = (const void *)(file + header->e_shoff);
    for (size_t i = 0; i < header->e_shnum; i++) {
        if (sections[i].sh_type != SHT_SYMTAB || sections[i].sh_offset > file_size ||
            sections[i].sh_size > file_size - sections[i].sh_offset)
            continue;
        const ElfW(Sym) *symbols = (const void *)(file + sections[i].sh_offset);
        for (size_t j = 0; j < sections[i].sh_size / sizeof *symbols; j++)
            if ((symbols[j].st_info & 0xf) == STT_FUNC && symbols[j].st_value == value)
                return symbols[j].st_size;
    }
    return 0;
}

/*
 * From the file's table of all symbols: what is loaded holds those alone that others may see. 0: not known.
 */
static size_t find_function_size(const Dl_info *info, const void *address) {
    int fd = open(info->dli_fname, O_RDONLY | O_CLOEXEC);
    struct stat facts;
    size_t size = 0;
    if (fd >= 0 && fstat(fd, &facts) == 0 && facts.st_size > 0) {
        void *file = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (file != MAP_FAILED) {
            size = find_size(file, (size_t)facts.st_size, (uintptr_t)address - (uintptr_t)info->dli_fbase);
            munmap(file, (size_t)facts.st_size);
        }
    }
    if (fd >= 0)
        close(fd);
    return size;
}

int module_hash_function(void (*function)(void *), char hash[17], uint64_t *bytes) {
    Dl_info info;
    void *address = NULL;
    hash[0] = '\0';
    *bytes = 0;
    memcpy(&address, &function, sizeof address); /* ISO C has no cast from a function to an object pointer */
    size_t size = dladdr(address, &info) ? find_function_size(&info, address) : 0;
    if (size == 0)
        return -ENODATA;
    snprintf(hash, 17, "%016llx", (unsigned long long)hash_bytes(HASH_START, address, size));
    *bytes = size;
    return 0;
}

static void describe_parameters(const struct cs_kernel *kernel, struct module_description *description) {
    for (size_t i = 0; i < CS_MAX_PARAMETERS && kernel->parameters[i].name; i++) {
        const struct cs_parameter *from = &kernel->parameters[i];
        copy_text(description->parameters[i].name, RESULT_NAME, from->name);
        copy_text(description->parameters[i].unit, RESULT_NAME, from->unit);
        copy_text(description->parameters[i].summary, MODULE_TEXT, from->summary);
        description->parameters[i].min = from->min;
        description->parameters[i].max = from->max;
        description->parameters[i].def = from->def;
        size_t choices = 0;
        for (; from->choices && from->choices[choices]; choices++)
            copy_text(description->parameters[i].choices[choices], RESULT_NAME, from->choices[choices]);
        description->parameters[i].choice_count = choices;
        description->parameter_count = i + 1;
    }
}

static void copy_words(struct module_words *to, const char *const *words) {
    char *end = to->text;
    for (; words && words[to->count]; to->count++)
        end = stpcpy(end, words[to->count]) + 1;
}

static void describe_services(const struct cs_kernel *kernel, struct module_description *description) {
    for (size_t i = 0; i < CS_MAX_SERVICES && kernel->services[i].name; i++) {
        const struct cs_service *from = &kernel->services[i];
        struct module_service *to = &description->services[description->service_count++];
        copy_text(to->name, sizeof to->name, from->name);
        copy_text(to->program, sizeof to->program, from->program);
        copy_text(to->ready, sizeof to->ready, from->ready);
        copy_text(to->folders, sizeof to->folders, from->folders);
        copy_text(to->socket, sizeof to->socket, from->socket ? from->socket : "s");
        copy_words(&to->arguments, from->arguments);
        copy_words(&to->make, from->make);
        to->ready_s = from->ready_s > 0 ? from->ready_s : 10;
        to->variants = from->variants;
        to->refuses_root = from->refuses_root;
    }
}

void module_describe(const struct module *module, const char *path, struct module_description *description) {
    const struct cs_kernel *kernel = module->kernel;
    static const char cut[] = "…"; /* a record that was cut says so */
    memset(description, 0, sizeof *description);
    copy_text(description->path, sizeof description->path, path);
    copy_text(description->name, RESULT_NAME, kernel->name);
    copy_text(description->summary, MODULE_TEXT, kernel->summary);
    copy_text(description->item, RESULT_NAME, kernel->item);
    copy_text(description->compiler, sizeof description->compiler, kernel->compiler);
    copy_text(description->flags, sizeof description->flags, kernel->flags);
    if (kernel->flags && strlen(kernel->flags) >= sizeof description->flags)
        strcpy(description->flags + sizeof description->flags - sizeof cut, cut);
    description->has_check = kernel->check != NULL;
    description->supported = !kernel->supported || kernel->supported(description->reason, MODULE_TEXT);
    describe_parameters(kernel, description);
    describe_services(kernel, description);
    description->scale = -1;
    for (size_t i = 0; kernel->scale && i < description->parameter_count; i++)
        if (!strcmp(description->parameters[i].name, kernel->scale))
            description->scale = (int)i;
    for (size_t i = 0; i < CS_MAX_VARIANTS && kernel->variants[i].name; i++) {
        const struct cs_variant *from = &kernel->variants[i];
        copy_text(description->variants[i].name, RESULT_NAME, from->name);
        copy_text(description->variants[i].summary, MODULE_TEXT, from->summary);
        description->variants[i].flags = from->flags;
        description->variants[i].supported =
            !from->supported || from->supported(description->variants[i].reason, MODULE_TEXT);
        description->variant_count = i + 1;
    }
    for (size_t i = 0; i < CS_MAX_COUNTERS && kernel->counters[i].name; i++) {
        copy_text(description->counters[i].name, RESULT_NAME, kernel->counters[i].name);
        copy_text(description->counters[i].unit, RESULT_NAME, kernel->counters[i].unit);
        description->counter_count = i + 1;
    }
}

void module_view_of(const struct module_description *description, struct module_view *view) {
    memset(view, 0, sizeof *view);
    view->kernel = (struct cs_kernel){.abi = CS_ABI,
                                      .size = sizeof(struct cs_kernel),
                                      .name = description->name,
                                      .summary = description->summary,
                                      .item = description->item};
    for (size_t i = 0; i < description->parameter_count; i++) {
        for (size_t c = 0; c < description->parameters[i].choice_count; c++)
            view->choices[i][c] = description->parameters[i].choices[c];
        view->kernel.parameters[i] = (struct cs_parameter){
            .name = description->parameters[i].name,
            .unit = description->parameters[i].unit,
            .min = description->parameters[i].min,
            .max = description->parameters[i].max,
            .def = description->parameters[i].def,
            .choices = description->parameters[i].choice_count ? view->choices[i] : NULL,
            .summary = description->parameters[i].summary,
        };
    }
    for (size_t i = 0; i < description->variant_count; i++)
        view->kernel.variants[i] = (struct cs_variant){.name = description->variants[i].name,
                                                       .summary = description->variants[i].summary,
                                                       .flags = description->variants[i].flags};
    for (size_t i = 0; i < description->counter_count; i++)
        view->kernel.counters[i] =
            (struct cs_counter){.name = description->counters[i].name, .unit = description->counters[i].unit};
}

int module_find_variant(const struct module_description *description, const char *name) {
    for (size_t i = 0; i < description->variant_count; i++)
        if (!strcmp(description->variants[i].name, name))
            return (int)i;
    return -1;
}

bool module_service_is_needed(const struct module_service *service, unsigned variant) {
    return service->variants == 0 || (service->variants >> variant & 1);
}

bool module_is_parallel(const struct module_description *description) {
    for (size_t i = 0; i < description->variant_count; i++)
        if (description->variants[i].flags & CS_PARALLEL)
            return true;
    return false;
}
