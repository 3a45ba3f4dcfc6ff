#include "common-elements.h"
#include "peer.h"

#include <roaring/roaring.h>

static size_t intersect(const struct lists *lists, const uint32_t *first, const uint32_t *second,
                        uint32_t *common) {
    roaring_bitmap_t *one = roaring_bitmap_of_ptr(lists->n, first),
                     *other = roaring_bitmap_of_ptr(lists->n, second);
    roaring_bitmap_t *both = roaring_bitmap_and(one, other);
    size_t found = roaring_bitmap_get_cardinality(both);
    if (found <= lists->n)
        roaring_bitmap_to_uint32_array(both, common);
    roaring_bitmap_free(one);
    roaring_bitmap_free(other);
    roaring_bitmap_free(both);
    return found;
}

static void run(void *state) {
    lists_run(state, intersect);
}

PEER(roaring) = {.name = "roaring", .run = run, .summary = "two bitmaps of CRoaring, and what is in both"};
