/* A gate over a folder of a kernel: each variant of the old revision against the same of the new one, in one module. */
#include "cli/gate_measure.h"

#include "base/folder.h"
#include "cli/run_output.h"
#include "compile/kernel_build.h"
#include "compile/kernel_common.h"
#include "compile/kernel_pair.h"
#include "run/supervisor.h"

#include <errno.h>
#include <glob.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOOL_TIME_S 300.0

enum { OLD, NEW };

/* One folder in both revisions, as far as it is known; too large for a stack. */
struct folders {
    const char *operand;
    char name[RESULT_NAME];                             /* of the kernel */
    char relative[4096];                                /* of its folder in a worktree */
    char folder[2][8400], merged[2][8192], cases[8400]; /* cases: of case.yaml, empty for none */
    struct kernel_build build[2];
    struct kernel_side side[2];
    struct module_description module[2];
    struct paths paths;
    struct topology *topology;
    struct supervisor supervisor;
    struct command_limits limits;
};

static bool is_file(const char *folder, const char *name) {
    char path[8700];
    struct stat facts;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return stat(path, &facts) == 0 && S_ISREG(facts.st_mode);
}

bool gate_is_folder(const struct gate_run *gate, const char *operand) {
    char folder[8400];
    snprintf(folder, sizeof folder, "%s/%.4000s", gate->places[NEW].tree.path, operand);
    return *operand != '/' && (kernel_folder_is(folder) || is_file(folder, "case.yaml"));
}

/* Where a case's kernel lies in the worktree: beside the case, or where a repository of cases has its kernels. */
static int find_kernel(struct folders *folders, const char *tree, const char *kernel) {
    char patterns[3][8400];
    snprintf(patterns[0], sizeof patterns[0], "%s/%.4000s/../%s", tree, folders->operand, kernel);
    snprintf(patterns[1], sizeof patterns[1], "%s/kernels/%s", tree, kernel);
    snprintf(patterns[2], sizeof patterns[2], "%s/kernels/*/%s", tree, kernel);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        glob_t found = {0};
        bool is = glob(patterns[i], 0, NULL, &found) == 0 && kernel_folder_is(found.gl_pathv[0]);
        if (is)
            snprintf(folders->relative, sizeof folders->relative, "%s", found.gl_pathv[0] + strlen(tree) + 1);
        globfree(&found);
        if (is)
            return 0;
    }
    return fail(EXIT_USAGE, "%s: no kernel '%s' beside it or below kernels/ in the new revision",
                folders->operand, kernel);
}

/* The kernel's folder, by the case if that is what the operand is. */
static int find_folders(const struct gate_run *gate, struct folders *folders) {
    const char *tree = gate->places[NEW].tree.path;
    char given[8400];
    int status = 0;
    snprintf(given, sizeof given, "%s/%.4000s", tree, folders->operand);
    if (is_file(given, "case.yaml"))
        snprintf(folders->cases, sizeof folders->cases, "%s", given);
    if (kernel_folder_is(given))
        snprintf(folders->relative, sizeof folders->relative, "%.4000s", folders->operand);
    else {
        struct case_file *file = calloc(1, sizeof *file);
        struct problem problem;
        if (!file)
            return fail(EXIT_NOTHING, "out of memory");
        status = case_file_load(file, given, &problem) ? (int)fail(EXIT_USAGE, "%s", problem.text)
                                                       : find_kernel(folders, tree, file->kernel);
        free(file);
    }
    for (size_t i = OLD; i <= NEW; i++)
        snprintf(folders->folder[i], sizeof folders->folder[i], "%s/%s", gate->places[i].tree.path,
                 folders->relative);
    return status;
}

/* What is said of a folder, or a variant of it, that is not measured. */
static int add_word(struct gate_run *gate, const struct folders *folders, const char *variant,
                    enum gate_outcome outcome, const char *finding) {
    struct gate_check check = {.outcome = outcome, .detectable = NAN};
    snprintf(check.subject, sizeof check.subject, "%.110s%s%.40s", folders->operand, variant ? ": " : "",
             variant ? variant : "");
    snprintf(check.requirement, sizeof check.requirement, "at most %s %% slower",
             BRIEF(100 * gate_slowdown_of(gate, folders->operand), 3));
    snprintf(check.finding, sizeof check.finding, "%s", finding);
    return gate_add(&gate->gate, &check) ? (int)fail(EXIT_NOTHING, "out of memory") : 0;
}

