#include "base/option_name.h"

const char *option_name(enum setting setting) {
    static const char *const names[SETTINGS] = {[SETTING_BUDGET] = "--budget",
                                                [SETTING_CALL] = "--call",
                                                [SETTING_CFLAGS] = "--cflags",
                                                [SETTING_CLEANUP] = "--cleanup",
                                                [SETTING_CONCLUDE] = "--conclude",
                                                [SETTING_CPUS] = "--cpus",
                                                [SETTING_DATABASE] = "--db",
                                                [SETTING_FILE_LIMIT] = "--file-limit",
                                                [SETTING_FILTER] = "--filter",
                                                [SETTING_IGNORE_FAILURE] = "--ignore-failure",
                                                [SETTING_IGNORE_OUTPUT] = "--ignore-output",
                                                [SETTING_INCLUDE] = "--include",
                                                [SETTING_LAYOUT] = "--layout",
                                                [SETTING_MEMORY_LIMIT] = "--memory-limit",
                                                [SETTING_NO_COUNTERS] = "--no-counters",
                                                [SETTING_NO_SIMULATION] = "--no-simulation",
                                                [SETTING_PREPARE] = "--prepare",
                                                [SETTING_RATE] = "--rate",
                                                [SETTING_READY_LIMIT] = "--ready-limit",
                                                [SETTING_REBUILD] = "--rebuild",
                                                [SETTING_REPLICATES] = "--replicates",
                                                [SETTING_ROUNDS] = "--rounds",
                                                [SETTING_SCRATCH] = "--scratch",
                                                [SETTING_SERVER_CPUS] = "--server-cpus",
                                                [SETTING_SETUP] = "--setup",
                                                [SETTING_SIMULATION_BUDGET] = "--simulation-budget",
                                                [SETTING_THREADS] = "--threads",
                                                [SETTING_TIME_LIMIT] = "--time-limit",
                                                [SETTING_WHERE] = "--where"};
    return names[setting];
}
