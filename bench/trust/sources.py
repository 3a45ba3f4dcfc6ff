"""Pairs of C sources for the mirror: kinds of work, each with its numbers drawn from a seed, and a difference planted or none."""
import random

HEAD = "#include <stddef.h>\n#include <stdint.h>\n"
CALL = "uint64_t f(const uint32_t *p, size_t n)"
SIZES = (0.5, 1, 2, 3, 5, 10, 20, 50)  # planted, in per cent

# Each: the text of `work` (and of what it needs) from a random source. It must take longer for a larger n.
KINDS = {
    "sum": lambda r: f"""
    uint64_t sum = {r.randrange(9)};
    for (size_t i = 0; i < n; i++)
        sum += (p[i] {r.choice("+^&")} {r.randrange(1, 99)}) * {r.randrange(3, 99, 2)}u;
    return sum;""",
    "chain": lambda r: f"""
    uint64_t x = {r.randrange(1, 99)};
    for (size_t i = 0; i < n; i++)
        x = (x ^ p[i]) * {r.randrange(3, 999, 2)}u + {r.randrange(9)};
    return x;""",
    "branchy": lambda r: f"""
    uint64_t found = 0;
    for (size_t i = 0; i < n; i++)
        if (p[i] % 64 < {r.randrange(4, 60)}) {{
            found += p[i];
            __asm__ volatile("" : "+r"(found));
        }}
    return found;""",
    "copy": lambda r: f"""
    static uint32_t copy[4096];
    size_t part = n < 4096 ? n : 4096;
    for (int i = 0; i < {r.randrange(2, 12)}; i++) {{
        __builtin_memcpy(copy, p, part * sizeof *p);
        __asm__ volatile("" : : "r"(copy) : "memory");
    }}
    return part ? copy[part - 1] : 0;""",
    "list": lambda r: f"""
    static uint16_t next[1024];
    if (!next[1])
        for (unsigned i = 0; i < 1024; i++)
            next[i] = (uint16_t)((i * {4 * r.randrange(1, 200) + 1} + {r.randrange(1, 99, 2)}) % 1024);
    unsigned at = 0;
    for (size_t i = 0; i < n; i++)
        at = next[at] ^ (p[i] & 1);
    return at;""",
    "table": lambda r: f"""
    static uint32_t table[{r.choice((256, 1024, 4096))}];
    uint64_t sum = 0;
    size_t last = sizeof table / sizeof *table - 1;
    __asm__ volatile("" : : "r"(table) : "memory");
    for (size_t i = 0; i < n; i++)
        sum += table[p[i] & last] + p[i] % {r.randrange(3, 17)};
    return sum;""",
    "histogram": lambda r: f"""
    static uint32_t counts[256];
    __builtin_memset(counts, 0, sizeof counts);
    for (size_t i = 0; i < n; i++)
        counts[p[i] >> {r.randrange(0, 24)} & 255]++;
    uint64_t x = 0;
    for (int i = 0; i < 256; i++)
        x = x * 31 + counts[i];
    return x;""",
    "system calls": lambda r: f"""
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i += {r.randrange(8, 40)})
        sum += p[i] + (syscall(SYS_getppid) > 0);
    return sum;""",
    "floats": lambda r: f"""
    double x = 1;
    for (size_t i = 0; i < n; i++)
        x = x * 0.{r.randrange(50, 99)} + (double)(p[i] & 255);
    return (uint64_t)x;""",
    "square roots": lambda r: f"""
    double sum = 0;
    for (size_t i = 0; i < n; i += {r.randrange(1, 4)})
        sum += __builtin_sqrt((double)p[i] + {r.randrange(9)});
    return (uint64_t)sum;""",
    "division": lambda r: f"""
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += {r.randrange(10**6, 10**9)}u / ((p[i] & 0xffff) + {r.randrange(1, 99)});
    return sum;""",
    "switch": lambda r: f"""
    uint64_t x = 0;
    for (size_t i = 0; i < n; i++)
        switch (p[i] & 3) {{
        case 0: x += {r.randrange(99)}; break;
        case 1: x ^= p[i]; break;
        case 2: x *= {r.randrange(3, 99, 2)}; break;
        default: x -= p[i] >> {r.randrange(1, 9)};
        }}
    return x;""",
    "allocation": lambda r: f"""
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i += 16) {{
        uint32_t *copy = malloc({r.randrange(16, 900)});
        if (!copy)
            break;
        copy[0] = p[i];
        __asm__ volatile("" : : "r"(copy) : "memory");
        sum += copy[0];
        free(copy);
    }}
    return sum;""",
    "sort": lambda r: f"""
    uint32_t few[16];
    uint64_t x = 0;
    for (size_t i = 0; i + 16 <= n; i += 16) {{
        for (int j = 0; j < 16; j++) {{
            uint32_t value = p[i + (size_t)j] >> {r.randrange(8)};
            int to = j;
            for (; to > 0 && few[to - 1] > value; to--)
                few[to] = few[to - 1];
            few[to] = value;
        }}
        x = x * 31 + few[{r.randrange(16)}];
    }}
    return x;""",
    "bits": lambda r: f"""
    uint64_t count = 0;
    for (size_t i = 0; i < n; i++)
        for (uint32_t rest = p[i] & 0x{r.randrange(1, 2**16):x}; rest; rest &= rest - 1)
            count++;
    return count;""",
    "recursion": lambda r: f"""
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i += 16)
        sum += (uint64_t)steps({r.randrange(6, 11)}) + p[i];
    return sum;""",
    "thread-local": lambda r: f"""
    static _Thread_local uint32_t seen[64];
    uint64_t sum = 0;
    __builtin_memset(seen, 0, sizeof seen);
    for (size_t i = 0; i < n; i++) {{
        seen[p[i] & 63] = p[i];
        sum += seen[p[i] >> {r.randrange(6, 20)} & 63] & 1;
    }}
    return sum;""",
}
NEEDS = {
    "system calls": "#include <sys/syscall.h>\n#include <unistd.h>\n",
    "allocation": "#include <stdlib.h>\n",
    "recursion": "__attribute__((noinline)) static int steps(int n) { return n < 2 ? n : steps(n - 1) + steps(n - 2); }\n",
}
# What stands beside the code without being run: none of it may decide a verdict.
BESIDE = (
    "",
    "static const char unused[{size}] __attribute__((used)) = \"never read\";\n",
    "static char never_used[{size}] __attribute__((used));\n",
    "__attribute__((used, noinline)) static int dead(int x) {{ return x * {size} + {size}; }}\n",
)


