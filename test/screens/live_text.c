/* A platform that attacks the terminal: texts with escape sequences, marks of
 * direction and the like in every field, on every screen that shows them. What
 * the program writes is checked byte by byte (stream.h), so that each of these
 * tests fails at the first sequence that comes from the data. */
#include <config.h>

#include "base/file.h"
#include "test/screens/live.h"

/* As JSON: clears, sets the title, copies, asks for an answer; turned writing,
 * no width, C1, a line's end, a tab; a flag, a family, a base under many marks. */
#define POISON                                                                                   \
    "pz\\u001b[2J\\u001b]0;owned\\u0007\\u001b]52;c;eA==\\u0007\\u001b[6n\\u001bP$qm\\u001b\\\\" \
    "\\u202egnp\\u200b\\u009b31m\\n\\t\\r\\b\\ue000\\udb40\\udc41 \\ud83c\\udde9\\ud83c\\uddea " \
    "\\ud83d\\udc68\\u200d\\ud83d\\udc69 e\\u0301\\u0301\\u0301\\u0301\\u0301 \\u4e2d\\u6587"
#define VISIBLE_BEGINNING "pz␛[2J␛]0;owned"

#define META(ns)                                                                                   \
    "\"metadata\":{\"name\":\"@name@\"," ns "\"creationTimestamp\":\"@now-90@\",\"uid\":\"u-1\","  \
    "\"labels\":{\"app\":\"" POISON "\",\"" POISON "\":\"x\"},\"annotations\":{\"note\":\"" POISON \
    "\"}}"
#define SPACED META("\"namespace\":\"default\",")
#define WHOLE  META("")
#define CONDITION(type, status)                                             \
    "{\"type\":\"" type "\",\"status\":\"" status "\",\"reason\":\"" POISON \
    "\",\"message\":\"" POISON "\",\"lastTransitionTime\":\"@now-60@\"}"
#define TEMPLATE                                                                                \
    "\"selector\":{\"matchLabels\":{\"app\":\"" POISON "\"}},\"template\":{\"metadata\":"       \
    "{\"labels\":{\"app\":\"" POISON "\"}},\"spec\":{\"containers\":[{\"name\":\"" POISON "\"," \
    "\"image\":\"" POISON "\"}]}}"

