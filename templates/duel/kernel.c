/*
 * One function, defined by several files or libraries, called with the same arguments. signature.h says what
 * it takes; each run calls it once for every set of arguments, through a pointer, so that no caller is
 * compiled into it.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <countersign.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "duel.h"
#include "signature.h"

/* Every array begins at a cache line; what is between two must stay as it is. */
#define LINE ((size_t)64)
#define GUARD 0x5c
/* Sets of arguments as long as this are read from a core's own caches. */
#define CACHED ((size_t)256 << 10)
/* As many runs have inputs of their own, where nothing else is asked for: a run takes 20 us at most. */
#define FRESH_RUNS 64

#ifndef RTLD_DEEPBIND
#define RTLD_DEEPBIND 0
#endif

static bool is_array(const struct duel_argument *argument) {
    return argument->role >= DUEL_INPUT;
}

/* Bytes of one call's argument, with the end of a string. */
static size_t bytes_of(const struct duel *duel, const struct duel_argument *argument) {
    return (duel_elements(duel, argument) + argument->ended) * argument->size;
}

static bool is_recorded(void) {
    return duel_recorded.path != NULL;
}

/* The same of one call; none where it was given NULL. */
static size_t bytes_in(const struct duel *duel, size_t i, size_t call) {
    const struct duel_memory *memory = &duel->arguments[i];
    if (memory->at && !memory->at[call])
        return 0;
    return (duel_elements_of(duel, &duel_arguments[i], memory, call) + duel_arguments[i].ended) *
           duel_arguments[i].size;
}

/*
 * RTLD_DEEPBIND: calls within a library stay there, although another of the same names is in the process. The
 * address must be of the file that was named, and not of a library that it needs.
 */
static int load(size_t variant, void (**function)(void), char *reason, size_t size) {
    const char *path = duel_libraries[variant].path, *symbol = duel_libraries[variant].symbol;
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    void *address = handle ? dlsym(handle, symbol) : NULL;
    Dl_info info;
    struct stat named, found;
    if (!address) {
        snprintf(reason, size, "%s", dlerror());
        return 0;
    }
    if (!dladdr(address, &info) || stat(path, &named) != 0 || stat(info.dli_fname, &found) != 0 ||
        named.st_ino != found.st_ino || named.st_dev != found.st_dev) {
        snprintf(reason, size, "%s does not define %s; a library that it needs does", path, symbol);
        return 0;
    }
    memcpy(function, &address, sizeof address);
    return 1;
}

static int supported(char *reason, size_t reason_size) {
    void (*function)(void);
    for (size_t i = 0; i < DUEL_VARIANTS; i++)
        if (duel_libraries[i].path && !load(i, &function, reason, reason_size))
            return 0;
    return 1;
}

/* Scalars lie one behind the other; arrays a line or more apart, with a line before the first. */
static int allocate(const struct cs_env *env, const struct duel *duel, struct duel_memory *memory,
                    const char *name, size_t bytes, bool array) {
    size_t before = array ? LINE : 0, behind = array ? 0 : LINE;
    memory->stride = array ? (bytes + LINE - 1) / LINE * LINE + LINE : bytes;
    if (__builtin_mul_overflow(memory->stride, duel->sets, &memory->size) ||
        __builtin_add_overflow(memory->size, before + behind, &memory->size))
        return cs_fail(env, ENOMEM, "no memory for %s: %zu calls of %zu bytes", name, duel->sets,
                       memory->stride);
    memory->size = memory->size / LINE * LINE;
    memory->block = cs_array(env, name, memory->size, unsigned char);
    memset(memory->block, GUARD, memory->size);
    memory->data = memory->block + before;
    return 0;
}

static size_t lines_of(size_t bytes) {
    return (bytes + LINE - 1) / LINE * LINE + LINE;
}

