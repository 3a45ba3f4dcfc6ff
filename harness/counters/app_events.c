#include "counters/app_events.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* sde_lib.h of PAPI 7.0: PAPI_SDE_RO | PAPI_SDE_DELTA, and PAPI_SDE_long_long. */
#define MODE_READ_ONLY_DELTA 0
#define TYPE_LONG_LONG 0

/* libsde's calls, named as there. */
struct sde {
    void *(*init)(const char *library);
    int (*register_counter_cb)(void *handle, const char *name, int mode, int type,
                               long long (*callback)(void *), void *argument);
    int (*unregister_counter)(void *handle, const char *name);
};

struct app_event {
    const struct app_events *events;
    size_t index;
    char name[160];
};

struct app_events {
    struct app_events_source source;
    struct sde sde;
    void *handle;
    size_t registered;
    struct app_event event[APP_EVENTS];
};

/* POSIX lets dlsym's result be taken for a function; ISO C has no such conversion. */
static int find(void *library, const char *name, void *function) {
    void *symbol = dlsym(library, name);
    memcpy(function, &symbol, sizeof symbol);
    return symbol ? 0 : -ENOTSUP;
}

/* Global, because PAPI looks its functions up among those of the whole process. */
static int load(struct sde *sde) {
    void *library = dlopen("libsde.so.1", RTLD_NOW | RTLD_GLOBAL);
    if (!library)
        return -ENOTSUP;
    int status = find(library, "papi_sde_init", &sde->init);
    if (status == 0)
        status = find(library, "papi_sde_register_counter_cb", &sde->register_counter_cb);
    if (status == 0)
        status = find(library, "papi_sde_unregister_counter", &sde->unregister_counter);
    return status;
}

static long long read_event(void *argument) {
    const struct app_event *event = argument;
    const struct app_events_source *source = &event->events->source;
    return source->read(source->context, event->index);
}

static int register_event(struct app_events *events, size_t index) {
    struct app_event *event = &events->event[index];
    *event = (struct app_event){.events = events, .index = index};
    snprintf(event->name, sizeof event->name, "%s.%s", events->source.kernel, events->source.names[index]);
    if (events->sde.register_counter_cb(events->handle, event->name, MODE_READ_ONLY_DELTA, TYPE_LONG_LONG,
                                        read_event, event))
        return -EIO;
    events->registered++;
    return 0;
}

int app_events_open(const struct app_events_source *source, struct app_events **result) {
    static bool opened;
    *result = NULL;
    if (source->count > APP_EVENTS)
        return -EINVAL;
    if (opened)
        return -EALREADY;
    struct app_events *events = calloc(1, sizeof *events);
    if (!events)
        return -ENOMEM;
    events->source = *source;
    int status = load(&events->sde);
    opened = status == 0;
    if (status == 0 && !(events->handle = events->sde.init("countersign")))
        status = -EIO;
    for (size_t i = 0; i < source->count && status == 0; i++)
        status = register_event(events, i);
    if (status) {
        app_events_close(events);
        return status;
    }
    *result = events;
    return 0;
}

void app_events_close(struct app_events *events) {
    if (!events)
        return;
    for (size_t i = 0; i < events->registered; i++)
        events->sde.unregister_counter(events->handle, events->event[i].name);
    free(events);
}
