#!/usr/bin/python3 -B
"""Functions of Debian's libraries as they are, against variants of one's own: no prototype is typed."""
import pathlib
import shutil
import subprocess

from program import SHORT, main
from test_duel_sources import DuelSources

STRINGS = """#include <stdint.h>
#include <string.h>
void *memcpy(void *restrict to, const void *restrict from, size_t n) {
    unsigned char *t = to; const unsigned char *f = from;
    for (size_t i = 0; i < n; i++) t[i] = f[i];
    return to; }
void *memmove(void *to, const void *from, size_t n) {
    unsigned char *t = to; const unsigned char *f = from;
    for (size_t i = 0; i < n; i++) { size_t at = (uintptr_t)to < (uintptr_t)from ? i : n - 1 - i; t[at] = f[at]; }
    return to; }
void *memset(void *to, int c, size_t n) {
    for (size_t i = 0; i < n; i++) ((unsigned char *)to)[i] = (unsigned char)c;
    return to; }
void *memchr(const void *p, int c, size_t n) {
    const unsigned char *s = p;
    for (size_t i = 0; i < n; i++) if (s[i] == (unsigned char)c) return (void *)(s + i);
    return NULL; }
size_t strlen(const char *s) { size_t n = 0; while (s[n]) n++; return n; }
int strcmp(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return (unsigned char)*a - (unsigned char)*b; }
char *strchr(const char *s, int c) {
    while (*s && *s != (char)c) s++;
    return *s == (char)c ? (char *)s : NULL; }
char *strstr(const char *s, const char *word) {
    for (;; s++) {
        size_t i = 0;
        while (word[i] && s[i] == word[i]) i++;
        if (!word[i]) return (char *)s;
        if (!*s) return NULL; } }
size_t strspn(const char *s, const char *set) {
    size_t n = 0;
    for (; s[n]; n++) { const char *c = set; while (*c && *c != s[n]) c++; if (!*c) break; }
    return n; }
"""
STRING_OPTIONS = {"memchr": ["--input", "c=range:0..255"], "strchr": ["--input", "c=range:97..122"],
                  "strcmp": ["--input", "a=range:97..98", "--input", "b=range:97..98"],
                  "strstr": ["--input", "s=range:97..98", "--input", "word=range:97..98", "--length", "word=3"],
                  "strspn": ["--input", "s=range:97..122", "--length", "set=8", "--input", "set=range:97..122"]}
