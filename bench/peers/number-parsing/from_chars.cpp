#include "peer.h"

extern "C" {
#include "number-parsing.h"
}

#include <charconv>

template <typename number>
static void parse(const char *text, const char *end, size_t fields, number *answers) {
    for (size_t i = 0; i < fields; i++)
        text = std::from_chars(text, end, answers[i]).ptr + 1;
}

static void run(void *state) noexcept {
    auto *numbers = static_cast<struct numbers *>(state);
    const char *text = numbers_take_window(numbers), *end = text + numbers->window_bytes;
    if (numbers->format == FORMAT_INTEGER)
        parse(text, end, numbers->fields, numbers->integers);
    else
        parse(text, end, numbers->fields, numbers->decimals);
}

PEER(from_chars) = {.name = "from_chars", .run = run, .summary = "std::from_chars"};
