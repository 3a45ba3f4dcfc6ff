"""
What is compared: a rival, which is the baseline, and our best variant at the points named. Which variant is ours is said here,
beforehand, and not chosen from the run that is shown.
"""
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Match:
    row: str  # of the table
    kernel: str
    rival: str  # as the table names it
    baseline: str  # the rival's variant
    ours: str
    points: dict  # a sweep, as case.yaml has it
    suffix: str = ".c"  # of the rival's file; "" where the rival is a variant of the kernel already
    package: str = ""  # of Debian, which has the rival
    packages: tuple = ()  # pkg-config modules
    libraries: tuple = ()
    included: str = ""  # what is in either side's time, where that is not the same call for call
    reasons: tuple = ()  # why ours is below 0.9 where it is: (the parameters of the points, words)

    @property
    def name(self):
        return f"{self.kernel}-{self.baseline}-{self.ours}".replace("_", "-")

    @property
    def file(self):
        return Path(f"{self.baseline}{self.suffix}") if self.suffix else None


def reason_of(match, point):
    """Why ours is below 0.9 at a point, or ''."""
    for where, words in match.reasons:
        if all(point.get(name) == value for name, value in where.items()):
            return words
    return ""


CXX = ".cpp"
LIBSTDCXX, LIBC = "libstdc++6", "libc6"

MATCHES = (
    Match("hash lookup", "lookup", "absl::flat_hash_map", "abseil", "buckets",
          {"n": [64, 4096, 262144], "hit": [50, 100]}, CXX, "libabsl-dev", ("absl_flat_hash_map",)),
    Match("hash lookup", "lookup", "uthash", "uthash", "buckets", {"n": [64, 4096, 262144], "hit": [100]}, package="uthash-dev"),
    Match("hash lookup", "lookup", "ck_ht", "ck_ht", "buckets", {"n": [64, 4096, 262144], "hit": [100]}, ".c", "libck-dev",
          ("ck",)),
    Match("ordered search", "lookup", "JudyL", "judy", "s-tree", {"n": [64, 4096, 262144], "hit": [100]}, ".c", "libjudy-dev",
          libraries=("Judy",)),
    Match("ordered search", "lookup", "std::lower_bound", "lower_bound", "s-tree", {"n": [64, 4096, 262144], "hit": [100]}, CXX,
          LIBSTDCXX),
    Match("batch of searches", "sorted-search-batch", "std::lower_bound", "lower_bound", "interleaved",
          {"n": [65536, 4194304]}, CXX, LIBSTDCXX),
    Match("top-k", "top-k", "std::nth_element", "nth_element", "heap", {"n": [65536], "k": [10]}, CXX, LIBSTDCXX),
    Match("top-k", "top-k", "std::nth_element", "nth_element", "select", {"n": [65536], "k": [1024, 32768]}, CXX, LIBSTDCXX,
          reasons=(({"k": 1024}, "each has its own luck with pivots: of 4500 random inputs both compare 2.05 times a value"),)),
    Match("sort", "sort-records", "std::sort", "std_sort", "radix", {"n": [1024, 65536], "order": ["random", "few", "nearly"]},
          CXX, LIBSTDCXX),
    Match("sort", "sort-records", "Highway's vqsort", "vqsort", "radix", {"n": [1024, 65536], "order": ["random"]}, CXX,
          "libhwy-dev", ("libhwy-contrib",),
          included="vqsort: also key and id put into a number of 128 bits and parted again"),
    Match("set intersection", "common-elements", "CRoaring", "roaring", "bitmap", {"n": [256, 16384], "bits": [20]}, ".c",
          "libroaring-dev", libraries=("roaring",), included="CRoaring: making both bitmaps, as ours makes its own"),
    Match("set intersection", "common-elements", "absl::flat_hash_set", "abseil", "hash", {"n": [256, 16384], "bits": [30]}, CXX,
          "libabsl-dev", ("absl_flat_hash_set",)),
    Match("object pool", "object-pool", "jemalloc", "jemalloc", "freelist", {"size": [32, 256], "live": [64, 1024],
          "threads": [1]}, ".c", "libjemalloc-dev", ("jemalloc",)),
    Match("object pool", "object-pool", "mimalloc", "mimalloc", "freelist", {"size": [32, 256], "live": [64, 1024],
          "threads": [1]}, ".c", "libmimalloc-dev", libraries=("mimalloc",)),
    Match("matrix product", "matrix-product", "OpenBLAS dgemm, one thread", "openblas", "vectorized",
          {"n": [104, 504, 760], "rows": [24, 240]}, ".c", "libopenblas-dev", ("openblas",)),
    Match("byte search", "text-scan", "memchr", "library", "vector", {"task": ["find", "count"]}, "", LIBC),
    Match("byte search", "text-scan", "Hyperscan", "hyperscan", "vector", {"task": ["find", "count"]}, ".c",
          "libhyperscan-dev", ("libhs",)),
    Match("reduction", "dot", "OpenBLAS ddot, one thread", "openblas", "vectors", {"n": [1024, 16384, 1048576]}, ".c",
          "libopenblas-dev", ("openblas",)),
    Match("read-mostly", "read-mostly", "liburcu", "urcu", "rcu", {"reads": [100, 10000], "threads": [1, 2]}, ".c",
          "liburcu-dev", ("liburcu-qsbr",), included="liburcu: also making each thread known, once a run"),
    Match("read-mostly", "read-mostly", "ck_sequence", "ck_sequence", "seqlock", {"reads": [100, 10000], "threads": [1, 2]}, ".c",
          "libck-dev", ("ck",)),
    Match("thread pool", "thread-spawn", "oneTBB", "tbb", "pool", {"length": [10000, 100000], "threads": [2]}, CXX,
          "libtbb-dev", ("tbb",), ("-Wl,-z,nodelete",)),
    Match("prefix sum", "prefix-sum", "std::inclusive_scan", "inclusive_scan", "vector", {"n": [1024, 65536, 1048576]}, CXX,
          LIBSTDCXX),
    Match("number parsing", "number-parsing", "std::from_chars", "from_chars", "eight",
          {"format": ["integer", "decimal"], "digits": [4, 8, 15], "lengths": ["varied"]}, CXX, LIBSTDCXX),
    Match("copy", "copy", "memcpy", "memcpy", "nontemporal", {"bytes": [33554432], "read": ["no"]}, "", LIBC),
    Match("batch insert", "batch-insert", "sqlite3's .import", "import", "batched",
          {"journal": ["wal-normal"], "batch": [256], "rows": [256]}, ".c", "sqlite3",
          included="sqlite3, which runs all the time: the rows written to a file, and a command and its answer by pipes"),
    Match("bulk load", "pg-batch-insert", "psql's \\copy", "psql", "copy", {"batch": [256], "rows": [256]}, ".c",
          "postgresql-client-15",
          included="psql, which runs all the time: the rows written to a file, and a command and its answer by pipes"),
    Match("reads in flight", "async-io", "libaio", "libaio", "uring-fixed", {"block": [4096, 65536], "depth": [8, 32]}, ".c",
          "libaio1", libraries=("aio",)),
)
