#include "debug/enumeration.h"

#include <dwarf.h>
#include <stdint.h>
#include <stdlib.h>

#define STRING(text) #text
#define NUMBER(macro) STRING(macro)

/* As the compiler chose it; what does not say so was unsigned. */
static bool is_signed(Dwarf_Die *die) {
    Dwarf_Die base;
    Dwarf_Attribute attribute;
    Dwarf_Word encoding;
    bool told = dwarf_attr_integrate(die, DW_AT_type, &attribute) && dwarf_formref_die(&attribute, &base) &&
                dwarf_peel_type(&base, &base) == 0 &&
                dwarf_attr_integrate(&base, DW_AT_encoding, &attribute) &&
                dwarf_formudata(&attribute, &encoding) == 0;
    return told && (encoding == DW_ATE_signed || encoding == DW_ATE_signed_char);
}

/* Forms of fewer bytes than the type has, or of more, say the same. */
static int64_t extend(uint64_t bits, const struct scalar_type *type) {
    unsigned unused = 64 - 8 * type->size;
    bits <<= unused;
    return type->kind == SCALAR_SIGNED ? (int64_t)bits >> unused : (int64_t)(bits >> unused);
}

/* Puts up to `most` values there; returns how many there are. */
static size_t read_values(Dwarf_Die *die, const struct scalar_type *type, int64_t *values, size_t most) {
    Dwarf_Die child;
    Dwarf_Attribute attribute;
    Dwarf_Word bits;
    size_t count = 0;
    for (int status = dwarf_child(die, &child); status == 0; status = dwarf_siblingof(&child, &child))
        if (dwarf_tag(&child) == DW_TAG_enumerator && dwarf_attr(&child, DW_AT_const_value, &attribute) &&
            dwarf_formudata(&attribute, &bits) == 0) {
            if (count < most)
                values[count] = extend(bits, type);
            count++;
        }
    return count;
}

static int compare_values(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Values in ascending order; false where there are too many runs of them. */
static bool take_runs(const int64_t *values, size_t count, struct scalar_type *type) {
    type->run_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct scalar_run *last = type->run_count ? &type->runs[type->run_count - 1] : NULL;
        if (last && (uint64_t)values[i] - (uint64_t)last->high <= 1)
            last->high = values[i];
        else if (type->run_count == SIGNATURE_RUNS)
            return false;
        else
            type->runs[type->run_count++] = (struct scalar_run){values[i], values[i]};
    }
    return true;
}

const char *enumeration_read(Dwarf_Die *die, struct scalar_type *type) {
    Dwarf_Word size = 0;
    Dwarf_Attribute attribute;
    if (dwarf_attr(die, DW_AT_declaration, &attribute) || dwarf_aggregate_size(die, &size) != 0 ||
        size == 0 || size > 8)
        return "an enumeration that is only declared";
    type->kind = is_signed(die) ? SCALAR_SIGNED : SCALAR_UNSIGNED;
    type->size = (unsigned)size;
    size_t count = read_values(die, type, NULL, 0);
    int64_t *values = malloc((count + 1) * sizeof *values);
    bool taken = values != NULL;
    if (taken) {
        read_values(die, type, values, count);
        qsort(values, count, sizeof *values, compare_values);
        taken = take_runs(values, count, type);
    }
    free(values);
    return taken ? NULL : "an enumeration of more than " NUMBER(SIGNATURE_RUNS) " values apart";
}