/* Of each call as much as it had; `first` is the call that is made first. */
static int allocate_recorded(const struct cs_env *env, struct duel *duel, size_t i,
                             const struct duel_calls *calls, size_t first) {
    const struct duel_argument *argument = &duel_arguments[i];
    struct duel_memory *memory = &duel->arguments[i];
    memory->slots = cs_array(env, "places of recorded arrays", duel->sets + 1, size_t);
    memory->before = cs_array(env, "lengths of recorded arrays", duel->sets + 1, size_t);
    memory->at = cs_array(env, "recorded pointers", duel->sets, unsigned char *);
    memory->slots[0] = memory->before[0] = 0;
    for (size_t call = 0; call < duel->sets; call++) {
        bool null;
        size_t from = (first + call) % duel_recorded.calls;
        size_t elements = duel_recorded_elements(calls->values[from * DUEL_ARGUMENTS + i], &null);
        size_t bytes = null ? 0 : (elements + argument->ended) * argument->size;
        memory->before[call + 1] = memory->before[call] + elements;
        memory->slots[call + 1] = memory->slots[call] + lines_of(bytes);
    }
    memory->size = memory->slots[duel->sets] + LINE;
    memory->block = cs_array(env, argument->name, memory->size, unsigned char);
    memset(memory->block, GUARD, memory->size);
    memory->data = memory->block + LINE;
    return 0;
}

static void fill_recorded(const struct duel *duel, size_t i, const struct duel_calls *calls, size_t first) {
    const struct duel_argument *argument = &duel_arguments[i];
    const struct duel_memory *memory = &duel->arguments[i];
    bool null = false;
    for (size_t call = 0; call < duel->sets; call++) {
        const unsigned char *value = calls->values[(first + call) % duel_recorded.calls * DUEL_ARGUMENTS + i];
        unsigned char *to = memory->data + duel_slot(memory, call);
        size_t bytes = argument->size;
        if (is_array(argument)) {
            bytes *= duel_recorded_elements(value, &null);
            value += sizeof(uint64_t);
            memory->at[call] = null ? NULL : to;
        }
        if (argument->role != DUEL_OUTPUT)
            memcpy(to, value, bytes);
        if (argument->ended && !null)
            memset(to + bytes, 0, argument->size);
    }
}

static void keep_pristine(const struct cs_env *env, struct duel_memory *memory) {
    memory->pristine = cs_array(env, "arguments as they were made", memory->size, unsigned char);
    memcpy(memory->pristine, memory->block, memory->size);
}

/* Pointers to the rows of each call, and NULL behind them. */
static void point(struct duel *duel, size_t i) {
    const struct duel_argument *argument = &duel_arguments[i], *rows = argument->rows;
    const struct duel_memory *to = &duel->arguments[rows - duel_arguments];
    size_t count = duel_elements(duel, argument), bytes = duel_row(duel, rows) * rows->size;
    for (size_t call = 0; call < duel->sets; call++)
        for (size_t k = 0; k <= count; k++) {
            unsigned char *row = k < count ? to->data + call * to->stride + k * bytes : NULL;
            memcpy(duel->arguments[i].data + call * duel->arguments[i].stride + k * sizeof row, &row,
                   sizeof row);
        }
}

static int make_argument(const struct cs_env *env, struct duel *duel, size_t i, struct cs_random *random) {
    const struct duel_argument *argument = &duel_arguments[i];
    struct duel_memory *memory = &duel->arguments[i];
    if (argument->role == DUEL_CALLBACK)
        duel->callbacks[i] = DUEL_CALLBACK_OF(i);
    if (argument->role < DUEL_SCALAR)
        return 0;
    int status = allocate(env, duel, memory, argument->name, bytes_of(duel, argument), is_array(argument));
    if (status == 0 && argument->rows) {
        point(duel, i);
        duel->places[i] =
            cs_array(env, "where pointers lead to", duel->sets * duel_elements(duel, argument), int64_t);
    } else if (status == 0 && argument->role != DUEL_OUTPUT)
        status = duel_fill(env, duel, argument, memory, random);
    if (status == 0 && argument->role != DUEL_OUTPUT)
        keep_pristine(env, memory);
    return status;
}

