#include "record/recording.h"

#include "base/hash.h"
#include "base/whole_file.h"
#include "debug/definitions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "countersign recorded calls 1"

void recording_start(struct recording *recording, uint64_t most_bytes, uint64_t most_calls, uint64_t seed) {
    *recording = (struct recording){.most_bytes = most_bytes,
                                    .most_calls = most_calls,
                                    .threshold = UINT64_MAX,
                                    .random = cs_random_seed(seed)};
}

bool recording_draw(struct recording *recording, uint64_t *priority) {
    recording->seen++;
    *priority = cs_random_u64(&recording->random);
    return *priority < recording->threshold;
}

static void swap(struct recorded_call *a, struct recorded_call *b) {
    struct recorded_call kept = *a;
    *a = *b;
    *b = kept;
}

static void sift_up(struct recorded_call *calls, size_t i) {
    for (; i > 0 && calls[(i - 1) / 2].priority < calls[i].priority; i = (i - 1) / 2)
        swap(&calls[(i - 1) / 2], &calls[i]);
}

static void sift_down(struct recorded_call *calls, size_t count) {
    for (size_t i = 0, child; (child = 2 * i + 1) < count; i = child) {
        if (child + 1 < count && calls[child + 1].priority > calls[child].priority)
            child++;
        if (calls[child].priority <= calls[i].priority)
            return;
        swap(&calls[i], &calls[child]);
    }
}

/* The largest priority leaves, and is the threshold from now on. */
static void drop_first(struct recording *recording) {
    recording->threshold = recording->calls[0].priority;
    recording->bytes -= recording->calls[0].size;
    free(recording->calls[0].bytes);
    recording->calls[0] = recording->calls[--recording->count];
    sift_down(recording->calls, recording->count);
}

int recording_keep(struct recording *recording, uint64_t priority, unsigned char *bytes, size_t size) {
    if (size > recording->most_bytes) {
        recording->too_large++;
        free(bytes);
        return 0;
    }
    if (recording->count == recording->room) {
        size_t room = recording->room ? 2 * recording->room : 64;
        struct recorded_call *grown = realloc(recording->calls, room * sizeof *grown);
        if (!grown) {
            free(bytes);
            return -ENOMEM;
        }
        recording->calls = grown;
        recording->room = room;
    }
    recording->calls[recording->count] = (struct recorded_call){recording->seen - 1, priority, size, bytes};
    sift_up(recording->calls, recording->count++);
    recording->bytes += size;
    while (recording->bytes > recording->most_bytes || recording->count > recording->most_calls)
        drop_first(recording);
    return 0;
}

void recording_clear(struct recording *recording) {
    for (size_t i = 0; i < recording->count; i++)
        free(recording->calls[i].bytes);
    free(recording->calls);
    *recording = (struct recording){0};
}

uint64_t recording_layout(const struct signature *signature) {
    uint64_t key = HASH_START;
    for (size_t i = 0; i < signature->count; i++) {
        const struct scalar_type *type = &signature->parameters[i].type;
        const uint64_t whole[] = {type->kind, type->size,    type->pointer,
                                  type->rows, type->columns, type->field_count};
        key = hash_bytes(key, whole, sizeof whole);
        for (size_t f = 0; f < type->field_count; f++) {
            const struct scalar_field *field = &type->fields[f];
            const uint64_t part[] = {field->kind, field->size, field->offset, field->count, field->stride};
            key = hash_text(hash_bytes(key, part, sizeof part), field->name);
        }
    }
    return key;
}

