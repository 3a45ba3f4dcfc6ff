/* Tables of the structs of a result file, a file a subject. Private to store/. */
#ifndef STORE_RESULT_JSON_H
#define STORE_RESULT_JSON_H

#include "store/json_fields.h"
#include "store/result.h"

extern const struct field growth_fit_fields[];     /**< struct growth_fit */
extern const struct field scaling_fit_fields[];    /**< struct scaling_fit */
extern const struct field fingerprint_fields[];    /**< struct fingerprint */
extern const struct field noise_fields[];          /**< struct noise */
extern const struct field counter_plan_fields[];   /**< struct counter_plan */
extern const struct field counter_result_fields[]; /**< struct counter_result */
extern const struct field counter_entry_fields[];  /**< struct counter_plan_entry */
extern const struct field replicate_fields[];      /**< struct replicate, samples beside */
extern const struct field simulation_fields[];     /**< struct simulation, arms beside */
extern const struct field resources_fields[];      /**< struct arm_resources */
extern const struct field latency_fields[];        /**< struct arm_latency, ns */
extern const struct field interval_fields[];       /**< struct interval of a ratio */
extern const struct field measurement_fields[];    /**< struct measurement */
extern const struct field comparison_fields[];     /**< struct comparison */
extern const struct field calibration_fields[];    /**< struct calibration without what tries make */
extern const struct field run_settings_fields[];   /**< struct run_settings, build beside */
extern const struct field load_fields[];           /**< struct load without the schema */
extern const struct field change_fields[];         /**< struct run_changes without what is alone */
extern const struct field run_fields[];            /**< struct run without the schema */

extern const struct field_names several_points_names; /**< enum mechanism of a claim about several points */
extern const struct field_names verdict_names;        /**< enum verdict */
extern const struct field_names fault_names;          /**< enum arm_fault */
extern const struct field_names source_names;         /**< enum counter_source */

/** Of an interval: low above high. 0 or -EINVAL. */
int interval_check(const void *interval, const struct json_place *place, struct problem *problem);

/** An object, parameter to {value, unit, choice}, in the order of the point. Hooks of a FIELD_CUSTOM. */
int point_write(const void *point, json_t **json, const struct json_place *place, struct problem *problem);
int point_read(const json_t *json, void *point, const struct json_place *place, struct problem *problem);
json_t *point_schema(void);
json_t *point_reference(void);

/** Counts per run of one arm, double[COUNTER_EVENTS]: event to number; absent events have no key. Native
 * events by the names of their slots; none where `native` is NULL. */
int counts_write_named(const double *counts, const char (*native)[COUNTER_NAME], json_t **json);
int counts_read_named(const json_t *json, double *counts, const char (*native)[COUNTER_NAME],
                      const struct json_place *place, struct problem *problem);

/** The same of the vocabulary alone, as hooks. */
int counts_write(const void *counts, json_t **json, const struct json_place *place, struct problem *problem);
int counts_read(const json_t *json, void *counts, const struct json_place *place, struct problem *problem);
json_t *counts_schema(void);
json_t *counts_reference(void);

/** Schema of an array of what `items` describes, which it steals. NULL: out of memory. */
json_t *schema_array(json_t *items);

/** One replicate; its measurement says the arms and counters. `place` for messages, NULL for none. On failure
 * *json may be set. */
int replicate_write(const struct replicate *replicate, const struct measurement *measurement, json_t **json,
                    const struct json_place *place, struct problem *problem);
int replicate_read(const json_t *json, const struct measurement *measurement, struct replicate *replicate,
                   const struct json_place *place, struct problem *problem);

/** Refuses a comparison that refers to what is not there: every reader indexes by these. Asked when writing
 * and when reading. 0 or -EINVAL. */
int check_references(const struct run *run, struct problem *problem);

/**
 * Refuses what no run can be, of one whose references are checked: a verdict of an invalid arm, percentiles
 * in no order, an estimate outside of its interval, more replicates than planned, two threads on one CPU with
 * others to spare. Asked when reading alone, so that no run is lost for it. 0 or -EINVAL.
 */
int check_possible(const struct run *run, struct problem *problem);

/** Refuses what is no time, of a run or a calibration. 0 or -EINVAL. */
int check_started(const char *started, struct problem *problem);

/** Of the member "digest": its schema, and what it is. */
#define DIGEST_ABOUT                                                                                         \
    "Digest of all members but this one, written without blanks, keys in the order of their bytes, "         \
    "fractions with 17 digits: SHA-256. Against accidents and quiet edits; it is no signature. Absent in "   \
    "files of versions before 0.2."

json_t *digest_schema(void);

/** Appends the digest of `document` as it is, where what it holds is new; otherwise that of its file, or
 * none. 0 or -ENOMEM. */
int digest_write(const struct file_digest *digest, json_t *document);

/** Reads the member "digest" of a document that `version` of the program wrote, and compares. 0 or -errno. */
int digest_read(const json_t *document, const char *version, struct file_digest *digest,
                struct problem *problem);

/** The whole document of a run, schema first. *json is the caller's. 0 or -errno. */
int run_to_json(const struct run *run, json_t **json, struct problem *problem);

/** Reads a document into `run`, which it clears first; on failure the run is left cleared. 0 or -errno. */
int run_from_json(const json_t *json, struct run *run, struct problem *problem);

#endif