/* Answers of calls of different lengths, so that they are one array. */
static void make_room_for_answers(const struct cs_env *env, struct duel *duel) {
    size_t output = DUEL_RESULT_POINTER ? 1 : duel_result.field_count;
    for (size_t i = 0; i < DUEL_ARGUMENTS; i++)
        for (size_t f = 0; duel_arguments[i].role >= DUEL_OUTPUT && f < duel_arguments[i].field_count; f++) {
            const struct duel_field *field = &duel_arguments[i].fields[f];
            size_t bytes = duel->arguments[i].before[duel->sets] * field->count * field->size;
            duel->gathered[output++] = cs_array(env, "answers of recorded calls", bytes + 1, unsigned char);
        }
}

/* From the arrays to one behind the other, or back. */
static void move_answers(const struct duel *duel, size_t i, const struct duel_field *field,
                         unsigned char *copy, bool back) {
    const struct duel_memory *memory = &duel->arguments[i];
    for (size_t call = 0; call < duel->sets; call++)
        for (size_t k = 0; k < memory->before[call + 1] - memory->before[call]; k++)
            for (size_t one = 0; one < field->count; one++, copy += field->size) {
                unsigned char *there =
                    memory->at[call] + k * duel_arguments[i].size + field->offset + one * field->stride;
                memcpy(back ? there : copy, back ? copy : there, field->size);
            }
}

static int make_recorded(const struct cs_env *env, struct duel *duel, const struct duel_calls *calls,
                         size_t first) {
    int status = 0;
    for (size_t i = 0; i < DUEL_ARGUMENTS && status == 0; i++) {
        const struct duel_argument *argument = &duel_arguments[i];
        struct duel_memory *memory = &duel->arguments[i];
        status = is_array(argument) ? allocate_recorded(env, duel, i, calls, first)
                                    : allocate(env, duel, memory, argument->name, argument->size, false);
        if (status == 0)
            fill_recorded(duel, i, calls, first);
        if (status == 0 && argument->role != DUEL_OUTPUT)
            keep_pristine(env, memory);
    }
    make_room_for_answers(env, duel);
    return status;
}

static size_t bytes_a_call(const struct duel *duel) {
    size_t bytes = duel_result.size;
    if (is_recorded())
        return bytes + duel_recorded.bytes / duel_recorded.calls;
    for (size_t i = 0; i < DUEL_ARGUMENTS; i++)
        bytes += duel_arguments[i].role < DUEL_SCALAR ? 0 : bytes_of(duel, &duel_arguments[i]);
    return bytes;
}

static size_t count_calls(size_t bytes, size_t batch) {
    size_t cached = bytes && bytes < CACHED ? CACHED / bytes : 1;
    return DUEL_BATCH == 0 && cached < batch ? cached : batch;
}

/*
 * Calls whose inputs differ, of all runs: more than a branch predictor learns by heart, but no more than the caches hold. A
 * call that fills a run alone may take any time, and all of them are verified. In a simulator, which learns
 * nothing by heart, a run finds in its caches what it found there before.
 */
static size_t count_fresh(const struct cs_env *env, size_t run, size_t bytes) {
    size_t most = bytes ? CACHED / bytes : 1;
    size_t wanted = run > 1 ? run * FRESH_RUNS : 1;
    wanted = is_recorded() ? duel_recorded.calls : DUEL_FRESH ? DUEL_FRESH : wanted < most ? wanted : most;
    return env->simulated || wanted <= run ? run : (wanted + run - 1) / run * run;
}

/* Of one call: where rows are as long as n says, elements of all of them. */
static double count_items(const struct duel *duel) {
    double items = DUEL_HAS_LENGTH ? (double)duel->length : 1;
    for (size_t i = 0; i < DUEL_ARGUMENTS; i++)
        if (duel_arguments[i].of && duel_arguments[i].factor && duel_arguments[i].of->factor)
            items = (double)duel_elements(duel, &duel_arguments[i]);
    return items;
}

/* In the order of the program, from another call on in each process; the last run is filled up from the first call on. */
static int take_recorded(const struct cs_env *env, struct duel *duel, struct cs_random *random) {
    struct duel_calls calls = {0};
    size_t first = env->simulated ? 0 : (size_t)(cs_random_u64(random) % duel_recorded.calls);
    int status = duel_read_calls(env, &duel_recorded, duel_arguments, DUEL_ARGUMENTS, &calls);
    if (status == 0)
        status = make_recorded(env, duel, &calls, first);
    duel_forget_calls(&calls);
    return status;
}

