/* What a person does with the dashboard, and what is seen of it: keys, commands,
 * mouse, on a platform that is changed meanwhile. */
#include <config.h>

#include "base/file.h"
#include "test/screens/live.h"
#include "test/systems/cli_run.h"

#include <ctype.h>
#include <sys/stat.h>
#include <unistd.h>

#define STANDS "2026-02-13T09:05:00Z"

static int setup(void **state)
{
    int status = live_setup(state);
    struct live *l = *state;
    l->clock = STANDS;
    return status;
}

/* ---- Finding. */

static void a_filter_is_seen_undone_and_brought_back(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods");
    pty_assert_row_has(l->pty, 1, "95/95");
    pty_keys(l->pty, "/");
    pty_type(l->pty, "is:b");
    pty_wait(l->pty);
    pty_assert_has(l->pty, "is: what?"); /* a term that is not whole yet is said and left out */
    pty_assert_row_has(l->pty, 1, "95/95");
    pty_type(l->pty, "ad crash");
    pty_wait_text(l->pty, "1/95");
    pty_assert_lacks(l->pty, "is: what?");
    pty_press(l->pty, "Enter");
    pty_assert_row_has(l->pty, 1, "[is:bad crash]");
    pty_press(l->pty, "Esc");
    pty_wait_text(l->pty, "95/95");
    pty_press(l->pty, "u");
    pty_wait_text(l->pty, "1/95");
    pty_press(l->pty, "u");
    pty_wait_text(l->pty, "95/95"); /* as before the filter was typed */
    pty_press(l->pty, "U");
    pty_wait_text(l->pty, "1/95");
    pty_keys(l->pty, "/");
    pty_type(l->pty, " nothing-of-that-name");
    pty_wait_text(l->pty, "no pods match");
    pty_press(l->pty, "Esc"); /* the filter that was there before is back */
    pty_wait_text(l->pty, "1/95");
    live_quit(l);
}

static void columns_complete_a_filter(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods");
    pty_keys(l->pty, "/");
    pty_type(l->pty, "resta");
    pty_press(l->pty, "Tab");
    pty_assert_has(l->pty, "/restarts>");
    pty_type(l->pty, "10");
    pty_press(l->pty, "Enter");
    pty_wait_text(l->pty, "[restarts>10]");
    pty_assert_row_has(l->pty, 1, "2/95");
    live_quit(l);
}

static void commands_are_completed_and_remembered(void **state)
{
    struct live *l = *state;
    char home[160];
    const char *const env[] = {home, NULL};
    const struct pty_options options = {.env = env};
    (void)snprintf(home, sizeof(home), "XDG_STATE_HOME=%s", l->folder);
    live_open(l, NULL, &options);
    pty_keys(l->pty, ":");
    pty_type(l->pty, "strclss"); /* its letters in their order */
    pty_wait(l->pty);
    pty_assert_has(l->pty, "Sorts of storage that claims can ask for.");
    pty_press(l->pty, "Tab Enter");
    pty_wait_text(l->pty, "home › storageclasses");
    pty_keys(l->pty, ":");
    pty_type(l->pty, "no");
    pty_press(l->pty, "Tab");
    pty_assert_has(l->pty, ":nodes");
    pty_press(l->pty, "Esc");
    live_command(l, "pdos");
    pty_wait(l->pty);
    pty_assert_has(l->pty, "did you mean `pods`?");
    live_quit(l);
    live_open(l, NULL, &options);
    pty_press(l->pty, ": Up");
    pty_assert_has(l->pty, ":pdos");
    pty_press(l->pty, "Up Enter");
    pty_wait_text(l->pty, "home › storageclasses");
    live_quit(l);
}

/* What fingers know from k9s, kubectl, less and htop. */
static void habits_of_other_programs_are_met(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "sts");
    pty_wait_text(l->pty, "[type=StatefulSet]");
    pty_assert_has(l->pty, "vault ");
    pty_assert_lacks(l->pty, "Deployment");
    live_command(l, "dp /gta");
    pty_wait_text(l->pty, "[(gta) type=Deployment]  1/46");
    pty_press(l->pty, "Esc"); /* it is a filter as any */
    pty_wait_text(l->pty, "46/46");
    live_command(l, "describe");
    pty_assert_row_has(l->pty, 0, " gta-events ");
    live_command(l, "sec");
    pty_assert_row_has(l->pty, 0, "home › secrets ");
    live_command(l, "pulse");
    pty_assert_row_has(l->pty, 0, "home  ");
    live_command(l, "hpa");
    pty_assert_has(l->pty, "no command or kind `hpa`; `:find hpa` looks for it in names");
    live_command(l, "q!");
    live_ended(l, 0, 10000);
}

