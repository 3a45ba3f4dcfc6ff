/* Counts how often SQLite has a file or a folder written out to the disk. */
#ifndef COUNTED_FILES_H
#define COUNTED_FILES_H

#include <countersign.h>
#include <sqlite3.h>

/** The functions of SQLite's own files but for xSync, which counts as well. */
struct counted_methods {
    sqlite3_io_methods methods; /**< first: a file points at it */
    const sqlite3_io_methods *own;
    struct counted_files *files;
    int folder_due; /**< 1: a new journal's first sync writes out its folder, too */
};

/** SQLite's own VFS, counted. It must stay where it is while it is registered. */
struct counted_files {
    sqlite3_vfs vfs; /**< first: SQLite hands it to the functions in it */
    sqlite3_vfs *own;
    struct counted_methods database, journal;
    uint64_t syncs; /**< calls of fsync and fdatasync */
};

/** Registers it under `name`. Returns 0, or -EIO where SQLite has no VFS. */
int counted_files_register(struct counted_files *files, const char *name);

#endif
