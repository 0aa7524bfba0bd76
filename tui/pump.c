/* The only writer to the terminal, beside the restoring in an emergency. */
#include <config.h>

#include "tui/pump.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

void pump_init(struct pump *p, int fd, size_t limit)
{
    *p = (struct pump){.fd = fd, .out = {.limit = limit}};
}

void pump_done(struct pump *p)
{
    strbuf_clear(&p->out);
}

bool pump_busy(const struct pump *p)
{
    return p->at < p->out.len;
}

bool pump_begun(const struct pump *p)
{
    return pump_busy(p) && p->at > 0;
}

void pump_drop(struct pump *p)
{
    strbuf_truncate(&p->out, 0);
    p->at = 0;
}

bool pump_add(struct pump *p, struct span bytes)
{
    if (p->at) {
        strbuf_consume(&p->out, p->at);
        p->at = 0;
    }
    if (bytes.len > p->out.limit - p->out.len)
        return false;
    strbuf_add(&p->out, bytes);
    return true;
}

bool pump_run(struct pump *p)
{
    while (!p->gone && pump_busy(p)) {
        ssize_t n = write(p->fd, p->out.data + p->at, p->out.len - p->at);
        if (n >= 0)
            p->at += (size_t)n;
        else if (errno == EAGAIN)
            return true;
        else if (errno != EINTR)
            p->gone = true;
    }
    pump_drop(p);
    return !p->gone;
}

bool pump_flush(struct pump *p, int wait_ms)
{
    int64_t end = clock_machine_ms() + wait_ms;
    while (pump_run(p) && pump_busy(p)) {
        int64_t left = end - clock_machine_ms();
        struct pollfd fd = {.fd = p->fd, .events = POLLOUT};
        if (left <= 0)
            return false;
        (void)poll(&fd, 1, (int)left);
    }
    return !p->gone;
}