static void names_are_found_in_all_kinds(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    pty_keys(l->pty, "/"); /* on home */
    pty_type(l->pty, "typesense");
    pty_press(l->pty, "Enter");
    pty_wait_text(l->pty, "pvc          tooling/data-typesense-0");
    pty_assert_has(l->pty, "statefulset  tooling/typesense");
    pty_press(l->pty, "Esc");
    live_command(l, "why node/prod-instance-1769868032159");
    pty_wait_text(l->pty, "DiskPressure");
    live_command(l, "why no-such-thing");
    pty_wait_text(l->pty, "nothing that is looked at is called `no-such-thing`");
    live_quit(l);
}

static void namespaces_stay_chosen(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods");
    live_command(l, "ns argocd");
    pty_wait_text(l->pty, "7/95");
    pty_assert_row_has(l->pty, 1, "[ns argocd]");
    live_command(l, "services");
    pty_wait_text(l->pty, "4/37"); /* in the next table, too */
    pty_press(l->pty, "0");
    pty_wait_text(l->pty, "37/37");
    live_command(l, "pods");
    pty_wait_text(l->pty, "95/95");
    pty_press(l->pty, "1"); /* as it was chosen before */
    pty_wait_text(l->pty, "7/95");
    live_quit(l);
}

/* ---- Help. */

static void help_narrows_and_runs(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods");
    pty_keys(l->pty, "?");
    pty_type(l->pty, "problem");
    pty_wait(l->pty);
    pty_assert_has(l->pty, "Only rows with a problem.");
    pty_assert_lacks(l->pty, "One line up.");
    pty_type(l->pty, "s");
    pty_press(l->pty, "Enter");
    pty_wait_text(l->pty, "[problems]");
    pty_keys(l->pty, "?");
    pty_type(l->pty, "favourite");
    pty_press(l->pty, "Enter"); /* it wants a word more: that is asked for */
    pty_assert_has(l->pty, ":favourite");
    pty_press(l->pty, "Esc");
    live_quit(l);
}

static void the_key_line_fits_the_row(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods");
    pty_assert_row_has(l->pty, 23, "Enter containers  x why  l log  d detail");
    pty_assert_lacks(l->pty, "previous log"); /* it has not restarted */
    pty_press(l->pty, "j");
    pty_assert_row_has(l->pty, 23, "p previous log");
    live_command(l, "sc");
    pty_assert_row_has(l->pty, 23, "Enter pvcs");
    pty_assert_lacks(l->pty, "why  l");
    pty_press(l->pty, "c");
    pty_assert_row_has(l->pty, 23, "c -n ns name  n name  r row  v sorted cell  l kubectl get");
    pty_press(l->pty, "Esc");
    live_quit(l);
}

/* ---- Rows. */

static void marks_are_added_up(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods");
    pty_press(l->pty, "j Space Space");
    pty_assert_row_has(l->pty, 1, "[2 marked]");
    pty_assert_has(l->pty, "sum of 2 marked:  restarts 55");
    pty_press(l->pty, "c m");
    pty_assert_has(l->pty, "copied ");
    pty_press(l->pty, "Esc");
    pty_assert_lacks(l->pty, "sum of");
    live_quit(l);
}

/* A pod that crashes, what it does to its StatefulSet: one line, the cause first. */
static void a_change_is_told_once(void **state)
{
    const struct pty_options wide = {.rows = 40, .cols = 200};
    struct live *l = *state;
    live_open(l, NULL, &wide);
    pty_assert_has(l->pty, "nothing in the last 15 min");
    live_crash(l);
    pty_wait_text(l->pty, "ok → critical: typesense-0 CrashLoopBackOff");
    pty_assert_has(l->pty, "CHANGED      in the last 15 min");
    pty_assert_has(l->pty, " 4, f: all"); /* the service and two routes to it */
    int first = pty_find(l->pty, "CHANGED      in") + 1;
    pty_assert_row_has(l->pty, first, "statefulset  tooling/typesense"); /* the cause before them */
    int worst = pty_find(l->pty, "WRONG NOW") + 1;
    pty_assert_row_has(l->pty, worst, "statefulset  tooling/typesense"); /* the newest of them */
    live_command(l, "changes");
    pty_wait_text(l->pty, "ready 1/1 → 0/1");
    pty_press(l->pty, "Enter");
    pty_wait_text(l->pty, "pod typesense-0");
    pty_assert_has(l->pty, "restarts 0 → 1");
    live_quit(l);
}

