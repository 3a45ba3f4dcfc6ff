#!/usr/bin/python3 -B
"""After how many calls the inputs of two functions repeat, of all runs together."""
from program import main
from test_duel_sources import SUM, DuelSources

# Ends the process where sixteen runs of 64 calls begin with the same input.
SAME = """#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
static void look(uint32_t value) {
    static uint64_t calls;
    static uint32_t last;
    static int same;
    if (calls++ % 64)
        return;
    same = value == last ? same + 1 : 0;
    last = value;
    if (same == 16)
        abort();
}
uint64_t f(const uint32_t *p, size_t n) { uint64_t sum = 0; look(p[0]); while (n--) sum += p[n]; return sum; }
void turn(uint32_t *p, size_t n) { look(p[0]); for (size_t i = 0; i < n; i++) p[i] = ~p[i]; }
"""
# Wrong for one value of 256.
RARE = """#include <stdint.h>
uint32_t f(uint8_t x, uint16_t y) { return x * 3u + (WRONG); }
"""


class Fresh(DuelSources):
    def compare(self, *options, status=0):
        return self.run_for(status, "duel", *self.files, "--budget", "0.02", "--replicates", "2", "--no-counters",
                            "--no-simulation", "--layout", "fixed", *options)

    def test_runs_go_on_from_one_to_the_next(self):
        """Also of arrays that are restored before each run; with one run's inputs a function ends."""
        self.files = [self.write("a.c", SAME), self.write("b.c", SAME)]
        for function, options, said in (("f", [], "inputs repeat after 3648 calls, 64 a run\n"),
                                        ("turn", ["--fresh", "4000"], "note: inputs repeat after 4032 calls, 64 a run\n")):
            measurement = self.compare("--function", function, "--sizes", "16", *options)["measurements"][0]
            self.assertEqual(measurement["arms"][0]["evidence"], said)
            self.assertEqual(measurement["items"], 64 * 16)
        self.assertNotEqual(self.reasons(self.compare("--function", "turn", "--sizes", "16", "--fresh", "64", status=3)), "")

    def test_all_of_them_are_verified(self):
        """Of 64 calls most seeds have none that is wrong."""
        self.files = [self.write("a.c", RARE, WRONG="0"), self.write("b.c", RARE, WRONG="y == 7")]
        run = self.compare("--fresh", "1000000", status=3)
        self.assertIn("wrong answer from b: result[", self.reasons(run))

    def test_refused(self):
        files = self.sums()
        self.assert_refused("duel", *files, "--call", SUM, "--sizes", "16,65536", "--fresh", "10000",
                            parts=["--fresh", "10000 calls with n = 65536 take 5000 MiB, more than 1024 MiB", "2047 at most"])
        self.assert_refused("duel", *files, "--setup", files[0], "--fresh", "9", parts=["--fresh", "--batch"])


if __name__ == "__main__":
    main()
