libbackends_a_SOURCES += \
	backends/probe/find.c backends/probe/http_probe.c backends/probe/probe.c \
	backends/probe/probe.h backends/probe/secret_cert.c backends/probe/served_cert.c
