#include "counters/callgrind.h"

#include "base/child.h"
#include "base/find_program.h"
#include "base/numbers.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#if defined(__SANITIZE_ADDRESS__)
#define ADDRESS_SANITIZER 1
#else
#define ADDRESS_SANITIZER 0
#endif
#ifdef HAVE_CALLGRIND
#define HEADERS 1
#else
#define HEADERS 0
#endif

/* Asked once of a program: each point of a run wants to know. */
static void find_version(const char *path, char *text, size_t size) {
    static struct {
        dev_t device;
        ino_t inode;
        struct timespec changed;
        char version[64];
    } known;
    struct stat facts = {0};
    bool found = stat(path, &facts) == 0;
    if (!found || !known.version[0] || facts.st_dev != known.device || facts.st_ino != known.inode ||
        memcmp(&facts.st_ctim, &known.changed, sizeof known.changed) != 0)
        child_read_version(path, known.version, sizeof known.version);
    known.device = facts.st_dev;
    known.inode = facts.st_ino;
    known.changed = facts.st_ctim;
    snprintf(text, size, "%s", known.version);
}

int callgrind_find(struct callgrind_tool *tool) {
    *tool = (struct callgrind_tool){.path = ""};
    int status = find_program("valgrind", tool->path, sizeof tool->path);
    if (status == 0) {
        find_version(tool->path, tool->version, sizeof tool->version);
        status = strncmp(tool->version, "valgrind-", 9) ? -ENOEXEC : 0;
    }
    if (status == -ENOENT)
        snprintf(tool->reason, sizeof tool->reason,
                 "valgrind is not installed (no such program in PATH); Debian's package is valgrind");
    else if (status)
        snprintf(tool->reason, sizeof tool->reason, "%.90s does not work: it does not tell its version",
                 tool->path);
    else if (!HEADERS)
        snprintf(tool->reason, sizeof tool->reason,
                 "built without Valgrind's headers; install valgrind and build countersign again");
    else if (ADDRESS_SANITIZER)
        snprintf(tool->reason, sizeof tool->reason,
                 "built with AddressSanitizer, which does not run under Valgrind");
    if (!tool->reason[0])
        return 0;
    tool->path[0] = '\0';
    return status ? status : -ENOTSUP;
}

static struct cache_geometry nearest_accepted(struct cache_geometry wanted) {
    double lines = (double)(wanted.bytes / wanted.line_bytes);
    double sets = exp2(round(log2(fmax(1, lines / wanted.ways))));
    double ways = fmax(1, round(lines / sets));
    return (struct cache_geometry){.bytes = (uint64_t)(sets * ways) * wanted.line_bytes,
                                   .ways = (unsigned)ways,
                                   .line_bytes = wanted.line_bytes};
}

static void print_size(uint64_t bytes, char *text, size_t size) {
    if (bytes >= (uint64_t)1 << 20)
        snprintf(text, size, "%s MiB", BRIEF((double)bytes / 0x1p20, 4));
    else
        snprintf(text, size, "%s KiB", BRIEF((double)bytes / 0x1p10, 4));
}

/* Chooses one cache: its option, and "D1 48 KiB 12-way" added to the text. */
static void choose_cache(const char *name, struct cache_geometry machine, struct cache_geometry usual,
                         char option[48], struct callgrind_caches *chosen) {
    bool assumed = machine.bytes < usual.line_bytes || machine.ways == 0;
    struct cache_geometry wanted = {machine.bytes >= usual.line_bytes ? machine.bytes : usual.bytes,
                                    machine.ways ? machine.ways : usual.ways, usual.line_bytes};
    struct cache_geometry accepted = nearest_accepted(wanted);
    size_t length = strlen(chosen->text), room = sizeof chosen->text - length;
    char size[16];
    snprintf(option, 48, "--%s=%llu,%u,%u", name, (unsigned long long)accepted.bytes, accepted.ways,
             accepted.line_bytes);
    print_size(accepted.bytes, size, sizeof size);
    int written = snprintf(chosen->text + length, room, "%s%s %s %u-way%s", length ? ", " : "", name, size,
                           accepted.ways, assumed ? " (assumed)" : "");
    if (!assumed && accepted.ways != wanted.ways && written < (int)room) {
        print_size(wanted.bytes, size, sizeof size);
        snprintf(chosen->text + length + written, room - (size_t)written, " for %s %u-way", size,
                 wanted.ways);
    }
}

void callgrind_choose_caches(const struct cpu_caches *caches, struct callgrind_caches *chosen) {
    unsigned line = caches->l1d.line_bytes;
    if (line < 16 || (line & (line - 1)))
        line = 64;
    const struct cache_geometry small = {32u << 10, 8, line}, large = {8u << 20, 16, line};
    *chosen = (struct callgrind_caches){.text = ""};
    choose_cache("I1", caches->l1i, small, chosen->i1, chosen);
    choose_cache("D1", caches->l1d, small, chosen->d1, chosen);
    choose_cache("LL", caches->last, large, chosen->ll, chosen);
    size_t length = strlen(chosen->text);
    snprintf(chosen->text + length, sizeof chosen->text - length, ", %u B lines", line);
}

/* Callgrind's events that are added up to one of ours. */
static const struct {
    enum counter_event event;
    const char *names[2];
} sums[] = {{COUNTER_INSTRUCTIONS, {"Ir", NULL}},    {COUNTER_DATA_READS, {"Dr", NULL}},
            {COUNTER_DATA_WRITES, {"Dw", NULL}},     {COUNTER_BRANCHES, {"Bc", "Bi"}},
            {COUNTER_BRANCH_MISSES, {"Bcm", "Bim"}}, {COUNTER_L1D_MISSES, {"D1mr", "D1mw"}},
            {COUNTER_LLC_MISSES, {"DLmr", "DLmw"}}};

bool callgrind_simulates(enum counter_event event) {
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        if (sums[i].event == event)
            return true;
    return false;
}

void callgrind_counts(const struct callgrind_profile *profile, double counts[COUNTER_EVENTS]) {
    for (int event = 0; event < COUNTER_EVENTS; event++)
        counts[event] = NAN;
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
        double sum = 0;
        for (size_t n = 0; n < 2 && sums[i].names[n]; n++) {
            int index = callgrind_event(profile, sums[i].names[n]);
            sum += index < 0 ? NAN : (double)profile->total[index];
        }
        counts[sums[i].event] = sum;
    }
}

void callgrind_findings(const struct topology *topology, unsigned cpu, struct findings *findings) {
    struct callgrind_tool tool;
    struct callgrind_caches chosen;
    struct cpu_caches caches;
    if (callgrind_find(&tool)) {
        finding_add(findings, FINDING_NOTE, "simulation", NULL,
                    "nothing is simulated, so that counters without a PMU stay absent: %s", tool.reason);
        return;
    }
    topology_get_caches(topology, cpu, &caches);
    callgrind_choose_caches(&caches, &chosen);
    finding_add(findings, FINDING_GOOD, "simulation", NULL, "%s simulates %s", tool.version, chosen.text);
}