/* Builds and describes one revision's folder. 0 or the exit status. */
static int build_side(const struct gate_run *gate, struct folders *folders, size_t i) {
    struct problem problem;
    struct kernel_build_request request = {.folder = folders->folder[i],
                                           .kind = BUILD_NATIVE,
                                           .alone = true, /* what is simulated is the pair's */
                                           .include = folders->paths.include,
                                           .time_s = TOOL_TIME_S,
                                           .interrupted = &caught_signal};
    int status = kernel_build(&request, &folders->build[i], &problem);
    if (status && caught_signal)
        return fail(EXIT_INTERRUPTED + caught_signal, "interrupted; nothing was decided");
    if (status) {
        fail(EXIT_USAGE, "%s of %s: %s", folders->relative, gate->revisions.ends[i].name, problem.text);
        if (folders->build[i].messages)
            print_text(folders->build[i].messages, stderr);
        return EXIT_USAGE;
    }
    snprintf(folders->merged[i], sizeof folders->merged[i], "%s/gate-%zu.o",
             gate->revisions.repository.scratch, i);
    folders->side[i] = (struct kernel_side){folders->folder[i], folders->build[i].module, folders->merged[i]};
    if (supervisor_describe(&folders->supervisor, folders->build[i].module, &folders->module[i], &problem) ||
        kernel_side_merge(&folders->side[i], &folders->limits, &problem))
        return fail(EXIT_USAGE, "%s of %s: %s", folders->relative, gate->revisions.ends[i].name,
                    problem.text);
    return 0;
}

/* The parts of the case that say at which points: whole blocks of a mapping in block style. */
static int copy_points(const char *from, FILE *to) {
    static const char *const keys[] = {"sweep:", "quick:", "events:"};
    char *line = NULL;
    size_t size = 0;
    bool copying = false;
    FILE *file = fopen(from, "re");
    if (!file)
        return -errno;
    while (getline(&line, &size, file) > 0) {
        bool inside =
            *line == ' ' || *line == '\n' || *line == '#' || *line == '-' || *line == ']' || *line == '}';
        copying &= inside;
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            copying |= !strncmp(line, keys[i], strlen(keys[i]));
        if (copying)
            fputs(line, to);
    }
    free(line);
    fclose(file);
    return 0;
}

static int write_case(const struct gate_run *gate, const struct folders *folders, const char *candidate,
                      const char *baseline) {
    char path[8700], from[8700];
    snprintf(path, sizeof path, "%s/case.yaml", gate->pair.folder);
    snprintf(from, sizeof from, "%s/case.yaml", folders->cases);
    FILE *file = fopen(path, "we");
    if (!file)
        return fail(EXIT_USAGE, "%s: %s", path, strerror(errno));
    fprintf(file, "title: %s of two revisions\nkernel: %s\nbaseline: %s\ncandidates: [%s]\n", candidate,
            folders->module[NEW].name, baseline, candidate);
    int status = *folders->cases ? copy_points(from, file) : 0;
    if (fclose(file) && !status)
        status = -errno;
    return status ? (int)fail(EXIT_USAGE, "%s: %s", from, strerror(-status)) : 0;
}

/* Both revisions' variant in one module, tried until it is settled. */
static int measure_pair(struct gate_run *gate, struct folders *folders, size_t before, size_t after) {
    const struct module_description *module = &folders->module[NEW];
    const char *name = module->variants[after].name;
    struct problem problem;
    struct kernel_pair pair = {.old_variant = before, .new_variant = after, .place = module->variant_count};
    if (pair.place == CS_MAX_VARIANTS) /* in place of one that is not measured */
        pair.place = after ? 0 : 1;
    snprintf(pair.old_name, sizeof pair.old_name, "%.48s-old", name);
    snprintf(gate->pair.folder, sizeof gate->pair.folder, "%s/%.100s", gate->revisions.repository.scratch,
             module->name);
    gate->pair.variant = name;
    int status = kernel_pair_write(&pair, &folders->side[OLD], &folders->side[NEW], gate->pair.folder,
                                   &folders->limits, &problem)
                     ? (int)fail(EXIT_USAGE, "%s", problem.text)
                     : 0;
    if (status == 0)
        status = write_case(gate, folders, name, pair.old_name);
    if (status == 0)
        status = gate_measure_subject(gate, NULL, folders->operand);
    folder_remove(gate->pair.folder);
    gate->pair.variant = NULL;
    return status;
}

