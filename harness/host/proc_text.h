/* Parsers of what the kernel writes into /proc and /sys: functions of text alone. */
#ifndef HOST_PROC_TEXT_H
#define HOST_PROC_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Copies the value of the first line "key SEPARATOR value" (blanks around both dropped, and quotes around the
 * value) into `value`, cut to `size`. Separator ' ' stands for blanks alone. Returns false, with `value`
 * empty, if no line has the key.
 */
bool text_value(const char *text, const char *key, char separator, char *value, size_t size);

/** Like text_value, for a whole number, decimal or 0x…; false if there is none. */
bool text_number(const char *text, const char *key, char separator, uint64_t *number);

/** The word in brackets of "always [madvise] never"; false, with `word` empty, if none is. */
bool text_bracketed(const char *text, char *word, size_t size);

/** CPU time of one CPU in clock ticks (proc_stat(5)): busy is all but idle, iowait and steal. */
struct cpu_ticks {
    uint64_t busy, steal;
};

/** Finds `cpu` in the text of /proc/stat; false if it is not there (offline). */
bool stat_cpu_ticks(const char *text, unsigned cpu, struct cpu_ticks *ticks);

/** Who made a processor and which; numbers 0 and text empty where not told. */
struct cpu_identity {
    char model[96];  /**< "AMD EPYC 9B45", "Arm Neoverse-N1" */
    char vendor[32]; /**< "AuthenticAMD", "Arm" */
    int family, model_number, stepping;
    char microcode[32];
    char flags[2048]; /**< what it can do, as the kernel names it: "fpu vme de"; an Arm CPU's "fp asimd" */
};

/**
 * Identifies CPU number `cpu` from the text of /proc/cpuinfo, or the first one listed where `cpu` is not. Arm
 * CPUs are told by implementer and part (the MIDR register): model_number is then the part, stepping the
 * revision, and family the architecture version.
 */
void cpuinfo_identify(const char *text, unsigned cpu, struct cpu_identity *identity);

/**
 * Names an Arm CPU by the MIDR's implementer and part numbers, "Arm Neoverse-N1"; a part that is not known
 * becomes "Arm part 0xd99", an implementer that is not, "implementer 0x99 part 0xd99".
 */
void arm_cpu_name(unsigned implementer, unsigned part, char *name, size_t size);

/** "Arm", "Apple" …; NULL where not known. */
const char *arm_implementer(unsigned implementer);

/** Share of time in percent that some task waited, avg10 of "some" in /proc/pressure/…; NAN if not there. */
double pressure_avg10(const char *text);

/**
 * Whether the kernel rejected the TSC: its clock is not built on the TSC (tsc, kvm-clock, Hyper-V's and Xen's
 * are) and tsc is not among those it offers. False where `current` is empty, nothing being known.
 */
bool clocksource_rejects_tsc(const char *current, const char *available);

/** How many times a task changed CPUs, from /proc/…/sched; false where the kernel does not tell. */
bool sched_migrations(const char *text, uint64_t *migrations);

/**
 * Folder name of a machine, [a-z0-9-]: the CPU's name without trademarks, frequency and filler words, and how
 * many CPUs: "amd-epyc-9b45-2cpu". A model name without any digit ("AMD EPYC", as some hypervisors shorten
 * it) gets the CPU's family and model numbers.
 */
void machine_name(const struct cpu_identity *identity, const char *architecture, unsigned cpus, char *name,
                  size_t size);

#endif
