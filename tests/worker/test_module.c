#include "worker/module.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MODULES TEST_BUILD "/lib/countersign/test-kernels/"

static void run(void *state) {
    (void)state;
}
static int setup(const struct cs_env *env, void *state) {
    (void)env, (void)state;
    return 0;
}
static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    (void)state, (void)variant, (void)outputs, (void)count;
    return 0;
}
static void work(const void *state, struct cs_work *work) {
    (void)state, (void)work;
}
static struct cs_kernel complete(void) {
    return (struct cs_kernel){CS_KERNEL_HEADER,
                              .name = "k",
                              .summary = "s",
                              .item = "i",
                              .parameters = {{.name = "n", .unit = "u", .min = 1, .max = 9, .def = 4}},
                              .variants = {{.name = "a", .run = run}, {.name = "b", .run = run}},
                              .setup = setup,
                              .outputs = outputs,
                              .work = work,
                              .state_size = 8};
}

/* The kernel is refused with `status`, and the message holds `word`. */
static void assert_refused(const struct cs_kernel *kernel, int status, const char *word) {
    struct problem problem = {""};
    assert_int_equal(module_check(kernel, "k.so", &problem), status);
    if (!strstr(problem.text, word))
        fail_msg("'%s' does not say '%s'", problem.text, word);
}

static void a_complete_descriptor_passes(void **unused) {
    (void)unused;
    struct cs_kernel kernel = complete();
    struct problem problem;
    assert_int_equal(module_check(&kernel, "k.so", &problem), 0);
    kernel.scale = "n";
    assert_int_equal(module_check(&kernel, "k.so", &problem), 0);
}

/* Which it could not in interface 2. */
static void outputs_and_work_may_be_said_by_setup(void **unused) {
    (void)unused;
    struct cs_kernel kernel = complete();
    struct problem problem;
    kernel.abi = 2;
    assert_int_equal(module_check(&kernel, "k.so", &problem), 0);
    kernel.outputs = NULL;
    assert_refused(&kernel, -EINVAL, "cs_kernel.outputs");
    kernel.abi = 3;
    kernel.work = NULL;
    assert_int_equal(module_check(&kernel, "k.so", &problem), 0);
}

static void each_defect_of_a_service_is_named(void **unused) {
    (void)unused;
    static const char *many[MODULE_SERVICE_ARGUMENTS + 2], *bad[] = {NULL, "", "bin/server"};
    struct cs_kernel kernel = complete();
    struct cs_service good = {.name = "redis", .program = "redis-server"};
    kernel.services[0] = good;
    struct problem problem;
    assert_int_equal(module_check(&kernel, "k.so", &problem), 0);
    kernel.services[1] = good;
    assert_refused(&kernel, -EINVAL, "service 'redis' is there twice");
    kernel.services[1].name = "Redis";
    assert_refused(&kernel, -EINVAL, "service 1: name 'Redis'");
    kernel.services[1].name = NULL;
    for (int i = 0; i < 3; i++) {
        kernel.services[0].program = bad[i];
        assert_refused(&kernel, -EINVAL, "service 'redis': program");
    }
    kernel.services[0] = good;
    for (int i = 0; i <= MODULE_SERVICE_ARGUMENTS; i++)
        many[i] = "x";
    kernel.services[0].arguments = many;
    assert_refused(&kernel, -EINVAL, "more than 31 arguments");
    kernel.services[0] = good;
    kernel.services[0].ready = "";
    assert_refused(&kernel, -EINVAL, "service 'redis': ready");
    kernel.services[0] = good;
    kernel.services[0].folders = "usr/lib/*/bin";
    assert_refused(&kernel, -EINVAL, "service 'redis': folders");
    kernel.services[0] = good;
    kernel.services[0].socket = "../s";
    assert_refused(&kernel, -EINVAL, "service 'redis': socket");
    kernel.services[0] = good;
    static const char *const elsewhere[] = {"/bin/sh", NULL}, *const none[] = {NULL};
    kernel.services[0].make = elsewhere;
    assert_refused(&kernel, -EINVAL, "service 'redis': make");
    kernel.services[0].make = none;
    assert_refused(&kernel, -EINVAL, "service 'redis': make");
    kernel.services[0] = good;
    kernel.services[0].ready_s = -1;
    assert_refused(&kernel, -EINVAL, "ready_s");
    kernel.services[0] = good;
    kernel.services[0].variants = 1u << 15;
    assert_refused(&kernel, -EINVAL, "variants that are not there");
}