static void expect_style(struct live *l, int row, const char *style, bool wanted)
{
    struct strbuf dump = STRBUF_INIT((size_t)1 << 20);
    char text[64];
    bool found = false;
    struct span rest, line;
    pty_dump(l->pty, &dump);
    rest = strbuf_span(&dump);
    (void)snprintf(text, sizeof(text), "%d:", row);
    while (span_split(&rest, '\n', &line))
        found = found ||
                (span_starts(line, text) && span_search(line, span_from(style), false) < line.len);
    strbuf_clear(&dump);
    assert_int_equal(found, wanted);
}

static void a_changed_cell_fades(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods /typesense");
    pty_wait_text(l->pty, "1/95");
    pty_press(l->pty, "G");
    live_crash(l);
    pty_wait_text(l->pty, "CrashLoopBackOff");
    int row = pty_find(l->pty, "tooling");
    live_command(l, "filter typesense|argocd-dex"); /* the cursor stays on the other row */
    pty_wait_text(l->pty, "2/95");
    pty_press(l->pty, "j");
    row = pty_find(l->pty, "tooling");
    expect_style(l, row, "bold reverse", true);
    pty_step(l->pty, 1500);
    pty_wait(l->pty);
    expect_style(l, row, "bold reverse", false);
    expect_style(l, row, "fg1 bold", true);
    pty_assert_row_has(l->pty, row, "•✗ tooling");
    pty_step(l->pty, 16 * 60000);
    pty_wait(l->pty);
    pty_assert_lacks(l->pty, "•");
    live_quit(l);
}

static void rows_come_and_go(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods /booklet-new");
    pty_wait_text(l->pty, "no pods match");
    live_tell(l, "put pods {\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":"
                 "\"booklet-new\",\"namespace\":\"default\",\"creationTimestamp\":"
                 "\"2026-02-13T09:04:55Z\"},\"spec\":{\"containers\":[{\"name\":\"c\"}]},"
                 "\"status\":{\"phase\":\"Pending\"}}");
    pty_wait_text(l->pty, "1/96");
    pty_assert_has(l->pty, "+◐ default");
    live_tell(l, "delete pods default booklet-new");
    pty_wait_text(l->pty, "gone 09:05:00");
    pty_assert_row_has(l->pty, 1, "0/95"); /* shown, not counted */
    pty_step(l->pty, 61000);
    pty_wait(l->pty);
    pty_assert_lacks(l->pty, "gone 09:05:00");
    live_quit(l);
}

/* A table below a node shows a pod that came to it, though nothing else happens any more. */
static void a_table_of_links_follows_them(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "nodes /prod-instance-1759301204118");
    pty_press(l->pty, "Enter");
    pty_wait(l->pty);
    pty_assert_lacks(l->pty, "booklet-new");
    live_tell(l, "put pods {\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":"
                 "\"booklet-new\",\"namespace\":\"default\",\"creationTimestamp\":"
                 "\"2026-02-13T09:04:55Z\"},\"spec\":{\"nodeName\":\"prod-instance-1759301204118\","
                 "\"containers\":[{\"name\":\"c\"}]},\"status\":{\"phase\":\"Pending\"}}");
    pty_wait_text(l->pty, "booklet-new");
    live_quit(l);
}

/* Below a disruption budget stand the pods that its labels choose. */
static void a_budget_leads_to_its_pods(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pdbs /default");
    pty_press(l->pty, "Enter");
    pty_wait_text(l->pty, "reyemtech-jqn6rfsnv-6dnlh");
    pty_assert_has(l->pty, "reyemtech-jqn6rfsnv-6hpc8");
    pty_assert_lacks(l->pty, "booklet");
    live_quit(l);
}

/* The details of an ExternalSecret go on through its Secret to the pods, those of a pod back. */
static void a_secret_is_followed_to_its_pods(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "externalsecrets /kimai-secrets");
    pty_press(l->pty, "Enter Tab Tab"); /* its links */
    pty_wait_text(l->pty, "  ● pod default/kimai-qmzgltxs2-");
    live_command(l, "pods /kimai-qmzgltxs2-");
    pty_press(l->pty, "d Tab Tab");
    pty_wait_text(l->pty, "  ● externalsecret default/kimai-secrets");
    live_quit(l);
}

/* Its row is of the server in it, which is reached by TLS through a port-forward. */
static void a_database_node_leads_to_its_pod(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "mysqls /pxc-1");
    pty_press(l->pty, "Enter Tab Tab");
    pty_wait_text(l->pty, "  ● pod operators/mysql-pxc-1");
    live_quit(l);
}

