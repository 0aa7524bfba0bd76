/* Where objects lead to, read in both directions. */
#include <config.h>

#include "test/unit/kube_test.h"

#define NOW kube_time("2026-02-13T09:00:00Z")

/* "owner workload shop/StatefulSet/db!" for each link; ! where the target should exist. */
static void links_of(const struct store *st, struct handle row, struct strbuf *out)
{
    struct link l;
    size_t at = 0;
    strbuf_truncate(out, 0);
    while (store_link_next(st, row, &at, &l))
        strbuf_addf(out, "%s %.*s %.*s%s\n", link_info(l.type)->name, SPAN_ARG(l.kind),
                    SPAN_ARG(l.key), l.flags & LINK_EXPECTED ? "!" : "");
}

static void check(const char *kind, size_t which, const char *object, const char *expected)
{
    struct store *st = kube_store();
    struct strbuf links = STRBUF_INIT(65536);
    links_of(st, kube_put(st, kind, which, object, NOW), &links);
    if (strcmp(strbuf_cstr(&links), expected) != 0)
        fail_msg("%s leads to\n%sexpected\n%s", object, strbuf_cstr(&links), expected);
    strbuf_clear(&links);
    store_free(st);
}

/* Everything a pod can name, once each, from all containers; what may be missing
 * is not missed. */
static void a_pod(void **state)
{
    (void)state;
    check(
        "pod", 0,
        "{metadata: {namespace: shop, name: p, ownerReferences: [{apiVersion: apps/v1, kind:"
        " ReplicaSet, name: web-1, controller: true}]}, spec: {nodeName: n1,"
        " imagePullSecrets: [{name: ghcr}],"
        " volumes: [{name: a, persistentVolumeClaim: {claimName: data}}, {name: scratch,"
        " ephemeral: {volumeClaimTemplate: {}}}, {secret: {secretName: cert}}, {secret:"
        " {secretName: extra, optional: true}}, {configMap: {name: conf}}, {projected: {sources:"
        " [{serviceAccountToken: {path: token}}, {configMap: {name: kube-root-ca.crt}}, {secret:"
        " {name: mixed}}]}}],"
        " initContainers: [{name: i, env: [{name: X, valueFrom: {configMapKeyRef: {name: setup,"
        " key: x}}}]}],"
        " containers: [{name: a, envFrom: [{secretRef: {name: db}}, {configMapRef: {name: conf}}],"
        " env: [{name: P, value: plain}, {name: Q, valueFrom: {secretKeyRef: {name: db, key: q}}},"
        " {name: R, valueFrom: {secretKeyRef: {name: may, key: r, optional: true}}}]}]}}",
        "owner replicaset shop/web-1!\n"
        "node node n1!\n"
        "namespace namespace shop\n"
        "claim pvc shop/data!\n"
        "claim pvc shop/p-scratch!\n"
        "secret secret shop/cert!\n"
        "secret secret shop/extra\n"
        "config configmap shop/conf!\n"
        "secret secret shop/mixed!\n"
        "environment secret shop/db!\n"
        "environment configmap shop/conf!\n"
        "environment secret shop/may\n"
        "environment configmap shop/setup!\n"
        "secret secret shop/ghcr\n");
}

/* Other systems have a StatefulSet, a Job or a Service of their own. */
static void namesakes_are_told_apart(void **state)
{
    (void)state;
    check("pod", 0,
          "{metadata: {namespace: shop, name: p, ownerReferences: [{apiVersion:"
          " apps.kruise.io/v1beta1, kind: StatefulSet, name: db, controller: true}]}}",
          "namespace namespace shop\n");
    check("pod", 0,
          "{metadata: {namespace: shop, name: p, ownerReferences: [{apiVersion: apps/v1, kind:"
          " StatefulSet, name: db, controller: true}]}}",
          "owner workload shop/StatefulSet/db!\nnamespace namespace shop\n");
    check("event", 0,
          "{metadata: {namespace: shop, name: e}, involvedObject: {apiVersion:"
          " serving.knative.dev/v1, kind: Service, namespace: shop, name: web}}",
          "");
    check("event", 0,
          "{metadata: {namespace: shop, name: e}, involvedObject: {apiVersion: v1, kind: Service,"
          " namespace: shop, name: web}}",
          "about service shop/web\n");
    check("event", 0,
          "{metadata: {namespace: default, name: e}, involvedObject: {kind: Node, name: n1}}",
          "about node n1\n");
    check("event", 0,
          "{metadata: {namespace: shop, name: e}, involvedObject: {apiVersion: apps/v1, kind:"
          " Deployment, namespace: shop, name: web}}",
          "about workload shop/Deployment/web\n");
}