/* Whether it can be measured at all; what is said where not. */
static bool can_measure(struct gate_run *gate, const struct folders *folders, size_t after, int before,
                        int *status) {
    const struct module_description *module = &folders->module[NEW];
    const char *reason = !module->supported                   ? module->reason
                         : !module->variants[after].supported ? module->variants[after].reason
                                                              : NULL;
    char finding[sizeof((struct gate_check *)0)->finding];
    bool equal = before >= 0 && !gate_must_measure(gate, folders->operand) &&
                 kernel_sides_equal(&folders->side[OLD], (size_t)before, &folders->side[NEW], after);
    if (before >= 0 && !equal && !reason)
        return true;
    snprintf(finding, sizeof finding, "cannot be measured here: %.250s", reason ? reason : "");
    *status = add_word(
        gate, folders, module->variants[after].name,
        equal        ? GATE_EQUAL
        : before < 0 ? GATE_UNPAIRED
                     : GATE_OPEN,
        equal ? "the variant has the same machine code in both revisions: not measured"
        : before < 0
            ? "the variant is in the new revision alone: `countersign run` compares it with the others"
            : finding);
    return false;
}

static int gate_variants(struct gate_run *gate, struct folders *folders) {
    const struct module_description *module = &folders->module[NEW];
    int before[CS_MAX_VARIANTS], status = 0;
    gate->pair.count = 0;
    for (size_t i = 0; i < module->variant_count && status == 0; i++) {
        before[i] = module_find_variant(&folders->module[OLD], module->variants[i].name);
        if (can_measure(gate, folders, i, before[i], &status))
            gate->pair.count++;
        else
            before[i] = -1;
    }
    for (size_t i = 0; i < module->variant_count && status == 0; i++)
        if (before[i] >= 0)
            status = measure_pair(gate, folders, (size_t)before[i], i);
    return status;
}

/* Those of both revisions that have to fit together. */
static int compare_folders(struct gate_run *gate, struct folders *folders) {
    char changed[512], finding[sizeof((struct gate_check *)0)->finding];
    struct problem problem;
    if (!kernel_folder_is(folders->folder[OLD]))
        return add_word(gate, folders, NULL, GATE_UNPAIRED, "the folder is in the new revision alone");
    int same =
        kernel_common_same(folders->folder[OLD], folders->folder[NEW], changed, sizeof changed, &problem);
    if (same < 0)
        return fail(EXIT_USAGE, "%s", problem.text);
    if (!same) {
        snprintf(
            finding, sizeof finding,
            "the folder's common part is not the same C in both revisions (%.80s), so that their variants may not fit "
            "one state; compare a function of both by gate --call, or by `countersign duel --git`",
            changed);
        return add_word(gate, folders, NULL, GATE_OPEN, finding);
    }
    int status = 0;
    for (size_t i = OLD; i <= NEW && status == 0; i++)
        status = build_side(gate, folders, i);
    return status ? status : gate_variants(gate, folders);
}

int gate_folder(struct gate_run *gate, const char *operand) {
    struct folders *folders = calloc(1, sizeof *folders);
    struct problem problem;
    if (!folders)
        return fail(EXIT_NOTHING, "out of memory");
    *folders = (struct folders){.operand = operand,
                                .limits = {.time_s = TOOL_TIME_S, .interrupted = &caught_signal},
                                .supervisor = {.limits = gate->duel.limits, .interrupted = &caught_signal}};
    folders->supervisor.limits.stall_s = 30;
    int status = find_folders(gate, folders);
    if (status == 0 &&
        (paths_find(&folders->paths, &problem) || topology_open(&folders->topology, NULL, &problem)))
        status = fail(EXIT_NOTHING, "%s", problem.text);
    if (status == 0) {
        memcpy(folders->supervisor.program, folders->paths.worker, sizeof folders->supervisor.program);
        folders->supervisor.topology = folders->topology;
        status = supervisor_open(&folders->supervisor, gate->duel.scratch, &problem)
                     ? (int)fail(EXIT_USAGE, "%s", problem.text)
                     : compare_folders(gate, folders);
        supervisor_close(&folders->supervisor);
    }
    topology_close(folders->topology);
    for (size_t i = OLD; i <= NEW; i++)
        kernel_build_clear(&folders->build[i]);
    free(folders);
    return status;
}
