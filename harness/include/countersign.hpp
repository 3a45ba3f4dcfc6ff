/*
 * countersign.hpp: a kernel in C++ by lambdas, over countersign.h, whose descriptor it fills.
 *
 * A whole kernel, one file:
 *
 *     #include <countersign.hpp>
 *     #include <numeric>
 *     #include <vector>
 *
 *     COUNTERSIGN_EXPORT(
 *         countersign::pair(
 *             "sum",
 *             [](countersign::point point) {
 *                 std::vector<double> values(point.size("n"));
 *                 auto random = point.random();
 *                 for (auto &value : values)
 *                     value = random.unit();
 *                 return values;
 *             },
 *             [](const std::vector<double> &values) { return std::accumulate(values.begin(), values.end(), 0.0); },
 *             [](const std::vector<double> &values) { return std::reduce(values.begin(), values.end()); })
 *             .number("n", "elements", 1, 1 << 24, 4096)
 *             .items("element", [](const std::vector<double> &values) { return values.size(); })
 *             .tolerance(1e-9))
 *
 * What the first lambda returns is the state: inputs from the point's seed alone. The baseline and the candidate are
 * called with it, and what they return is the answer, or what .answer() finds in the state where they return nothing.
 * A lambda must not capture anything: one call of the module has no place for it. One that throws makes setup fail with
 * its words, and a run invalid.
 */
#ifndef COUNTERSIGN_HPP
#define COUNTERSIGN_HPP

#include <countersign.h>

#include <cstddef>
#include <exception>
#include <iterator>
#include <limits>
#include <new>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace countersign {

/** The generator of all inputs, cs_random, as <random> and std::shuffle take one. */
class random {
  public:
    using result_type = std::uint64_t;
    explicit random(std::uint64_t seed) : state(cs_random_seed(seed)) {
    }
    static constexpr result_type min() {
        return 0;
    }
    static constexpr result_type max() {
        return std::numeric_limits<result_type>::max();
    }
    result_type operator()() {
        return cs_random_u64(&state);
    }
    /** Uniform in [0, bound), bound above 0. */
    std::uint32_t below(std::uint32_t bound) {
        return cs_random_below(&state, bound);
    }
    /** Uniform in [0, 1). */
    double unit() {
        return cs_random_unit(&state);
    }

  private:
    cs_random state;
};

/** What the setup is asked for: one point. Valid until the setup returns. */
class point {
  public:
    explicit point(const cs_env *env) : asked(env) {
    }
    /** A parameter by its name: a number, or the index of a choice. */
    std::int64_t number(const char *name) const {
        return cs_value(asked, name);
    }
    std::size_t size(const char *name) const {
        return cs_size(asked, name);
    }
    std::uint64_t seed() const {
        return asked->seed;
    }
    /** Different streams of one seed. */
    countersign::random random(std::uint64_t stream = 0) const {
        return countersign::random(asked->seed ^ stream);
    }
    unsigned threads() const {
        return asked->threads;
    }
    /** An empty folder on a real file system. */
    const char *scratch() const {
        return asked->scratch;
    }
    const cs_env *env() const {
        return asked;
    }

  private:
    const cs_env *asked;
};

