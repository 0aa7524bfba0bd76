noinst_LIBRARIES += libbackends.a
libbackends_a_SOURCES = \
	backends/access.c backends/access.h backends/backend.h backends/cells.h backends/ctx.c backends/ctx.h backends/discovery.c backends/discovery.h backends/http_source.c backends/http_source.h \
	backends/joined.c backends/joined.h \
	backends/list.h backends/plugin.c backends/plugin.h backends/poll.c backends/poll.h backends/public_host.c backends/public_host.h backends/registry.c \
	backends/rota.c backends/rota.h backends/runner.c backends/runner.h backends/verdict.h
include $(srcdir)/backends/alerts/local.mk
include $(srcdir)/backends/apps/local.mk
include $(srcdir)/backends/controllers/local.mk
include $(srcdir)/backends/binlogs/local.mk
include $(srcdir)/backends/auth/local.mk
include $(srcdir)/backends/audit/local.mk
include $(srcdir)/backends/costs/local.mk
include $(srcdir)/backends/dns/local.mk
include $(srcdir)/backends/exec/local.mk
include $(srcdir)/backends/externaldns/local.mk
include $(srcdir)/backends/probe/local.mk
include $(srcdir)/backends/kubernetes/local.mk
include $(srcdir)/backends/expected/local.mk
include $(srcdir)/backends/haproxy/local.mk
include $(srcdir)/backends/minio/local.mk
include $(srcdir)/backends/images/local.mk
include $(srcdir)/backends/kubelet/local.mk
include $(srcdir)/backends/mysql/local.mk
include $(srcdir)/backends/prometheus/local.mk
include $(srcdir)/backends/redis/local.mk
include $(srcdir)/backends/traefik/local.mk
include $(srcdir)/backends/typesense/local.mk
include $(srcdir)/backends/vault/local.mk
libbackends_a_SOURCES += backends/aws_keys.c backends/aws_keys.h
include $(srcdir)/backends/route53/local.mk
include $(srcdir)/backends/s3/local.mk
include $(srcdir)/backends/terraform/local.mk

# What a plug-in is built against, and may call (doc/extending.md).
EXTRA_DIST += backends/plugin.syms
nobase_pkginclude_HEADERS = \
	base/alloc.h base/base.h base/clock.h base/err.h base/log.h base/number.h base/span.h \
	base/strbuf.h base/timetext.h \
	model/kind.h model/link.h model/message.h model/past.h model/series.h model/source.h model/store.h model/system.h model/value.h \
	backends/backend.h backends/cells.h backends/discovery.h backends/plugin.h backends/poll.h \
	backends/verdict.h