/* What a server says again and again is seen over time, and what was so for a moment stays. */
static void figures_are_seen_over_time(void **state)
{
    const struct pty_options options = {.rows = 70, .cols = 100};
    struct live *l = *state;
    live_open(l, NULL, &options);
    live_command(l, "redis /redis-master-0");
    pty_wait_text(l->pty, " master ");
    pty_press(l->pty, "d");
    live_step_until(l, 10000, "▁ 38..38"); /* the newest stands last: more than one step may pass */
    (void)live_tell(l, "redis operators redis-master-0 set connected_clients:912");
    live_step_until(l, 10000, "█ 38..912");
    (void)live_tell(l, "redis operators redis-master-0 set connected_clients:456");
    live_step_until(l, 10000, "▅ 38..912");
    (void)live_tell(l, "redis operators redis-master-0 set connected_clients:9223372036854775807");
    live_step_until(l, 10000, "█ 38..9223372036854775807");
    live_quit(l);
}

static void columns_that_do_not_fit_can_be_reached(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods");
    pty_press(l->pty, "w");
    pty_assert_row_has(l->pty, 1, "columns →");
    pty_assert_lacks(l->pty, "NODE");
    for (int i = 0; i < 16 && !pty_has(l->pty, "IMAGES"); i++)
        pty_press(l->pty, "Right");
    pty_assert_has(l->pty, "IMAGES");
    pty_assert_row_has(l->pty, 2, "NAMESPACE NAME"); /* what names the row stays */
    live_quit(l);
}

static void a_table_is_written_to_a_file(void **state)
{
    struct live *l = *state;
    struct strbuf text = STRBUF_INIT(1 << 20);
    char path[128], command[160];
    live_open(l, NULL, NULL);
    live_command(l, "nodes");
    (void)snprintf(path, sizeof(path), "%s/nodes.md", l->folder);
    (void)snprintf(command, sizeof(command), "export md %s", path);
    live_command(l, command);
    pty_wait_text(l->pty, "6 nodes written to");
    assert_true(file_read(path, &text, NULL));
    assert_true(span_starts(strbuf_span(&text), "| NAME | "));
    assert_true(span_search(strbuf_span(&text), SPAN("| DiskPressure"), false) < text.len);
    strbuf_clear(&text);
    live_command(l, command);
    pty_wait_text(l->pty, "is there already"); /* nothing is written over, unless that is asked */
    (void)snprintf(command, sizeof(command), "export! table %s", path);
    live_command(l, "filter disk");
    live_command(l, command);
    pty_wait_text(l->pty, "1 nodes written to");
    assert_true(file_read(path, &text, NULL));
    assert_true(span_starts(strbuf_span(&text), "NAME "));
    assert_int_equal(span_search(strbuf_span(&text), SPAN("WHY"), false), text.len);
    strbuf_clear(&text);
    live_command(l, "export /");
    pty_wait_text(l->pty, "/ is there already");
    live_command(l, "export! /");
    pty_wait_text(l->pty, "/ is no file that could be written over");
    live_command(l, "export csv");
    pty_wait_text(l->pty, "export where to?");
    live_command(l, "export /no/such/folder/x.csv");
    pty_wait_text(l->pty, "No such file or directory");
    live_quit(l);
}

/* ---- A cluster that is away. */

/* What is on the screen: its filter, its order, its columns; JSON has all of a row, as `get` has. */
static void what_is_written_is_what_is_seen(void **state)
{
    struct live *l = *state;
    struct strbuf text = STRBUF_INIT(1 << 20);
    struct stat st;
    char path[128], command[160];
    live_open(l, NULL, NULL);
    live_command(l, "nodes");
    live_command(l, "cols -pods +kernel");
    live_command(l, "filter name~prod-instance");
    live_command(l, "sort name!");
    (void)snprintf(path, sizeof(path), "%s/nodes.csv", l->folder);
    (void)snprintf(command, sizeof(command), "export %s", path);
    live_command(l, command);
    pty_wait_text(l->pty, "nodes written to");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(file_read(path, &text, NULL));
    struct span rest = strbuf_span(&text), line, last = SPAN("z");
    assert_true(span_split(&rest, '\n', &line));
    assert_true(span_search(line, SPAN(",pods,"), false) == line.len);
    assert_true(span_search(line, SPAN(",kernel,"), false) < line.len);
    assert_true(span_ends(line, ",level,says\r"));
    for (size_t rows = 0; span_split(&rest, '\n', &line) && line.len; rows++) {
        assert_true(span_compare(line, last) < 0);
        last = line;
    }
    (void)unlink(path);
    strbuf_clear(&text);
    (void)snprintf(path, sizeof(path), "%s/nodes.json", l->folder);
    (void)snprintf(command, sizeof(command), "export %s", path);
    live_command(l, command);
    pty_wait_text(l->pty, "nodes.json");
    pty_wait_text(l->pty, "nodes written to");
    assert_true(file_read(path, &text, NULL));
    assert_non_null(strstr(strbuf_cstr(&text), "\"complete\": true"));
    assert_non_null(strstr(strbuf_cstr(&text), "\"pods\": "));
    strbuf_clear(&text);
    live_quit(l);
}