static void routes_and_what_is_behind(void **state)
{
    (void)state;
    check("ingressroute", 0,
          "{metadata: {namespace: shop, name: r}, spec: {tls: {secretName: cert}, routes: [{match:"
          " x, services: [{name: web, port: 80}, {name: api, namespace: core, port: 80}, {name: w,"
          " kind: TraefikService}], middlewares: [{name: auth}, {name: x@file}]}]}}",
          "namespace namespace shop\n"
          "service service shop/web!\n"
          "service service core/api!\n"
          "service traefikservice shop/w!\n"
          "middleware middleware shop/auth!\n"
          "loaded traefik-router shop-r-2d711642b726b0440162@kubernetescrd\n"
          "secret secret shop/cert!\n"
          "keeper controller traefik\n");
    check("ingress", 0,
          "{metadata: {namespace: shop, name: i}, spec: {defaultBackend: {service: {name: d, port:"
          " {number: 80}}}, rules: [{http: {paths: [{backend: {service: {name: web, port: {name:"
          " http}}}}, {backend: {resource: {kind: Bucket, name: b}}}]}}], tls: [{hosts: [x]},"
          " {secretName: cert}]}}",
          "namespace namespace shop\n"
          "service service shop/d!\n"
          "service service shop/web!\n"
          "secret secret shop/cert!\n");
    check("middleware", 0,
          "{metadata: {namespace: shop, name: m}, spec: {errors: {service: {name: pages, port:"
          " 80}}, basicAuth: {secret: users}, chain: {middlewares: [{name: a}, {name: b, namespace:"
          " edge}, {name: c@file}]}}}",
          "namespace namespace shop\n"
          "middleware middleware shop/a!\n"
          "middleware middleware edge/b!\n"
          "service service shop/pages!\n"
          "secret secret shop/users!\n"
          "loaded traefik-middleware shop-m@kubernetescrd\n");
    check(
        "traefikservice", 0,
        "{metadata: {namespace: shop, name: t}, spec: {weighted: {services: [{name: web, port: 80,"
        " weight: 9}, {name: api@internal, kind: TraefikService}]}, mirroring: {name: main, port:"
        " 80, mirrors: [{name: copy, namespace: lab, port: 80}]}}}",
        "namespace namespace shop\n"
        "service service shop/web!\n"
        "service traefikservice shop/api@internal\n"
        "service service shop/main!\n"
        "service service lab/copy!\n");
    check("endpointslice", 0,
          "{metadata: {namespace: shop, name: web-1, labels: {kubernetes.io/service-name: web}},"
          " endpoints: [{addresses: [10.1.0.1], targetRef: {kind: Pod, name: p}}, {addresses:"
          " [10.1.0.2], targetRef: {kind: VirtualMachine, name: v}}]}",
          "service service shop/web!\npod pod shop/p\n");
}

/* Names as Traefik gives them [Traefik v3.6 pkg/provider/kubernetes]: of HTTP without dots, of TCP
 * with them, of UDP by the route's place; of an Ingress by host and path. */
