/* Whether two answers of a setup are equal: numbers, ranges, pairs and tuples of them, and what has an operator ==. */
#ifndef COUNTERSIGN_ANSWER_HPP
#define COUNTERSIGN_ANSWER_HPP

#include "countersign_setup.h"

#include <cstdio>
#include <cstring>
#include <iterator>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace countersign_answers {

template <class T, class = void> struct is_range : std::false_type {};
template <class T>
struct is_range<
    T, std::void_t<decltype(std::begin(std::declval<const T &>()) != std::end(std::declval<const T &>()))>>
    : std::true_type {};
template <class T, class = void> struct is_tuple : std::false_type {};
template <class T> struct is_tuple<T, std::void_t<decltype(std::tuple_size<T>::value)>> : std::true_type {};
template <class T, class = void> struct is_comparable : std::false_type {};
template <class T>
struct is_comparable<T, std::void_t<decltype(bool(std::declval<const T &>() == std::declval<const T &>()))>>
    : std::true_type {};

template <class T> std::string print(const T &value) {
    if constexpr (std::is_floating_point_v<T>) {
        char text[64];
        std::snprintf(text, sizeof text, "%.17g", static_cast<double>(value));
        return text;
    } else if constexpr (std::is_integral_v<T>)
        return std::to_string(value);
    else
        return "another value";
}

inline bool refuse(setup_difference *difference, const std::string &place, const std::string &got,
                   const std::string &expected) {
    if (difference) {
        std::snprintf(difference->place, sizeof difference->place, "answer%s", place.c_str());
        std::snprintf(difference->got, sizeof difference->got, "%s", got.c_str());
        std::snprintf(difference->expected, sizeof difference->expected, "%s", expected.c_str());
    }
    return false;
}

template <class T>
bool equal(const T &expected, const T &got, double tolerance, setup_difference *difference,
           const std::string &place);

template <class T>
bool equal_ranges(const T &expected, const T &got, double tolerance, setup_difference *difference,
                  const std::string &place) {
    auto wanted = std::begin(expected), found = std::begin(got);
    std::size_t index = 0;
    for (; wanted != std::end(expected) && found != std::end(got); ++wanted, ++found, ++index)
        /* a proxy, as of a vector of bool, is its value */
        if (!equal(static_cast<typename std::iterator_traits<decltype(wanted)>::value_type>(*wanted),
                   static_cast<typename std::iterator_traits<decltype(wanted)>::value_type>(*found),
                   tolerance, nullptr, place)) {
            if (difference)
                equal(static_cast<typename std::iterator_traits<decltype(wanted)>::value_type>(*wanted),
                      static_cast<typename std::iterator_traits<decltype(wanted)>::value_type>(*found),
                      tolerance, difference, place + "[" + std::to_string(index) + "]");
            return false;
        }
    if (wanted == std::end(expected) && found == std::end(got))
        return true;
    std::size_t wanted_count = index, found_count = index;
    for (; wanted != std::end(expected); ++wanted)
        wanted_count++;
    for (; found != std::end(got); ++found)
        found_count++;
    return refuse(difference, place, std::to_string(found_count) + " elements",
                  std::to_string(wanted_count) + " elements");
}

template <class T>
bool equal(const T &expected, const T &got, double tolerance, setup_difference *difference,
           const std::string &place) {
    static_assert(!std::is_pointer_v<T>, "answer must not return a pointer: what it points to is the answer");
    if constexpr (std::is_floating_point_v<T>) {
        double x = static_cast<double>(expected), y = static_cast<double>(got);
        if (setup_is_close(x, y, tolerance))
            return true;
        return refuse(difference, place, print(got), print(expected));
    } else if constexpr (is_range<T>::value)
        return equal_ranges(expected, got, tolerance, difference, place);
    else if constexpr (is_tuple<T>::value)
        return std::apply(
            [&](const auto &...wanted) {
                return std::apply(
                    [&](const auto &...found) {
                        std::size_t index = 0;
                        return (equal(wanted, found, tolerance, difference,
                                      place + "(" + std::to_string(index++) + ")") &&
                                ...);
                    },
                    got);
            },
            expected);
    else {
        static_assert(
            is_comparable<T>::value,
            "what answer returns must be a number, a range, a pair or tuple of them, or have an operator ==");
        return expected == got ? true : refuse(difference, place, print(got), print(expected));
    }
}

} // namespace countersign_answers

#endif
