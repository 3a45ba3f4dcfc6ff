/*
 * Every kernel that is built keeps to what countersign.h asks of it: at its defaults, and with each of its numbers,
 * and all of them, at the smallest and at a middling value, and so for each of its choices. A kernel's own test is
 * about what it alone knows.
 */
#include "module.h"
#include "scratch.h"
#include "worker/process_state.h"

#include <sys/wait.h>

#define MOST_POINTS 256
#define TCACHE_RUNS 24 /* until glibc keeps what it keeps of freed blocks; see worker_conduct.c */
#define READINGS 3
#define READING_RUNS 8
#define LEAK_LEAST 8 /* bytes a run */

static struct module module;
static struct cs_env points[MOST_POINTS];
static size_t point_count;

static bool is_parallel(size_t variant) {
    return module.kernel->variants[variant].flags & CS_PARALLEL;
}

/* Those that may run here. */
static bool is_supported(size_t variant) {
    const struct cs_variant *found = &module.kernel->variants[variant];
    return !found->supported || found->supported(module.reason, sizeof module.reason);
}

/* Its parameters at their defaults; the caller sets others. */
static struct cs_env *add_point(uint32_t threads) {
    assert_true(point_count < MOST_POINTS);
    points[point_count] = module_env(&module, 77 + point_count, NULL, 0);
    points[point_count].threads = threads;
    return &points[point_count++];
}

/* Half-way on a logarithmic scale. */
static int64_t middle_of(const struct cs_parameter *parameter) {
    double low = parameter->min > 0 ? (double)parameter->min : 1;
    int64_t middle = (int64_t)llround(sqrt(low * (double)parameter->max));
    return middle < parameter->min ? parameter->min : middle > parameter->max ? parameter->max : middle;
}

static const struct cs_parameter *parameter_at(size_t i) {
    return i < CS_MAX_PARAMETERS && module.kernel->parameters[i].name ? &module.kernel->parameters[i] : NULL;
}

/* Sets every number among the parameters. */
static void set_numbers(struct cs_env *env, bool smallest) {
    for (size_t i = 0; parameter_at(i); i++)
        if (!parameter_at(i)->choices)
            env->value[i] = smallest ? parameter_at(i)->min : middle_of(parameter_at(i));
}

static void choose_points(void) {
    bool parallel = false;
    for (size_t v = 0; v < module_variants(&module); v++)
        parallel |= is_parallel(v);
    add_point(1);
    if (parallel)
        add_point(3);
    set_numbers(add_point(1), true);
    set_numbers(add_point(1 + parallel), false);
    for (size_t i = 0; parameter_at(i); i++) {
        for (int64_t choice = 0; parameter_at(i)->choices && parameter_at(i)->choices[choice]; choice++)
            for (int size = 0; size < 2; size++) {
                struct cs_env *env = add_point(1 + parallel);
                set_numbers(env, size == 0);
                env->value[i] = choice;
            }
        if (parameter_at(i)->choices)
            continue;
        add_point(1)->value[i] = parameter_at(i)->min;
        add_point(1 + parallel)->value[i] = middle_of(parameter_at(i));
    }
}

/* A point that setup refuses is no point, but for the default one; the reason must say why. */
static bool is_refused(const struct cs_env *env) {
    void *state = NULL;
    int status = module_try_setup(&module, env, &state);
    if (status == 0) {
        if (module.kernel->teardown)
            module.kernel->teardown(state);
        module_forget(&module, state);
        return false;
    }
    assert_int_equal(status, -EINVAL);
    assert_true(module.reason[0]);
    assert_true(env != &points[0]);
    return true;
}

static void for_each_point(void (*look)(const struct cs_env *env)) {
    for (size_t i = 0; i < point_count; i++)
        if (!is_refused(&points[i]))
            look(&points[i]);
}

static void look_at_answers(const struct cs_env *env) {
    module_check_point(&module, env);
}

/* Each variant gives the baseline's answer, which its independent check takes. */
static void variants_agree(void **unused) {
    (void)unused;
    for_each_point(look_at_answers);
}

/* Flips a bit that no tolerance forgives. */
static void flip(const struct cs_output *output, size_t i) {
    bool real = output->type == CS_F32 || output->type == CS_F64;
    unsigned char *element = output_element(output, i);
    element[real ? output_element_size(output->type) - 1 : 0] ^= real ? 0x40 : 1;
}

