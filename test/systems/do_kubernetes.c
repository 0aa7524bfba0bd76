/* Guided actions on what the API server has: what comes of each stands in the server's own objects,
 * is not done a second time, is taken back, and what stands against it is named. */
#include <config.h>

#include "net/yaml_out.h"
#include "test/systems/do_place.h"

#include <sys/wait.h>

#define KIMAI "/apis/apps/v1/namespaces/default/deployments/kimai"

#define do_it(p, run, ...) cli_run((p)->cli, run, "do", __VA_ARGS__, NULL)

/* ---- Labels and annotations. */

static void a_label_is_set_and_taken_off(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    for (int i = 0; i < 2; i++) {
        do_it(p, &run, "label", "--resource", "deploy", "--name", "kimai", "-n", "default", "--key",
              "reyem.tech/tier", "--value", "gold", "--yes");
        assert_status(&run, 0);
    }
    assert_prints(&run, "= 1. Set label reyem.tech/tier=gold of Deployment default/kimai");
    assert_int_equal(writes(p, KIMAI), 1);
    expect_text(p, KIMAI, "metadata|labels|reyem.tech/tier", "gold");
    do_it(p, &run, "label", "--resource", "deployments.apps", "--name", "kimai", "-n", "default",
          "--key", "reyem.tech/tier", "--value", "tin", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "has reyem.tech/tier=gold already: overwrite=yes changes it");
    do_it(p, &run, "label", "--resource", "Deployment", "--name", "kimai", "-n", "default", "--key",
          "reyem.tech/tier", "--remove", "yes", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "deployments.apps/kimai 'reyem.tech/tier-'");
    assert_prints(&run, "Argo CD's application kimai looks after Deployment default/kimai");
    expect_text(p, KIMAI, "metadata|labels|reyem.tech/tier", "(absent)");
    expect_audit(p, "label");
    cli_done(&run);
}

/* However it tracks what it deploys: here without an annotation. Who may not read Applications has
 * that to go by alone. */
static void argocd_would_put_it_back(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor,
                      "patch deployments default booklet {\"metadata\":{\"annotations\":"
                      "{\"argocd.argoproj.io/tracking-id\":null}}}");
    do_it(p, &run, "scale", "--name", "booklet", "--replicas", "3", "--dry-run");
    assert_prints(&run, "Argo CD's application booklet looks after Deployment default/booklet and "
                        "heals by itself: it puts the number of replicas back");
    do_it(p, &run, "scale", "--name", "kimai", "--replicas", "3", "--dry-run");
    assert_prints(&run, "its next sync puts the number of replicas back");
    (void)harbor_told(&p->harbor, "fault /apis/argoproj.io/v1alpha1/applications status=403");
    do_it(p, &run, "scale", "--name", "kimai", "--replicas", "3", "--dry-run");
    assert_prints(&run, "where it heals by itself it puts the number of replicas back");
    do_it(p, &run, "scale", "--name", "vault-agent-injector", "-n", "vault", "--replicas", "2",
          "--dry-run");
    assert_null(strstr(strbuf_cstr(&run.out), "Argo CD"));
    cli_done(&run);
}

/* Cluster scope too; any text is a value, and comes through a shell whole. */
static void an_annotation_is_set(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    const char *node = "/api/v1/nodes/prod-instance-1759301204118";
    do_it(p, &run, "annotate", "--resource", "no", "--name", "prod-instance-1759301204118", "--key",
          "note", "--value", "don't \"touch\", ünsafe=yes", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "nodes/prod-instance-1759301204118 'note=don'\\''t \"touch\"");
    expect_text(p, node, "metadata|annotations|note", "don't \"touch\", ünsafe=yes");
    cli_done(&run);
}

/* ---- Deleting. */

#define CONFIG "/api/v1/namespaces/default/configmaps/kimai-extra"
#define PODS   "/api/v1/namespaces/default/pods"

static void make_config(struct place *p, const char *metadata)
{
    (void)harbor_told(&p->harbor,
                      "put configmaps {\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{"
                      "\"name\":\"kimai-extra\",\"namespace\":\"default\"%s}}",
                      metadata);
}