/* The same bytes, but for what is counted in milliseconds up to now: less than a minute lies between. */
static void expect_same(const char *a, const char *b)
{
    const char *line = a;
    for (; *a && *b; a++, b++) {
        line = *a == '\n' ? a + 1 : line;
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            char *end_a, *end_b;
            long long x = strtoll(a, &end_a, 10), y = strtoll(b, &end_b, 10);
            if (x != y && (x < 100000 || llabs(x - y) > 60000))
                fail_msg("%lld and %lld in %.200s", x, y, line);
            a = end_a - 1;
            b = end_b - 1;
        } else if (*a != *b) {
            fail_msg("%.40s and %.40s in %.200s", a, b, line);
        }
    }
    assert_int_equal(*a, *b);
}

/* In every form that has all of a row; the others have the screen's columns. */
static void an_export_is_what_get_writes(void **state)
{
    static const char *const kinds[] = {"nodes", "externalsecrets", "storageclasses"};
    static const char *const forms[] = {"json", "jsonl", "yaml"};
    struct live *l = *state;
    struct cli_place place = {{0}, {0}};
    struct cli_run run = {0};
    (void)snprintf(place.folder, sizeof(place.folder), "%s", l->folder);
    (void)snprintf(place.kubeconfig, sizeof(place.kubeconfig), "%s", l->kubeconfig);
    l->clock = NULL; /* that of `get` goes too */
    live_open(l, NULL, NULL);
    for (size_t k = 0; k < BN_COUNT(kinds); k++) {
        live_command(l, kinds[k]);
        live_command(l, "sort name");
        for (size_t f = 0; f < BN_COUNT(forms); f++) {
            struct strbuf text = STRBUF_INIT(1 << 20);
            char path[128], command[160];
            (void)snprintf(path, sizeof(path), "%s/%s.%s", l->folder, kinds[k], forms[f]);
            (void)snprintf(command, sizeof(command), "export %s %s", forms[f], path);
            live_command(l, command);
            pty_wait_text(l->pty, "written to");
            cli_run(&place, &run, "get", kinds[k], "-A", "--sort", "name", "-o", forms[f], NULL);
            assert_status(&run, 0);
            assert_true(file_read(path, &text, NULL));
            expect_same(strbuf_cstr(&text), strbuf_cstr(&run.out));
            strbuf_clear(&text);
            live_command(l, "changes"); /* says no more of what was written */
            pty_press(l->pty, "Esc");
        }
    }
    cli_done(&run);
    live_quit(l);
}

static void an_absent_cluster_is_one_line(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_tell(l, "down");
    live_step_until(l, 5000, " systems unknown, last seen ✗");
    pty_assert_has(l->pty, " ? demo ");
    pty_assert_row_has(l->pty, 1, "demo ");
    pty_assert_lacks(l->pty, "was critical 5s ago: demo failing");
    pty_press(l->pty, "Right"); /* unfolds, as Enter on that line does */
    pty_assert_has(l->pty, " ? storage");
    pty_press(l->pty, "Esc");
    pty_assert_lacks(l->pty, " ? storage");
    live_command(l, "pods");
    pty_assert_has(l->pty, " ? default   gta-events");
    pty_assert_has(l->pty, "gta-events-k99fcczjn-9rw9g: unknown, was critical");
    live_tell(l, "up");
    live_step_until(l, 5000, " ✗ default   gta-events");
    live_quit(l);
}

/* ---- Log. */

static void a_log_is_read(void **state)
{
    struct live *l = *state;
    l->clock = NULL;
    live_open(l, NULL, NULL);
    live_command(l, "pods /booklet-worker");
    pty_wait_text(l->pty, "1/95");
    pty_press(l->pty, "l");
    pty_wait_text(l->pty, " INFO ");
    pty_wait_text(l->pty, "lines, follow");
    pty_assert_row_has(l->pty, 0, "log booklet-worker-9fh7l46hl-fdwlc worker"); /* its container */
    pty_press(l->pty, "k");
    pty_assert_lacks(l->pty, "lines, follow"); /* looking back ends it */
    pty_press(l->pty, "F");
    pty_wait_text(l->pty, "lines, follow");
    pty_keys(l->pty, "&");
    pty_type(l->pty, "INFO");
    pty_press(l->pty, "Enter g");
    pty_assert_lacks(l->pty, "WARN");
    pty_press(l->pty, "& p");
    pty_wait_text(l->pty, "previous");
    pty_wait_text(l->pty, "the log has ended");
    pty_press(l->pty, "Esc");
    live_quit(l);
}

