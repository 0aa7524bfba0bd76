/* moto as a child of a test: orders go in, answers come out. */
#include <config.h>

#include "test/systems/moto_run.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCRIPT                        \
    "python=$(\"$0/tools/moto\") && " \
    "exec \"$python\" \"$0/test/systems/moto_serve.py\""

static void become_moto(const char *top, int in, int out)
{
    for (int sig = 1; sig < NSIG; sig++) /* a fault here must not go on as the test */
        (void)signal(sig, SIG_DFL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)dup2(in, 0);
    (void)dup2(out, 1);
    (void)execl("/bin/sh", "sh", "-c", SCRIPT, top, (char *)NULL);
    _exit(127);
}

bool moto_start(struct moto *m)
{
    const char *top = getenv("top_srcdir");
    int in[2], out[2], port = 0;
    *m = (struct moto){0};
    assert_non_null(top);
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    m->pid = (int)fork();
    if (m->pid == 0)
        become_moto(top, in[0], out[1]);
    (void)close(in[0]);
    (void)close(out[1]);
    m->to = fdopen(in[1], "w");
    m->from = fdopen(out[0], "r");
    if (m->pid > 0 && m->to && m->from && fgets(m->answer, sizeof(m->answer), m->from) &&
        sscanf(m->answer, "{\"port\": %d}", &port) == 1) {
        (void)snprintf(m->origin, sizeof(m->origin), "http://127.0.0.1:%d", port);
        return true;
    }
    moto_stop(m);
    return false;
}

void moto_stop(struct moto *m)
{
    if (m->to)
        (void)fclose(m->to);
    if (m->from)
        (void)fclose(m->from);
    if (m->pid > 0) {
        (void)kill(m->pid, SIGKILL);
        (void)waitpid(m->pid, NULL, 0);
    }
    *m = (struct moto){0};
}

const char *moto_do(struct moto *m, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)vfprintf(m->to, fmt, args);
    va_end(args);
    (void)fputc('\n', m->to);
    (void)fflush(m->to);
    if (!fgets(m->answer, sizeof(m->answer), m->from))
        fail_msg("moto has ended");
    if (strncmp(m->answer, "{\"error\"", 8) == 0)
        fail_msg("%s: %s", fmt, m->answer);
    return m->answer;
}

void moto_member(const char *answer, const char *name, char *out, size_t size)
{
    char words[128];
    const char *at;
    size_t len;
    (void)snprintf(words, sizeof(words), "\"%s\": \"", name);
    at = strstr(answer, words);
    assert_non_null(at);
    at += strlen(words);
    len = strcspn(at, "\"");
    assert_true(len < size);
    memcpy(out, at, len);
    out[len] = '\0';
}
