/* What /proc says of a process or a thread on one line. */
#ifndef BASE_PROCESS_STAT_H
#define BASE_PROCESS_STAT_H

#include <sys/types.h>

/** PF_EXITING of Linux: on its way out; its files may be closed before anybody is told of its end. */
#define PROCESS_EXITING 0x4u

struct process_stat {
    char state; /**< R running, S sleeping, Z ended and not waited for … (proc(5)) */
    pid_t parent, group;
    unsigned flags; /**< of the kernel, such as PROCESS_EXITING */
};

/** Reads a file /proc/…/stat. Returns 0, or -errno where it is gone or holds something else. */
int process_stat_read(const char *path, struct process_stat *stat);

#endif