/* What holds it is named while it is waited for; when that lets go, it is gone. */
static void an_object_is_deleted(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    int status;
    make_config(p, ",\"finalizers\":[\"example.org/hold\"]");
    do_it(p, &run, "delete", "--resource", "cm", "--name", "kimai-extra", "-n", "default", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "what destroys wants --confirm");
    expect_text(p, CONFIG, "metadata|name", "kimai-extra");
    int pid = cli_begin(p->cli, "do", "delete", "--resource", "cm", "--name", "kimai-extra", "-n",
                        "default", "--confirm", "demo", NULL);
    await_asked(p, CONFIG "?fieldManager", 1);
    do_it(p, &run, "delete", "--resource", "cm", "--name", "kimai-extra", "-n", "default",
          "--dry-run");
    assert_status(&run, 0);
    assert_prints(&run, "it is not gone before its finalizers are taken off: example.org/hold");
    (void)harbor_told(&p->harbor, "delete configmaps default kimai-extra"); /* its holder lets go */
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    expect_text(p, CONFIG, "metadata|name", "(absent)");
    do_it(p, &run, "delete", "--resource", "cm", "--name", "kimai-extra", "-n", "default",
          "--confirm", "demo");
    assert_status(&run, 3);
    assert_complains(&run, "ConfigMap default/kimai-extra is not there");
    cli_done(&run);
}

/* What it owns goes after it, before it, or stays; each is shown before. */
static void what_it_owns_goes_or_stays(void **state)
{
    static const struct {
        const char *name, *policy, *shows;
        bool stays;
    } cases[] = {
        {"kimai", "background", "Pod default/kimai-", false},
        {"gta-events", "foreground", "Pod default/gta-events-", false},
        {"booklet", "orphan", "stays, without an owner", true},
    };
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        char path[256], pods[256];
        (void)snprintf(path, sizeof(path), "/apis/apps/v1/namespaces/default/deployments/%s",
                       cases[i].name);
        (void)snprintf(pods, sizeof(pods),
                       PODS "?labelSelector=app.kubernetes.io/name=%s,pod-template-hash",
                       cases[i].name);
        do_it(p, &run, "delete", "--resource", "deploy", "--name", cases[i].name, "-n", "default",
              "--propagation", cases[i].policy, "--confirm", "demo");
        assert_status(&run, 0);
        assert_prints(&run, cases[i].shows);
        assert_prints(&run, cases[i].policy);
        expect_text(p, path, "metadata|name", "(absent)");
        char *pod = read_text(p, pods, "items|0|metadata|name");
        assert_int_equal(pod != NULL, cases[i].stays);
        free(pod);
    }
    cli_done(&run);
}

static void what_needs_it_is_named(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    do_it(p, &run, "delete", "--resource", "svc", "--name", "kimai", "-n", "default", "--dry-run");
    assert_status(&run, 0);
    assert_prints(&run, "EndpointSlice default/kimai-");
    assert_prints(&run, "named by 1 that fail without it: track");
    do_it(p, &run, "delete", "--resource", "ns", "--name", "vault", "--dry-run");
    assert_status(&run, 0);
    assert_prints(&run, "- 2. ");
    assert_prints(&run, "StatefulSet vault/vault goes with it");
    assert_prints(&run, "! what is on the volume is lost (reclaim policy Delete): vault/");
    (void)harbor_told(&p->harbor,
                      "patch persistentvolumes - pvc-af329e3a-896c-5640-b85b-853e25334615 "
                      "{\"spec\":{\"persistentVolumeReclaimPolicy\":\"Retain\"}}");
    do_it(p, &run, "delete", "--resource", "pvc", "--name", "data-vault-0", "-n", "vault",
          "--dry-run");
    assert_status(&run, 0);
    assert_prints(&run,
                  "! the volume stays with what is on it, for nobody until it is bound again by "
                  "hand (reclaim policy Retain): vault/data-vault-0");
    cli_done(&run);
}

/* ---- Images, and back. */

#define REDIS "/apis/apps/v1/namespaces/operators/statefulsets/redis-replicas"
#define PROXY "/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy"
#define IMAGE "spec|template|spec|containers|0|image"