static void a_log_of_json_is_read_in_words(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods /gateway");
    pty_wait_text(l->pty, "1/95");
    pty_press(l->pty, "l");
    pty_wait_text(l->pty, " WARN token of the provider is about to expire provider=");
    pty_assert_lacks(l->pty, "{\"time\"");
    pty_press(l->pty, "J");
    pty_wait_text(l->pty, "{\"time\"");
    live_quit(l);
}

/* Where the cursor rests on a pod in trouble, its last words stand beside the table. */
static void last_words_stand_beside_the_table(void **state)
{
    const struct pty_options wide = {.rows = 45, .cols = 160};
    struct live *l = *state;
    live_open(l, NULL, &wide);
    live_command(l, "pods");
    pty_press(l->pty, "j");
    pty_assert_lacks(l->pty, "last lines"); /* who looks through a list asks for no logs */
    pty_step(l->pty, 1000);
    pty_wait_text(l->pty, "log before it ended, last lines");
    pty_wait_text(l->pty, " FATAL ANTHROPIC_API_KEY is not set");
    pty_press(l->pty, "G"); /* one that is well has none */
    pty_step(l->pty, 1000);
    pty_wait(l->pty);
    pty_assert_lacks(l->pty, "last lines");
    live_quit(l);
}

/* A small screen shows the row below a list that is short: all that is known, not a line or two. */
static void a_short_list_leaves_room_for_its_row(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods");
    pty_assert_lacks(l->pty, " rule ");
    live_command(l, "filter openclaw-gateway");
    pty_wait_text(l->pty, "(/app/dist/config.js:88:11)");
    pty_assert_has(l->pty, " rule ");
    pty_assert_has(l->pty, " events");
    pty_press(l->pty, "Tab Down");
    pty_assert_lacks(l->pty, " pod openclaw/openclaw-gateway"); /* it is scrolled */
    pty_resize(l->pty, 12, 80);
    pty_assert_lacks(l->pty, " rule ");
    live_quit(l);
}

/* ---- The frame. */

/* A context of production is told by colour and in words. */
static void production_is_told(void **state)
{
    struct live *l = *state;
    struct strbuf text = STRBUF_INIT(1 << 20);
    assert_true(file_read(l->kubeconfig, &text, NULL));
    live_replace(&text, "token: demo", "token: !!str demo");
    live_replace(&text, ": demo", ": prod-eu");
    assert_true(file_replace(l->kubeconfig, strbuf_span(&text), NULL));
    strbuf_clear(&text);
    live_open_only(l, NULL, NULL);
    pty_wait_text(l->pty, "prod-eu (prod)  home");
    expect_style(l, 0, "fg1 bold reverse", true);
    assert_true(span_starts(pty_title(l->pty), "binnacle prod-eu (prod)"));
    live_quit(l);
}

static void a_paused_screen_counts_what_it_hides(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods");
    pty_press(l->pty, "P");
    live_crash(l);
    pty_wait_text(l->pty, " changes"); /* the title goes on */
    pty_assert_lacks(l->pty, "OOMKilled 137 10s ago");
    pty_assert_lacks(l->pty, "tooling   typesense-0");
    pty_press(l->pty, "P");
    pty_wait_text(l->pty, "tooling   typesense-0");
    live_quit(l);
}

/* A line for each source; what is folded into it is listed when asked for. */
static void sources_fold_what_is_fresh(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "sources");
    pty_assert_has(l->pty, "kinds, all fresh (Enter lists them); kubernetes at https://");
    pty_assert_lacks(l->pty, "   pods ");
    pty_press(l->pty, "Enter");
    pty_assert_has(l->pty, "   pods                 fresh");
    pty_press(l->pty,
              "j j j j Left"); /* from one of its kinds too; the cursor goes to the source */
    pty_assert_lacks(l->pty, "   pods ");
    pty_press(l->pty, "Right");
    pty_assert_has(l->pty, "   pods                 fresh");
    pty_press(l->pty, "j Enter");
    pty_assert_row_has(l->pty, 0, "home › sources › nodes ");
    live_quit(l);
}

/* One that does not answer in its time is told of as soon as it is late, the others are as fresh as they
 * were; it is told of no more when it has answered, and nobody has to press a key for that. */