SUMS = """#include <zlib.h>
uLong adler32(uLong adler, const Bytef *buf, uInt len) {
    uLong low = adler & 0xffff, high = adler >> 16 & 0xffff;
    if (!buf) return 1;
    for (uInt i = 0; i < len; i++) low = (low + buf[i]) % 65521, high = (high + low) % 65521;
    return high << 16 | low; }
uLong crc32(uLong crc, const Bytef *buf, uInt len) {
    if (!buf) return 0;
    for (crc = ~crc & 0xffffffff; len--; ) {
        crc ^= *buf++;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1; }
    return ~crc & 0xffffffff; }
"""
PACK = """#include <string.h>
#include <zlib.h>
int compress2(Bytef *dest, uLongf *destLen, const Bytef *source, uLong sourceLen, int level) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    if (deflateInit(&stream, level) != Z_OK) return Z_STREAM_ERROR;
    stream.next_in = (Bytef *)source, stream.avail_in = (uInt)sourceLen;
    stream.next_out = dest, stream.avail_out = (uInt)*destLen;
    int status = deflate(&stream, Z_FINISH);
    *destLen = stream.total_out;
    deflateEnd(&stream);
    return status == Z_STREAM_END ? Z_OK : Z_BUF_ERROR; }
"""
UNPACK = """#include <string.h>
#include <zlib.h>
int uncompress(Bytef *dest, uLongf *destLen, const Bytef *source, uLong sourceLen) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    if (inflateInit(&stream) != Z_OK) return Z_MEM_ERROR;
    stream.next_in = (Bytef *)source, stream.avail_in = (uInt)sourceLen;
    stream.next_out = dest, stream.avail_out = (uInt)*destLen;
    int status = inflate(&stream, Z_FINISH);
    *destLen = stream.total_out;
    inflateEnd(&stream);
    return status == Z_STREAM_END ? Z_OK : Z_DATA_ERROR; }
"""
PACKED = """#include <stdint.h>
#include <stdlib.h>
struct packed { Bytef source[512], text[256]; uLongf size, got; int status; };
struct packed *make(uint64_t seed, size_t n) {
    struct packed *s = calloc(1, sizeof *s);
    for (size_t i = 0; i < n && i < sizeof s->text; i++, seed = seed * 6364136223846793005u + 1442695040888963407u)
        s->text[i] = (Bytef)"etaoin shrdlu"[(seed >> 33) % 13];
    s->size = sizeof s->source;
    compress(s->source, &s->size, s->text, sizeof s->text);
    return s;
}
void call(struct packed *s) { s->got = sizeof s->text; s->status = uncompress(s->text, &s->got, s->source, s->size); }
uLong answer(const struct packed *s) { return crc32(s->got + (uLong)s->status, s->text, (uInt)s->got); }
void reset(struct packed *s) { (void)s; }
"""
TREE = """#include <cjson/cJSON.h>
double total(const char *text) {
    double sum = 0;
    cJSON *root = cJSON_Parse(text), *item;
    cJSON_ArrayForEach(item, root) sum += cJSON_GetObjectItemCaseSensitive(item, "price")->valuedouble;
    cJSON_Delete(root);
    return sum; }
"""
VALUES = """#include <jansson.h>
double total(const char *text) {
    double sum = 0;
    size_t i;
    json_t *root = json_loads(text, 0, NULL), *item;
    json_array_foreach(root, i, item) sum += json_number_value(json_object_get(item, "price"));
    json_decref(root);
    return sum; }
"""
PRICES = """#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
struct prices { double sum; size_t n; char text[]; };
struct prices *make(uint64_t seed, size_t n) {
    struct prices *s = malloc(sizeof *s + 48 * n + 3);
    int at = 0;
    for (size_t i = 0; i < n; i++, seed = seed * 6364136223846793005u + 1442695040888963407u)
        at += sprintf(s->text + at, "%s{\\"id\\": %zu, \\"price\\": %u.25}", i ? ", " : "[", i, (unsigned)(seed >> 45));
    sprintf(s->text + at, "]");
    s->n = n;
    return s;
}
void call(struct prices *s) { s->sum = total(s->text); }
double answer(const struct prices *s) { return s->sum; }
void reset(struct prices *s) { (void)s; }
size_t items(const struct prices *s) { return s->n; }
"""
# Parsing alone, of the same library: the one with the length measured before.
PARSE = {"whole.c": "#include <cjson/cJSON.h>\n", "measured.c": """#include <cjson/cJSON.h>
#include <string.h>
#define cJSON_Parse(text) cJSON_ParseWithLength(text, strlen(text) + 1)
"""}
TREES = """#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
struct trees { cJSON *root; char text[]; };
struct trees *make(uint64_t seed, size_t n) {
    struct trees *s = malloc(sizeof *s + 24 * n + 2);
    int at = 0;
    for (size_t i = 0; i < n; i++, seed = seed * 6364136223846793005u + 1442695040888963407u)
        at += sprintf(s->text + at, "%c%u", i ? ',' : '[', (unsigned)(seed >> 33));
    sprintf(s->text + at, "]");
    s->root = NULL;
    return s;
}
void call(struct trees *s) { s->root = cJSON_Parse(s->text); }
int compare(const struct trees *a, const struct trees *b) { return cJSON_Compare(a->root, b->root, 1); }
void reset(struct trees *s) { cJSON_Delete(s->root); s->root = NULL; }
void destroy(struct trees *s) { reset(s); free(s); }
"""
GLIB = """#include <glib.h>
#include <stddef.h>
#include <stdint.h>
size_t distinct(const uint32_t *keys, size_t n) {
    GHashTable *all = g_hash_table_new(g_direct_hash, g_direct_equal);
    for (size_t i = 0; i < n; i++) g_hash_table_add(all, GUINT_TO_POINTER(keys[i]));
    size_t count = g_hash_table_size(all);
    g_hash_table_destroy(all);
    return count; }
"""
UTHASH = """#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <uthash.h>
struct entry { uint32_t key; UT_hash_handle hh; };
size_t distinct(const uint32_t *keys, size_t n) {
    struct entry *all = NULL, *found, *next;
    for (size_t i = 0; i < n; i++) {
        HASH_FIND(hh, all, &keys[i], sizeof keys[i], found);
        if (!found) {
            found = malloc(sizeof *found);
            found->key = keys[i];
            HASH_ADD(hh, all, key, sizeof found->key, found);
        }
    }
    size_t count = HASH_COUNT(all);
    HASH_ITER(hh, all, found, next) { HASH_DEL(all, found); free(found); }
    return count; }
"""