static void an_image_is_set_and_rolled_back(void **state)
{
    static const struct {
        const char *kind, *name, *ns, *path, *container;
    } cases[] = {
        {"deployment", "kimai", "default", KIMAI, ""},
        {"statefulset", "redis-replicas", "operators", REDIS, "redis"},
        {"daemonset", "kube-proxy", "kube-system", PROXY, "kube-proxy"},
    };
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        char *was = read_text(p, cases[i].path, IMAGE);
        for (int k = 0; k < 2; k++) {
            do_it(p, &run, "set-image", "--kind", cases[i].kind, "--name", cases[i].name, "-n",
                  cases[i].ns, "--image", "registry.example.org:5000/team/app:1.2-next",
                  "--container", cases[i].container, "--yes");
            assert_status(&run, 0);
        }
        assert_prints(&run, "= 1. Set image of ");
        expect_text(p, cases[i].path, IMAGE, "registry.example.org:5000/team/app:1.2-next");
        do_it(p, &run, "undo-rollout", "--kind", cases[i].kind, "--name", cases[i].name, "-n",
              cases[i].ns, "--yes");
        assert_status(&run, 0);
        assert_prints(&run, "=registry.example.org:5000/team/app:1.2-next"); /* the list has it */
        expect_text(p, cases[i].path, IMAGE, was);
        expect_text(p, cases[i].path, "spec|template|$patch", "(absent)");
        free(was);
    }
    cli_done(&run);
}

/* A pod of the new revision runs the image of before; what was said of it comes back too. */
static void a_revision_is_gone_back_to(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    const char *pods = PODS "?labelSelector=app.kubernetes.io/name=kimai,pod-template-hash";
    char *was = read_text(p, KIMAI, IMAGE);
    do_it(p, &run, "annotate", "--resource", "deploy", "--name", "kimai", "-n", "default", "--key",
          "kubernetes.io/change-cause", "--value", "the new one", "--yes");
    do_it(p, &run, "set-image", "--name", "kimai", "-n", "default", "--image", "app:2", "--yes");
    assert_status(&run, 0);
    expect_text(p, pods, "items|0|spec|containers|0|image", "app:2");
    do_it(p, &run, "undo-rollout", "--name", "kimai", "-n", "default", "--dry-run");
    assert_status(&run, 0);
    assert_prints(&run, "(now): kimai=app:2; the new one");
    assert_null(strstr(strbuf_cstr(&run.out), "= 2. Revision")); /* history is no step */
    assert_prints(&run, "rollout undo deployment/kimai --to-revision=");
    assert_prints(&run, "Argo CD's application kimai looks after");
    const char *at = strstr(strbuf_cstr(&run.out), "back to revision ");
    char number[32];
    assert_non_null(at);
    (void)snprintf(number, sizeof(number), "%ld",
                   strtol(at + strlen("back to revision "), NULL, 10));
    for (int i = 0; i < 2; i++) { /* it has another number by then, and is known by this one too */
        do_it(p, &run, "undo-rollout", "--name", "kimai", "-n", "default", "--revision", number,
              "--yes");
        assert_status(&run, 0);
    }
    assert_prints(&run, "Nothing to do");
    expect_text(p, pods, "items|0|spec|containers|0|image", was);
    expect_text(p, KIMAI, "metadata|annotations|kubernetes.io/change-cause", "(absent)");
    do_it(p, &run, "undo-rollout", "--name", "kimai", "-n", "default", "--revision", "999",
          "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "has no revision 999");
    do_it(p, &run, "pause", "--name", "kimai", "-n", "default", "--yes");
    do_it(p, &run, "undo-rollout", "--name", "kimai", "-n", "default", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "is paused: nothing is rolled back until it is resumed");
    free(was);
    cli_done(&run);
}

/* No answer came: what was rolled back is not rolled forward by going on. */
static void a_roll_back_is_not_done_twice(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char *was = read_text(p, KIMAI, IMAGE);
    do_it(p, &run, "set-image", "--name", "kimai", "-n", "default", "--image", "app:2", "--yes");
    assert_status(&run, 0);
    (void)harbor_told(&p->harbor, "fault " KIMAI "?fieldManager cut=0 count=1");
    do_it(p, &run, "undo-rollout", "--name", "kimai", "-n", "default", "--yes");
    assert_status(&run, 4);
    do_it(p, &run, "--resume", "--yes");
    assert_status(&run, 0);
    expect_text(p, KIMAI, IMAGE, was);
    free(was);
    cli_done(&run);
}

static void images_that_are_none(void **state)
{
    static const char *const images[] = {
        "a b",           "app:",   "app:-x",           "/app",          "App", "app@md5",
        "app@sha256:12", "-app:1", "app:1 ; rm -rf /", "https://x/app",
    };
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(images); i++) {
        do_it(p, &run, "set-image", "--name", "kimai", "-n", "default", "--image", images[i],
              "--yes");
        assert_status(&run, 3);
        assert_complains(&run, "no image's name");
    }
    do_it(p, &run, "set-image", "--name", "kimai", "-n", "default", "--image", "app:1",
          "--container", "nobody", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "--container nobody: Deployment default/kimai has kimai");
    do_it(p, &run, "set-image", "--name", "kimai", "-n", "default", "--image", "app", "--dry-run");
    assert_prints(&run, "no tag is said: it is latest");
    assert_int_equal(writes(p, KIMAI), 0);
    cli_done(&run);
}