static void each_defect_is_named(void **unused) {
    (void)unused;
    struct cs_kernel kernel = complete();
    kernel.abi = 9;
    assert_refused(&kernel, -EPROTO, "interface 9");
    kernel.abi = 1;
    assert_refused(&kernel, -EPROTO, "interface 1, this countersign has 3; let the harness make its state");
    kernel.abi = CS_ABI + 1;
    assert_refused(&kernel, -EPROTO, "interface 4, this countersign has 3; rebuild");
    kernel = complete();
    kernel.state_size = 0;
    assert_refused(&kernel, -EINVAL, "cs_kernel.state_size");
    kernel = complete();
    kernel.size = 8;
    assert_refused(&kernel, -EPROTO, "8 bytes");
    kernel = complete();
    kernel.name = "No Good";
    assert_refused(&kernel, -EINVAL, "cs_kernel.name");
    kernel = complete();
    kernel.abi = 2;
    kernel.work = NULL;
    assert_refused(&kernel, -EINVAL, "cs_kernel.work");
    kernel = complete();
    kernel.scale = "m";
    assert_refused(&kernel, -EINVAL, "cs_kernel.scale is 'm'");
    kernel = complete();
    kernel.reset_each_run = 1;
    assert_refused(&kernel, -EINVAL, "reset");
    kernel = complete();
    kernel.tolerance = -1;
    assert_refused(&kernel, -EINVAL, "tolerance");
    kernel = complete();
    kernel.parameters[0].def = 10;
    assert_refused(&kernel, -EINVAL, "default 10");
    kernel = complete();
    kernel.parameters[0].name = "threads";
    assert_refused(&kernel, -EINVAL, "reserved");
    kernel = complete();
    kernel.variants[1].name = "a";
    assert_refused(&kernel, -EINVAL, "twice");
    kernel = complete();
    kernel.variants[1].run = NULL;
    assert_refused(&kernel, -EINVAL, "'b' has no run");
    kernel = complete();
    kernel.variants[0].name = NULL;
    assert_refused(&kernel, -EINVAL, "no variant");
}

static void assert_not_loaded(const char *name, int status, const char *word) {
    struct module module;
    struct problem problem = {""};
    char path[4096];
    snprintf(path, sizeof path, MODULES "%s.native.so", name);
    assert_int_equal(module_open(&module, path, &problem), status);
    assert_null(module.handle);
    if (!strstr(problem.text, word) || !strstr(problem.text, name))
        fail_msg("'%s' does not say '%s' of %s", problem.text, word, name);
}

static void what_is_not_a_kernel_is_refused(void **unused) {
    (void)unused;
    assert_not_loaded("other_abi", -EPROTO, "interface 44");
    assert_not_loaded("no_descriptor", -ELIBBAD, "no descriptor");
    assert_not_loaded("incomplete", -EINVAL, "cs_kernel.setup");
    assert_not_loaded("not_there", -ENOENT, "No such file");
}

static void a_copy_is_a_second_load(void **unused) {
    (void)unused;
    struct module first, second;
    struct problem problem = {""};
    char copy[] = "/tmp/countersign-test-XXXXXX";
    close(mkstemp(copy));
    assert_int_equal(module_open(&first, MODULES "hostile.native.so", &problem), 0);
    assert_int_equal(module_open_copy(&second, MODULES "hostile.native.so", copy, &problem), 0);
    assert_ptr_not_equal(first.kernel, second.kernel);
    assert_true(first.kernel->variants[0].run != second.kernel->variants[0].run);
    assert_string_equal(first.kernel->name, second.kernel->name);
    module_close(&first);
    module_close(&second);
    unlink(copy);
}

static void a_description_survives_the_way_back(void **unused) {
    (void)unused;
    struct module module;
    struct problem problem;
    struct module_description *description = calloc(1, sizeof *description);
    struct module_view *view = calloc(1, sizeof *view);
    assert_int_equal(module_open(&module, MODULES "hostile.native.so", &problem), 0);
    module_describe(&module, "path", description);
    module_view_of(description, view);
    assert_string_equal(description->item, "number");
    assert_int_equal(description->variant_count, 12);
    assert_int_equal(module_find_variant(description, "crash"), 5);
    assert_int_equal(module_find_variant(description, "nothing"), -1);
    int never = module_find_variant(description, "never");
    assert_false(description->variants[never].supported);
    assert_string_equal(description->variants[never].reason, "needs a processor from the future");
    assert_false(module_is_parallel(description));
    for (size_t i = 0; i < description->variant_count; i++)
        assert_string_equal(view->kernel.variants[i].name, module.kernel->variants[i].name);
    assert_null(view->kernel.variants[description->variant_count].name);
    assert_int_equal(view->kernel.parameters[0].max, module.kernel->parameters[0].max);
    assert_null(view->kernel.parameters[2].name);
    module_close(&module);
    free(description);
    free(view);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_complete_descriptor_passes),
        cmocka_unit_test(outputs_and_work_may_be_said_by_setup),
        cmocka_unit_test(each_defect_is_named),
        cmocka_unit_test(each_defect_of_a_service_is_named),
        cmocka_unit_test(what_is_not_a_kernel_is_refused),
        cmocka_unit_test(a_copy_is_a_second_load),
        cmocka_unit_test(a_description_survives_the_way_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
