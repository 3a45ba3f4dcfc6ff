#include "counters/source.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DRIVERS 4
#define EMPTY_STRETCHES 5

/* Switched on in this order and off in the reverse: what counts instructions is the last on and the first
 * off. */
static const struct counter_source_driver *const drivers[DRIVERS] = {
    &counter_driver_software,
    &counter_driver_clock,
    &counter_driver_generic,
    &counter_driver_papi,
};

struct counter_session {
    struct counter_plan plan;
    size_t threads;
    void *handle[DRIVERS];           /* NULL: the plan has none of its events */
    size_t caller;                   /* index of the calling thread; `threads` if it is not counted */
    double overhead[COUNTER_EVENTS]; /* of an empty stretch, in the calling thread; NAN: none */
    bool started;
    unsigned set; /* that was started last */
    /* Of the last stop: the caller's may lie on a page that is yet to be touched. */
    struct counter_reading reading;
};

static bool driver_has_set(const struct counter_session *session, size_t driver, unsigned set) {
    for (int event = 0; event < COUNTER_EVENTS && session->handle[driver]; event++)
        if (session->plan.entries[event].source == drivers[driver]->source &&
            session->plan.entries[event].set == set)
            return true;
    return false;
}

static bool plan_has_source(const struct counter_plan *plan, enum counter_source source) {
    for (int event = 0; event < COUNTER_EVENTS; event++)
        if (plan->entries[event].source == source)
            return true;
    return false;
}

static int start_set(struct counter_session *session, unsigned set) {
    if (session->started)
        return -EBUSY;
    if (set >= session->plan.sets)
        return -EINVAL;
    for (size_t i = 0; i < DRIVERS; i++) {
        int status = driver_has_set(session, i, set) ? drivers[i]->start(session->handle[i], set) : 0;
        if (status == 0)
            continue;
        struct counter_reading ignored;
        while (i-- > 0)
            if (driver_has_set(session, i, set))
                drivers[i]->stop(session->handle[i], set, &ignored);
        return status;
    }
    session->started = true;
    session->set = set;
    return 0;
}

static int stop_set(struct counter_session *session) {
    if (!session->started)
        return -EINVAL;
    int result = 0;
    for (int event = 0; event < COUNTER_EVENTS; event++)
        session->reading.total[event] = NAN;
    for (size_t i = DRIVERS; i-- > 0;) {
        int status = driver_has_set(session, i, session->set)
                         ? drivers[i]->stop(session->handle[i], session->set, &session->reading)
                         : 0;
        if (result == 0)
            result = status;
    }
    session->started = false;
    return result;
}

static double raw_thread_value(const struct counter_session *session, size_t thread,
                               enum counter_event event) {
    for (size_t i = 0; i < DRIVERS; i++)
        if (session->handle[i] && drivers[i]->source == session->plan.entries[event].source &&
            drivers[i]->thread_value)
            return drivers[i]->thread_value(session->handle[i], thread, event);
    return NAN;
}

static void keep_least(double *least, double value) {
    if (!(*least <= value))
        *least = value;
}

/* What the calling thread alone counted: other threads may be busy while nothing is asked of them. */
static double caller_value(const struct counter_session *session, enum counter_event event,
                           const struct counter_reading *reading) {
    if (session->plan.entries[event].source == SOURCE_CLOCK)
        return reading->total[event];
    return session->caller < session->threads ? raw_thread_value(session, session->caller, event) : NAN;
}

/*
 * What a stretch with nothing in it counts: our own calls. The least of a few, so that never too much is
 * subtracted. Through the public functions, so that the first ones also touch every page that starting and
 * stopping need.
 */
static int measure_overhead(struct counter_session *session) {
    struct counter_reading reading;
    double least[COUNTER_EVENTS];
    for (int event = 0; event < COUNTER_EVENTS; event++)
        session->overhead[event] = least[event] = NAN;
    for (unsigned set = 0; set < session->plan.sets; set++)
        for (int i = 0; i < EMPTY_STRETCHES; i++) {
            int status = counter_session_start(session, set);
            if (status == 0)
                status = counter_session_stop(session, &reading);
            if (status)
                return status;
            for (int event = 0; event < COUNTER_EVENTS; event++)
                if (session->plan.entries[event].set == set)
                    keep_least(&least[event], caller_value(session, (enum counter_event)event, &reading));
        }
    memcpy(session->overhead, least, sizeof least);
    return 0;
}