def library(name):
    """Where the linker finds it; None: nowhere."""
    path = subprocess.run(["cc", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()
    return path if "/" in path else None


def flags(what, package):
    """What pkg-config says; None: the package is not there."""
    if not shutil.which("pkg-config"):
        return None
    asked = subprocess.run(["pkg-config", what, package], capture_output=True, text=True, check=False)
    return asked.stdout.strip() if asked.returncode == 0 else None


class Libraries(DuelSources):
    OPTIONS = [*SHORT, "--no-counters"]

    def reaches_a_verdict(self, *arguments, status=0):
        run = self.run_for(status, "duel", *arguments, *self.OPTIONS)
        if status == 0:
            self.assertEqual([c["verified"] for c in run["comparisons"]], ["yes"], self.reasons(run))
            self.assertNotIn("invalid", [c["verdict"] for c in run["comparisons"]])
        return run

    def needs(self, found, package):
        if not found:
            self.skipTest(f"{package} is not installed")
        return found


class Strings(Libraries):
    def setUp(self):
        super().setUp()
        self.c = self.needs(library("libc.so.6"), "libc.so.6")

    def test_each_against_one_of_my_own(self):
        """The names are libc's own, which its headers declare and its debug data may not tell: they are chosen by the loader."""
        self.write("own.c", STRINGS)
        for name in ("memcpy", "memmove", "memset", "memchr", "strlen", "strcmp", "strchr", "strstr", "strspn"):
            with self.subTest(function=name):
                run = self.reaches_a_verdict(self.c, "own.c", "--function", name, "--sizes", "32",
                                             *STRING_OPTIONS.get(name, []))
                self.assertEqual(run["comparisons"][0]["candidate"], "own")

    def test_a_wrong_one_by_the_header(self):
        wrong = STRINGS.replace("return (void *)(s + i);", "return (void *)(s + i + 1);")
        own = self.library("own", wrong.replace("#include <string.h>", "#include <stddef.h>"), soname="libown.so")
        run = self.reaches_a_verdict(self.c, own, "--include", "string.h", "--function", "memchr", "--sizes", "512",
                                     status=3)
        self.assertIn("wrong answer from own: result (offset)", self.reasons(run))


class Zlib(Libraries):
    def setUp(self):
        super().setUp()
        self.z = self.needs(library("libz.so"), "zlib1g-dev")

    def test_sums(self):
        self.reaches_a_verdict(self.z, self.write("sums.c", SUMS), "--function", "adler32", "--sizes", "32")
        own = self.library("own", SUMS, soname="libown.so")
        run = self.reaches_a_verdict(self.z, own, "--function", "crc32", "--include", "zlib.h", "--sizes", "32")
        self.assertEqual(run["comparisons"][0]["case"], "crc32")

    def test_packing(self):
        self.reaches_a_verdict(self.z, self.write("own.c", PACK), "--function", "compress2", "--ldflags=-lz", "--sizes", "64",
                               "--in-out", "destLen", "--length", "destLen=1", "--input", "destLen=range:128..128", "--fix",
                               "level=6", "--length", "dest=2*sourceLen", "--answer", "dest[0..*destLen)")

    def test_unpacking(self):
        """What is unpacked was packed: 14 lines say so."""
        self.write("whole.c", "#include <zlib.h>\n")
        self.reaches_a_verdict("whole.c", self.write("own.c", UNPACK), "--setup", self.write("packed.c", PACKED),
                               "--ldflags=-lz", "--sizes", "200")

    def test_refusals(self):
        header = ["--include", "zlib.h"]
        self.library("own", SUMS, soname="libown.so")
        for arguments, parts in ((header, ["--include: name the function that zlib.h declares: --function"]),
                                 (["--include", "none.h", "--function", "f"], ["none.h", "does not compile"]),
                                 ([*header, "--function", "crc33"], ["zlib.h declares no function crc33", "--call"]),
                                 ([*header, "--function", "zlibVersion"], ["define no function zlibVersion in common"]),
                                 ([*header, "--call", "int f(int x)"], ["--include: --call tells the prototype already"])):
            with self.subTest(arguments=arguments):
                result = self.run_program("duel", self.z, "./own.so", *arguments)
                self.assertEqual(result.returncode, 2, result.stderr)
                for part in parts:
                    self.assertIn(part, result.stderr.splitlines()[-1])
        self.assert_refused("duel", self.z, self.z, *header, "--function", "inflate",
                            parts=["strm is a pointer to a structure", "--setup"])
        source = self.write("a.c", SUMS)
        self.assert_refused("duel", source, source, *header, parts=["--include: sources tell their functions' types"])


class Json(Libraries):
    def setUp(self):
        super().setUp()
        self.needs(flags("--libs", "libcjson"), "libcjson-dev")

    def test_a_parser_against_another(self):
        self.needs(flags("--libs", "jansson"), "libjansson-dev")
        self.reaches_a_verdict(self.write("tree.c", TREE), self.write("values.c", VALUES), "--setup",
                               self.write("prices.c", PRICES), "--ldflags=-lcjson -ljansson", "--sizes", "8")

    def test_parsing_alone(self):
        for name, text in PARSE.items():
            self.write(name, text)
        self.reaches_a_verdict(*PARSE, "--setup", self.write("trees.c", TREES), "--ldflags=-lcjson", "--sizes", "8")


class HashTables(Libraries):
    def test_one_against_another(self):
        """What is freed lies in lists that fill up over many runs: memory that is kept is another thing."""
        compile_flags = self.needs(flags("--cflags", "glib-2.0"), "libglib2.0-dev")
        self.needs(pathlib.Path("/usr/include/uthash.h").exists(), "uthash-dev")
        self.reaches_a_verdict(self.write("glib.c", GLIB), self.write("uthash.c", UTHASH), "--sizes", "64", "--input",
                               "keys=small:40", f"--cflags={compile_flags}", f"--ldflags={flags('--libs', 'glib-2.0')}")


if __name__ == "__main__":
    main()
