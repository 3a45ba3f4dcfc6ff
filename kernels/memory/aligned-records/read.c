#include "aligned-records.h"

/* Half a record. Its loads ask for no alignment; at some offsets one of the two lies in two lines itself. */
typedef uint32_t half __attribute__((vector_size(CS_LINE / 2), aligned(sizeof(uint32_t)), may_alias));

/* Whether a record lies in two lines: then each does, since they are as long as a line. */
static size_t is_split(const uint32_t *records) {
    return (uintptr_t)records % CS_LINE != 0;
}

void aligned_records_read(struct aligned_records *all, const uint32_t *records) {
    const uint32_t *queries = all->pool + cs_window(&all->next, all->queries, all->pool_size);
    uint32_t *answers = all->answers;
    size_t count = all->queries;
    for (size_t i = 0; i < count; i++) {
        const half *record = (const half *)(records + queries[i] * RECORD_VALUES);
        half sums = record[0] + record[1];
        sums += __builtin_shufflevector(sums, sums, 4, 5, 6, 7, 0, 1, 2, 3);
        sums += __builtin_shufflevector(sums, sums, 2, 3, 0, 1, 6, 7, 4, 5);
        answers[i] = sums[0] + sums[1];
    }
    all->split += count * is_split(records);
}
