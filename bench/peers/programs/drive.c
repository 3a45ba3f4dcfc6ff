/*
 * A kernel as a program of its own: it sets a point up once and keeps it, so that a rival program can work on the same file, table
 * or server, and runs a variant whenever it is told to. Built by bench/peers/drive.py together with the kernel's sources.
 *   drive                                    prints the server that the kernel needs
 *   drive VARIANT SEED SCRATCH SOCKET [NAME=VALUE…]
 * Then of each line of standard input: "run N" runs the variant N times on the state as setup made it, checks the last answer and
 * prints items and seconds; "reset" makes the state so again and prints "done". Whatever fails ends it with one line.
 */
#define _GNU_SOURCE
#include "worker/kernel_host.h"
#include "worker/verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern const struct cs_kernel cs_kernel;

static struct kernel_host host;

struct drive {
    void *state;
    size_t variant;
};

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "drive: %s: ", cs_kernel.name);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

static void end_without_memory(void *context, const char *name, size_t bytes) {
    (void)context;
    die("no memory for %zu bytes of %s", bytes, name);
}

static void print_words(const char *key, const char *const *words) {
    for (; words && *words; words++)
        printf("%s\t%s\n", key, *words);
}

static int print_service(void) {
    const struct cs_service *service = &cs_kernel.services[0];
    if (!service->name)
        return 0;
    printf("program\t%s\nfolders\t%s\nsocket\t%s\nready\t%s\nrefuses_root\t%d\n", service->program,
           service->folders ? service->folders : "", service->socket ? service->socket : "s",
           service->ready ? service->ready : "", service->refuses_root);
    print_words("make", service->make);
    print_words("argument", service->arguments);
    return 0;
}

static size_t variant_named(const char *name) {
    for (size_t i = 0; i < CS_MAX_VARIANTS && cs_kernel.variants[i].name; i++)
        if (!strcmp(cs_kernel.variants[i].name, name))
            return i;
    die("no variant is called %s", name);
}

static int64_t value_of(const struct cs_parameter *parameter, const char *text) {
    char *end = NULL;
    for (int i = 0; parameter->choices && parameter->choices[i]; i++)
        if (!strcmp(parameter->choices[i], text))
            return i;
    long long value = strtoll(text, &end, 10);
    if (parameter->choices || end == text || *end || value < parameter->min || value > parameter->max)
        die("%s cannot be '%s'", parameter->name, text);
    return value;
}

static void set_parameter(struct cs_env *env, const char *word) {
    for (size_t i = 0; i < CS_MAX_PARAMETERS && cs_kernel.parameters[i].name; i++) {
        size_t length = strlen(cs_kernel.parameters[i].name);
        if (!strncmp(word, cs_kernel.parameters[i].name, length) && word[length] == '=') {
            env->value[i] = value_of(&cs_kernel.parameters[i], word + length + 1);
            return;
        }
    }
    die("expected NAME=VALUE of one of its parameters, got '%s'", word);
}

static void set_up(struct drive *drive, const struct cs_env *env) {
    const struct cs_variant *variant = &cs_kernel.variants[drive->variant];
    struct problem problem;
    if (variant->supported && !variant->supported(env->reason, env->reason_size))
        die("%s: %s", variant->name, env->reason);
    drive->state = kernel_host_make_state(&cs_kernel);
    if (!drive->state)
        die("no memory for its state");
    if (cs_kernel.setup(env, drive->state) || (variant->prepare && variant->prepare(env, drive->state)))
        die("%s", env->reason);
    if (kernel_host_settle(&host, &cs_kernel, &problem))
        die("%s", problem.text);
}

static size_t find_outputs(const struct drive *drive, struct cs_output *outputs) {
    size_t count = 0;
    int status = kernel_host_outputs(&host, &cs_kernel, drive->state, drive->variant, outputs, &count);
    if (status)
        die("a run failed: %s", strerror(-status));
    return count;
}

/* An answer that is still there would do for one that is never given. */
static void rewind_state(const struct drive *drive) {
    struct cs_output outputs[CS_MAX_OUTPUTS];
    output_poison(outputs, find_outputs(drive, outputs), 1);
    if (cs_kernel.poison && cs_kernel.poison(drive->state, drive->variant))
        die("cannot overwrite its answer");
    kernel_host_reset(&host, &cs_kernel, drive->state);
}

static void check_answer(const struct drive *drive) {
    struct cs_output outputs[CS_MAX_OUTPUTS];
    struct cs_mismatch mismatch = {0};
    find_outputs(drive, outputs);
    if (cs_kernel.check(drive->state, drive->variant, &mismatch) || mismatch.output)
        die("wrong answer: %s[%zu] is %s instead of %s", mismatch.output ? mismatch.output : "?",
            mismatch.index, mismatch.got, mismatch.expected);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void run(const struct drive *drive, unsigned long runs) {
    const struct cs_variant *variant = &cs_kernel.variants[drive->variant];
    rewind_state(drive);
    double begun = now();
    for (unsigned long i = 0; i < runs; i++)
        variant->run(drive->state);
    double seconds = now() - begun;
    check_answer(drive);
    printf("%.0f %.9f\n", (double)runs * kernel_host_work(&host, &cs_kernel, drive->state).items, seconds);
}

static void obey(const struct drive *drive) {
    char line[64];
    unsigned long runs = 0;
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "run %lu", &runs) == 1 && runs > 0)
            run(drive, runs);
        else if (!strcmp(line, "reset\n")) {
            rewind_state(drive);
            puts("done");
        } else
            die("expected 'run N' or 'reset', got '%s'", strtok(line, "\n"));
        fflush(stdout);
    }
}

int main(int count, char **words) {
    char reason[512] = "";
    struct cs_env env = {
        .host = &host.functions, .threads = 1, .reason = reason, .reason_size = sizeof reason};
    if (count == 1)
        return print_service();
    if (count < 5)
        die("expected VARIANT SEED SCRATCH SOCKET [NAME=VALUE…]");
    struct drive drive = {.variant = variant_named(words[1])};
    env.seed = strtoull(words[2], NULL, 10);
    env.scratch = words[3];
    env.service[0] = words[4];
    for (size_t i = 0; i < CS_MAX_PARAMETERS && cs_kernel.parameters[i].name; i++)
        env.value[i] = cs_kernel.parameters[i].def;
    for (int i = 5; i < count; i++)
        set_parameter(&env, words[i]);
    kernel_host_start(&host, end_without_memory, NULL);
    set_up(&drive, &env);
    puts("ready");
    fflush(stdout);
    obey(&drive);
    if (cs_kernel.variants[drive.variant].release)
        cs_kernel.variants[drive.variant].release(drive.state);
    if (cs_kernel.teardown)
        cs_kernel.teardown(drive.state);
    kernel_host_end(&host);
    free(drive.state);
    return 0;
}
