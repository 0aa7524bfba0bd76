/* Reading and writing whole files safely. */
#ifndef BINNACLE_BASE_FILE_H
#define BINNACLE_BASE_FILE_H

#include "base/err.h"
#include "base/strbuf.h"

#include <limits.h>

/* Appends the file's content to *out, up to its limit. ERR_NOTFOUND when it
 * does not exist; ERR_CONFIG when it is not a readable regular file or longer. */
bool file_read(const char *path, struct strbuf *out, struct err *err) BN_MUST_USE;
/* Writes a new file (0600) beside it and renames: old or new, never half. A
 * symbolic link is followed: its target is replaced. */
bool file_replace(const char *path, struct span content, struct err *err) BN_MUST_USE;
/* The same, not waiting until it is on disk: for what may be lost with the power. */
bool file_replace_later(const char *path, struct span content, struct err *err) BN_MUST_USE;

/* A file that is written piece by piece beside its place (0600) and then put there: it is there whole
 * or not at all. */
struct file_new {
    int fd;
    char path[PATH_MAX], temp[PATH_MAX + 16];
};

bool file_new_open(struct file_new *f, const char *path, struct err *err) BN_MUST_USE;
/* Puts it in its place; over: also in that of another, else ERR_CONFLICT. Either way f is done. */
bool file_new_keep(struct file_new *f, bool over, struct err *err) BN_MUST_USE;
void file_new_drop(struct file_new *f);
/* Makes the folder and its parents, 0700. */
bool file_make_folder(const char *path, struct err *err) BN_MUST_USE;

/* XDG folders of this program, owned, with a default below HOME; NULL when
 * HOME is not set either. name is appended ("/config.yaml") when not NULL. */
char *file_config_path(const char *name) BN_MUST_USE; /* $XDG_CONFIG_HOME/binnacle */
char *file_state_path(const char *name) BN_MUST_USE;  /* $XDG_STATE_HOME/binnacle */
/* The audit log's there; of the demonstration another. */
char *file_audit_path(bool demonstration) BN_MUST_USE;
/* $XDG_RUNTIME_DIR/binnacle, else the state folder. */
char *file_runtime_path(const char *name) BN_MUST_USE;
/* Where name ("themes", "harbor/data") of what comes with the program lies, owned:
 * below $BINNACLE_DATA, beside the program (installed anywhere, or in the tree that
 * it was built in), else where it is to be installed, there or not. */
char *file_data_path(const char *name) BN_MUST_USE;
/* Appends the names of a folder's files that end in suffix, without it, in order,
 * with between between them. Nothing when it cannot be read. */
void file_names(const char *folder, const char *suffix, const char *between, struct strbuf *out);

#endif