static int setup(const struct cs_env *env, void *state) {
    struct duel *duel = state;
    struct cs_random random = cs_random_seed(env->seed);
    duel->length = DUEL_HAS_LENGTH ? (size_t)env->value[0] : 0;
    size_t bytes = bytes_a_call(duel);
    duel->run = count_calls(bytes, (size_t)env->value[DUEL_HAS_LENGTH]);
    duel->sets = count_fresh(env, duel->run, bytes);
    duel->span = duel->run;
    int status = is_recorded() ? take_recorded(env, duel, &random) : 0;
    for (size_t i = 0; i < DUEL_ARGUMENTS && status == 0 && !is_recorded(); i++)
        status = duel_arguments[i].rows ? 0 : make_argument(env, duel, i, &random);
    for (size_t i = 0; i < DUEL_ARGUMENTS && status == 0 && !is_recorded(); i++)
        status = duel_arguments[i].rows ? make_argument(env, duel, i, &random) : 0;
    if (status == 0)
        status = allocate(env, duel, &duel->result, "result", duel_result.size ? duel_result.size : 1, false);
    if (status == 0 && DUEL_RESULT_POINTER)
        duel->offsets = cs_array(env, "offsets of results", duel->sets, int64_t);
    for (size_t i = 0; i < DUEL_VARIANTS && status == 0; i++)
        if (duel_libraries[i].path && !load(i, &duel->functions[i], env->reason, env->reason_size))
            status = -ELIBACC;
    cs_work(env, (double)duel->run * count_items(duel), 0);
    return status;
}

/*
 * Arrays that are read and written begin each run as they were made: those of the next run. Where this is called
 * before each run, they go on from one to the next; else it begins again.
 */
static void reset(void *state) {
    struct duel *duel = state;
    if (!DUEL_RESETS)
        duel->first = 0;
    for (size_t i = 0; i < DUEL_ARGUMENTS; i++) {
        struct duel_memory *memory = &duel->arguments[i];
        size_t from = duel_slot(memory, duel->first), to = duel_slot(memory, duel->first + duel->span);
        if (duel_arguments[i].role == DUEL_IN_OUT)
            memcpy(memory->block + from, memory->pristine + from, LINE + to - from);
    }
}

/* What the variant before may have spoiled: inputs, and the lines between arrays. A verified run makes all calls. */
static int poison(void *state, size_t variant) {
    struct duel *duel = state;
    (void)variant;
    duel->first = 0;
    duel->span = duel->sets;
    size_t output = DUEL_RESULT_POINTER ? 1 : duel_result.field_count;
    for (size_t i = 0; i < DUEL_ARGUMENTS; i++) {
        struct duel_memory *memory = &duel->arguments[i];
        if (duel_arguments[i].role == DUEL_INPUT || duel_arguments[i].role == DUEL_SCALAR)
            memcpy(memory->block, memory->pristine, memory->size);
        for (size_t f = 0;
             is_recorded() && duel_arguments[i].role >= DUEL_OUTPUT && f < duel_arguments[i].field_count; f++)
            move_answers(duel, i, &duel_arguments[i].fields[f], duel->gathered[output++], true);
        if (duel_arguments[i].role != DUEL_OUTPUT)
            continue;
        memset(memory->block, GUARD, LINE);
        for (size_t call = 0; call < duel->sets; call++) {
            size_t from = duel_slot(memory, call) + bytes_in(duel, i, call);
            memset(memory->data + from, GUARD, duel_slot(memory, call + 1) - from);
        }
    }
    return 0;
}

static enum cs_type type_of(const struct duel_field *field) {
    static const enum cs_type types[][3] = {
        {CS_U8, CS_U8, CS_U8}, {CS_I16, CS_U16, CS_U16}, {CS_I32, CS_U32, CS_F32}, {CS_I64, CS_U64, CS_F64}};
    return types[__builtin_ctzll(field->size)][field->kind];
}