/* ---- Evictions. */

#define NODE    "/api/v1/nodes/prod-instance-1764022710301"
#define ON_NODE "/api/v1/pods?fieldSelector=spec.nodeName=prod-instance-1764022710301"

static int count_on_node(struct place *p, const char *more)
{
    char target[256];
    (void)snprintf(target, sizeof(target), ON_NODE "%s", more);
    char *items = read_text(p, target, "items");
    int n = 0;
    for (const char *at = items; (at = strstr(at, "\"hostIP\":")); at++)
        n++;
    free(items);
    return n;
}

static void a_pod_is_evicted(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    const char *pods = PODS "?labelSelector=app.kubernetes.io/name=dnc,pod-template-hash";
    char *was = read_text(p, pods, "items|0|metadata|name");
    do_it(p, &run, "evict", "--name", was, "-n", "default", "--grace", "5", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "undo: none; ReplicaSet dnc-");
    char *now = read_text(p, pods, "items|0|metadata|name");
    assert_string_not_equal(was, now);
    do_it(p, &run, "evict", "--name", was, "-n", "default", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "is not there");
    do_it(p, &run, "evict", "--name", "reyemtech-jqn6rfsnv-6dnlh", "-n", "default", "--yes");
    assert_status(&run, 3);
    assert_complains(&run,
                     "The disruption budget reyemtech needs 2 healthy pods and has 2 currently");
    expect_text(p, PODS "/reyemtech-jqn6rfsnv-6dnlh", "metadata|deletionTimestamp", "(absent)");
    free(was);
    free(now);
    cli_done(&run);
}