static void home_says_how_old_the_answers_are(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    pty_wait_text(l->pty,
                  "14 fresh: 11 within 20s, binlogs externaldns within 1m, kubelet within 5m");
    (void)live_tell(l, "fault /api/v1/namespaces/vault/services/ stall");
    pty_step(l->pty, 26000);
    pty_wait_text(l->pty, "vault slow 2");
    pty_wait_text(l->pty, "13 fresh within 5m");
    (void)live_tell(l, "clear");
    (void)live_tell(l, "drop");
    live_step_until(l, 5000, "14 fresh: 11 within 20s");
    pty_assert_lacks(l->pty, "vault slow");
    live_quit(l);
}

/* A server that has not answered yet has nothing: not none. */
static void nothing_is_claimed_before_it_is_known(void **state)
{
    struct live *l = *state;
    (void)live_tell(l, "fault / stall");
    live_open_only(l, NULL, NULL);
    pty_wait_text(l->pty, "workloads    loading");
    pty_assert_has(l->pty, "backups      loading");
    pty_assert_has(l->pty, " to find   redis, ");
    pty_assert_has(l->pty, "nothing so far: loading");
    pty_assert_lacks(l->pty, "none found");
    pty_assert_lacks(l->pty, "0/0");
    pty_assert_lacks(l->pty, "0 well");
    (void)live_tell(l, "clear");
    (void)live_tell(l, "drop");
    live_step_until(l, 5000, "43/46 ready");
    live_quit(l);
}

/* What is looked at in between does not pile up. */
static void asides_take_each_others_place(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods");
    live_command(l, "src");
    live_command(l, "messages");
    live_command(l, "changes");
    pty_assert_row_has(l->pty, 0, "home › pods › changes ");
    pty_press(l->pty, "Esc");
    pty_assert_row_has(l->pty, 0, "home › pods ");
    live_command(l, "ctx");
    pty_assert_has(l->pty, " * demo");
    pty_want(l->pty, "applied", 1); /* there are fewer rows for a viewer */
    pty_press(l->pty, "j Enter");
    pty_wait_text(l->pty, "binnacle  viewer  home");
    live_quit(l);
}

static void the_window_has_a_title(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    pty_wait_text(l->pty, "✗5 ▲");
    assert_true(span_starts(pty_title(l->pty), "binnacle demo ✗5 ▲"));
    live_quit(l);
}

static void leaving_says_what_the_next_press_does(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    pty_press(l->pty, "q");
    pty_assert_has(l->pty, "q again quits binnacle");
    pty_press(l->pty, "j");
    pty_assert_lacks(l->pty, "quits");
    pty_press(l->pty, "C-c");
    pty_assert_has(l->pty, "Ctrl-C again quits binnacle");
    pty_keys(l->pty, "C-c");
    live_ended(l, 0, 5000);
}

static void commands_stand_on_home(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods");
    live_command(l, "nodes");
    live_command(l, "wk");
    pty_assert_row_has(l->pty, 0, "home › workloads "); /* no heap of views to leave */
    pty_press(l->pty, "[");
    pty_assert_row_has(l->pty, 0, "home › nodes ");
    pty_press(l->pty, "[ [");
    pty_assert_row_has(l->pty, 0, "binnacle  demo  home ");
    pty_press(l->pty, "]");
    pty_assert_row_has(l->pty, 0, "home › pods ");
    live_quit(l);
}

/* What waits for the cluster is one line; what is asked elsewhere stands beside it, as it is. */
static void what_is_asked_elsewhere_goes_on(void **state)
{
    struct live *l = *state;
    char path[128];
    struct err err;
    (void)snprintf(path, sizeof(path), "%s/config.yaml", l->folder);
    assert_true(file_replace_later(path,
                                   SPAN("sources:\n"
                                        "- {name: door, type: exec, shell: 'echo locked'}\n"
                                        "- {name: oven, type: exec, shell: 'echo hot; exit 2'}\n"),
                                   &err));
    const char *const words[] = {"--config", path, NULL};
    live_open(l, words, NULL);
    pty_wait_text(l->pty, "1/2 checks; oven: hot");
    live_tell(l, "down");
    live_step_until(l, 5000, " systems unknown, last seen ");
    pty_assert_row_has(l->pty, pty_find(l->pty, " systems unknown"), " ? demo ");
    pty_assert_row_has(l->pty, pty_find(l->pty, "1/2 checks; oven: hot"), " ✗ checks ");
    pty_assert_lacks(l->pty, " ? storage ");
    live_tell(l, "up");
    live_step_until(l, 5000, " ✗ workloads ");
    (void)unlink(path);
    live_quit(l);
}

