#include "history/index.h"

#include "base/option_name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERSION 1         /* of the tables; another one is made anew */
#define PATIENCE_MS 20000 /* for another program that writes */

struct history_index {
    sqlite3 *database;
    char path[PATH_MAX];
    int lock;
};

static const char tables[] =
    "CREATE TABLE files(id INTEGER PRIMARY KEY, folder TEXT, name TEXT, size INTEGER, mtime INTEGER, problem TEXT, seen INTEGER,"
    " UNIQUE(folder, name));"
    "CREATE TABLE runs(file INTEGER PRIMARY KEY, id TEXT, started TEXT, commit_id TEXT, compiler TEXT, machine TEXT,"
    " machine_key TEXT, complete INTEGER, invalid INTEGER, faster INTEGER, slower INTEGER, equivalent INTEGER, inconclusive"
    " INTEGER);"
    "CREATE TABLE series(id INTEGER PRIMARY KEY, case_name TEXT, kernel TEXT, point TEXT, baseline TEXT, candidate TEXT,"
    " machine_key TEXT, UNIQUE(case_name, kernel, point, baseline, candidate, machine_key));"
    "CREATE TABLE points(series INTEGER, file INTEGER, time_ns REAL, speedup REAL);"
    "CREATE INDEX points_of_series ON points(series);"
    "CREATE INDEX points_of_file ON points(file);"
    "CREATE INDEX runs_by_time ON runs(started);";

static int index_problem(const struct history_index *index, struct problem *problem) {
    return problem_set(problem, EIO, "%s: %s; %s makes the index anew from the files, %s names another place",
                       index->path, index->database ? sqlite3_errmsg(index->database) : "cannot be opened",
                       option_name(SETTING_REBUILD), option_name(SETTING_DATABASE));
}

