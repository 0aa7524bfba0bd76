/* Changing things from the screen: a plan first, the button that does nothing chosen, what comes of
 * it as the cluster has it. And that no key alone changes anything. */
#include <config.h>

#include "test/screens/live.h"
#include "tui/command.h"

#include <signal.h>

#define KIMAI "/apis/apps/v1/namespaces/default/deployments/kimai"

/* How often this was changed in earnest, or anything was where NULL. */
static int64_t changes(struct live *l, const char *target)
{
    if (target)
        return live_asked(l, target);
    return live_asked(l, "?fieldManager") - live_asked(l, "selfsubjectaccessreviews?fieldManager");
}

static void open_kimai(struct live *l, const char *const *words, const char *const *env)
{
    const struct pty_options options = {.env = env};
    live_open(l, words, &options);
    live_command(l, "workloads");
    pty_keys(l->pty, "/");
    pty_type(l->pty, "ns=default name=kimai");
    pty_press(l->pty, "Enter");
    pty_wait_text(l->pty, "1/");
}

static void a_plan_is_shown_and_left(void **state)
{
    struct live *l = *state;
    open_kimai(l, NULL, NULL);
    pty_press(l->pty, "a");
    pty_assert_has(l->pty, "restart");
    pty_assert_has(l->pty, "scale");
    pty_assert_lacks(l->pty, "cordon"); /* it is no node */
    pty_press(l->pty, "Enter");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_assert_has(l->pty, "~ 1. Restart Deployment default/kimai");
    pty_assert_has(l->pty, "check: right ok, dry run ok");
    pty_assert_lacks(l->pty, "PATCH /apis");
    pty_press(l->pty, "F3");
    pty_assert_has(l->pty, "PATCH /apis/apps/v1/namespaces/default/deployments/kimai");
    pty_assert_has(l->pty, "$ kubectl --context");
    pty_press(l->pty, "F3");
    pty_assert_lacks(l->pty, "PATCH /apis");
    pty_press(l->pty, "Enter"); /* the button that was chosen at first */
    pty_assert_lacks(l->pty, "Nothing has been changed yet.");
    pty_press(l->pty, "Esc");
    assert_int_equal(changes(l, NULL), 0);
    live_quit(l);
}

static void a_plan_is_run(void **state)
{
    struct live *l = *state;
    open_kimai(l, NULL, NULL);
    live_command(l, "do scale");
    pty_assert_has(l->pty, "* replicas  must be said");
    pty_assert_has(l->pty, "how many pods it is to have");
    pty_type(l->pty, "3");
    pty_press(l->pty, "Enter Enter"); /* to the button, and on it */
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_assert_has(l->pty, "undo: scale back to 1");
    pty_press(l->pty, "Tab Enter");
    pty_wait_text(l->pty, "Done. Esc closes.");
    pty_assert_has(l->pty, "ok  Scale Deployment default/kimai to 3");
    assert_int_equal(changes(l, KIMAI "?fieldManager"), 1);
    pty_press(l->pty, "Esc");
    pty_wait_text(l->pty, "3/3"); /* as the watch has it */
    live_command(l, "do scale replicas=3");
    pty_wait_text(l->pty, "It is so already.");
    live_quit(l);
}

static void click(struct live *l, int row, int col)
{
    char bytes[64];
    (void)snprintf(bytes, sizeof(bytes), "\033[<0;%d;%dM", col + 1, row + 1);
    pty_send(l->pty, span_from(bytes), 1);
    pty_wait(l->pty);
}

