// The kernel: the problem, its input, and the variants. countersign.hpp says what else there is to say, and
// countersign.h what lies below.
#include <cmath>
#include <countersign.hpp>
#include <numeric>
#include <vector>

namespace {

// What all variants share, so that they read the same addresses.
struct dot {
    std::vector<double> left, right;
    double expected;
};

// Makes the input of one point: parameters by their names, the point's generator the only randomness.
constexpr auto setup = [](countersign::point point) {
    auto count = point.size("n");
    auto random = point.random();
    dot made{std::vector<double>(count), std::vector<double>(count), 0};
    long double expected = 0;
    for (std::size_t i = 0; i < count; i++) {
        made.left[i] = random.unit();
        made.right[i] = random.unit();
        expected += static_cast<long double>(made.left[i]) * made.right[i];
    }
    made.expected = static_cast<double>(expected);
    return made;
};

// What a competent programmer writes first. Each addition waits for the one before. What is returned is the answer.
constexpr auto baseline = [](const dot &dot) {
    return std::inner_product(dot.left.begin(), dot.left.end(), dot.right.begin(), 0.0);
};

// Your change. Here: four sums that do not wait for one another.
constexpr auto candidate = [](const dot &dot) {
    const double *left = dot.left.data(), *right = dot.right.data();
    std::size_t count = dot.left.size(), i = 0;
    double a = 0, b = 0, c = 0, d = 0;
    for (; i + 4 <= count; i += 4) {
        a += left[i] * right[i];
        b += left[i + 1] * right[i + 1];
        c += left[i + 2] * right[i + 2];
        d += left[i + 3] * right[i + 3];
    }
    for (; i < count; i++)
        a += left[i] * right[i];
    return (a + b) + (c + d);
};

// The answer, found in another way than by any variant. May be left out.
constexpr auto check = [](const dot &dot, double product) {
    return std::fabs(product - dot.expected) <= 4e-9 * std::fabs(dot.expected);
};

// What one run does: items, by which times and counters are given, bytes and flops.
constexpr auto work = [](const dot &dot, cs_work &work) {
    auto count = static_cast<double>(dot.left.size());
    work = {count, 2 * count * sizeof(double), 2 * count};
};

} // namespace

// Another order of additions rounds otherwise. All terms are positive, so that each of two orders is off by at most n half
// units in the last place: 2 * 2^24 * 2^-53, 3.7e-9. Leave .tolerance out, and answers must be the same bit by bit.
COUNTERSIGN_EXPORT(countersign::pair("@NAME@", setup, baseline, candidate)
                       .summary("dot product of two arrays")
                       .number("n", "elements", 1, 1 << 24, 4096)
                       .work("element", work)
                       .check(check)
                       .tolerance(4e-9))
