/* The handler knows nothing but a constant text and two descriptors, which are
 * set before it can run. */
#include <config.h>

#include "tui/restore.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define STACK_BYTES ((size_t)64 * 1024)

/* What the handlers reach. armed is written last and cleared first. */
static volatile sig_atomic_t armed;

static struct {
    int tty_fd, fd;
    struct termios modes;
    char bytes[RESTORE_MAX + 1];
    size_t len;
} saved;

static char stack[STACK_BYTES];

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
static const int requests[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};

void restore_arm(int tty_fd, int fd, const struct termios *modes, struct span bytes)
{
    armed = 0;
    saved.tty_fd = tty_fd;
    saved.fd = fd;
    saved.modes = *modes;
    /* CAN ends a sequence that was under way. */
    saved.bytes[0] = '\030';
    saved.len = 1 + (bytes.len < RESTORE_MAX ? bytes.len : RESTORE_MAX);
    memcpy(saved.bytes + 1, bytes.data, saved.len - 1);
    armed = 1;
}

void restore_disarm(void)
{
    armed = 0;
}

/* A terminal that takes nothing loses what it has not shown yet: the modes are
 * worth more. */
static void restore_now(void)
{
    if (!armed)
        return;
    armed = 0;
    ssize_t done = write(saved.fd, saved.bytes, saved.len);
    if (done != (ssize_t)saved.len) {
        (void)tcflush(saved.fd, TCOFLUSH);
        done = write(saved.fd, saved.bytes, saved.len);
    }
    (void)done;
    (void)tcsetattr(saved.tty_fd, TCSANOW, &saved.modes);
}

static void die(int sig)
{
    int kept = errno;
    restore_now();
    errno = kept;
    (void)signal(sig, SIG_DFL);
    (void)raise(sig);
}

/* A stop from outside; who continues us calls term_return(). */
static void stop(int sig)
{
    int kept = errno;
    (void)sig;
    restore_now();
    (void)raise(SIGSTOP);
    errno = kept;
}

static void catch (int sig, void (*handler)(int), bool only_if_free)
{
    struct sigaction old, action = {.sa_handler = handler, .sa_flags = SA_ONSTACK | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    if (only_if_free && (sigaction(sig, NULL, &old) != 0 || old.sa_handler != SIG_DFL))
        return;
    (void)sigaction(sig, &action, NULL);
}

void restore_watch(void)
{
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
    (void)sigaltstack(&alternate, NULL);
    for (size_t i = 0; i < BN_COUNT(crashes); i++)
        catch (crashes[i], die, false);
    for (size_t i = 0; i < BN_COUNT(requests); i++)
        catch (requests[i], die, true);
    catch (SIGTSTP, stop, false);
    bug_on_abort(restore_now);
}