/* clang-format off */
static const struct {
    const char *kind; /* command of the program */
    const char *resource, *json;
} objects[] = {
    {"pods", "pods", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"," SPACED ",\"spec\":{\"nodeName\":\"" POISON "\","
     "\"containers\":[{\"name\":\"" POISON "\",\"image\":\"" POISON "\"}]},\"status\":{\"phase\":\"Running\","
     "\"reason\":\"" POISON "\",\"message\":\"" POISON "\",\"podIP\":\"" POISON "\",\"conditions\":["
     CONDITION("Ready", "False") "],\"containerStatuses\":[{\"name\":\"" POISON "\",\"ready\":false,"
     "\"restartCount\":7,\"image\":\"" POISON "\",\"state\":{\"waiting\":{\"reason\":\"" POISON "\",\"message\":\"" POISON "\"}},"
     "\"lastState\":{\"terminated\":{\"exitCode\":137,\"reason\":\"" POISON "\",\"finishedAt\":\"@now-60@\"}}}]}}"},
    {"nodes", "nodes", "{\"apiVersion\":\"v1\",\"kind\":\"Node\"," WHOLE ",\"spec\":{\"taints\":[{\"key\":\"" POISON "\","
     "\"effect\":\"" POISON "\"}]},\"status\":{\"conditions\":[" CONDITION("Ready", "False") "," CONDITION("DiskPressure", "True")
     "],\"nodeInfo\":{\"kubeletVersion\":\"" POISON "\",\"osImage\":\"" POISON "\"},\"addresses\":[{\"type\":\"InternalIP\","
     "\"address\":\"" POISON "\"}],\"capacity\":{\"cpu\":\"" POISON "\"}}}"},
    {"namespaces", "namespaces", "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\"," WHOLE ",\"status\":{\"phase\":\"" POISON "\"}}"},
    {"deploy", "deployments", "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\"," SPACED ",\"spec\":{\"replicas\":3," TEMPLATE "},"
     "\"status\":{\"replicas\":3,\"readyReplicas\":0,\"conditions\":[" CONDITION("Progressing", "False") "]}}"},
    {"jobs", "jobs", "{\"apiVersion\":\"batch/v1\",\"kind\":\"Job\"," SPACED ",\"spec\":{" TEMPLATE "},"
     "\"status\":{\"failed\":3,\"conditions\":[" CONDITION("Failed", "True") "]}}"},
    {"cronjobs", "cronjobs", "{\"apiVersion\":\"batch/v1\",\"kind\":\"CronJob\"," SPACED ",\"spec\":{\"schedule\":\"" POISON "\"}}"},
    {"services", "services", "{\"apiVersion\":\"v1\",\"kind\":\"Service\"," SPACED ",\"spec\":{\"type\":\"" POISON "\",\"clusterIP\":\"" POISON "\","
     "\"selector\":{\"app\":\"" POISON "\"},\"ports\":[{\"name\":\"" POISON "\",\"port\":80,\"protocol\":\"" POISON "\"}]}}"},
    {"ingresses", "ingresses", "{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"Ingress\"," SPACED ",\"spec\":{\"ingressClassName\":\"" POISON "\","
     "\"rules\":[{\"host\":\"" POISON "\",\"http\":{\"paths\":[{\"path\":\"" POISON "\",\"backend\":{\"service\":{\"name\":\"" POISON "\","
     "\"port\":{\"number\":80}}}}]}}]}}"},
    {"ingressroutes", "ingressroutes", "{\"apiVersion\":\"traefik.io/v1alpha1\",\"kind\":\"IngressRoute\"," SPACED ",\"spec\":{\"entryPoints\":[\"" POISON "\"],"
     "\"routes\":[{\"match\":\"" POISON "\",\"kind\":\"Rule\",\"services\":[{\"name\":\"" POISON "\",\"port\":80}],\"middlewares\":[{\"name\":\"" POISON "\"}]}]}}"},
    {"middlewares", "middlewares", "{\"apiVersion\":\"traefik.io/v1alpha1\",\"kind\":\"Middleware\"," SPACED ",\"spec\":{\"" POISON "\":{}}}"},
    {"pvc", "persistentvolumeclaims", "{\"apiVersion\":\"v1\",\"kind\":\"PersistentVolumeClaim\"," SPACED ",\"spec\":{\"storageClassName\":\"" POISON "\","
     "\"volumeName\":\"" POISON "\",\"accessModes\":[\"" POISON "\"]},\"status\":{\"phase\":\"" POISON "\"}}"},
    {"pv", "persistentvolumes", "{\"apiVersion\":\"v1\",\"kind\":\"PersistentVolume\"," WHOLE ",\"spec\":{\"storageClassName\":\"" POISON "\","
     "\"capacity\":{\"storage\":\"" POISON "\"},\"claimRef\":{\"namespace\":\"" POISON "\",\"name\":\"" POISON "\"}},"
     "\"status\":{\"phase\":\"Failed\",\"reason\":\"" POISON "\",\"message\":\"" POISON "\"}}"},
    {"storageclasses", "storageclasses", "{\"apiVersion\":\"storage.k8s.io/v1\",\"kind\":\"StorageClass\"," WHOLE ",\"provisioner\":\"" POISON "\","
     "\"reclaimPolicy\":\"" POISON "\"}"},
    {"ev", "events", "{\"apiVersion\":\"v1\",\"kind\":\"Event\"," SPACED ",\"type\":\"Warning\",\"reason\":\"" POISON "\",\"message\":\"" POISON "\","
     "\"involvedObject\":{\"kind\":\"Pod\",\"namespace\":\"default\",\"name\":\"" POISON "\",\"uid\":\"u-1\"},\"source\":{\"component\":\"" POISON "\"},"
     "\"firstTimestamp\":\"@now-30@\",\"lastTimestamp\":\"@now@\",\"count\":3}"},
};

/* clang-format on */

static void put_named(struct live *l, const char *resource, const char *json, const char *name)
{
    struct strbuf text = STRBUF_INIT(1 << 20);
    strbuf_adds(&text, json);
    live_replace(&text, "@name@", name);
    live_tell(l, "put %s %s", resource, strbuf_cstr(&text));
    strbuf_clear(&text);
}

/* One of each kind with a name that attacks, and one whose name can be asked for. */
static void poison_all(struct live *l)
{
    for (size_t i = 0; i < BN_COUNT(objects); i++) {
        put_named(l, objects[i].resource, objects[i].json, POISON);
        put_named(l, objects[i].resource, objects[i].json, "pz-plain");
    }
}

/* Every kind's table, and every part of the row's page. */
static void every_field_of_every_kind(void **state)
{
    const struct pty_options wide = {.rows = 50, .cols = 200};
    struct live *l = *state;
    poison_all(l);
    live_open(l, NULL, &wide);
    for (size_t i = 0; i < BN_COUNT(objects); i++) {
        live_command(l, objects[i].kind);
        live_command(l, "filter pz");
        pty_wait_text(l->pty, VISIBLE_BEGINNING);
        pty_press(l->pty, "w g d Tab Tab Tab Tab Esc x Esc e Esc");
        live_command(l, objects[i].kind);
        live_command(l, "filter name=pz-plain");
        pty_press(l->pty, "g d Tab Tab Tab Tab"); /* the last part is the YAML */
        pty_wait_text(l->pty, "apiVersion: ");
        pty_press(l->pty, "G g");
        live_command(l, "home");
    }
    assert_true(span_starts(pty_title(l->pty), "binnacle demo")); /* ours, not the data's */
    assert_int_equal(pty_copies(l->pty), 0);
    live_quit(l);
}

