libbackends_a_SOURCES += \
	backends/haproxy/answer.c backends/haproxy/haproxy.h backends/haproxy/server.c \
	backends/haproxy/source.c