/* What is wrong is said while it is typed; keys, mouse and the clipboard fill it in; at any size. */
static void a_form_is_filled_in(void **state)
{
    struct live *l = *state;
    open_kimai(l, NULL, NULL);
    live_command(l, "do scale");
    pty_type(l->pty, "q:?x");
    pty_wait(l->pty);
    pty_assert_has(l->pty, "--replicas `q:?x`: it takes a number from 0 to 10000");
    pty_press(l->pty, "Enter Enter");
    pty_assert_has(l->pty, "! replicas"); /* there is no plan of that */
    pty_press(l->pty, "C-u S-Tab S-Tab S-Tab Right");
    pty_assert_has(l->pty, "< statefulset >");
    pty_press(l->pty, "d");
    pty_assert_has(l->pty, "< deployment >");
    int row = pty_find(l->pty, "< deployment >");
    click(l, row, 14);
    pty_assert_has(l->pty, "< statefulset >");
    pty_press(l->pty, "Left");
    pty_resize(l->pty, 1, 1);
    pty_press(l->pty, "Down Down Down");
    pty_resize(l->pty, 24, 80);
    pty_send(l->pty, SPAN("\033[200~2\033[201~"), 1);
    pty_wait(l->pty);
    pty_assert_row_has(l->pty, row + 3, "replicas  2");
    click(l, pty_find(l->pty, "[ Make the plan ]"), 5);
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_press(l->pty, "Esc"); /* a step back, with all that was filled in */
    pty_assert_row_has(l->pty, row + 3, "replicas  2");
    pty_press(l->pty, "S-Tab S-Tab");
    pty_press(l->pty, "F2"); /* from whichever field, as there may be twenty */
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_press(l->pty, "Esc");
    click(l, pty_find(l->pty, "[ Leave it ]"), 22);
    pty_assert_lacks(l->pty, "[ Leave it ]");
    live_command(l, "do restart");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_press(l->pty, "e");
    pty_assert_has(l->pty, "name      kimai");
    pty_press(l->pty, "Esc");
    assert_int_equal(changes(l, NULL), 0);
    live_quit(l);
}

/* A field offers what rows have that fits what the others say: by Right and Left, narrowed by letters. */
static void fields_offer_what_rows_have(void **state)
{
    struct live *l = *state;
    open_kimai(l, NULL, NULL);
    live_command(l, "do create-database");
    int64_t lists = live_count(l, "lists");
    pty_type(l->pty, "shop");
    pty_press(l->pty, "Tab");
    pty_press(l->pty, "Tab");
    int row = pty_find(l->pty, "namespace");
    pty_assert_row_has(l->pty, row, "default, the context's  Right: argocd, ");
    pty_type(l->pty, "KUBE-P");
    pty_wait(l->pty);
    pty_assert_row_has(l->pty, row, "KUBE-P  Right: kube-public");
    pty_press(l->pty, "C-u");
    pty_type(l->pty, "kube");
    pty_wait(l->pty);
    pty_press(l->pty, "Right");
    pty_assert_row_has(l->pty, row,
                       "namespace       kube-node-lease  Right: kube-public, kube-system");
    pty_press(l->pty, "Right");
    pty_press(l->pty, "Right");
    pty_press(l->pty, "Left");
    pty_assert_row_has(l->pty, row, "namespace       kube-public ");
    pty_press(l->pty, "Tab");
    pty_press(l->pty, "Right");
    pty_assert_row_has(l->pty, row + 1, "operators/mysql");
    pty_press(l->pty, "Esc");
    live_command(l, "do scale");
    pty_press(l->pty, "S-Tab");
    pty_press(l->pty, "S-Tab");
    row = pty_find(l->pty, "name      kimai");
    pty_press(l->pty, "Right"); /* the next of its kind and namespace */
    pty_assert_row_has(l->pty, row, "name      reyemtech");
    assert_int_equal(live_count(l, "lists"), lists);
    pty_press(l->pty, "Esc");
    live_quit(l);
}

/* Where there is room its plan stands beside it as soon as all is filled in, and again when a field that
 * was changed is left; that asks for nothing but what is there. */
static void a_plan_stands_beside_its_form(void **state)
{
    struct live *l = *state;
    open_kimai(l, NULL, NULL);
    pty_resize(l->pty, 30, 140);
    live_command(l, "do scale");
    pty_assert_has(l->pty, "replicas: it must be said");
    pty_type(l->pty, "3");
    pty_wait(l->pty);
    pty_assert_has(l->pty, "replicas: it must be said"); /* as long as it is being typed */
    pty_press(l->pty, "Tab");
    pty_wait_text(l->pty, "~ 1. Scale Deployment default/kimai to 3");
    pty_press(l->pty, "F3");
    pty_wait_text(l->pty, "\"replicas\":3");
    pty_press(l->pty, "F3");
    pty_press(l->pty, "S-Tab");
    pty_press(l->pty, "C-u");
    pty_type(l->pty, "1");
    pty_wait(l->pty);
    pty_assert_has(l->pty, "of before this field");
    pty_press(l->pty, "Up");
    pty_wait_text(l->pty, "Nothing to do: it is so already.");
    pty_press(l->pty, "S-Tab C-u");
    pty_type(l->pty, "kimai-not");
    pty_press(l->pty, "Tab");
    pty_wait_text(l->pty, "kimai-not is not there");
    pty_resize(l->pty, 24, 80);
    pty_assert_lacks(l->pty, "kimai-not is not there");
    pty_press(l->pty, "Esc");
    assert_int_equal(changes(l, NULL), 0);
    assert_int_equal(live_asked(l, "dryRun"), 0);
    assert_int_equal(live_asked(l, "POST /apis/authorization"), 0);
    live_quit(l);
}

