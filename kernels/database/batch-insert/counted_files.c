/*
 * A file's functions are a table, which is copied with another xSync when the file is opened. Beside what xSync is called for,
 * SQLite's VFS for Unix writes out a folder when the first sync of a new journal comes, and when it is asked to delete lastingly.
 */
#include "counted_files.h"

static int sync_counted(sqlite3_file *file, int flags) {
    struct counted_methods *methods = (struct counted_methods *)file->pMethods;
    methods->files->syncs += 1 + (unsigned)methods->folder_due;
    methods->folder_due = 0;
    return methods->own->xSync(file, flags);
}

static int open_counted(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *flags_out) {
    struct counted_files *files = (struct counted_files *)vfs;
    int status = files->own->xOpen(files->own, name, file, flags, flags_out);
    if (status != SQLITE_OK || !file->pMethods)
        return status;
    struct counted_methods *methods = flags & SQLITE_OPEN_MAIN_DB ? &files->database : &files->journal;
    methods->own = file->pMethods;
    methods->files = files;
    methods->methods = *file->pMethods;
    methods->methods.xSync = sync_counted;
    methods->folder_due =
        flags & SQLITE_OPEN_CREATE && flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL) ? 1 : 0;
    file->pMethods = &methods->methods;
    return status;
}

static int delete_counted(sqlite3_vfs *vfs, const char *name, int lasting) {
    struct counted_files *files = (struct counted_files *)vfs;
    files->syncs += lasting != 0;
    return files->own->xDelete(files->own, name, lasting);
}

int counted_files_register(struct counted_files *files, const char *name) {
    files->own = sqlite3_vfs_find(NULL);
    if (!files->own)
        return -EIO;
    files->vfs = *files->own;
    files->vfs.pNext = NULL;
    files->vfs.zName = name;
    files->vfs.xOpen = open_counted;
    files->vfs.xDelete = delete_counted;
    return sqlite3_vfs_register(&files->vfs, 0) == SQLITE_OK ? 0 : -EIO;
}