def source(kind, body, extra, beside):
    """A file whose f does `work`, and `extra` per cent of it once more."""
    again = ("" if not extra else
             f"    uint64_t more = work(p, (size_t)((double)n * {extra / 100!r} + 0.5));\n"
             '    __asm__ volatile("" : : "r"(more));\n')
    return (f"{HEAD}{NEEDS.get(kind, '')}{beside}\n"
            f"__attribute__((noinline)) static uint64_t work(const uint32_t *p, size_t n) {{{body}\n}}\n\n"
            f"{CALL};\n{CALL} {{\n{again}    return work(p, n);\n}}\n")


def pairs(count, seed):
    """`count` pairs, the kinds in turn, every other one with a difference: dicts with name, planted (in %, of B), a and b."""
    draw = random.Random(seed)
    made = []
    for number in range(count):
        kind = list(KINDS)[number % len(KINDS)]
        body = KINDS[kind](draw)
        planted = draw.choice(SIZES) if number // len(KINDS) % 2 else 0
        beside = [draw.choice(BESIDE).format(size=draw.randrange(16, 6000)) for _ in "ab"]
        made.append({"name": f"{number:03} {kind}", "kind": kind, "planted": planted,
                     "a": source(kind, body, 0, beside[0]), "b": source(kind, body, planted, beside[1])})
    return made