/* What a variant leaves that is right but for one element, as if it were another variant. */
static void look_at_wrong_answers(const struct cs_env *env) {
    void *state = module_setup(&module, env);
    for (size_t v = 0; v < module_variants(&module); v++) {
        struct cs_output outputs[CS_MAX_OUTPUTS];
        struct cs_mismatch mismatch;
        module_run(&module, state, v);
        size_t count = module_outputs(&module, state, v, outputs);
        for (size_t k = 0; k < count; k++) {
            size_t last = outputs[k].count - 1, places[] = {0, last / 3, last};
            for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
                flip(&outputs[k], places[p]);
                if (module_check_passes(&module, state, v, &mismatch))
                    fail_msg("%s.%s: a wrong %s[%zu] passed the check", module.kernel->name,
                             module.kernel->variants[v].name, outputs[k].name, places[p]);
                flip(&outputs[k], places[p]);
            }
        }
        module_check(&module, state, v);
        module_poison(&module, state, v, 0xa5);
        module_reset(&module, state);
        module_outputs(&module, state, v, outputs);
        if (module_check_passes(&module, state, v, &mismatch))
            fail_msg("%s.%s: no run at all passed the check", module.kernel->name,
                     module.kernel->variants[v].name);
    }
    module_teardown(&module, state);
}

static void a_wrong_answer_is_refused_by_the_check(void **unused) {
    (void)unused;
    if (!module.kernel->check) {
        print_message("skipped: %s has no check of its own\n", module.kernel->name);
        skip();
    }
    for_each_point(look_at_wrong_answers);
}

static void look_at_seeds(const struct cs_env *env) {
    for (size_t v = 0; v < module_variants(&module); v++)
        module_check_repeatable(&module, env, v);
}

static void the_seed_alone_decides(void **unused) {
    (void)unused;
    look_at_seeds(&points[0]);
}

/* As where memory is measured, and where the case names one candidate. */
static void look_at_one_alone(const struct cs_env *env) {
    void *state = module_setup(&module, env);
    struct answer baseline = module_answer(&module, state, 0);
    module_teardown(&module, state);
    for (size_t v = 0; v < module_variants(&module); v++) {
        const struct cs_variant *variant = &module.kernel->variants[v];
        assert_int_equal(module_try_setup(&module, env, &state), 0);
        assert_int_equal(module_try_prepare(&module, env, v), 0);
        struct answer alone = module_answer(&module, state, v);
        assert_answers_equal_at(&alone, &baseline, module.kernel->tolerance, variant->name, __FILE__,
                                __LINE__);
        answer_free(&alone);
        if (variant->release)
            variant->release(state);
        if (module.kernel->teardown)
            module.kernel->teardown(state);
        module_forget(&module, state);
    }
    answer_free(&baseline);
}

static void a_variant_needs_no_others_prepare(void **unused) {
    (void)unused;
    for_each_point(look_at_one_alone);
}

static void look_at_work(const struct cs_env *env) {
    void *state = module_setup(&module, env);
    struct cs_work first = module_work(&module, state);
    assert_true(first.items > 0 && first.bytes >= 0 && first.flops >= 0);
    for (size_t v = 0; v < module_variants(&module); v++) {
        module_run(&module, state, v);
        struct cs_work later = module_work(&module, state);
        assert_true(later.items == first.items && later.bytes == first.bytes && later.flops == first.flops);
    }
    module_teardown(&module, state);
}

static void work_is_the_points_and_no_variants(void **unused) {
    (void)unused;
    for_each_point(look_at_work);
}

static void run_times(void *state, size_t variant, int runs) {
    for (int i = 0; i < runs; i++) {
        if (module.kernel->reset_each_run)
            kernel_host_reset_each(module_host(&module, state), module.kernel, state);
        module.kernel->variants[variant].run(state);
    }
}

static void look_at_conduct(void *state, size_t variant) {
    struct process_state before = {0}, after = {0};
    char text[200];
    assert_int_equal(process_state_read(&before), 0);
    module_run(&module, state, variant);
    assert_int_equal(process_state_settle(&before, &after), 0);
    if (process_state_differs(&before, &after, is_parallel(variant), text, sizeof text))
        fail_msg("%s.%s changes the process: %s", module.kernel->name, module.kernel->variants[variant].name,
                 text);
    assert_true(after.printed == before.printed);
    process_state_clear(&before);
    process_state_clear(&after);
}

