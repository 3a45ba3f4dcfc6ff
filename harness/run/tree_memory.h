/* Memory that several processes use together. */
#ifndef RUN_TREE_MEMORY_H
#define RUN_TREE_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * Bytes that the processes hold together: private memory, swapped or not, memory that they share with each
 * other once, and files in memory that they have open (memfd_create, /dev/shm), but for the file `except` (of
 * fstat's st_ino; 0: none). Cheap while that is below `enough`: an upper bound then. Else never more than
 * there is, unless a process does not let itself be looked at (PR_SET_DUMPABLE): what that one shares with
 * others is counted as its own. What is shared may be counted half where part of it is mapped and part not.
 */
uint64_t tree_memory(const pid_t *pids, size_t count, uint64_t enough, ino_t except);

#endif
