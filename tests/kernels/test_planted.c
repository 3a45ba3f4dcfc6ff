/*
 * planted: does every variant do exactly the work that its name says, and is a step left out a wrong answer?
 */
#include "module.h"

#include "../../kernels/calibration/planted/planted.h"

#include <elf.h>
#include <link.h>

static struct module module;

static const char *const kinds[] = {"core",    "l1",   "l2",         "dram",  "branchy",
                                    "syscall", "copy", "allocation", "openmp"};

/* Steps of a variant for each 10000 of the baseline. */
static const struct {
    const char *variant;
    uint64_t steps;
} planted[] = {{"base", 10000},      {"same", 10000},     {"plus-0-1", 10010},
               {"plus-0-25", 10025}, {"plus-0-5", 10050}, {"plus-1", 10100},
               {"plus-2", 10200},    {"plus-3", 10300},   {"plus-5", 10500}};
#define VARIANTS (sizeof planted / sizeof *planted)

static struct cs_env point(uint64_t seed, size_t kind) {
    return MODULE_ENV(&module, seed, {"kind", module_choice(&module, "kind", kinds[kind])},
                      {"bytes", 1 << 20}, {"threads", kind == PLANTED_OPENMP ? 3 : 1});
}

static void every_variant_gives_the_baselines_answer(void **unused) {
    (void)unused;
    for (size_t kind = 0; kind < PLANTED_KINDS; kind++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            struct cs_env env = point(seed, kind);
            module_check_point(&module, &env);
        }
}

/* Without a reset, as timed runs follow each other. */
static void every_window_gives_the_right_answer(void **unused) {
    (void)unused;
    for (size_t kind = 0; kind < PLANTED_KINDS; kind++)
        for (size_t v = 0; v < VARIANTS; v++) {
            struct cs_env env = point(11, kind);
            struct planted_state *state = module_setup(&module, &env);
            for (size_t run = 0; run < state->windows + 2; run++) {
                module.kernel->variants[v].run(state);
                module_check(&module, state, v);
                assert_int_equal(state->last_window, run % state->windows);
            }
            module_teardown(&module, state);
        }
}

static void as_many_steps_as_the_name_says(void **unused) {
    (void)unused;
    assert_int_equal(module_variants(&module), VARIANTS);
    for (size_t kind = 0; kind < PLANTED_KINDS; kind++) {
        struct cs_env env = point(2, kind);
        struct planted_state *state = module_setup(&module, &env);
        struct cs_work work = module_work(&module, state);
        for (size_t v = 0; v < VARIANTS; v++) {
            uint64_t before, after;
            module_count(&module, state, &before);
            for (size_t run = 0; run < state->windows; run++)
                module.kernel->variants[module_variant(&module, planted[v].variant)].run(state);
            module_count(&module, state, &after);
            uint64_t base = (uint64_t)work.items * state->windows;
            assert_int_equal(after - before, base * planted[v].steps / 10000);
        }
        module_teardown(&module, state);
    }
}

/* What is counted is also done: one step fewer, or one more, is a wrong answer. */
static void no_step_can_be_left_out(void **unused) {
    (void)unused;
    for (size_t kind = 0; kind < PLANTED_KINDS; kind++) {
        struct cs_env env = point(4, kind);
        struct planted_state *state = module_setup(&module, &env);
        for (size_t v = 1; v < VARIANTS; v++)
            for (int change = -1; change <= 1; change += 2) {
                struct planted_window *work = state->work[v - 1]; /* base and same share the first */
                struct cs_mismatch mismatch;
                work->more += (size_t)change;
                module_run(&module, state, v);
                work->more -= (size_t)change;
                if (module_check_passes(&module, state, v, &mismatch))
                    fail_msg("%s, %s: %+d step and still the right answer", kinds[kind], planted[v].variant,
                             change);
                module_run(&module, state, v);
                module_check(&module, state, v);
            }
        module_teardown(&module, state);
    }
}

/* What another variant copied must not stand in for a copy that was not made. */
static void copies_are_spoiled_before_a_run(void **unused) {
    (void)unused;
    struct cs_env env = point(8, PLANTED_COPY);
    struct planted_state *state = module_setup(&module, &env);
    size_t bytes = sizeof state->copy->target;
    module_run(&module, state, 0);
    assert_memory_equal(state->copy->target, state->copy->source, bytes);
    module_poison(&module, state, 0, 0xa5);
    for (size_t piece = 0; piece < PLANTED_PIECES; piece++)
        assert_memory_not_equal(state->copy->target[piece], state->copy->source[piece], 64);
    module_teardown(&module, state);
}