/* Of an argument's elements in all calls, or of the results. */
static struct cs_output output_of(const struct duel *duel, const struct duel_memory *memory,
                                  const struct duel_argument *argument, const struct duel_field *field,
                                  char text[96]) {
    size_t elements = duel_elements(duel, argument), each = elements * field->count;
    bool one = elements == 1; /* of one element a field may be an array */
    int length = snprintf(text, 96, "%.24s%s%.20s", argument->name, field->name && field->name[0] ? "." : "",
                          field->name ? field->name : "");
    if (each > 1 && duel->sets > 1)
        snprintf(text + length, 96 - (size_t)length, " (%zu a call)", each);
    return (struct cs_output){.name = text,
                              .data = memory->data + field->offset,
                              .count = duel->sets * each,
                              .type = type_of(field),
                              .stride = one ? field->stride : argument->size,
                              .block = each,
                              .block_stride = memory->stride};
}

/* Bytes from the beginning of the array that a pointer of this call leads into, which may be one past its end. */
static int64_t pointer_offset(const struct duel *duel, size_t call, const unsigned char *from) {
    uintptr_t result;
    memcpy(&result, from, sizeof result);
    for (size_t i = 0; i < DUEL_ARGUMENTS; i++) {
        const struct duel_memory *memory = &duel->arguments[i];
        uintptr_t begin = (uintptr_t)(memory->data + duel_slot(memory, call));
        if (is_array(&duel_arguments[i]) && result >= begin && (!memory->at || memory->at[call]) &&
            result - begin <= bytes_in(duel, i, call))
            return (int64_t)i * DUEL_SPAN + (int64_t)(result - begin);
    }
    return result ? DUEL_ELSEWHERE : DUEL_NULL;
}

static int64_t result_offset(const struct duel *duel, size_t call) {
    return pointer_offset(duel, call, duel->result.data + call * duel->result.stride);
}

static struct cs_output offsets_of(const struct duel *duel) {
    for (size_t call = 0; call < duel->sets; call++)
        duel->offsets[call] = result_offset(duel, call);
    return (struct cs_output){
        .name = "result (offset)", .data = duel->offsets, .count = duel->sets, .type = CS_I64};
}

static struct cs_output places_of(struct duel *duel, size_t i, char text[96]) {
    size_t each = duel_elements(duel, &duel_arguments[i]);
    const struct duel_memory *memory = &duel->arguments[i];
    snprintf(text, 96, "%.24s", duel_arguments[i].name);
    for (size_t k = 0; k < duel->sets * each; k++)
        duel->places[i][k] = pointer_offset(
            duel, k / each, memory->data + k / each * memory->stride + k % each * sizeof(void *));
    return (struct cs_output){
        .name = text, .data = duel->places[i], .count = duel->sets * each, .type = CS_I64};
}

static struct cs_output gathered_of(struct duel *duel, size_t i, const struct duel_field *field,
                                    size_t output) {
    const struct duel_memory *memory = &duel->arguments[i];
    move_answers(duel, i, field, duel->gathered[output], false);
    snprintf(duel->names[output], sizeof *duel->names, "%.24s%s%.20s", duel_arguments[i].name,
             field->name && field->name[0] ? "." : "", field->name ? field->name : "");
    return (struct cs_output){.name = duel->names[output],
                              .data = duel->gathered[output],
                              .count = memory->before[duel->sets] * field->count,
                              .type = type_of(field)};
}

static void add_outputs(struct duel *duel, const struct duel_memory *memory,
                        const struct duel_argument *argument, struct cs_output *outputs, size_t *count) {
    for (size_t i = 0; i < argument->field_count; i++, ++*count)
        outputs[*count] = output_of(duel, memory, argument, &argument->fields[i], duel->names[*count]);
}

static int outputs(void *state, size_t variant, struct cs_output *outputs, size_t *count) {
    struct duel *duel = state;
    (void)variant;
    *count = 0;
    if (DUEL_RESULT_POINTER)
        outputs[(*count)++] = offsets_of(duel);
    else
        add_outputs(duel, &duel->result, &duel_result, outputs, count);
    for (size_t i = 0; i < DUEL_ARGUMENTS; i++)
        if (duel_arguments[i].rows && duel_arguments[i].role >= DUEL_OUTPUT) {
            outputs[*count] = places_of(duel, i, duel->names[*count]);
            ++*count;
        } else if (is_recorded() && duel_arguments[i].role >= DUEL_OUTPUT) {
            for (size_t f = 0; f < duel_arguments[i].field_count; f++, ++*count)
                outputs[*count] = gathered_of(duel, i, &duel_arguments[i].fields[f], *count);
        } else if (duel_arguments[i].role >= DUEL_OUTPUT)
            add_outputs(duel, &duel->arguments[i], &duel_arguments[i], outputs, count);
    return 0;
}

