noinst_LIBRARIES += libbackends.a
libbackends_a_SOURCES = \
	backends/backend.h backends/ctx.c backends/ctx.h backends/list.h backends/registry.c \
	backends/runner.c backends/runner.h
include $(srcdir)/backends/kubernetes/local.mk
