/* The schemas below docs/ are those that the tables of fields make. With COUNTERSIGN_WRITE_SCHEMAS=FOLDER they
 * are written there instead. */
#include "store/file_schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *file;
    int (*make)(json_t **json);
} schemas[] = {{"countersign.run-1.schema.json", run_schema},
               {"countersign.calibration-1.schema.json", calibration_schema},
               {"countersign.change-1.schema.json", change_schema},
               {"countersign.load-1.schema.json", load_schema}};

static void published_schemas_are_those_of_the_tables(void **state) {
    (void)state;
    const char *folder = getenv("COUNTERSIGN_WRITE_SCHEMAS");
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        char path[4096];
        json_t *made = NULL;
        assert_int_equal(schemas[i].make(&made), 0);
        snprintf(path, sizeof path, "%s/%s", folder ? folder : TEST_SOURCE "/docs", schemas[i].file);
        if (folder)
            assert_int_equal(schema_save(made, path), 0);
        json_t *published = json_load_file(path, 0, NULL);
        if (!published || !json_equal(published, made))
            fail_msg("%s is not what the tables of fields make; "
                     "COUNTERSIGN_WRITE_SCHEMAS=docs bin/test_store_file_schema writes it",
                     path);
        json_decref(published);
        json_decref(made);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(published_schemas_are_those_of_the_tables)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
