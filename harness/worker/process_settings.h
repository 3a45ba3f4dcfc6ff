/* What a run can set of the process by one number. */
#ifndef WORKER_PROCESS_SETTINGS_H
#define WORKER_PROCESS_SETTINGS_H

#include <stdint.h>

/** Reads PROCESS_STATE_SETTINGS numbers, 0 or -1 for what the system does not tell. System calls alone. */
void process_settings_read(int64_t *settings);

/** "the timer slack" … of a place among them. */
const char *process_setting_name(int setting);

#endif
