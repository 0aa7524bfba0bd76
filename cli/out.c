/* Standard output, with its errors. */
#include <config.h>

#include "cli/out.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)64 << 10)
#define LIMIT ((size_t)64 << 20) /* of one row or document */

void out_init_file(struct out *o, int fd)
{
    *o = (struct out){.text = STRBUF_INIT(LIMIT), .fd = fd};
}

void out_init(struct out *o)
{
    out_init_file(o, STDOUT_FILENO);
}

static void write_all(struct out *o)
{
    size_t at = 0;
    while (at < o->text.len && !o->error) {
        ssize_t n = write(o->fd, o->text.data + at, o->text.len - at);
        struct pollfd room = {.fd = o->fd, .events = POLLOUT};
        if (n >= 0)
            at += (size_t)n;
        else if (errno == EAGAIN) /* somebody else made our output non-blocking */
            (void)poll(&room, 1, -1);
        else if (errno != EINTR)
            o->error = errno;
    }
    if (o->text.failed && !o->error)
        o->error = ENOMEM;
    strbuf_truncate(&o->text, 0);
}

bool out_turn(struct out *o)
{
    if (o->text.len >= PIECE || o->text.failed)
        write_all(o);
    return !o->error;
}

bool out_flush(struct out *o)
{
    write_all(o);
    return !o->error;
}

int out_end(struct out *o, int status)
{
    write_all(o);
    strbuf_clear(&o->text);
    if (!o->error || o->error == EPIPE)
        return status;
    (void)fprintf(stderr, "binnacle: write error: %s\n", strerror(o->error));
    return 1;
}