namespace detail {

template <class T> using plain = std::remove_cv_t<std::remove_reference_t<T>>;

template <class F> constexpr bool is_plain_lambda = std::is_empty_v<F> &&std::is_default_constructible_v<F>;

/** Where a returned answer stays until it is compared. */
template <class Result> struct kept { Result value{}; };
template <> struct kept<void> {};

template <class State, class Result> struct box {
    State state;
    std::optional<State> as_made; /* of a state that runs change, and no reset makes anew */
    kept<Result> result;
};

template <class T, class = void> struct is_array : std::false_type {};
template <class T>
struct is_array<
    T, std::void_t<decltype(std::data(std::declval<T &>())), decltype(std::size(std::declval<T &>()))>>
    : std::is_arithmetic<plain<decltype(*std::data(std::declval<T &>()))>> {};
template <class T, class = void> struct is_tuple : std::false_type {};
template <class T> struct is_tuple<T, std::void_t<decltype(std::tuple_size<T>::value)>> : std::true_type {};

/** By size and sign, whatever the name: long and long long are alike. */
template <class T> constexpr cs_type type_of() {
    static_assert(std::is_arithmetic_v<T> && sizeof(T) <= 8,
                  "an answer is made of numbers of at most 8 bytes");
    if constexpr (std::is_floating_point_v<T>)
        return sizeof(T) == 4 ? CS_F32 : CS_F64;
    else if constexpr (sizeof(T) == 1)
        return CS_U8;
    else if constexpr (sizeof(T) == 2)
        return std::is_signed_v<T> ? CS_I16 : CS_U16;
    else if constexpr (sizeof(T) == 4)
        return std::is_signed_v<T> ? CS_I32 : CS_U32;
    else
        return std::is_signed_v<T> ? CS_I64 : CS_U64;
}

struct found {
    cs_output *outputs;
    std::size_t count;
};

/* Where an answer lies: a number, an array of them, or a tuple of such. */
template <class T> int add(found &all, const char *name, T &answer) {
    using type = plain<T>;
    if constexpr (std::is_arithmetic_v<type> || is_array<type>::value) {
        if (all.count == CS_MAX_OUTPUTS)
            return -ENOSPC;
        cs_output output{};
        output.name = name;
        if constexpr (std::is_arithmetic_v<type>) {
            output.type = type_of<type>();
            output.data = const_cast<type *>(&answer);
            output.count = 1;
        } else {
            using element = plain<decltype(*std::data(answer))>;
            output.type = type_of<element>();
            output.data = const_cast<element *>(std::data(answer));
            output.count = std::size(answer);
        }
        if (output.count)
            all.outputs[all.count++] = output;
        return 0;
    } else {
        static_assert(is_tuple<type>::value,
                      "an answer is a number, an array of numbers whose elements lie side by side "
                      "(std::vector, std::array, std::span, std::string), or a pair or tuple of "
                      "such; let .answer() return one, or a reference to one");
        return std::apply(
            [&](auto &...part) {
                int status = 0;
                ((status = status ? status : add(all, name, part)), ...);
                return status;
            },
            answer);
    }
}

template <class State, class Result> struct glue {
    using box_type = box<State, Result>;
    static constexpr bool is_copied = std::is_copy_constructible_v<State> && std::is_copy_assignable_v<State>;
    static box_type &open(void *memory) {
        return *static_cast<box_type *>(memory);
    }
    static const box_type &open(const void *memory) {
        return *static_cast<const box_type *>(memory);
    }

    template <class Setup> static int setup(const cs_env *env, void *memory) noexcept {
        try {
            auto *made = ::new (memory) box_type{Setup{}(point(env)), std::nullopt, {}};
            if (cs_kernel.reset != &restore)
                return 0;
            if constexpr (is_copied)
                made->as_made.emplace(made->state);
            else {
                teardown(memory);
                return cs_fail(env, EINVAL,
                               "runs may change the state, which cannot be copied back: say .reset()");
            }
            return 0;
        } catch (const std::bad_alloc &) {
            return cs_fail(env, ENOMEM, "setup: no memory");
        } catch (const std::exception &problem) {
            return cs_fail(env, EIO, "setup: %s", problem.what());
        } catch (...) {
            return cs_fail(env, EIO, "setup threw something that is no std::exception");
        }
    }
    static void teardown(void *memory) {
        open(memory).~box_type();
    }
    static void restore(void *memory) {
        if constexpr (is_copied)
            open(memory).state = *open(memory).as_made;
    }
    template <class F> static void run(void *memory) noexcept {
        if constexpr (std::is_void_v<Result>)
            F{}(open(memory).state);
        else
            open(memory).result.value = F{}(open(memory).state);
    }
    template <class F> static void reset(void *memory) {
        F{}(open(memory).state);
    }
    static int returned(void *memory, std::size_t, cs_output *outputs, std::size_t *count) {
        found all{outputs, 0};
        int status = add(all, "answer", open(memory).result.value);
        *count = all.count;
        return status;
    }
    template <class F> static int answer(void *memory, std::size_t, cs_output *outputs, std::size_t *count) {
        using type = decltype(F{}(open(memory).state));
        static_assert(std::is_lvalue_reference_v<type> || !std::is_arithmetic_v<type>,
                      ".answer() returns a reference: `-> auto & { return state.total; }`");
        found all{outputs, 0};
        auto &&value = F{}(open(memory).state);
        int status = add(all, "answer", value);
        *count = all.count;
        return status;
    }
    static void one(const void *, cs_work *work) {
        work->items = 1;
    }
    template <class F> static void items(const void *memory, cs_work *work) {
        work->items = static_cast<double>(F{}(open(memory).state));
    }
    template <class F> static void work(const void *memory, cs_work *work) {
        F{}(open(memory).state, *work);
    }
    template <class F> static int check(void *memory, std::size_t, cs_mismatch *mismatch) {
        const box_type &made = open(static_cast<const void *>(memory));
        bool right;
        if constexpr (std::is_void_v<Result>)
            right = F{}(made.state);
        else
            right = F{}(made.state, made.result.value);
        return right ? 0 : cs_wrong(mismatch, "check", 0, "%s", "refused", "accepted");
    }
};

} // namespace detail