static void what_destroys_wants_the_name(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "do argocd-sync name=kimai prune=yes");
    pty_wait_text(l->pty, "and Enter to run it, Esc to leave it:");
    pty_assert_has(l->pty, "Enter run it by its name  F3 exact text  F5 as shell  F4 edit");
    pty_type(l->pty, "quit"); /* its letters are text here */
    pty_press(l->pty, "Enter");
    pty_assert_has(l->pty, "that is not the context's name");
    assert_int_equal(changes(l, NULL), 0);
    pty_press(l->pty, "F5");
    pty_assert_has(l->pty, "copied ");
    pty_press(l->pty, "Backspace Backspace Backspace Backspace");
    pty_type(l->pty, "demo");
    pty_press(l->pty, "Enter");
    pty_wait_text(l->pty, "Done. Esc closes.");
    live_quit(l);
}

static void production_is_armed(void **state)
{
    static const char *const env[] = {"BINNACLE_PRODUCTION=d?mo", NULL};
    struct live *l = *state;
    open_kimai(l, NULL, env);
    live_command(l, "do restart");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_press(l->pty, "Tab Enter");
    pty_assert_has(l->pty, "`:write 15m` allows changes for a while");
    assert_int_equal(changes(l, NULL), 0);
    live_command(l, "write 15m");
    pty_assert_row_has(l->pty, 0, "WRITE 15m");
    live_command(l, "ro");
    pty_assert_lacks(l->pty, "WRITE");
    pty_press(l->pty, "Enter"); /* the button is still chosen */
    pty_assert_has(l->pty, "`:write 15m` allows changes for a while");
    assert_int_equal(changes(l, NULL), 0);
    live_command(l, "write 15m");
    pty_press(l->pty, "Enter");
    pty_wait_text(l->pty, "Done. Esc closes.");
    live_quit(l);
}

static void read_only_makes_no_plan(void **state)
{
    static const char *const words[] = {"--read-only", NULL};
    struct live *l = *state;
    open_kimai(l, words, NULL);
    live_command(l, "do restart");
    pty_assert_has(l->pty, "--read-only: nothing can be changed");
    assert_int_equal(live_asked(l, "dryRun"), 0);
    live_quit(l);
}

static void what_may_not_be_is_said(void **state)
{
    struct live *l = *state;
    open_kimai(l, NULL, NULL);
    (void)live_tell(l, "fault " KIMAI "?dryRun status=403");
    live_command(l, "do restart");
    pty_wait_text(l->pty, "It cannot be done; nothing was changed.");
    assert_int_equal(changes(l, NULL), 0);
    live_command(l, "do restart name=nobody");
    pty_wait_text(l->pty, "Deployment default/nobody is not there");
    live_command(l, "do nonsense");
    pty_assert_has(l->pty, "there is no action `nonsense`");
    live_quit(l);
}

/* An editor of the test's: a shell that puts one text for another. */
static void an_object_is_edited(void **state)
{
    static const char *const env[] = {"KUBE_EDITOR=sed -i s/replicas:.1$/replicas:\\ 2/", NULL};
    struct live *l = *state;
    open_kimai(l, NULL, env);
    live_command(l, "do edit");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_assert_has(l->pty, "-   replicas: 1");
    pty_assert_has(l->pty, "+   replicas: 2");
    pty_press(l->pty, "Tab Enter");
    pty_wait_text(l->pty, "Done. ");
    assert_int_equal(changes(l, KIMAI "?fieldValidation=Strict&fieldManager"), 1);
    pty_press(l->pty, "Esc");
    live_command(l, "do edit"); /* nothing to put for another: the text is left as it is */
    pty_wait_text(l->pty, "the text was left as it is: nothing was changed");
    live_quit(l);
}

