/*
 * The functions of PAPI and libpfm4 that are called here, by their own names: the library behind one is loaded
 * when the first of them is called. libpfm4 has tables of all processors there are, in which the loader writes
 * 41,000 addresses: more work than all else that it does for a process, of which most count nothing.
 */
#include <dlfcn.h>
#include <papi.h>
#include <perfmon/pfmlib.h>
#include <stdbool.h>
#include <stddef.h>

struct library {
    const char *file; /* its name, or where it is: cmake/Papi.cmake found it */
    bool tried;
    void *handle; /* NULL where it cannot be loaded */
};

static struct library papi = {.file = PAPI_FILE}, pfm = {.file = PFM_FILE};

/* NULL where it is not there, or has no such function. */
static void *find(struct library *library, const char *name) {
    if (!library->tried)
        library->handle = dlopen(library->file, RTLD_LAZY | RTLD_LOCAL);
    library->tried = true;
    return library->handle ? dlsym(library->handle, name) : NULL;
}

/* `absent` is the answer of a library that is not there. */
#define CALL(type, library, name, parameters, arguments, absent)                                             \
    type name parameters {                                                                                   \
        static __typeof__(&name) function;                                                                   \
        if (!function)                                                                                       \
            function = (__typeof__(&name))find(&library, #name);                                             \
        return function ? function arguments : absent;                                                       \
    }

CALL(pfm_err_t, pfm, pfm_initialize, (void), (), PFM_ERR_NOTSUPP)
CALL(pfm_err_t, pfm, pfm_get_pmu_info, (pfm_pmu_t pmu, pfm_pmu_info_t *info), (pmu, info), PFM_ERR_NOTSUPP)
CALL(pfm_err_t, pfm, pfm_get_event_info, (int event, pfm_os_t os, pfm_event_info_t *info), (event, os, info),
     PFM_ERR_NOTSUPP)
CALL(int, pfm, pfm_get_event_next, (int event), (event), -1)
CALL(pfm_err_t, pfm, pfm_get_os_event_encoding, (const char *name, int levels, pfm_os_t os, void *encoding),
     (name, levels, os, encoding), PFM_ERR_NOTSUPP)

/* Asked of a library that nobody has started, for which it need not be loaded. */
int PAPI_is_initialized(void) {
    int (*function)(void) = papi.tried ? (int (*)(void))find(&papi, "PAPI_is_initialized") : NULL;
    return function ? function() : PAPI_NOT_INITED;
}

CALL(int, papi, PAPI_library_init, (int version), (version), PAPI_ENOSUPP)
CALL(char *, papi, PAPI_strerror, (int status), (status), (char *)PAPI_FILE " cannot be loaded")
CALL(int, papi, PAPI_get_opt, (int option, PAPI_option_t *value), (option, value), PAPI_ENOSUPP)
CALL(int, papi, PAPI_set_opt, (int option, PAPI_option_t *value), (option, value), PAPI_ENOSUPP)
CALL(int, papi, PAPI_get_component_index, (const char *name), (name), PAPI_ENOSUPP)
CALL(const PAPI_component_info_t *, papi, PAPI_get_component_info, (int component), (component), NULL)
CALL(int, papi, PAPI_get_event_component, (int event), (event), PAPI_ENOSUPP)
CALL(int, papi, PAPI_event_name_to_code, (const char *name, int *event), (name, event), PAPI_ENOSUPP)
CALL(int, papi, PAPI_query_event, (int event), (event), PAPI_ENOSUPP)
CALL(int, papi, PAPI_create_eventset, (int *set), (set), PAPI_ENOSUPP)
CALL(int, papi, PAPI_assign_eventset_component, (int set, int component), (set, component), PAPI_ENOSUPP)
CALL(int, papi, PAPI_attach, (int set, unsigned long thread), (set, thread), PAPI_ENOSUPP)
CALL(int, papi, PAPI_add_event, (int set, int event), (set, event), PAPI_ENOSUPP)
CALL(int, papi, PAPI_num_events, (int set), (set), PAPI_ENOSUPP)
CALL(int, papi, PAPI_state, (int set, int *state), (set, state), PAPI_ENOSUPP)
CALL(int, papi, PAPI_start, (int set), (set), PAPI_ENOSUPP)
CALL(int, papi, PAPI_read, (int set, long long *values), (set, values), PAPI_ENOSUPP)
CALL(int, papi, PAPI_stop, (int set, long long *values), (set, values), PAPI_ENOSUPP)
CALL(int, papi, PAPI_cleanup_eventset, (int set), (set), PAPI_ENOSUPP)
CALL(int, papi, PAPI_destroy_eventset, (int *set), (set), PAPI_ENOSUPP)