/** A kernel that is being described. Each function returns it with what it adds; see countersign::pair. */
template <class State, class Result> class description {
    using glue = detail::glue<State, Result>;

  public:
    struct cs_kernel kernel; /**< for COUNTERSIGN_EXPORT, and for what is not said here */

    /** A parameter that is a number: a name, its unit, the least, largest and default value. */
    constexpr description number(const char *name, const char *unit, std::int64_t least, std::int64_t most,
                                 std::int64_t usual) const {
        cs_parameter parameter{};
        parameter.name = name, parameter.unit = unit;
        parameter.min = least, parameter.max = most, parameter.def = usual;
        return with(parameter);
    }
    /** A parameter that is a choice: its name, and the names, ended by nullptr, in static memory; the first is the default. */
    constexpr description choice(const char *name, const char *const *names) const {
        cs_parameter parameter{};
        parameter.name = name, parameter.choices = names;
        return with(parameter);
    }
    /** A further candidate. */
    template <class F>
    constexpr description candidate(const char *name, F, const char *summary = "a candidate") const {
        description more = *this;
        std::size_t i = 0;
        while (more.kernel.variants[i].name) /* the compiler refuses to go beyond the last */
            i++;
        more.kernel.variants[i] = variant<F>(name, summary);
        more.template restore_if_changed<F>();
        return more;
    }
    /** Names of the first two variants, and what they do differently. */
    constexpr description names(const char *baseline, const char *candidate,
                                const char *baseline_summary = "what there is",
                                const char *candidate_summary = "the change") const {
        description more = *this;
        more.kernel.variants[0].name = baseline, more.kernel.variants[0].summary = baseline_summary;
        more.kernel.variants[1].name = candidate, more.kernel.variants[1].summary = candidate_summary;
        return more;
    }
    /** Of enum cs_variant_flags, of the first two variants: CS_PARALLEL of one that uses point.threads() threads. */
    constexpr description flags(unsigned baseline, unsigned candidate) const {
        description more = *this;
        more.kernel.variants[0].flags = baseline, more.kernel.variants[1].flags = candidate;
        return more;
    }
    /** What one item is, singular, and how many a run handles: F(const State &). Without it a call is an item. */
    template <class F> constexpr description items(const char *item, F) const {
        description more = *this;
        more.kernel.item = item, more.kernel.work = &glue::template items<F>;
        return more;
    }
    /** The same with bytes and flops: F(const State &, cs_work &). */
    template <class F> constexpr description work(const char *item, F) const {
        description more = *this;
        more.kernel.item = item, more.kernel.work = &glue::template work<F>;
        return more;
    }
    /** Where runs that return nothing leave the answer: F(State &), a reference or a tuple of references (std::tie). */
    template <class F> constexpr description answer(F) const {
        static_assert(std::is_void_v<Result>,
                      "the runs return their answer: .answer() would be a second one");
        description more = *this;
        more.kernel.outputs = &glue::template answer<F>;
        return more;
    }
    /**
     * Makes the state as the setup did, before each run, untimed: F(State &). Without it a state that runs may change is
     * copied back; one that runs change without a consequence needs an empty one.
     */
    template <class F> constexpr description reset(F) const {
        description more = *this;
        more.kernel.reset = &glue::template reset<F>;
        more.kernel.reset_each_run = 1;
        return more;
    }
    /** Whether an answer is right, found in another way: bool F(const State &, const Result &), or F(const State &). */
    template <class F> constexpr description check(F) const {
        description more = *this;
        more.kernel.check = &glue::template check<F>;
        return more;
    }
    /** Largest relative difference at which two floating-point numbers are equal; by default none. */
    constexpr description tolerance(double relative) const {
        description more = *this;
        more.kernel.tolerance = relative;
        return more;
    }
    /** One line of what the kernel is. */
    constexpr description summary(const char *line) const {
        description more = *this;
        more.kernel.summary = line;
        return more;
    }

    /* Of countersign::pair. */
    template <class Setup, class Baseline, class Candidate>
    static constexpr description begin(const char *name) {
        description made{};
        made.kernel.abi = CS_ABI;
        made.kernel.size = static_cast<std::uint32_t>(sizeof(struct cs_kernel));
        made.kernel.compiler = CS_COMPILER, made.kernel.flags = CS_BUILD_FLAGS;
        made.kernel.name = name, made.kernel.summary = name, made.kernel.item = "call";
        made.kernel.variants[0] = variant<Baseline>("baseline", "what there is");
        made.kernel.variants[1] = variant<Candidate>("candidate", "the change");
        made.kernel.state_size = sizeof(detail::box<State, Result>);
        made.kernel.setup = &glue::template setup<Setup>, made.kernel.teardown = &glue::teardown;
        made.kernel.work = &glue::one;
        if constexpr (!std::is_void_v<Result>)
            made.kernel.outputs = &glue::returned;
        made.template restore_if_changed<Baseline>();
        made.template restore_if_changed<Candidate>();
        return made;
    }

  private:
    template <class F> constexpr void restore_if_changed() {
        if constexpr (!std::is_invocable_v<F, const State &>)
            if (!kernel.reset) {
                kernel.reset = &glue::restore;
                kernel.reset_each_run = 1;
            }
    }
    constexpr description with(const cs_parameter &parameter) const {
        description more = *this;
        std::size_t i = 0;
        while (more.kernel.parameters[i].name)
            i++;
        more.kernel.parameters[i] = parameter;
        return more;
    }
    template <class F> static constexpr cs_variant variant(const char *name, const char *summary) {
        static_assert(
            detail::is_plain_lambda<F>,
            "a variant is a lambda without captures; wrap a function: [](const auto &state) { return f(state); }");
        static_assert(std::is_same_v<detail::plain<std::invoke_result_t<F, State &>>, Result>,
                      "the candidate must return what the baseline returns");
        cs_variant made{};
        made.name = name, made.summary = summary, made.run = &glue::template run<F>;
        return made;
    }
};

/**
 * A kernel of a baseline and a candidate. `setup(countersign::point)` returns the state; the other two are called with it
 * (const State & where they leave it alone, else State &) and return the answer, or nothing (see description::answer).
 */
template <class Setup, class Baseline, class Candidate>
constexpr auto pair(const char *name, Setup, Baseline, Candidate) {
    static_assert(detail::is_plain_lambda<Setup>, "the setup is a lambda without captures");
    using state = detail::plain<std::invoke_result_t<Setup, point>>;
    static_assert(!std::is_void_v<state>, "the setup returns the state");
    static_assert(alignof(state) <= CS_LINE, "the state is aligned to more than a cache line");
    using result = detail::plain<std::invoke_result_t<Baseline, state &>>;
    return description<state, result>::template begin<Setup, Baseline, Candidate>(name);
}

} // namespace countersign

/** Makes a description what the module exports: once, at namespace scope. */
#define COUNTERSIGN_EXPORT(...) constinit const struct cs_kernel cs_kernel = (__VA_ARGS__).kernel;

#endif