/* The first time it breaks the text, then it mends it: what was typed is not typed again. */
static void a_text_that_is_none_is_edited_again(void **state)
{
    static const char *const env[] = {
        "KUBE_EDITOR=sed -i -e 's/^kind: Dep/kind: [Dep/; t' -e 's/^kind: .Dep/kind: Dep/; "
        "s/^  replicas: 1$/  replicas: 2/'",
        NULL};
    struct live *l = *state;
    open_kimai(l, NULL, env);
    live_command(l, "do edit");
    pty_wait_text(l->pty, "It cannot be done; nothing was changed.");
    pty_press(l->pty, "Tab Enter");
    pty_assert_has(l->pty, "/kimai.yaml");
    pty_press(l->pty, "F2");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_assert_has(l->pty, "+   replicas: 2");
    pty_press(l->pty, "Esc Esc");
    assert_int_equal(changes(l, NULL), 0);
    live_quit(l);
}

/* Ends the program, leaves it, takes the keys behind it as text, or chooses the button that runs. */
static bool is_left_out(const struct binding *b)
{
    static const char *const commands[] = {"quit",      "close",  "suspend", "interrupt",
                                           "command",   "find",   "search",  "filter",
                                           "sort-menu", "escape", "help",    "choose"};
    for (size_t i = 0; i < BN_COUNT(commands); i++)
        if (strcmp(b->command, commands[i]) == 0)
            return true;
    return false;
}

/* Each key of the table, on each sort of screen, in the order of the table. */
static void no_key_alone_changes_anything(void **state)
{
    static const char *const screens[] = {"home", "pods", "sources", "do restart"};
    struct live *l = *state;
    for (size_t i = 0; i < BN_COUNT(screens); i++) {
        open_kimai(l, NULL, NULL);
        live_command(l, screens[i]);
        if (strcmp(screens[i], "do restart") == 0)
            pty_wait_text(l->pty, "Nothing has been changed yet.");
        for (const struct binding *b = binding_table; b->keys; b++)
            if (!is_left_out(b) && strcmp(b->keys, "Tab") != 0)
                pty_keys(l->pty, b->keys);
        pty_wait(l->pty);
        pty_signal(l->pty, SIGTERM); /* wherever it is now */
        live_ended(l, 128 + SIGTERM, 5000);
    }
    assert_int_equal(changes(l, NULL), 0);
}

/* From the row of a path: its form has the row's words, what is typed there stands nowhere. */
static void a_value_is_typed_hidden(void **state)
{
    static const char write[] =
        "PATCH /api/v1/namespaces/vault/services/vault:8200/proxy/v1/secret/data/apps/booklet";
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "vault-paths");
    live_command(l, "filter path=apps/booklet");
    pty_wait_text(l->pty, "1/");
    pty_press(l->pty, "a");
    pty_assert_has(l->pty, "vault-patch");
    pty_assert_lacks(l->pty, "restart");
    pty_press(l->pty, "Enter");
    pty_wait_text(l->pty, "[ Make the plan ]");
    pty_assert_has(l->pty, "apps/booklet");
    pty_press(l->pty, "Up Up Up Up"); /* nothing must be said: from the button to the keys */
    pty_type(l->pty, "DB_PASSWORD");
    pty_press(l->pty, "Down");
    pty_type(l->pty, "hunter2-of-hers");
    pty_wait(l->pty);
    pty_assert_lacks(l->pty, "hunter2");
    click(l, pty_find(l->pty, "[ Make the plan ]"), 5);
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    pty_assert_lacks(l->pty, "hunter2");
    assert_int_equal(live_asked(l, write), 0);
    pty_press(l->pty, "Tab Enter");
    pty_wait_text(l->pty, "Done. Esc closes.");
    pty_assert_has(l->pty, "ok  Write DB_PASSWORD to secret/apps/booklet");
    assert_int_equal(live_asked(l, write), 1);
    pty_assert_lacks(l->pty, "hunter2");
    live_quit(l);
}

/* The menu of a pod that is deleted elsewhere meanwhile makes no form without a name. */
static void a_row_goes_under_its_menu(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    (void)live_tell(
        l, "put pods %s",
        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"new-one\",\"namespace\":\"default\",\"uid\":\"u\"},\"status\":{\"phase\":\"Pending\"}}");
    live_command(l, "pods");
    live_command(l, "filter name=new-one");
    pty_wait_text(l->pty, "1/");
    pty_press(l->pty, "a");
    pty_assert_has(l->pty, "delete-pod");
    (void)live_tell(l, "delete pods default new-one");
    pty_wait_text(l->pty, "It is gone: Esc goes back.");
    pty_press(l->pty, "Enter");
    pty_assert_has(l->pty, "default/new-one is gone");
    pty_assert_lacks(l->pty, "must be said");
    live_quit(l);
}

