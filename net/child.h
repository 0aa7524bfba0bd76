/* Runs a program to its end and keeps what it prints. Descriptors of this
 * process do not reach it. */
#ifndef BINNACLE_NET_CHILD_H
#define BINNACLE_NET_CHILD_H

#include "base/strbuf.h"

struct child_options {
    const char *path;        /* absolute or with a slash; not searched */
    const char *const *argv; /* NULL ends */
    char *const *env;        /* NULL ends */
    bool
        on_terminal; /* stdin and stderr are this process'; else /dev/null, captured, own session */
    bool ends_whole; /* with it ends what it has started and left in its process group */
    int deadline_ms; /* 0: none */
    int cancel_fd;   /* readable: kill; -1: none */
    size_t output_max; /* more than this: kill */
    size_t errors_max; /* the newest bytes are kept, the older ones forgotten */
};

enum child_end {
    CHILD_EXITED,
    CHILD_TIMEOUT,
    CHILD_CANCELLED,
    CHILD_TOO_MUCH,
    CHILD_NOT_STARTED, /* error says why */
};

struct child_result {
    enum child_end end;
    int status; /* exit status */
    int signal; /* that ended it; 0: none */
    int error;  /* errno */
    struct strbuf output, errors;
};

/* Waits; kills the whole process group where it does not wait to the end. Fills *result always;
 * release with child_result_wipe(). */
void child_run(const struct child_options *options, struct child_result *result);
void child_result_wipe(struct child_result *result);

/* Starts a program that this process does not wait for: in a session of its own, so that it goes on when
 * the terminal goes; fd is its standard input and output. Its errors go where this process' go, unless
 * that is a terminal. 0 and *pid, to be reaped by the caller; or errno. */
int child_detach(const char *path, const char *const *argv, int fd, int *pid);

/* The path of an executable file, owned: the command itself where it has a slash, else searched in
 * PATH, whose relative folders are passed over, as Go does. NULL: there is none. */
char *child_find(const char *command) BN_MUST_USE;
/* The last line of what it wrote that is not blank; borrowed. */
struct span child_last_line(struct span text);

#endif