static int compare(const void *state, const struct cs_output *expected, const struct cs_output *got,
                   size_t count, struct cs_mismatch *mismatch) {
    static const struct duel_answer answer = {.arguments = duel_arguments,
                                              .result = &duel_result,
                                              .argument_count = DUEL_ARGUMENTS,
                                              .offsets = DUEL_RESULT_POINTER,
                                              .tolerance = DUEL_TOLERANCE,
                                              .absolute = DUEL_ABSOLUTE,
                                              .norm = DUEL_NORM,
                                              .equal = DUEL_EQUAL};
    (void)count;
    return duel_compare(state, &answer, expected, got, mismatch);
}

/* Of the first variant: it is the same of all. */
static void evidence(void *state, char *text, size_t size) {
    const struct duel *duel = state;
    if (is_recorded()) {
        snprintf(text, size,
                 "note: inputs are recorded: %zu of %zu calls that %.300s made (digest %s), %zu a run\n",
                 duel_recorded.calls, duel_recorded.seen, duel_recorded.program, duel_recorded.digest,
                 duel->run);
        return;
    }
    snprintf(text, size, "%s%sinputs repeat after %zu call%s, %zu a run\n",
             DUEL_FRESH > 0 || sizeof DUEL_CALLBACKS > 1 ? "note: " : "", DUEL_CALLBACKS, duel->sets,
             duel->sets == 1 ? "" : "s", duel->run);
}

static void print_byte(char *text, size_t size, unsigned char byte) {
    snprintf(text, size, "byte 0x%02x", byte);
}

static int refuse_guard(struct duel *duel, size_t i, bool before, size_t index, unsigned char byte,
                        struct cs_mismatch *mismatch) {
    const char *name = duel_arguments[i].name;
    snprintf(duel->names[0], sizeof duel->names[0], "wrote %s %.20s: %.20s",
             before ? "before the start of" : "past the end of", name, name);
    mismatch->output = duel->names[0];
    mismatch->index = before ? 0 : index;
    print_byte(mismatch->got, sizeof mismatch->got, byte);
    snprintf(mismatch->expected, sizeof mismatch->expected, "nothing written there");
    return 1;
}

/* What is written close to the end of a line is rather before the array behind it. */
static int find_spoiled_guard(struct duel *duel, size_t i, struct cs_mismatch *mismatch) {
    const struct duel_argument *argument = &duel_arguments[i];
    const struct duel_memory *memory = &duel->arguments[i];
    for (size_t at = 0; at < LINE; at++)
        if (memory->block[at] != GUARD)
            return refuse_guard(duel, i, true, 0, memory->block[at], mismatch);
    for (size_t call = 0; call < duel->sets; call++) {
        const unsigned char *from = memory->data + duel_slot(memory, call);
        size_t room = duel_slot(memory, call + 1) - duel_slot(memory, call);
        for (size_t at = bytes_in(duel, i, call); at < room; at++)
            if (from[at] != GUARD)
                return refuse_guard(duel, i, at + argument->size * 2 > room, at / argument->size, from[at],
                                    mismatch);
    }
    return 0;
}

/* The lines between were looked at before. */
static int find_changed_input(struct duel *duel, size_t i, struct cs_mismatch *mismatch) {
    const struct duel_argument *argument = &duel_arguments[i];
    const struct duel_memory *memory = &duel->arguments[i];
    size_t call = 0, at = 0;
    while (at < memory->size && memory->block[at] == memory->pristine[at])
        at++;
    if (at == memory->size)
        return 0;
    while (call + 1 < duel->sets && LINE + duel_slot(memory, call + 1) <= at)
        call++;
    snprintf(duel->names[0], sizeof duel->names[0], "wrote to %.20s, which is const: %.20s", argument->name,
             argument->name);
    mismatch->output = duel->names[0];
    mismatch->index = at < LINE ? 0 : (at - LINE - duel_slot(memory, call)) / argument->size;
    print_byte(mismatch->got, sizeof mismatch->got, memory->block[at]);
    print_byte(mismatch->expected, sizeof mismatch->expected, memory->pristine[at]);
    return 1;
}

