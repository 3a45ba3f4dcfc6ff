/* Kernel modules: loading one in the worker, and what the supervisor may know of it. */
#ifndef WORKER_MODULE_H
#define WORKER_MODULE_H

#include "base/problem.h"
#include "countersign.h"
#include "store/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODULE_CHOICES 32
#define MODULE_TEXT 160
#define MODULE_SERVICE_ARGUMENTS 31 /**< of a server */
#define MODULE_SERVICE_TEXT 2048    /**< bytes of all of them, each with its end */

/** A cs_service without pointers. */
struct module_service {
    char name[RESULT_NAME], program[MODULE_TEXT], folders[MODULE_TEXT], ready[MODULE_TEXT];
    char socket[RESULT_NAME];
    struct module_words {
        char text[MODULE_SERVICE_TEXT]; /**< one after the other, each with its end */
        size_t count;
    } arguments, make;
    double ready_s;
    uint32_t variants;
    bool refuses_root;
};

/** A module loaded into this process (the worker; never the supervisor). */
struct module {
    void *handle; /**< of dlopen */
    const struct cs_kernel *kernel;
};

/**
 * Loads the module at `path` and checks its descriptor: present, of our ABI, complete, names legal and
 * unique. Returns 0, -ENOENT (no such file), -ELIBBAD (cannot be loaded or has no descriptor), -EPROTO
 * (another ABI) or -EINVAL (descriptor incomplete; the problem names the field).
 */
int module_open(struct module *module, const char *path, struct problem *problem);

/**
 * Loads a second copy of the module at `path`: copied to `copy` first, since the loader gives a file it knows
 * the same addresses again. Errors as module_open, or those of writing the copy.
 */
int module_open_copy(struct module *module, const char *path, const char *copy, struct problem *problem);

/** Unloads. */
void module_close(struct module *module);

/** Checks a descriptor without its module; see module_open. */
int module_check(const struct cs_kernel *kernel, const char *path, struct problem *problem);

/**
 * FNV-1a hash of the machine code of `function`, as hex, and its size in bytes. Returns 0, or -ENODATA where
 * the file has no symbol of that address (a stripped module): hash empty, bytes 0.
 */
int module_hash_function(void (*function)(void *), char hash[17], uint64_t *bytes);

/** Whether a name may stand in case files, tables and file names: lower case, digits, dashes and _. */
bool module_is_legal_name(const char *name);

/** A descriptor's data without its functions or pointers: what crosses from a worker to the supervisor. */
struct module_description {
    char path[4096];
    char name[RESULT_NAME], summary[MODULE_TEXT], item[RESULT_NAME], compiler[128], flags[RESULT_FLAGS];
    bool supported; /**< the kernel as a whole */
    char reason[MODULE_TEXT];
    bool has_check;
    struct {
        char name[RESULT_NAME], unit[RESULT_NAME], summary[MODULE_TEXT];
        int64_t min, max, def;
        char choices[MODULE_CHOICES][RESULT_NAME];
        size_t choice_count;
    } parameters[CS_MAX_PARAMETERS];
    size_t parameter_count;
    struct module_service services[CS_MAX_SERVICES];
    size_t service_count;
    int scale; /**< index of the parameter that cs_kernel.scale names, -1 for none */
    struct {
        char name[RESULT_NAME], summary[MODULE_TEXT];
        unsigned flags;
        bool supported;
        char reason[MODULE_TEXT];
    } variants[CS_MAX_VARIANTS];
    size_t variant_count;
    struct {
        char name[RESULT_NAME], unit[RESULT_NAME];
    } counters[CS_MAX_COUNTERS];
    size_t counter_count;
};

/** Describes a loaded module; asks `supported` of the kernel and of each variant. */
void module_describe(const struct module *module, const char *path, struct module_description *description);

/** A cs_kernel that points into a description (no functions): for case_file_check. */
struct module_view {
    struct cs_kernel kernel;
    const char *choices[CS_MAX_PARAMETERS][MODULE_CHOICES + 1];
};
void module_view_of(const struct module_description *description, struct module_view *view);

/** Index of a variant by name, or -1. */
int module_find_variant(const struct module_description *description, const char *name);

/** Whether a variant needs the server. */
bool module_service_is_needed(const struct module_service *service, unsigned variant);

/** Whether any variant uses threads. */
bool module_is_parallel(const struct module_description *description);

#endif