static void click(struct live *l, int button, int row, int col)
{
    char bytes[64];
    (void)snprintf(bytes, sizeof(bytes), "\033[<%d;%d;%dM", button, col + 1, row + 1);
    pty_send(l->pty, span_from(bytes), 1);
    pty_wait(l->pty);
}

/* On a small screen they leave the room to what is wrong, and can be listed. */
static void systems_that_are_well_are_one_line(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    pty_assert_has(l->pty, "WRONG NOW");
    pty_assert_lacks(l->pty, " ● redis");
    int row = pty_find(l->pty, " well ");
    assert_true(row > 0);
    click(l, 0, row, 20);
    click(l, 0, row, 20); /* a second click opens */
    pty_assert_has(l->pty, " ● redis");
    pty_assert_lacks(l->pty, " well ");
    pty_press(l->pty, "Esc");
    pty_assert_lacks(l->pty, " ● redis");
    pty_assert_has(l->pty, " well ");
    live_quit(l);
}

static void the_mouse_reaches_everything(void **state)
{
    struct live *l = *state;
    int row, col;
    live_open(l, NULL, NULL);
    pty_wait_text(l->pty, "✗5 ▲"); /* all rows are there: nothing moves under the mouse */
    click(l, 0, 4, 20);
    click(l, 0, 4, 20); /* a second click opens */
    pty_wait_text(l->pty, "home › ingressroutes");
    click(l, 0, 0, 16); /* a crumb */
    pty_assert_lacks(l->pty, "ingressroutes ");
    live_command(l, "pods");
    click(l, 0, 2, 60); /* a header */
    pty_wait_text(l->pty, "[sort restarts]");
    click(l, 0, 2, 60);
    pty_wait_text(l->pty, "[sort restarts!]");
    click(l, 0, 6, 20);
    pty_cursor(l->pty, &row, &col);
    assert_int_equal(row, 6);
    click(l, 65, 10, 10); /* the wheel */
    pty_cursor(l->pty, &row, &col);
    assert_int_equal(row, 9);
    click(l, 0, 23, 0); /* a key of the last line */
    pty_wait_text(l->pty, "container");
    live_quit(l);
}

/* A name that has slashes is one name, in the title as in its row. */
static void names_with_slashes_are_whole(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "vault-paths");
    live_command(l, "filter xtrabackup"); /* a key is called so */
    pty_wait_text(l->pty, "operators/mysql");
    pty_wait_text(l->pty, "1 folder and 1 path may not be read");
    pty_press(l->pty, "d");
    pty_wait_text(l->pty, "vault-path operators/mysql");
    live_quit(l);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, live_teardown)

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        CASE(a_filter_is_seen_undone_and_brought_back),
        CASE(columns_complete_a_filter),
        CASE(commands_are_completed_and_remembered),
        CASE(habits_of_other_programs_are_met),
        CASE(names_are_found_in_all_kinds),
        CASE(namespaces_stay_chosen),
        CASE(help_narrows_and_runs),
        CASE(the_key_line_fits_the_row),
        CASE(marks_are_added_up),
        CASE(a_change_is_told_once),
        CASE(a_changed_cell_fades),
        CASE(rows_come_and_go),
        CASE(a_table_of_links_follows_them),
        CASE(a_secret_is_followed_to_its_pods),
        CASE(a_database_node_leads_to_its_pod),
        CASE(a_budget_leads_to_its_pods),
        CASE(figures_are_seen_over_time),
        CASE(columns_that_do_not_fit_can_be_reached),
        CASE(a_table_is_written_to_a_file),
        CASE(what_is_written_is_what_is_seen),
        CASE(an_export_is_what_get_writes),
        CASE(an_absent_cluster_is_one_line),
        CASE(what_is_asked_elsewhere_goes_on),
        CASE(systems_that_are_well_are_one_line),
        CASE(a_log_is_read),
        CASE(a_log_of_json_is_read_in_words),
        CASE(last_words_stand_beside_the_table),
        CASE(a_short_list_leaves_room_for_its_row),
        CASE(production_is_told),
        CASE(a_paused_screen_counts_what_it_hides),
        CASE(sources_fold_what_is_fresh),
        CASE(home_says_how_old_the_answers_are),
        CASE(nothing_is_claimed_before_it_is_known),
        CASE(asides_take_each_others_place),
        CASE(the_window_has_a_title),
        CASE(leaving_says_what_the_next_press_does),
        CASE(commands_stand_on_home),
        CASE(names_with_slashes_are_whole),
        CASE(the_mouse_reaches_everything),
    };
    return cmocka_run_group_tests_name("live_use", tests, NULL, NULL);
}
