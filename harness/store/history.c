#include "store/history.h"

#include <stdlib.h>

void history_clear(struct history *history) {
    for (size_t i = 0; i < history->series_count; i++)
        free(history->series[i].values);
    free(history->series);
    free(history->runs);
    *history = (struct history){0};
}