static int compare_numbers(const void *a, const void *b) {
    const struct recorded_call *left = a, *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

/* A line holds one fact. */
static void print_line(FILE *stream, const char *name, const char *text) {
    fprintf(stream, "%s: ", name);
    for (const char *c = text; *c; c++)
        fputc((unsigned char)*c < ' ' ? '?' : *c, stream);
    fputc('\n', stream);
}

/* All but the digest, which is of this, too. To be freed; NULL: no memory. */
static char *print_head(const struct recording_facts *facts) {
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        return NULL;
    fputs(MAGIC "\n", stream);
    print_line(stream, "function", facts->function);
    print_line(stream, "types", facts->types);
    print_line(stream, "program", facts->program);
    const struct {
        const char *name;
        uint64_t number;
    } numbers[] = {{"layout", facts->layout},
                   {"seen", facts->seen},
                   {"saved", facts->saved},
                   {"too-large", facts->too_large},
                   {"unreadable", facts->unreadable},
                   {"seed", facts->seed},
                   {"bytes", facts->bytes}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        fprintf(stream, "%s: %llu\n", numbers[i].name, (unsigned long long)numbers[i].number);
    fclose(stream);
    return text;
}

struct writing {
    const struct recording *recording;
    const char *head;
    uint64_t digest;
};

static int write_recording(FILE *stream, const void *data) {
    const struct writing *writing = data;
    fprintf(stream, "%sdigest: %016llx\n\n", writing->head, (unsigned long long)writing->digest);
    for (size_t i = 0; i < writing->recording->count; i++)
        fwrite(writing->recording->calls[i].bytes, 1, writing->recording->calls[i].size, stream);
    return ferror(stream) ? -EIO : 0;
}

int recording_save(struct recording *recording, struct recording_facts *facts, const char *path,
                   struct problem *problem) {
    facts->seen = recording->seen;
    facts->saved = recording->count;
    facts->too_large = recording->too_large;
    facts->unreadable = recording->unreadable;
    facts->bytes = recording->bytes;
    char *head = print_head(facts);
    if (!head)
        return problem_set(problem, ENOMEM, "out of memory");
    if (recording->count)
        qsort(recording->calls, recording->count, sizeof *recording->calls, compare_numbers);
    facts->digest = hash_text(HASH_START, head);
    for (size_t i = 0; i < recording->count; i++)
        facts->digest = hash_bytes(facts->digest, recording->calls[i].bytes, recording->calls[i].size);
    const struct writing writing = {recording, head, facts->digest};
    int status = whole_file_save(path, 0666, "the recording", write_recording, &writing, problem);
    free(head);
    return status;
}

/* "NAME: TEXT" of the next line. */
static bool read_line(FILE *stream, const char *name, char *text, size_t size) {
    char line[RECORDING_TEXT + 64];
    size_t length = strlen(name);
    if (!fgets(line, sizeof line, stream) || strncmp(line, name, length) != 0 ||
        strncmp(line + length, ": ", 2) != 0)
        return false;
    size_t end = strcspn(line, "\n");
    if (line[end] != '\n' || end - length - 2 >= size)
        return false;
    line[end] = '\0';
    memcpy(text, line + length + 2, end - length - 1);
    return true;
}

static bool read_number(FILE *stream, const char *name, int base, uint64_t *number) {
    char text[24], *end;
    if (!read_line(stream, name, text, sizeof text) || !*text || *text == '-' || *text == '+' || *text == ' ')
        return false;
    errno = 0;
    *number = strtoull(text, &end, base);
    return !*end && !errno;
}

static bool read_head(FILE *stream, struct recording_facts *facts) {
    bool good =
        read_line(stream, "function", facts->function, sizeof facts->function) &&
        read_line(stream, "types", facts->types, sizeof facts->types) &&
        read_line(stream, "program", facts->program, sizeof facts->program) &&
        read_number(stream, "layout", 10, &facts->layout) && read_number(stream, "seen", 10, &facts->seen) &&
        read_number(stream, "saved", 10, &facts->saved) &&
        read_number(stream, "too-large", 10, &facts->too_large) &&
        read_number(stream, "unreadable", 10, &facts->unreadable) &&
        read_number(stream, "seed", 10, &facts->seed) && read_number(stream, "bytes", 10, &facts->bytes) &&
        read_number(stream, "digest", 16, &facts->digest) && fgetc(stream) == '\n';
    long offset = ftell(stream);
    facts->offset = offset > 0 ? (uint64_t)offset : 0;
    return good && offset > 0;
}

/* Of the bytes that are there. */
static uint64_t read_bytes(FILE *stream, uint64_t key, uint64_t *count) {
    char piece[4096];
    *count = 0;
    for (size_t got; (got = fread(piece, 1, sizeof piece, stream)) > 0; *count += got)
        key = hash_bytes(key, piece, got);
    return key;
}

static int read_stream(FILE *stream, const char *path, struct recording_facts *facts,
                       struct problem *problem) {
    char magic[sizeof MAGIC + 1] = "";
    if (!fgets(magic, sizeof magic, stream) || strcmp(magic, MAGIC "\n") != 0)
        return problem_set(problem, ferror(stream) ? EIO : EINVAL,
                           "%s: no file of recorded calls; `countersign duel --record FILE` makes one", path);
    if (!read_head(stream, facts))
        return problem_set(problem, EINVAL, "%s: the head of the recording is damaged; record again", path);
    char *head = print_head(facts);
    if (!head)
        return problem_set(problem, ENOMEM, "out of memory");
    uint64_t count, digest = read_bytes(stream, hash_text(HASH_START, head), &count);
    free(head);
    if (count != facts->bytes)
        return problem_set(
            problem, EINVAL,
            "%s: the recording has %llu bytes of calls, and should have %llu; it was cut off or "
            "added to: record again",
            path, (unsigned long long)count, (unsigned long long)facts->bytes);
    return digest == facts->digest
               ? 0
               : problem_set(
                     problem, EINVAL,
                     "%s: the recording was altered: its digest is %016llx, and should be %016llx; record "
                     "again",
                     path, (unsigned long long)digest, (unsigned long long)facts->digest);
}

int recording_read(const char *path, struct recording_facts *facts, struct problem *problem) {
    FILE *stream = fopen(path, "re");
    *facts = (struct recording_facts){.seen = 0};
    if (!stream)
        return problem_set(problem, errno, "%s: %s", path, strerror(errno));
    int status = read_stream(stream, path, facts, problem);
    fclose(stream);
    return status;
}

int recording_fits(const struct recording_facts *facts, const struct signature *signature, const char *path,
                   struct problem *problem) {
    char types[RECORDING_TEXT];
    definition_print(signature, types, sizeof types);
    if (strcmp(facts->function, signature->name) != 0)
        return problem_set(problem, EINVAL,
                           "%.200s: has calls of '%.250s', and the files are compared by '%.250s'", path,
                           facts->types, types);
    if (facts->layout != recording_layout(signature))
        return problem_set(problem, EINVAL, "%.150s: has calls of '%.250s', and the files define '%.250s'%s",
                           path, facts->types, types,
                           strcmp(facts->types, types) ? ""
                                                       : ", with a structure that is laid out otherwise");
    return 0;
}
