/* Whether libpfm4 names the kernel's software events here: it does where it finds perf_event under /proc. */
#ifndef TESTS_COUNTERS_SOFTWARE_PMU_H
#define TESTS_COUNTERS_SOFTWARE_PMU_H

#include "counters/native_events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/** Skips the calling test where there is none, or where LIBPFM_FORCE_PMU leaves one PMU alone. */
static inline void need_software_pmu(void) {
    struct native_event event;
    native_event_find("perf::PAGE-FAULTS", &event);
    if (event.here)
        return;
    print_message("libpfm4 finds no perf_event here (/proc/sys/kernel/perf_event_paranoid), or is told so\n");
    skip();
}

#endif