/* Of memory that is not the process's own, a file's for example. */
static int count_mappings(void) {
    char line[512];
    int count = 0;
    FILE *file = fopen("/proc/self/maps", "re");
    while (file && fgets(line, sizeof line, file))
        count += strchr(line, '\n') != NULL;
    if (file)
        fclose(file);
    return count;
}

/* The least growth of several readings: what fills up does not grow for long. */
static void look_at_leaks(void *state, size_t variant) {
    double least = 1e300;
    int descriptors = process_descriptors();
    run_times(state, variant, TCACHE_RUNS);
    int mappings = count_mappings();
    for (int i = 0; i < READINGS; i++) {
        double before = (double)process_kept_bytes();
        run_times(state, variant, READING_RUNS);
        least = fmin(least, ((double)process_kept_bytes() - before) / READING_RUNS);
    }
    if (least >= LEAK_LEAST)
        fail_msg("%s.%s keeps %g bytes at every run", module.kernel->name,
                 module.kernel->variants[variant].name, least);
    assert_in_range(count_mappings(), 0, mappings + READINGS);
    assert_int_equal(process_descriptors(), descriptors);
}

static void look_at_process(const struct cs_env *env) {
    int descriptors = process_descriptors();
    void *state = module_setup(&module, env);
    for (size_t v = 0; v < module_variants(&module); v++) {
        look_at_conduct(state, v);
        look_at_leaks(state, v);
    }
    module_teardown(&module, state);
    assert_int_equal(process_descriptors(), descriptors);
    assert_int_equal(folder_entries(module.scratch, NULL), 0);
}

static void runs_leave_nothing_behind(void **unused) {
    (void)unused;
    look_at_process(&points[0]);
}

/* Whether the build folder is where this kernel can work: one that reads a disk does not in memory. */
static bool has_no_place_here(void) {
    void *state = NULL;
    struct cs_env env = module_env(&module, 1, NULL, 0);
    int status = module_try_setup(&module, &env, &state);
    if (status == 0 && module.kernel->teardown)
        module.kernel->teardown(state);
    if (status == 0)
        module_forget(&module, state);
    return status == -EOPNOTSUPP;
}

/* Status of the process that looks at one kernel. */
static int look_at(const char *name) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            runs_leave_nothing_behind), /* first: what a run changes for good is changed but once */
        cmocka_unit_test(variants_agree),
        cmocka_unit_test(a_wrong_answer_is_refused_by_the_check),
        cmocka_unit_test(the_seed_alone_decides),
        cmocka_unit_test(a_variant_needs_no_others_prepare),
        cmocka_unit_test(work_is_the_points_and_no_variants),
    };
    module_load(&module, name);
    for (size_t v = 0; v < module_variants(&module); v++)
        if (!is_supported(v)) {
            fprintf(stderr, "skipped: %s.%s: %s\n", name, module.kernel->variants[v].name, module.reason);
            return MODULE_SKIP;
        }
    if (has_no_place_here()) {
        fprintf(stderr, "skipped: %s: %s\n", name, module.reason);
        module_unload(&module);
        return MODULE_SKIP;
    }
    choose_points();
    int failed = cmocka_run_group_tests_name(name, tests, NULL, NULL);
    module_unload(&module);
    return failed ? 1 : 0;
}

/* Each kernel in a process of its own: one that crashes leaves the others. */
static int look_apart(const char *name) {
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        exit(look_at(name));
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 1;
    if (WIFSIGNALED(status))
        fprintf(stderr, "%s: ended by signal %d\n", name, WTERMSIG(status));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* NAME…, or every kernel that was built. */
int main(int count, char **names) {
    int failed = 0, seen = 0;
    if (count == 2)
        return look_apart(names[1]);
    for (int i = 1; i < count; i++)
        failed |= look_apart(names[i]);
    DIR *folder = count > 1 ? NULL : opendir(TEST_BUILD "/lib/countersign/kernels");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        static const char ending[] = ".portable.so";
        size_t length = strlen(entry->d_name);
        if (length < sizeof ending || strcmp(entry->d_name + length - sizeof ending + 1, ending) != 0)
            continue;
        entry->d_name[length - sizeof ending + 1] = '\0';
        int status = look_apart(entry->d_name);
        failed |= status != MODULE_SKIP && status;
        seen++;
    }
    if (folder)
        closedir(folder);
    if (count == 1 && seen == 0)
        fprintf(stderr, "no kernel in %s\n", TEST_BUILD "/lib/countersign/kernels");
    return failed || (count == 1 && seen == 0);
}