static void screens_that_gather(void **state)
{
    static const char *const commands[] = {"home",     "changes", "sources",
                                           "messages", "pins",    "help"};
    const struct pty_options wide = {.rows = 50, .cols = 200};
    struct live *l = *state;
    live_open(l, NULL, &wide);
    poison_all(l); /* while it looks on: they are changes */
    live_command(l, "pods");
    live_command(l, "filter pz");
    pty_wait_text(l->pty, VISIBLE_BEGINNING);
    pty_press(l->pty, "m Space");
    for (size_t i = 0; i < BN_COUNT(commands); i++)
        live_command(l, commands[i]);
    live_command(l, "pins");
    pty_wait_text(l->pty, VISIBLE_BEGINNING);
    live_command(l, "changes");
    pty_wait_text(l->pty, VISIBLE_BEGINNING);
    live_quit(l);
}

static void as_ascii_in_the_c_locale(void **state)
{
    const struct pty_options options = {.rows = 50, .cols = 200, .locale = "C"};
    struct live *l = *state;
    poison_all(l);
    live_open(l, NULL, &options);
    live_command(l, "pods");
    live_command(l, "filter pz");
    pty_wait_text(l->pty, "pz^[[2J^[]0;owned^G");
    pty_press(l->pty, "d y");
    live_quit(l);
}

/* A locale that is named but not installed does not cost the glyphs. */
static void a_locale_that_is_not_installed(void **state)
{
    const struct pty_options options = {.locale = "xx_YY.UTF-8"};
    struct live *l = *state;
    live_open(l, NULL, &options);
    pty_assert_has(l->pty, "✗");
    live_quit(l);
}

/* Copied text is what stands in the object, but never more than one line. */
static void what_is_copied_holds_no_control(void **state)
{
    struct live *l = *state;
    poison_all(l);
    live_open(l, NULL, NULL);
    live_command(l, "pods");
    live_command(l, "filter pz");
    pty_wait_text(l->pty, "pz␛");
    pty_press(l->pty, "c n c r c l");
    assert_int_equal(pty_copies(l->pty), 3);
    live_quit(l);
}

static void the_name_of_a_context(void **state)
{
    struct live *l = *state;
    struct strbuf text = STRBUF_INIT(1 << 20);
    assert_true(file_read(l->kubeconfig, &text, NULL));
    live_replace(&text, "token: demo", "token: !!str demo");
    live_replace(&text, ": demo", ": \"pz\\e[2J\\e]0;owned\\a\"");
    assert_true(file_replace(l->kubeconfig, strbuf_span(&text), NULL));
    strbuf_clear(&text);
    live_open_only(l, NULL, NULL);
    pty_wait_text(l->pty, "pz␛[2J␛]0;owned␇");
    live_command(l, "sources");
    live_quit(l);
}

/* A field of a megabyte costs neither the screen nor the list. */
static void a_field_without_end(void **state)
{
    struct live *l = *state;
    char *big = malloc(700001);
    assert_non_null(big);
    memset(big, 'x', 700000);
    big[700000] = '\0';
    live_tell(l,
              "put pods {\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"pz-big\","
              "\"namespace\":\"default\",\"creationTimestamp\":\"@now@\"},\"spec\":{},\"status\":"
              "{\"phase\":\"Failed\",\"reason\":\"Evicted\",\"message\":\"%s\"}}",
              big);
    free(big);
    live_open(l, NULL, NULL);
    live_command(l, "pods");
    live_command(l, "filter pz");
    pty_wait_text(l->pty, "pz-big");
    pty_press(l->pty, "d G y");
    pty_wait_text(l->pty, "apiVersion: v1");
    pty_press(l->pty, "G Right Right w g");
    live_quit(l);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, live_setup, live_teardown)

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        CASE(every_field_of_every_kind),
        CASE(screens_that_gather),
        CASE(as_ascii_in_the_c_locale),
        CASE(a_locale_that_is_not_installed),
        CASE(what_is_copied_holds_no_control),
        CASE(the_name_of_a_context),
        CASE(a_field_without_end),
    };
    return cmocka_run_group_tests_name("live_text", tests, NULL, NULL);
}