static void a_pod_is_deleted_by_force(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char *uid = read_text(p, "/api/v1/namespaces/operators/pods/redis-replicas-1", "metadata|uid");
    do_it(p, &run, "delete-pod", "--name", "redis-replicas-1", "-n", "operators", "--grace", "0",
          "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "delete pod redis-replicas-1 --grace-period=0 --force");
    assert_prints(&run, "two of one name may run");
    char *now = read_text(p, "/api/v1/namespaces/operators/pods/redis-replicas-1", "metadata|uid");
    assert_string_not_equal(uid, now);
    free(uid);
    free(now);
    cli_done(&run);
}

/* What blocks is named; when it lets go, the drain goes on; nobody is evicted who stays. */
static void a_node_is_drained(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    do_it(p, &run, "drain", "--name", "prod-instance-1764022710301", "--wait", "1", "--confirm",
          "demo");
    assert_status(&run, 4);
    assert_prints(&run, "they are waited for: default/reyemtech-jqn6rfsnv-6dnlh (reyemtech)");
    assert_prints(&run, "of DaemonSets, or static, and left: kube-system/calico-node-");
    assert_complains(&run, "The disruption budget reyemtech needs 2 healthy pods and has 2");
    expect_text(p, NODE, "spec|unschedulable", "true");
    (void)harbor_told(&p->harbor, "patch poddisruptionbudgets default reyemtech "
                                  "{\"status\":{\"disruptionsAllowed\":1}}");
    do_it(p, &run, "--resume", "--confirm", "demo");
    assert_status(&run, 0);
    assert_int_equal(count_on_node(p, ""), 3);
    assert_int_equal(count_on_node(p, "&labelSelector=k8s-app=calico-node"), 1);
    expect_text(p, "/apis/apps/v1/namespaces/default/deployments/reyemtech", "status|readyReplicas",
                "2");
    do_it(p, &run, "drain", "--name", "prod-instance-1764022710301", "--confirm", "demo");
    assert_status(&run, 0);
    assert_prints(&run, "Nothing to do");
    expect_audit(p, "drain");
    cli_done(&run);
}

static void a_drain_is_taken_back(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    do_it(p, &run, "drain", "--name", "prod-instance-1764022710301", "--wait", "0", "--confirm",
          "demo");
    assert_status(&run, 4);
    do_it(p, &run, "--undo", "--yes");
    assert_status(&run, 0);
    expect_text(p, NODE, "spec|unschedulable", "(absent)");
    cli_done(&run);
}

static void what_would_be_lost_is_said_first(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    const char *evictions = "/eviction?fieldManager";
    do_it(p, &run, "drain", "--name", "prod-instance-1764022710417", "--confirm", "demo");
    assert_status(&run, 3);
    assert_complains(&run, "pods have emptyDir volumes, whose data is lost: operators/redis-");
    assert_complains(&run, "--delete-emptydir-data yes takes them too");
    (void)harbor_told(&p->harbor, "copy pods default reyemtech-jqn6rfsnv-6dnlh alone "
                                  "{\"metadata\":{\"ownerReferences\":null,\"labels\":null}}");
    do_it(p, &run, "drain", "--name", "prod-instance-1764022710301", "--confirm", "demo");
    assert_status(&run, 3);
    assert_complains(&run, "pods have no controller that makes them anew: default/alone");
    assert_int_equal(asked(p, evictions), 0);
    (void)harbor_told(&p->harbor, "patch pods default booklet-worker-9fh7l46hl-fdwlc "
                                  "{\"status\":{\"phase\":\"Succeeded\"}}");
    do_it(p, &run, "drain", "--name", "prod-instance-1764022710417", "--delete-emptydir-data",
          "yes", "--dry-run");
    assert_status(&run, 0);
    assert_prints(&run, "data in emptyDir volumes is lost: operators/redis-replicas-1");
    assert_prints(&run, "of the pod none: it has ended, and its log is lost");
    assert_prints(&run,
                  "drain prod-instance-1764022710417 --ignore-daemonsets --delete-emptydir-data");
    assert_int_equal(asked(p, evictions), 0);
    cli_done(&run);
}

/* ---- Editing. */

/* The object's YAML as the editor had it, with one text put for another; the path, borrowed. */
static const char *put_edited(struct place *p, const char *target, const char *from, const char *to)
{
    struct call *c = harbor_get(&p->harbor, HTTP2, target);
    struct strbuf yaml = STRBUF_INIT(1 << 20), edited = STRBUF_INIT(1 << 20);
    struct err err;
    assert_true(yaml_of_object(strbuf_span(&c->body), &yaml, &err));
    const char *at = strstr(strbuf_cstr(&yaml), from);
    assert_non_null(at);
    strbuf_addf(&edited, "%.*s%s%s", (int)(at - yaml.data), yaml.data, to, at + strlen(from));
    const char *path = cli_put(p->cli, "edited.yaml", strbuf_cstr(&edited), 0600);
    strbuf_clear(&yaml);
    strbuf_clear(&edited);
    harbor_forget(c);
    return path;
}

static void edit_kimai(struct place *p, struct cli_run *run, const char *path, const char *more)
{
    do_it(p, run, "edit", "--resource", "deploy", "--name", "kimai", "-n", "default", "--file",
          path, more);
}

static void an_object_is_edited(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    const char *path = put_edited(p, KIMAI, "\n  replicas: 1\n", "\n  replicas: 2\n");
    edit_kimai(p, &run, path, "--dry-run");
    assert_status(&run, 0);
    assert_prints(&run, "       -   replicas: 1\n       +   replicas: 2\n");
    assert_null(strstr(strbuf_cstr(&run.out), "is not sent"));
    assert_prints(&run,
                  "patch deployments.apps/kimai --type=merge -p '{\"spec\":{\"replicas\":2}}'");
    assert_prints(&run, "Argo CD's application kimai looks after");
    assert_int_equal(asked(p, KIMAI "?fieldValidation=Strict&fieldManager"), 0);
    edit_kimai(p, &run, path, "--yes");
    assert_status(&run, 0);
    assert_int_equal(asked(p, KIMAI "?fieldValidation=Strict&fieldManager"), 1);
    expect_text(p, KIMAI, "spec|replicas", "2");
    edit_kimai(p, &run, put_edited(p, KIMAI, "kind: Dep", "kind: Dep"), "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "Nothing to do");
    /* What is the server's own. */
    edit_kimai(p, &run, put_edited(p, KIMAI, "\nstatus:\n", "\nstatus:\n  mine: 1\n"), "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "is the server's own and is not sent");
    assert_prints(&run, "Nothing to do");
    /* Of a version before. */
    path = put_edited(p, KIMAI, "replicas: 2", "replicas: 3");
    do_it(p, &run, "scale", "--name", "kimai", "-n", "default", "--replicas", "4", "--yes");
    edit_kimai(p, &run, path, "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "somebody has changed it since");
    assert_complains(&run, path);
    cli_done(&run);
}

static void what_cannot_be_edited_is_said(void **state)
{
    static const struct {
        const char *from, *to, *says;
    } cases[] = {
        {"\n  name: kimai\n", "\n  name: other\n", "metadata.name is another"},
        {"kind: Deployment", "kind: StatefulSet", "kind is another"},
        {"apiVersion:", "  - apiVersion:", "edited.yaml:"},
        {"apiVersion:", "---\na: 1\n---\napiVersion:", "it is not one object"},
    };
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        edit_kimai(p, &run, put_edited(p, KIMAI, cases[i].from, cases[i].to), "--yes");
        assert_status(&run, 3);
        assert_complains(&run, cases[i].says);
    }
    do_it(p, &run, "edit", "--resource", "secrets", "--name", "booklet-secrets", "-n", "default",
          "--file", "/nowhere", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "a Secret is not edited here");
    do_it(p, &run, "edit", "--resource", "deploy", "--name", "kimai", "-n", "default", "--yes");
    assert_status(&run, 3);
    assert_complains(&run, "edit wants --file, or a terminal for $EDITOR");
    cli_done(&run);
}

/* ---- Names. */

#define LB    "/api/v1/namespaces/traefik/services/traefik"
#define TRACK "/apis/traefik.io/v1alpha1/namespaces/default/ingressroutes/track"
#define HOSTS "metadata|annotations|external-dns.alpha.kubernetes.io/hostname"

static void a_name_is_given_and_taken(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char *was = read_text(p, LB, HOSTS), both[256];
    (void)snprintf(both, sizeof(both), "%s,new.reyem.tech", was);
    for (int i = 0; i < 2; i++) {
        do_it(p, &run, "dns-name", "--resource", "svc", "--name", "traefik", "-n", "traefik",
              "--host", "new.reyem.tech", "--yes");
        assert_status(&run, 0);
        expect_text(p, LB, HOSTS, both);
        if (i == 0)
            assert_prints(&run, "external-dns traefik/external-dns writes it within 1m");
    }
    assert_prints(&run, "Nothing to do");
    do_it(p, &run, "dns-name", "--resource", "svc", "--name", "traefik", "-n", "traefik", "--host",
          "new.reyem.tech", "--remove", "yes", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "external-dns traefik/external-dns removes it within 1m");
    expect_text(p, LB, HOSTS, was);
    free(was);
    cli_done(&run);
}

static void what_external_dns_would_not_take_is_said(void **state)
{
    static const struct {
        const char *resource, *name, *ns, *host, *says;
    } cases[] = {
        {"svc", "kimai", "default", "x.reyem.tech", "a Service of type ClusterIP has no address"},
        {"svc", "traefik", "traefik", "x.example.org", "it is in none of its --domain-filter"},
        {"svc", "traefik", "traefik", "track.reyem.tech",
         "wanted by others too: ingressroutes default/track"},
        {"ingressroutes", "track", "default", "*.reyem.tech",
         "others too: services traefik/traefik"},
    };
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        do_it(p, &run, "dns-name", "--resource", cases[i].resource, "--name", cases[i].name, "-n",
              cases[i].ns, "--host", cases[i].host, "--dry-run");
        assert_status(&run, 0);
        assert_prints(&run, cases[i].says);
    }
    (void)harbor_told(&p->harbor, "patch deployments traefik external-dns "
                                  "{\"status\":{\"readyReplicas\":0}}");
    do_it(p, &run, "dns-name", "--resource", "ingressroutes", "--name", "track", "-n", "default",
          "--host", "track.reyem.tech", "--target", "203.0.113.25", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "external-dns traefik/external-dns does not run");
    expect_text(p, TRACK, HOSTS, "track.reyem.tech");
    expect_text(p, TRACK, "metadata|annotations|external-dns.alpha.kubernetes.io/target",
                "203.0.113.25");
    do_it(p, &run, "dns-name", "--resource", "ingressroutes", "--name", "track", "-n", "default",
          "--host", "track.reyem.tech", "--remove", "yes", "--yes");
    assert_prints(&run, "stays wanted: a rule of IngressRoute default/track names it");
    expect_text(p, TRACK, HOSTS, "(absent)");
    do_it(p, &run, "dns-name", "--resource", "pods", "--name", "x", "-n", "default", "--host",
          "a.reyem.tech", "--yes");
    assert_complains(&run, "not of a Pod");
    do_it(p, &run, "dns-name", "--resource", "svc", "--name", "x", "-n", "default", "--host",
          "a b.reyem.tech", "--yes");
    assert_complains(&run, "no name of the DNS");
    cli_done(&run);
}

static void words_that_are_wrong(void **state)
{
    static const struct {
        const char *words[8], *says;
    } cases[] = {
        {{"label", "pods", "x", "a b", "v"}, "a key is letters, digits"},
        {{"label", "pods", "x", "/a", "v"}, "a key is letters, digits"},
        {{"label", "pods", "x", "a", "no spaces"}, "a label's value is letters, digits"},
        {{"label", "gizmos", "x", "a", "v"}, "the API server has no such resource"},
        {{"label", "pods", "../secrets/x", "a", "v"}, "no name of an object"},
        {{"annotate", "pods", "..", "a", "v"}, "no name of an object"},
        {{"annotate", "pods", "nobody", "a", "v"}, "Pod default/nobody is not there"},
    };
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        const char *const *w = cases[i].words;
        do_it(p, &run, w[0], "--resource", w[1], "--name", w[2], "-n", "default", "--key", w[3],
              "--value", w[4], "--yes");
        assert_status(&run, 3);
        assert_complains(&run, cases[i].says);
    }
    cli_done(&run);
}

/* ---- Jobs. */

#define JOBS "/apis/batch/v1/namespaces/default/jobs/"

/* With all that the template says, and told of the one that runs already. */
static void a_job_is_made_as_its_template_says(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    char path[160];
    (void)harbor_told(&p->harbor,
                      "patch cronjobs default kimai-db-dump {\"spec\":{\"concurrencyPolicy\":"
                      "\"Forbid\",\"jobTemplate\":{\"metadata\":{\"labels\":{\"team\":\"web\"},"
                      "\"annotations\":{\"note\":\"it's \\\"so\\\"\"}}}},\"status\":{"
                      "\"active\":[{\"name\":\"kimai-db-dump-1\"}],"
                      "\"lastScheduleTime\":\"2026-02-13T02:30:00Z\","
                      "\"lastSuccessfulTime\":\"2026-02-13T02:31:12Z\"}}");
    do_it(p, &run, "run-cronjob", "--name", "kimai-db-dump", "-n", "default", "--yes");
    assert_status(&run, 0);
    assert_prints(&run, "Its last run by schedule took 72s.");
    assert_prints(&run, "! one runs now, Job kimai-db-dump-1: this one runs beside it, its "
                        "concurrencyPolicy (Forbid) is for the schedule alone");
    const char *name = strstr(strbuf_cstr(&run.out), "kimai-db-dump-manual-");
    assert_non_null(name);
    (void)snprintf(path, sizeof(path), JOBS "%.*s", (int)strcspn(name, " \n"), name);
    expect_text(p, path, "metadata|labels|team", "web");
    expect_text(p, path, "metadata|annotations|note", "it's \"so\"");
    expect_text(p, path, "metadata|annotations|cronjob.kubernetes.io/instantiate", "manual");
    cli_done(&run);
}

/* ---- What stops meanwhile. */

static void what_stops_is_said(void **state)
{
    static const struct {
        const char *told, *words, *says; /* told: "": nothing */
    } cases[] = {
        {"", "restart --name booklet -n default",
         "New pods come first, 1 at a time; none of 2 is missing; such a pod took up to 12s."},
        {"", "restart --kind statefulset --name typesense -n tooling",
         "! its only pod ends before the new one starts: what it serves stops until that is ready; "
         "such a pod took up to 12s"},
        {"", "restart --name gta-events -n default",
         "! its rollout before has not come to its end: ReplicaSet \"gta-events-k99fcczjn\" has "
         "timed out progressing."},
        {"", "restart --kind daemonset --name kube-proxy -n kube-system",
         "Of 6 nodes 1 at a time is without its pod until the new one is ready"},
        {"", "delete-pod --name typesense-0 -n tooling",
         "! stops until a new pod is ready, as no other one is: StatefulSet tooling/typesense (took "
         "12s)"},
        {"", "drain --name prod-instance-1764022710301",
         "as no other one is: StatefulSet n8n/n8n (took 12s), Deployment n8n/n8n-worker"},
        {"patch deployments default kimai {\"spec\":{\"strategy\":{\"type\":\"Recreate\"}}}",
         "set-image --name kimai -n default --image docker.io/kimai/kimai2:other",
         "! its only pod may be gone before new ones are ready (Recreate): what it serves stops "
         "until then; such a pod took up to 12s"},
        {"patch deployments default kimai {\"spec\":{\"strategy\":{\"type\":\"RollingUpdate\","
         "\"rollingUpdate\":{\"maxSurge\":0,\"maxUnavailable\":\"50%\"}},\"replicas\":4}}",
         "restart --name kimai -n default", "Of its 4 pods up to 2 may be missing at a time"},
        {"patch statefulsets operators redis-replicas {\"spec\":{\"updateStrategy\":{"
         "\"rollingUpdate\":{\"partition\":1}}}}",
         "restart --kind statefulset --name redis-replicas -n operators",
         "! its partition is 1: pods of lower numbers stay as they are"},
    };
    struct place *p = *state;
    struct cli_run run = {0};
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        if (cases[i].told[0])
            (void)harbor_told(&p->harbor, "%s", cases[i].told);
        cli_run_line(p->cli, &run, "do %s --dry-run", cases[i].words);
        assert_status(&run, 0);
        assert_prints(&run, cases[i].says);
    }
    cli_run(p->cli, &run, "do", "delete-pod", "--name", "reyemtech-jqn6rfsnv-6dnlh", "-n",
            "default", "--dry-run", NULL);
    assert_null(strstr(strbuf_cstr(&run.out), "stops until")); /* its sister is ready */
    cli_done(&run);
}

