libbackends_a_SOURCES += \
	backends/prometheus/figures.c \
	backends/prometheus/matrix.c \
	backends/prometheus/prometheus.c \
	backends/prometheus/prometheus.h \
	backends/prometheus/server.c
