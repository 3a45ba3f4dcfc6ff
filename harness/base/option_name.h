/*
 * Settings that a text of the library may name, and how they are given on the command line. The library knows
 * settings; what they are called stands here alone, and a test holds that the program has each of them.
 */
#ifndef BASE_OPTION_NAME_H
#define BASE_OPTION_NAME_H

enum setting {
    SETTING_BUDGET,
    SETTING_CALL,
    SETTING_CFLAGS,
    SETTING_CLEANUP,
    SETTING_CONCLUDE,
    SETTING_CPUS,
    SETTING_DATABASE,
    SETTING_FILE_LIMIT,
    SETTING_FILTER,
    SETTING_IGNORE_FAILURE,
    SETTING_IGNORE_OUTPUT,
    SETTING_INCLUDE,
    SETTING_LAYOUT,
    SETTING_MEMORY_LIMIT,
    SETTING_NO_COUNTERS,
    SETTING_NO_SIMULATION,
    SETTING_PREPARE,
    SETTING_RATE,
    SETTING_READY_LIMIT,
    SETTING_REBUILD,
    SETTING_REPLICATES,
    SETTING_ROUNDS,
    SETTING_SCRATCH,
    SETTING_SERVER_CPUS,
    SETTING_SETUP,
    SETTING_SIMULATION_BUDGET,
    SETTING_THREADS,
    SETTING_TIME_LIMIT,
    SETTING_WHERE,
    SETTINGS
};

/** "--budget", …: the option that gives a setting. */
const char *option_name(enum setting setting);

#endif