/* It would be waited for what never comes. */
static void pods_that_are_not_replaced_are_not_restarted(void **state)
{
    struct place *p = *state;
    struct cli_run run = {0};
    (void)harbor_told(&p->harbor, "patch statefulsets tooling typesense {\"spec\":{"
                                  "\"updateStrategy\":{\"type\":\"OnDelete\"}}}");
    cli_run(p->cli, &run, "do", "restart", "--kind", "statefulset", "--name", "typesense", "-n",
            "tooling", "--yes", NULL);
    assert_status(&run, 3);
    assert_complains(&run, "StatefulSet tooling/typesense replaces no pods by itself "
                           "(updateStrategy OnDelete)");
    cli_done(&run);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_label_is_set_and_taken_off),
        CASE(an_annotation_is_set),
        CASE(argocd_would_put_it_back),
        CASE(an_object_is_deleted),
        CASE(what_it_owns_goes_or_stays),
        CASE(what_needs_it_is_named),
        CASE(an_image_is_set_and_rolled_back),
        CASE(a_revision_is_gone_back_to),
        CASE(a_roll_back_is_not_done_twice),
        CASE(images_that_are_none),
        CASE(a_pod_is_evicted),
        CASE(a_pod_is_deleted_by_force),
        CASE(a_node_is_drained),
        CASE(a_drain_is_taken_back),
        CASE(what_would_be_lost_is_said_first),
        CASE(an_object_is_edited),
        CASE(what_cannot_be_edited_is_said),
        CASE(a_name_is_given_and_taken),
        CASE(what_external_dns_would_not_take_is_said),
        CASE(a_job_is_made_as_its_template_says),
        CASE(what_stops_is_said),
        CASE(pods_that_are_not_replaced_are_not_restarted),
        CASE(words_that_are_wrong),
    };
    return cmocka_run_group_tests_name("do_kubernetes", tests, NULL, NULL);
}
