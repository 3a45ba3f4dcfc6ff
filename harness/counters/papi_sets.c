#include "counters/papi_sets.h"

#include <errno.h>
#include <papi.h>
#include <stdio.h>
#include <string.h>

static int start_library(char *reason, size_t reason_size) {
    if (PAPI_is_initialized() != PAPI_NOT_INITED)
        return 0;
    int status = PAPI_library_init(PAPI_VER_CURRENT);
    if (status == PAPI_VER_CURRENT)
        return 0;
    if (status > 0)
        snprintf(reason, reason_size, "the PAPI library is version %d.%d, this program was built for %d.%d",
                 PAPI_VERSION_MAJOR(status), PAPI_VERSION_MINOR(status), PAPI_VERSION_MAJOR(PAPI_VER_CURRENT),
                 PAPI_VERSION_MINOR(PAPI_VER_CURRENT));
    else
        snprintf(reason, reason_size, "PAPI does not start: %s", PAPI_strerror(status));
    return -ENOTSUP;
}

int papi_component(char *reason, size_t reason_size) {
    if (start_library(reason, reason_size))
        return -ENOTSUP;
    int component = PAPI_get_component_index("perf_event");
    const PAPI_component_info_t *info = component < 0 ? NULL : PAPI_get_component_info(component);
    if (!info) {
        snprintf(reason, reason_size, "this PAPI was built without its perf_event component");
        return -ENOTSUP;
    }
    if (info->disabled) {
        snprintf(reason, reason_size, "PAPI has disabled its perf_event component: %.128s",
                 info->disabled_reason[0] ? info->disabled_reason : PAPI_strerror(info->disabled));
        return -ENOTSUP;
    }
    return component;
}

void papi_version_text(char *text, size_t size) {
    text[0] = '\0';
    if (PAPI_is_initialized() == PAPI_NOT_INITED)
        return;
    int version = PAPI_get_opt(PAPI_LIB_VERSION, NULL);
    if (version > 0)
        snprintf(text, size, "%d.%d.%d.%d", PAPI_VERSION_MAJOR(version), PAPI_VERSION_MINOR(version),
                 PAPI_VERSION_REVISION(version), PAPI_VERSION_INCREMENT(version));
}

int papi_errno(int status) {
    switch (status) {
    case PAPI_ENOMEM:
        return ENOMEM;
    case PAPI_EPERM:
        return EPERM;
    case PAPI_ECNFLCT:
    case PAPI_EISRUN:
    case PAPI_ECLOST:
        return EBUSY;
    case PAPI_ECOUNT: /* what PAPI makes of EMFILE */
        return EMFILE;
    case PAPI_ENOEVNT:
    case PAPI_ENOTPRESET:
        return ENOENT;
    case PAPI_ECMP:
    case PAPI_ENOSUPP:
    case PAPI_ECMP_DISABLED:
        return ENOTSUP;
    case PAPI_ESYS: /* ESRCH among others: PAPI does not keep them apart */
        return EIO;
    default:
        return EINVAL;
    }
}

static int configure(int component, pid_t thread, const int *codes, size_t count, int set) {
    int status = PAPI_assign_eventset_component(set, component);
    if (status != PAPI_OK)
        return status;
    /* Before the first event: PAPI opens events as they are added, with the options the set has then. */
    PAPI_option_t option;
    memset(&option, 0, sizeof option);
    option.inherit.eventset = set;
    option.inherit.inherit = PAPI_INHERIT_ALL;
    status = PAPI_set_opt(PAPI_INHERIT, &option);
    if (status == PAPI_OK)
        status = PAPI_attach(set, (unsigned long)thread);
    for (size_t i = 0; i < count && status == PAPI_OK; i++)
        status = PAPI_add_event(set, codes[i]);
    if (status == PAPI_OK && PAPI_num_events(set) != (int)count)
        status = PAPI_EBUG;
    return status;
}

int papi_set_create(int component, pid_t thread, const int *codes, size_t count, int *set) {
    *set = PAPI_NULL;
    int status = PAPI_create_eventset(set);
    if (status == PAPI_OK)
        status = configure(component, thread, codes, count, *set);
    if (status != PAPI_OK)
        papi_set_destroy(set);
    return status;
}

void papi_set_destroy(int *set) {
    if (*set == PAPI_NULL)
        return;
    int state = 0;
    if (PAPI_state(*set, &state) == PAPI_OK && state & PAPI_RUNNING)
        PAPI_stop(*set, NULL);
    PAPI_cleanup_eventset(*set);
    PAPI_destroy_eventset(set);
    *set = PAPI_NULL;
}

int papi_set_try(int set) {
    long long values[PAPI_SET_EVENTS];
    int status = PAPI_start(set);
    if (status == PAPI_OK)
        status = PAPI_read(set, values);
    if (status == PAPI_OK)
        status = PAPI_stop(set, values);
    return status;
}
