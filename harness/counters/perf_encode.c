/* One perf_event: encoding, opening, reading, and what its errors mean. */
#include "counters/perf_events.h"

#include "host/text_file.h"

#include <errno.h>
#include <perfmon/pfmlib_perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int perf_event_encode(const char *name, bool hardware, struct perf_event_attr *attribute) {
    if (pfm_initialize() != PFM_SUCCESS)
        return -ENOSYS;
    memset(attribute, 0, sizeof *attribute);
    attribute->size = sizeof *attribute;
    pfm_perf_encode_arg_t encoding = {.attr = attribute, .size = sizeof encoding};
    int levels = hardware ? PFM_PLM3 : PFM_PLM3 | PFM_PLM0;
    if (pfm_get_os_event_encoding(name, levels, PFM_OS_PERF_EVENT, &encoding) != PFM_SUCCESS)
        return -ENOENT;
    attribute->exclude_kernel = hardware;
    attribute->exclude_hv = hardware;
    attribute->inherit = 1;
    attribute->read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    return 0;
}

void perf_event_direct(struct perf_event_attr *attribute, unsigned pmu_type) {
    if (attribute->type == PERF_TYPE_HARDWARE || attribute->type == PERF_TYPE_HW_CACHE)
        attribute->config |= (uint64_t)pmu_type << 32;
}

int perf_event_descriptor(struct perf_event_attr *attribute, pid_t thread, int group) {
    /*
     * A group follows its leader, so only the leader is switched on and off and asks not to be multiplexed.
     */
    attribute->disabled = group < 0;
    attribute->pinned = group < 0 && attribute->exclude_kernel;
    int descriptor = (int)syscall(SYS_perf_event_open, attribute, thread, -1, group, PERF_FLAG_FD_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

int perf_event_read(int descriptor, struct perf_value *value) {
    ssize_t size = read(descriptor, value, sizeof *value);
    if (size < 0)
        return -errno;
    /* End of file: the pinned group is in its error state (perf_event_open(2), "pinned"). */
    return size == sizeof *value ? 0 : -EBUSY;
}

struct explanation {
    int error;
    const char *reason, *remedy;
};

#define REFUSED_REMEDY                                                                                       \
    "allow perf_event_open in the container's seccomp profile, or ask who set up the security module"

static const struct explanation explanations[] = {
    {EACCES,
     "perf_event_open is refused (EACCES), and not by kernel.perf_event_paranoid: a seccomp filter, as "
     "container engines install, or a security module",
     REFUSED_REMEDY},
    {EPERM,
     "perf_event_open is refused (EPERM): a seccomp filter, as container engines install, or a missing "
     "capability",
     "allow perf_event_open in the container's seccomp profile, or give the program CAP_PERFMON"},
    {ENOSYS, "this kernel has no perf_event_open (ENOSYS)",
     "a kernel with CONFIG_PERF_EVENTS, or a sandbox that passes the call on"},
    {EMFILE, "no file descriptor left (EMFILE)", "raise the limit: ulimit -n"},
    {ENFILE, "the system has no file descriptor left (ENFILE)", "raise fs.file-max"},
    {ESRCH, "the thread has ended", ""},
    {EBUSY, "another user holds the counters (EBUSY)",
     "stop other profilers; as root: sysctl kernel.nmi_watchdog=0"},
};

static bool user_mode_opens(void) {
    struct perf_event_attr attribute;
    int descriptor = perf_event_encode("perf::TASK-CLOCK", true, &attribute);
    if (descriptor == 0)
        descriptor = perf_event_descriptor(&attribute, 0, -1);
    if (descriptor >= 0)
        close(descriptor);
    return descriptor >= 0;
}

/* perf_event_paranoid, whose refusal is EACCES too, allows up to 2 an event of user mode alone, as hardware
 * events here are, and up to 1 one with the kernel's part. What refuses both is something else. */
static bool paranoid_forbids(bool hardware) {
    char line[32];
    if (text_file_line("/proc/sys/kernel/perf_event_paranoid", line, sizeof line))
        return false;
    int level = atoi(line);
    return level > 2 || (level == 2 && !hardware && user_mode_opens());
}

void perf_event_explain(int error, bool hardware, char *reason, size_t reason_size, char *remedy,
                        size_t remedy_size) {
    if (error == ENOENT || error == ENODEV || error == EOPNOTSUPP || error == EINVAL) {
        snprintf(reason, reason_size, "%s",
                 hardware ? "the kernel offers no hardware counter for it: no PMU, or one without this event"
                          : "this kernel has no such software event");
        snprintf(remedy, remedy_size, "%s",
                 hardware
                     ? "a machine or virtual machine with a PMU; `countersign doctor` says which is missing"
                     : "");
        return;
    }
    if (error == EACCES && paranoid_forbids(hardware)) {
        snprintf(reason, reason_size, "kernel.perf_event_paranoid forbids it to this user");
        snprintf(remedy, remedy_size,
                 "as root of the host: sysctl kernel.perf_event_paranoid=1, or give the program CAP_PERFMON");
        return;
    }
    for (size_t i = 0; i < sizeof explanations / sizeof *explanations; i++)
        if (explanations[i].error == error) {
            snprintf(reason, reason_size, "%s", explanations[i].reason);
            snprintf(remedy, remedy_size, "%s", explanations[i].remedy);
            return;
        }
    snprintf(reason, reason_size, "perf_event_open failed: %s", strerror(error));
    snprintf(remedy, remedy_size, "%s", "");
}
