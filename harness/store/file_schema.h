/* JSON Schemas (draft 2020-12) of the files, made from the tables of fields that write and read them. */
#ifndef STORE_FILE_SCHEMA_H
#define STORE_FILE_SCHEMA_H

#include "store/json_fields.h"

/** Schema of result files, countersign.run/1: docs/countersign.run-1.schema.json. *json is the caller's. 0 or
 * -ENOMEM. */
int run_schema(json_t **json);

/** The same of calibrations, countersign.calibration/1. */
int calibration_schema(json_t **json);

/** The same of what `compare` prints, countersign.change/1. */
int change_schema(json_t **json);

/** The same of loads, countersign.load/1. */
int load_schema(json_t **json);

/** Writes a schema as the files below docs/ have it. 0 or -errno. */
int schema_save(const json_t *schema, const char *path);

#endif
