/* Runs that another process has, or had: followed to their end, or left as they are. */
#include <config.h>

#include "actions/record.h"
#include "actions/work.h"
#include "base/file.h"
#include "cli/do.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The run that goes on; else the last one that began. */
static bool find(const char *audit, const char *id, char out[AUDIT_RUN_ID], struct err *err)
{
    struct audit_run run;
    bool found = true;
    if (id) {
        (void)snprintf(out, AUDIT_RUN_ID, "%s", id);
        return true;
    }
    if (audit_unfinished(audit, NULL, AUDIT_HELD, &run, err)) {
        (void)snprintf(out, AUDIT_RUN_ID, "%s", run.id);
        audit_run_clear(&run);
    } else {
        found = audit_newest(audit, out, err);
    }
    return found;
}

static void on_text(BN_UNUSED void *context, struct span text)
{
    cli_do_say(text);
}

int cli_do_watch(const char *audit, const char *run, int cancel_fd)
{
    char id[AUDIT_RUN_ID], says[AUDIT_SAYS_MAX];
    struct err err;
    if (!find(audit, run, id, &err) || !record_follow(audit, id, cancel_fd, on_text, NULL, &err)) {
        (void)cli_fail(&err);
        return err.kind == ERR_CANCELLED ? EXIT_OPEN : EXIT_REFUSED;
    }
    bool open = !audit_ended(audit, id, says) || !says[0];
    (void)printf("Run %s: %s\n", id,
                 open ? "it has no end: binnacle do --resume, --undo or --leave" : says);
    (void)fflush(stdout);
    return open                                                                    ? EXIT_OPEN
           : strcmp(says, "failed") == 0 || strcmp(says, AUDIT_UNDONE_PARTLY) == 0 ? EXIT_FAULT
                                                                                   : EXIT_FINE;
}

void cli_do_notice(const struct cli *cli)
{
    struct strbuf text = STRBUF_INIT(65536);
    char *audit = file_audit_path(cli->epoch_ms != 0);
    bool goes_on;
    if (audit && work_notice(audit, NULL, &goes_on, &text) && !goes_on)
        cli_warn("%s: binnacle do --resume, --undo or --leave", strbuf_cstr(&text));
    strbuf_clear(&text);
    free(audit);
}

int cli_do_leave(const char *audit, const char *run)
{
    char left[AUDIT_RUN_ID];
    struct err err;
    if (work_leave(audit, run, left, &err)) {
        (void)printf("Run %s is left as it is: what was sent stands, nothing more is.\n", left);
        (void)fflush(stdout);
        return EXIT_FINE;
    }
    (void)cli_fail(&err);
    return EXIT_REFUSED;
}