/* Caches of all sizes: also with fewer lines than a run has steps, which then goes round. */
static void a_chase_may_go_round(void **unused) {
    (void)unused;
    for (int64_t bytes = 1 << 16; bytes <= 1 << 19; bytes *= 2) {
        struct cs_env env =
            MODULE_ENV(&module, 12, {"kind", module_choice(&module, "kind", "l2")}, {"bytes", bytes});
        struct planted_state *state = module_setup(&module, &env);
        assert_int_equal(state->line_mask + 1, bytes / 64);
        assert_in_range(state->windows, 1, state->line_mask / 2000 + 1);
        for (size_t v = 0; v < VARIANTS; v++)
            for (size_t run = 0; run <= state->windows; run++) {
                module.kernel->variants[v].run(state);
                module_check(&module, state, v);
            }
        module_teardown(&module, state);
    }
}

/*
 * All lines in one cycle, and no line twice in all windows together: a run finds nothing that another left.
 */
static void the_chase_meets_no_line_again(void **unused) {
    (void)unused;
    struct cs_env env = point(5, PLANTED_DRAM);
    struct planted_state *state = module_setup(&module, &env);
    size_t lines = state->line_mask + 1, visited = 0;
    unsigned char *seen = calloc(lines, 1);
    assert_non_null(seen);
    assert_int_equal(sizeof(struct planted_line), 64);
    const struct planted_line *line = state->lines;
    do {
        line = line->next;
        visited++;
    } while (line != state->lines && visited <= lines);
    assert_int_equal(visited, lines);
    for (size_t window = 0; window < state->windows; window++) {
        const struct planted_window *work = &state->work[PLANTED_SIZES - 1][window];
        line = state->lines + work->start;
        for (size_t step = 0; step < state->steps + work->more; step++) {
            line = line->next;
            assert_false(seen[line - state->lines]);
            seen[line - state->lines] = 1;
        }
    }
    assert_true(state->windows > 1);
    free(seen);
    module_teardown(&module, state);
}

/* Of a million fair bytes, six standard deviations. */
static void branches_go_either_way(void **unused) {
    (void)unused;
    struct cs_env env = point(6, PLANTED_BRANCHY);
    struct planted_state *state = module_setup(&module, &env);
    size_t count = state->windows * state->bytes_stride, odd = 0;
    for (size_t i = 0; i < count; i++)
        odd += state->bytes[i] & 1;
    assert_true(fabs((double)odd - (double)count / 2) < 3 * sqrt((double)count));
    module_teardown(&module, state);
}

/* By nm, since what is loaded has no names of its functions. */
static size_t code_bytes(size_t variant) {
    char command[512], address[32], size[32], name[64];
    Dl_info info;
    void *run = (void *)(uintptr_t)module.kernel->variants[variant].run;
    assert_int_not_equal(dladdr(run, &info), 0);
    snprintf(command, sizeof command, "nm -S --defined-only %s", info.dli_fname);
    FILE *symbols = popen(command, "re");
    size_t bytes = 0;
    assert_non_null(symbols);
    for (char line[256]; fgets(line, sizeof line, symbols);)
        if (sscanf(line, "%31s %31s %*c %63s", address, size, name) == 3 &&
            strtoull(address, NULL, 16) == (uintptr_t)run - (uintptr_t)info.dli_fbase &&
            !strncmp(name, "run_", 4))
            bytes = strtoull(size, NULL, 16);
    pclose(symbols);
    assert_true(bytes > 0);
    return bytes;
}

/* Code of another length would lie differently, and that would be a difference of its own. */
static void all_variants_are_as_long(void **unused) {
    (void)unused;
    for (size_t v = 1; v < VARIANTS; v++)
        assert_int_equal(code_bytes(v), code_bytes(0));
}

static void bytes_that_are_no_power_of_two_are_refused(void **unused) {
    (void)unused;
    struct cs_env env = MODULE_ENV(&module, 1, {"kind", PLANTED_DRAM}, {"bytes", (1 << 20) + 64});
    void *state = NULL;
    assert_int_equal(module_try_setup(&module, &env, &state), -EINVAL);
    assert_null(state);
    assert_non_null(strstr(module.reason, "1048640"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_variant_gives_the_baselines_answer),
        cmocka_unit_test(every_window_gives_the_right_answer),
        cmocka_unit_test(as_many_steps_as_the_name_says),
        cmocka_unit_test(no_step_can_be_left_out),
        cmocka_unit_test(copies_are_spoiled_before_a_run),
        cmocka_unit_test(a_chase_may_go_round),
        cmocka_unit_test(the_chase_meets_no_line_again),
        cmocka_unit_test(branches_go_either_way),
        cmocka_unit_test(all_variants_are_as_long),
        cmocka_unit_test(bytes_that_are_no_power_of_two_are_refused),
    };
    module_load(&module, "planted");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    module_unload(&module);
    return failed != 0;
}