/* What stands for another is offered what that one is: of which row is said, and the form knows it. */
static void rows_offer_what_they_stand_for(void **state)
{
    static const struct {
        const char *kind, *filter, *offers[2], *lacks;
    } cases[] = {
        {"replicasets",
         "ns=default name~kimai",
         {"restart", "workload default/Deployment/kimai"},
         "evict"},
        {"events", "name~booklet-worker", {"delete-pod", "pod default/booklet-worker"}, "drain"},
        {"secrets", "name=kimai-secrets", {"refresh-secret", "externalsecret default/"}, "restart"},
        {"orders", "name~minio-tls", {"renew-certificate", "certificate operators/"}, "restart"},
        {"backups", "", {"restore-to", "pxc operators/mysql"}, "create-database"},
        {"backup-schedules", "", {"backup", "pxc operators/mysql"}, "restore"},
        {"pitrs", "", {"restore-to", "pxc operators/mysql"}, "create-database"},
        {"redises", "", {"redis-reset-slowlog", "redis-bgsave"}, "restart"},
        {"vaults", "", {"vault-put", "vault-unseal"}, "vault-patch"},
        {"apps", "name=kimai", {"restart", "workload default/Deployment/kimai"}, "drain"},
    };
    struct live *l = *state;
    live_open(l, NULL, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        live_command(l, cases[i].kind);
        if (cases[i].filter[0]) {
            char text[128];
            (void)snprintf(text, sizeof(text), "filter %s", cases[i].filter);
            live_command(l, text);
        }
        pty_press(l->pty, "Home a");
        pty_wait_text(l->pty, cases[i].offers[0]);
        pty_assert_has(l->pty, cases[i].offers[1]);
        pty_assert_lacks(l->pty, cases[i].lacks);
        pty_press(l->pty, "Esc");
    }
    live_command(l, "namespaces");
    live_command(l, "filter name=default");
    pty_wait_text(l->pty, "1/1");
    pty_press(l->pty, "a");
    live_command(l, "do create-database");
    pty_assert_has(l->pty, "namespace       default");
    pty_assert_has(l->pty, "* name            must be said");
    pty_assert_has(l->pty, " 6 more ");
    pty_press(l->pty, "S-Tab S-Tab S-Tab");
    pty_assert_has(l->pty, " 6 more above");
    pty_assert_lacks(l->pty, " 6 more \xe2\x94\x80");
    pty_assert_has(l->pty, "< sql >");
    pty_press(l->pty, "Esc Esc");
    pty_press(l->pty, "Esc");
    live_command(l, "sources");
    live_command(l, "do create-database");
    pty_assert_has(l->pty, "namespace       default, the context's");
    pty_press(l->pty, "Esc Esc");
    live_command(l, "pods");
    live_command(l, "filter ns=default name~kimai-");
    pty_press(l->pty, "a Enter");
    pty_wait_text(l->pty, "~ 1. Restart Deployment default/kimai");
    live_command(l, "externalsecrets");
    live_command(l, "filter ns=default name=kimai-secrets");
    pty_wait_text(l->pty, "1/");
    live_command(l, "do refresh-secret"); /* its store may be said: no reason for a form */
    pty_wait_text(l->pty, "1. Refresh ExternalSecret default/kimai-secrets");
    assert_int_equal(changes(l, NULL), 0);
    live_quit(l);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, live_setup, live_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_plan_is_shown_and_left),
        CASE(a_plan_is_run),
        CASE(a_form_is_filled_in),
        CASE(a_plan_stands_beside_its_form),
        CASE(fields_offer_what_rows_have),
        CASE(what_destroys_wants_the_name),
        CASE(production_is_armed),
        CASE(read_only_makes_no_plan),
        CASE(what_may_not_be_is_said),
        CASE(an_object_is_edited),
        CASE(a_text_that_is_none_is_edited_again),
        CASE(a_value_is_typed_hidden),
        CASE(no_key_alone_changes_anything),
        CASE(a_row_goes_under_its_menu),
        CASE(rows_offer_what_they_stand_for),
    };
    return cmocka_run_group_tests_name("live_actions", tests, NULL, NULL);
}