static int explain_start(int status, size_t threads, struct problem *problem) {
    if (status == -EMFILE)
        return problem_set(
            problem, EMFILE,
            "counters of %zu threads cannot be started: no file descriptor left; raise the limit "
            "(ulimit -n)",
            threads);
    return problem_set(
        problem, -status,
        "counters were opened for %zu threads but do not count: %s; stop other profilers, and see "
        "`countersign doctor`",
        threads, status == -EBUSY ? "the kernel does not keep them scheduled" : strerror(-status));
}

static int open_drivers(struct counter_session *session, const struct sample_clock *clock,
                        const pid_t *threads, struct problem *problem) {
    for (size_t i = 0; i < DRIVERS; i++) {
        if (!plan_has_source(&session->plan, drivers[i]->source))
            continue;
        int status =
            drivers[i]->open(&session->plan, clock, threads, session->threads, &session->handle[i], problem);
        if (status) {
            session->handle[i] = NULL;
            return status;
        }
    }
    int status = measure_overhead(session);
    return status ? explain_start(status, session->threads, problem) : 0;
}

int counter_session_open(const struct counter_plan *plan, const struct sample_clock *clock,
                         const pid_t *threads, size_t count, struct counter_session **result,
                         struct problem *problem) {
    *result = NULL;
    if (count == 0)
        return problem_set(problem, EINVAL, "no thread to count");
    struct counter_session *session = calloc(1, sizeof *session);
    if (!session)
        return problem_set(problem, ENOMEM, "no memory for a counter session");
    session->plan = *plan;
    session->threads = session->caller = count;
    for (size_t i = 0; i < count; i++)
        if (threads[i] == gettid())
            session->caller = i;
    int status = open_drivers(session, clock, threads, problem);
    if (status) {
        counter_session_close(session);
        return status;
    }
    *result = session;
    return 0;
}

int counter_session_start(struct counter_session *session, unsigned set) {
    return start_set(session, set);
}

/*
 * A count is never negative: the overhead was measured warm, and a stretch may find a predictor warmer still.
 */
static double without_overhead(double value, double overhead) {
    return isnan(overhead) || isnan(value) ? value : fmax(value - overhead, 0);
}

int counter_session_stop(struct counter_session *session, struct counter_reading *reading) {
    int status = stop_set(session);
    for (int event = 0; event < COUNTER_EVENTS; event++)
        reading->total[event] =
            status ? NAN : without_overhead(session->reading.total[event], session->overhead[event]);
    return status;
}

int counter_session_peek(struct counter_session *session) {
    int status = session->started ? 0 : -EINVAL;
    for (size_t i = 0; i < DRIVERS && status == 0; i++)
        if (drivers[i]->peek && driver_has_set(session, i, session->set))
            status = drivers[i]->peek(session->handle[i], session->set);
    return status;
}

double counter_session_thread_value(const struct counter_session *session, size_t thread,
                                    enum counter_event event) {
    if (thread >= session->threads || (unsigned)event >= COUNTER_EVENTS)
        return NAN;
    double value = raw_thread_value(session, thread, event);
    return thread == session->caller ? without_overhead(value, session->overhead[event]) : value;
}

void counter_session_close(struct counter_session *session) {
    if (!session)
        return;
    for (size_t i = 0; i < DRIVERS; i++)
        if (session->handle[i])
            drivers[i]->close(session->handle[i]);
    free(session);
}

static int compare_threads(const void *a, const void *b) {
    pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;
    return (x > y) - (x < y);
}

int counter_list_threads(pid_t *threads, size_t capacity) {
    DIR *folder = opendir("/proc/self/task");
    if (!folder)
        return -errno;
    size_t count = 0;
    const struct dirent *entry;
    while ((entry = readdir(folder))) {
        char *end;
        long id = strtol(entry->d_name, &end, 10);
        if (*end || id <= 0)
            continue;
        if (count < capacity)
            threads[count] = (pid_t)id;
        count++;
    }
    closedir(folder);
    if (capacity)
        qsort(threads, count < capacity ? count : capacity, sizeof *threads, compare_threads);
    return (int)count;
}
