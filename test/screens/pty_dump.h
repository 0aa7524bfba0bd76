/* The inside of a pty, shared by its two files. */
#ifndef BINNACLE_TEST_SCREENS_PTY_DUMP_H
#define BINNACLE_TEST_SCREENS_PTY_DUMP_H

#include "test/screens/pty.h"
#include "test/screens/stream.h"

#include <sys/types.h>
#include <termios.h>
#include <vterm.h>

#define PTY_WANTS_MAX 8

struct pty {
    pid_t pid; /* 0: has ended */
    int status;
    int master, slave, pidfd; /* owned; -1: closed */
    struct termios before;
    VTerm *vterm;
    VTermScreen *screen;
    struct stream stream;
    struct strbuf pending; /* read, not yet looked at */
    uint64_t events;       /* sent */
    int64_t read_us;       /* monotonic, of the last read */
    int rows, cols;
    struct pty_options options;
    char home[64];

    struct {
        char name[24];
        int64_t least;
    } wants[PTY_WANTS_MAX];

    size_t nwants;
};

#endif