static void routes_and_their_routers(void **state)
{
    (void)state;
    check(
        "ingressroute", 0,
        "{metadata: {namespace: default, name: test.route}, spec: {routes: [{match: 'Host(`foo.com`)"
        " && PathPrefix(`/bar`)'}]}}",
        "namespace namespace default\n"
        "loaded traefik-router default-test-route-6b204d94623b3df4370c@kubernetescrd\n"
        "keeper controller traefik\n");
    check(
        "ingressroutetcp", 0,
        "{metadata: {namespace: default, name: test3.route}, spec: {routes: [{match:"
        " 'HostSNI(`*`)', services: [{name: db, port: 1, serversTransport: t}], middlewares: [{name:"
        " allow}]}]}}",
        "namespace namespace default\n"
        "service service default/db!\n"
        "option serverstransporttcp default/t!\n"
        "middleware middlewaretcp default/allow!\n"
        "loaded traefik-router default-test3.route-673acf455cb2dab0b43a@kubernetescrd\n"
        "keeper controller traefik\n");
    check("ingressrouteudp", 0,
          "{metadata: {namespace: default, name: test3.route}, spec: {routes: [{services: []},"
          " {services: []}]}}",
          "namespace namespace default\n"
          "loaded traefik-router default-test3.route-0@kubernetescrd\n"
          "loaded traefik-router default-test3.route-1@kubernetescrd\n"
          "keeper controller traefik\n");
    check("ingress", 0,
          "{metadata: {namespace: shop, name: i, annotations:"
          " {traefik.ingress.kubernetes.io/router.middlewares: 'shop-a-b@kubernetescrd,"
          " edge-secure-headers@kubernetescrd, auth@file'}}, spec: {rules: [{host: www.shop.org,"
          " http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}, {path:"
          " /a, backend: {service: {name: web, port: {number: 80}}}}, {path: /a/, backend:"
          " {service: {name: web, port: {number: 80}}}}]}}]}}",
          "namespace namespace shop\n"
          "service service shop/web!\n"
          "middleware middleware shop/a-b\n"
          "middleware middleware edge/secure-headers\n"
          "middleware middleware edge-secure/headers\n"
          "loaded traefik-router shop-i-www-shop-org@kubernetes\n");
    check("ingress", 0, /* of another controller */
          "{metadata: {namespace: shop, name: i}, spec: {ingressClassName: nginx, rules: [{host: a,"
          " http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}]}}]}}",
          "namespace namespace shop\n"
          "service service shop/web!\n");
    check("tlsstore", 0,
          "{metadata: {namespace: edge, name: default}, spec: {defaultCertificate: {secretName: d},"
          " defaultGeneratedCert: {resolver: le}, certificates: [{secretName: more}]}}",
          "namespace namespace edge\nsecret secret edge/d!\nissuer traefik-resolver le\n"
          "secret secret edge/more!\n");
    check("serverstransporttcp", 0,
          "{metadata: {namespace: edge, name: t}, spec: {tls: {rootCAs: [{configMap: ca}, {secret:"
          " own}], certificatesSecrets: [me]}}}",
          "namespace namespace edge\nsecret secret edge/me!\nconfig configmap edge/ca!\n"
          "secret secret edge/own!\n");
}

static void storage(void **state)
{
    (void)state;
    check(
        "pvc", 0,
        "{metadata: {namespace: shop, name: data}, spec: {storageClassName: fast, volumeName: v}}",
        "namespace namespace shop\nvolume pv v!\nclass storageclass fast!\n");
    check("pvc", 0,
          "{metadata: {namespace: shop, name: data, annotations:"
          " {volume.beta.kubernetes.io/storage-class: old}}, spec: {}}",
          "namespace namespace shop\nclass storageclass old!\n");
    check("pv", 0,
          "{metadata: {name: v}, spec: {storageClassName: fast, claimRef: {namespace: shop, name:"
          " data}}}",
          "class storageclass fast!\nclaim pvc shop/data\n");
}

/* A service with as many pods as a slice may hold by default leads to all of them. */
static void a_slice_that_is_full(void **state)
{
    struct strbuf text = STRBUF_INIT(KUBE_JSON_MAX);
    struct store *st = kube_store();
    struct link l;
    size_t at = 0, pods = 0;
    (void)state;
    strbuf_adds(&text, "{metadata: {namespace: shop, name: s, labels: {kubernetes.io/service-name:"
                       " web}}, endpoints: [");
    for (int i = 0; i < 100; i++)
        strbuf_addf(&text, "%s{addresses: [10.1.0.%d], targetRef: {kind: Pod, name: p-%d}}",
                    i ? ", " : "", i, i);
    strbuf_adds(&text, "]}");
    struct handle row = kube_put(st, "endpointslice", 0, strbuf_cstr(&text), NOW);
    while (store_link_next(st, row, &at, &l))
        pods += l.type == LINK_POD;
    assert_int_equal(pods, 100);
    store_free(st);
    strbuf_clear(&text);
}

/* Backwards: who uses this. */
static void who_leads_here(void **state)
{
    struct store *st = kube_store();
    struct handle from;
    enum link_type type;
    uint32_t at = 0;
    struct handle node =
        kube_put(st, "node", 0, "{metadata: {name: n1}, status: {conditions: []}}", NOW);
    struct handle pod =
        kube_put(st, "pod", 0, "{metadata: {namespace: shop, name: p}, spec: {nodeName: n1}}", NOW);
    (void)state;
    assert_true(store_used_by_next(st, node, &at, &from, &type));
    assert_int_equal(type, LINK_NODE);
    assert_true(handle_equal(from, pod));
    assert_false(store_used_by_next(st, node, &at, &from, &type));
    store_free(st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pod),
        cmocka_unit_test(namesakes_are_told_apart),
        cmocka_unit_test(routes_and_what_is_behind),
        cmocka_unit_test(routes_and_their_routers),
        cmocka_unit_test(storage),
        cmocka_unit_test(a_slice_that_is_full),
        cmocka_unit_test(who_leads_here),
    };
    return cmocka_run_group_tests_name("kube links", tests, NULL, NULL);
}