/* What it points to may be the same for all calls, or be gone: no answer that can be compared. */
static int refuse_elsewhere(const char *name, size_t index, struct cs_mismatch *mismatch) {
    mismatch->output = name;
    mismatch->index = index;
    snprintf(mismatch->got, sizeof mismatch->got, "a pointer into no argument");
    snprintf(mismatch->expected, sizeof mismatch->expected, "NULL, or one into an array");
    snprintf(mismatch->advice, sizeof mismatch->advice,
             "a setup compares, and frees, what a function allocates: `countersign new --from` begins one");
    return 1;
}

static int find_elsewhere(struct duel *duel, struct cs_mismatch *mismatch) {
    for (size_t call = 0; call < duel->sets; call++)
        if (result_offset(duel, call) == DUEL_ELSEWHERE)
            return refuse_elsewhere("result", call, mismatch);
    return 0;
}

static int find_place_elsewhere(struct duel *duel, size_t i, struct cs_mismatch *mismatch) {
    char name[96];
    const struct cs_output places = places_of(duel, i, name);
    for (size_t k = 0; k < places.count; k++)
        if (duel->places[i][k] == DUEL_ELSEWHERE)
            return refuse_elsewhere(duel_arguments[i].name, k, mismatch);
    return 0;
}

/* Not of the answer, which only the other variants can tell: of what a call must leave alone. */
static int check(void *state, size_t variant, struct cs_mismatch *mismatch) {
    struct duel *duel = state;
    (void)variant;
    int wrong = DUEL_RESULT_POINTER && find_elsewhere(duel, mismatch);
    for (size_t i = 0; i < DUEL_ARGUMENTS && !wrong; i++)
        if (is_array(&duel_arguments[i])) {
            wrong = find_spoiled_guard(duel, i, mismatch);
            if (!wrong && duel_arguments[i].rows)
                wrong = find_place_elsewhere(duel, i, mismatch);
            if (!wrong && duel_arguments[i].role == DUEL_INPUT)
                wrong = find_changed_input(duel, i, mismatch);
        }
    return wrong ? CS_WRONG : CS_UNCHECKED;
}

const struct cs_kernel cs_kernel = {
    .abi = CS_ABI,
    .size = (uint32_t)sizeof(struct cs_kernel),
    .compiler = CS_COMPILER,
    .flags = CS_BUILD_FLAGS DUEL_FLAGS,
    .name = DUEL_NAME,
    .summary = DUEL_SUMMARY,
    .item = DUEL_HAS_LENGTH ? "element" : "call",
    .parameters =
        {
#if DUEL_HAS_LENGTH
            {.name = "n",
             .unit = "elements",
             .min = 1,
             .max = DUEL_MOST_LENGTH,
             .def = 1,
             .summary = "length"},
#endif
            {.name = "batch",
             .unit = "calls",
             .min = DUEL_BATCH ? DUEL_BATCH : 1,
             .max = 1 << 24,
             .def = DUEL_BATCH                                ? DUEL_BATCH
                    : DUEL_HAS_LENGTH || DUEL_RECORDED_ARRAYS ? 64
                                                              : 1024,
             .summary =
                 DUEL_BATCH
                     ? "calls a run, of different arguments"
                     : "calls a run, of different arguments; fewer where those exceed 256 KiB or 20 us"}},
    .variants = {DUEL_VARIANT_LIST},
    .tolerance = DUEL_TOLERANCE,
    .reset_each_run = DUEL_RESETS,
    .supported = supported,
    .state_size = sizeof(struct duel),
    .setup = setup,
    .reset = reset,
    .poison = poison,
    .outputs = outputs,
    .check = check,
    .scale = "batch",
    .compare = compare,
};