/* The first number of a query's first row; `absent` where there is none. -1 where SQLite fails. */
static int64_t query_number(sqlite3 *database, const char *query) {
    sqlite3_stmt *statement = NULL;
    int64_t number = -1;
    if (sqlite3_prepare_v2(database, query, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

static bool is_sound(sqlite3 *database) {
    sqlite3_stmt *statement = NULL;
    bool sound = false;
    if (sqlite3_prepare_v2(database, "PRAGMA quick_check(1)", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        sound = strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0;
    sqlite3_finalize(statement);
    return sound && query_number(database, "PRAGMA user_version") == VERSION;
}

static void remove_files(const char *path) {
    static const char *const endings[] = {"", "-journal", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char name[PATH_MAX + 16];
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
}

static bool execute(struct history_index *index, const char *text) {
    return sqlite3_exec(index->database, text, NULL, NULL, NULL) == SQLITE_OK;
}

static bool open_database(struct history_index *index) {
    sqlite3_close(index->database);
    index->database = NULL;
    return sqlite3_open_v2(index->path, &index->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) ==
               SQLITE_OK &&
           sqlite3_busy_timeout(index->database, PATIENCE_MS) == SQLITE_OK;
}

static int make_anew(struct history_index *index, struct problem *problem) {
    char version[64];
    sqlite3_close(index->database);
    index->database = NULL;
    remove_files(index->path);
    snprintf(version, sizeof version, "PRAGMA user_version = %d", VERSION);
    if (!open_database(index) || !execute(index, "BEGIN") || !execute(index, tables) ||
        !execute(index, version) || !execute(index, "COMMIT"))
        return index_problem(index, problem);
    return 0;
}

/* The lock goes with the program, however it ends. */
static int take_lock(struct history_index *index, struct problem *problem) {
    char name[PATH_MAX + 8];
    snprintf(name, sizeof name, "%s.lock", index->path);
    index->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    while (index->lock >= 0 && flock(index->lock, LOCK_EX) != 0)
        if (errno != EINTR)
            return problem_set(problem, errno, "%s: %s", name, strerror(errno));
    return index->lock >= 0 ? 0
                            : problem_set(problem, errno, "%s: %s; %s names another place", name,
                                          strerror(errno), option_name(SETTING_DATABASE));
}

int history_index_open(struct history_index **index, const char *path, bool rebuild,
                       struct problem *problem) {
    struct history_index *made = calloc(1, sizeof *made);
    *index = NULL;
    if (!made)
        return problem_set(problem, ENOMEM, "out of memory");
    made->lock = -1;
    int status = (size_t)snprintf(made->path, sizeof made->path, "%s", path) < sizeof made->path
                     ? take_lock(made, problem)
                     : problem_set(problem, ENAMETOOLONG, "%s: %s", path, strerror(ENAMETOOLONG));
    struct stat facts;
    bool foreign = stat(path, &facts) == 0 && !S_ISREG(facts.st_mode);
    if (status == 0 && foreign)
        status = problem_set(problem, EISDIR, "%s: no file; %s names that of the index", path,
                             option_name(SETTING_DATABASE));
    if (status == 0 && (rebuild || !open_database(made) || !is_sound(made->database)))
        status = make_anew(made, problem);
    if (status)
        history_index_close(made);
    else
        *index = made;
    return status;
}

void history_index_close(struct history_index *index) {
    if (!index)
        return;
    sqlite3_close(index->database);
    if (index->lock >= 0)
        close(index->lock);
    free(index);
}

/* Prepares a statement and binds its texts, which must live until it is finalized. NULL: SQLite failed. */
static sqlite3_stmt *prepare(struct history_index *index, const char *query, const char *const *texts,
                             size_t count) {
    sqlite3_stmt *statement = NULL;
    bool failed = sqlite3_prepare_v2(index->database, query, -1, &statement, NULL) != SQLITE_OK;
    for (size_t i = 0; i < count && !failed; i++)
        failed = sqlite3_bind_text(statement, (int)i + 1, texts[i], -1, SQLITE_STATIC) != SQLITE_OK;
    if (!failed)
        return statement;
    sqlite3_finalize(statement);
    return NULL;
}

static bool step_once(sqlite3_stmt *statement) {
    bool done = statement && sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_finalize(statement);
    return done;
}

static bool add_run(struct history_index *index, int64_t file, const struct run *run, const char *key) {
    int64_t verdicts[VERDICT_INCONCLUSIVE + 1] = {0};
    for (size_t i = 0; i < run->comparison_count; i++)
        verdicts[run->comparisons[i].verdict]++;
    const char *const texts[] = {
        run->id,           run->started,
        run->commit,       run->measurement_count ? run->measurements[0].compiler : "",
        run->host.machine, key};
    sqlite3_stmt *statement = prepare(
        index,
        "INSERT INTO runs(id, started, commit_id, compiler, machine, machine_key, file, complete, invalid, faster, slower,"
        " equivalent, inconclusive) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        texts, 6);
    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 7, file);
    sqlite3_bind_int64(statement, 8, run->complete);
    for (int verdict = 0; verdict <= VERDICT_INCONCLUSIVE; verdict++)
        sqlite3_bind_int64(statement, 9 + verdict, verdicts[verdict]);
    return step_once(statement);
}

/* SQLite takes NAN for NULL, which is what it is here. */
static bool add_point(struct history_index *index, int64_t file, const struct comparison *comparison,
                      const char *key) {
    char point[256];
    point_text(&comparison->point, point, sizeof point);
    /* A gate's variants are revisions, new ones each time: what stays is the command. */
    bool gate = strcmp(comparison->case_name, "gate") == 0;
    const char *const texts[] = {comparison->case_name,
                                 comparison->kernel,
                                 point,
                                 gate ? "old" : comparison->baseline,
                                 gate ? comparison->case_title : comparison->candidate,
                                 key};
    if (!step_once(
            prepare(index,
                    "INSERT OR IGNORE INTO series(case_name, kernel, point, baseline, candidate, machine_key)"
                    " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                    texts, 6)))
        return false;
    sqlite3_stmt *statement = prepare(
        index,
        "INSERT INTO points(series, file, time_ns, speedup) SELECT id, ?7, ?8, ?9 FROM series WHERE case_name = ?1 AND"
        " kernel = ?2 AND point = ?3 AND baseline = ?4 AND candidate = ?5 AND machine_key = ?6",
        texts, 6);
    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 7, file);
    sqlite3_bind_double(statement, 8, comparison->candidate_time.median);
    sqlite3_bind_double(statement, 9, comparison->speedup.estimate);
    return step_once(statement);
}

static bool forget(struct history_index *index, int64_t file) {
    char text[256];
    snprintf(text, sizeof text,
             "DELETE FROM points WHERE file = %" PRId64 "; DELETE FROM runs WHERE file = %" PRId64
             "; DELETE FROM files WHERE id = %" PRId64,
             file, file, file);
    return execute(index, text);
}

/* One file that is new or changed. What cannot be read is noted. False: SQLite failed. */
static bool take_in(struct history_index *index, const char *folder, const char *name,
                    const struct stat *facts) {
    char path[2 * PATH_MAX], key[24];
    struct problem reason = {""};
    struct run *run = calloc(1, sizeof *run);
    if (!run)
        return false;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int status = run_load(run, path, &reason);
    const char *const texts[] = {folder, name, status ? reason.text : ""};
    sqlite3_stmt *statement = prepare(
        index, "INSERT INTO files(folder, name, problem, size, mtime, seen) VALUES(?1, ?2, ?3, ?4, ?5, 1)",
        texts, 3);
    if (statement) {
        sqlite3_bind_int64(statement, 4, facts->st_size);
        sqlite3_bind_int64(statement, 5, facts->st_mtim.tv_sec * 1000000000 + facts->st_mtim.tv_nsec);
    }
    bool done = step_once(statement);
    int64_t file = sqlite3_last_insert_rowid(index->database);
    snprintf(key, sizeof key, "%016" PRIx64, fingerprint_identity(&run->host));
    done = done && (status || add_run(index, file, run, key));
    for (size_t i = 0; done && status == 0 && i < run->comparison_count; i++)
        done = add_point(index, file, &run->comparisons[i], key);
    run_clear(run);
    free(run);
    return done;
}

static bool is_result_name(const char *name) {
    size_t length = strlen(name);
    return name[0] != '.' && ((length > 5 && !strcmp(name + length - 5, ".json")) ||
                              (length > 8 && !strcmp(name + length - 8, ".json.gz")));
}

/* Looks a file up and takes it in where it is not as it was. */
static bool follow_file(struct history_index *index, sqlite3_stmt *find, sqlite3_stmt *mark,
                        const char *folder, const char *name, const struct stat *facts) {
    sqlite3_bind_text(find, 2, name, -1, SQLITE_STATIC);
    int found = sqlite3_step(find);
    int64_t id = sqlite3_column_int64(find, 0);
    bool same = found == SQLITE_ROW && sqlite3_column_int64(find, 1) == facts->st_size &&
                sqlite3_column_int64(find, 2) == facts->st_mtim.tv_sec * 1000000000 + facts->st_mtim.tv_nsec;
    sqlite3_reset(find);
    if (found != SQLITE_ROW && found != SQLITE_DONE)
        return false;
    if (same) {
        sqlite3_bind_int64(mark, 1, id);
        bool marked = sqlite3_step(mark) == SQLITE_DONE;
        sqlite3_reset(mark);
        return marked;
    }
    return (found == SQLITE_DONE || forget(index, id)) && take_in(index, folder, name, facts);
}

static bool forget_removed(struct history_index *index, const char *folder) {
    static const char *const texts[] = {
        "DELETE FROM points WHERE file IN (SELECT id FROM files WHERE folder = ?1 AND NOT seen)",
        "DELETE FROM runs WHERE file IN (SELECT id FROM files WHERE folder = ?1 AND NOT seen)",
        "DELETE FROM files WHERE folder = ?1 AND NOT seen"};
    bool done = true;
    for (size_t i = 0; i < sizeof texts / sizeof *texts && done; i++)
        done = step_once(prepare(index, texts[i], &folder, 1));
    return done;
}

static bool follow_folder(struct history_index *index, const char *folder, DIR *stream) {
    sqlite3_stmt *find =
        prepare(index, "SELECT id, size, mtime FROM files WHERE folder = ?1 AND name = ?2", &folder, 1);
    sqlite3_stmt *mark = prepare(index, "UPDATE files SET seen = 1 WHERE id = ?1", NULL, 0);
    bool done =
        find && mark && step_once(prepare(index, "UPDATE files SET seen = 0 WHERE folder = ?1", &folder, 1));
    for (struct dirent *entry; done && (entry = readdir(stream));) {
        struct stat facts;
        if (is_result_name(entry->d_name) && fstatat(dirfd(stream), entry->d_name, &facts, 0) == 0 &&
            S_ISREG(facts.st_mode))
            done = follow_file(index, find, mark, folder, entry->d_name, &facts);
    }
    sqlite3_finalize(find);
    sqlite3_finalize(mark);
    return done && forget_removed(index, folder);
}

int history_index_follow(struct history_index *index, const char *folder, struct problem *problem) {
    DIR *stream = opendir(folder);
    if (!stream)
        return problem_set(problem, errno, "%s: %s; expected a folder of result files", folder,
                           strerror(errno));
    bool done =
        execute(index, "BEGIN IMMEDIATE") && follow_folder(index, folder, stream) && execute(index, "COMMIT");
    int status = done ? 0 : index_problem(index, problem);
    if (!done)
        execute(index, "ROLLBACK");
    closedir(stream);
    return status;
}

static void copy_column(sqlite3_stmt *statement, int column, char *text, size_t size) {
    const char *value = (const char *)sqlite3_column_text(statement, column);
    snprintf(text, size, "%s", value ? value : "");
}

static double number_column(sqlite3_stmt *statement, int column) {
    return sqlite3_column_type(statement, column) == SQLITE_NULL ? NAN
                                                                 : sqlite3_column_double(statement, column);
}

/* Conditions on a run `r` of a file `f`; ?1 to ?4 are the texts of bind_filter. */
#define WANTED                                                                                                                   \
    " f.folder = ?1 AND (?2 = '' OR r.machine = ?2 OR r.machine_key = ?2) AND (?3 = '' OR substr(r.commit_id, 1, length(?3)) = " \
    "?3) AND (?4 = '' OR instr(r.compiler, ?4) > 0) "

static const char *text_or_none(const char *text) {
    return text ? text : "";
}

static void *grow(void *items, size_t count, size_t size) {
    bool full = count >= 16 && (count & (count - 1)) == 0;
    return count == 0 ? malloc(16 * size) : full ? reallocarray(items, 2 * count, size) : items;
}

static int read_unreadable(struct history_index *index, const char *folder, struct history *history) {
    sqlite3_stmt *statement = prepare(
        index, "SELECT problem FROM files WHERE folder = ?1 AND problem <> '' ORDER BY name", &folder, 1);
    int status = SQLITE_DONE;
    while (statement && (status = sqlite3_step(statement)) == SQLITE_ROW)
        if (history->unreadable++ == 0)
            copy_column(statement, 0, history->first_unreadable, sizeof history->first_unreadable);
    sqlite3_finalize(statement);
    return statement && status == SQLITE_DONE ? 0 : -EIO;
}

int history_index_runs(struct history_index *index, const char *folder, const struct history_filter *filter,
                       size_t most, struct history *history, struct problem *problem) {
    const char *const texts[] = {folder, text_or_none(filter->machine), text_or_none(filter->commit),
                                 text_or_none(filter->compiler), text_or_none(filter->case_name)};
    int step = SQLITE_ERROR, status = read_unreadable(index, folder, history);
    sqlite3_stmt *statement = prepare(
        index,
        "SELECT * FROM (SELECT r.id, r.started, r.commit_id, r.compiler, r.machine, r.machine_key, r.complete, r.invalid,"
        " r.faster, r.slower, r.equivalent, r.inconclusive FROM runs r JOIN files f ON f.id = r.file WHERE" WANTED
        "AND (?5 = '' OR r.file IN (SELECT p.file FROM points p JOIN series s ON s.id = p.series WHERE s.case_name = ?5))"
        " ORDER BY r.started DESC, r.id DESC LIMIT ?6) ORDER BY 2, 1",
        texts, 5);
    if (statement)
        sqlite3_bind_int64(statement, 6, (int64_t)most);
    while (statement && status == 0 && (step = sqlite3_step(statement)) == SQLITE_ROW) {
        struct history_run *grown = grow(history->runs, history->run_count, sizeof *grown);
        if (!grown) {
            status = -ENOMEM;
            break;
        }
        history->runs = grown;
        struct history_run *run = &grown[history->run_count++];
        *run = (struct history_run){.complete = sqlite3_column_int(statement, 6)};
        copy_column(statement, 0, run->id, sizeof run->id);
        copy_column(statement, 1, run->started, sizeof run->started);
        copy_column(statement, 2, run->commit, sizeof run->commit);
        copy_column(statement, 3, run->compiler, sizeof run->compiler);
        copy_column(statement, 4, run->machine, sizeof run->machine);
        copy_column(statement, 5, run->machine_key, sizeof run->machine_key);
        for (int verdict = 0; verdict <= VERDICT_INCONCLUSIVE; verdict++)
            run->verdicts[verdict] = (size_t)sqlite3_column_int64(statement, 7 + verdict);
    }
    sqlite3_finalize(statement);
    if (status == -ENOMEM)
        return problem_set(problem, ENOMEM, "out of memory");
    return status || step != SQLITE_DONE ? index_problem(index, problem) : 0;
}

/* The series that a row is of: the last, or a new one. NULL: no memory. */
static struct history_series *series_of(sqlite3_stmt *statement, int64_t *last, struct history *history) {
    int64_t id = sqlite3_column_int64(statement, 0);
    if (history->series_count && id == *last)
        return &history->series[history->series_count - 1];
    struct history_series *grown = grow(history->series, history->series_count, sizeof *grown);
    if (!grown)
        return NULL;
    history->series = grown;
    struct history_series *series = &grown[history->series_count++];
    *series = (struct history_series){.count = 0};
    *last = id;
    copy_column(statement, 1, series->case_name, sizeof series->case_name);
    copy_column(statement, 2, series->kernel, sizeof series->kernel);
    copy_column(statement, 3, series->point, sizeof series->point);
    copy_column(statement, 4, series->baseline, sizeof series->baseline);
    copy_column(statement, 5, series->candidate, sizeof series->candidate);
    copy_column(statement, 6, series->machine_key, sizeof series->machine_key);
    copy_column(statement, 7, series->machine, sizeof series->machine);
    return series;
}

static int add_value(sqlite3_stmt *statement, int64_t *last, struct history *history) {
    struct history_series *series = series_of(statement, last, history);
    struct history_value *grown = series ? grow(series->values, series->count, sizeof *grown) : NULL;
    if (!grown)
        return -ENOMEM;
    series->values = grown;
    struct history_value *value = &grown[series->count++];
    copy_column(statement, 8, value->id, sizeof value->id);
    copy_column(statement, 9, value->started, sizeof value->started);
    copy_column(statement, 10, value->commit, sizeof value->commit);
    copy_column(statement, 11, value->compiler, sizeof value->compiler);
    value->time_ns = number_column(statement, 12);
    value->speedup = number_column(statement, 13);
    return 0;
}

int history_index_series(struct history_index *index, const char *folder, const struct history_filter *filter,
                         struct history *history, struct problem *problem) {
    const char *const texts[] = {folder, text_or_none(filter->machine), text_or_none(filter->commit),
                                 text_or_none(filter->compiler), text_or_none(filter->case_name)};
    int64_t last = 0;
    int step = SQLITE_ERROR, status = read_unreadable(index, folder, history);
    sqlite3_stmt *statement = prepare(
        index,
        "SELECT s.id, s.case_name, s.kernel, s.point, s.baseline, s.candidate, s.machine_key, r.machine, r.id, r.started,"
        " r.commit_id, r.compiler, p.time_ns, p.speedup FROM points p JOIN series s ON s.id = p.series JOIN runs r ON"
        " r.file = p.file JOIN files f ON f.id = p.file WHERE" WANTED
        "AND (?5 = '' OR s.case_name = ?5) ORDER BY s.case_name, s.id, r.started, r.id",
        texts, 5);
    while (statement && status == 0 && (step = sqlite3_step(statement)) == SQLITE_ROW)
        status = add_value(statement, &last, history);
    sqlite3_finalize(statement);
    if (status == -ENOMEM)
        return problem_set(problem, ENOMEM, "out of memory");
    return status || step != SQLITE_DONE ? index_problem(index, problem) : 0;
}
