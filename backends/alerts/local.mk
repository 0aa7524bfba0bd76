libbackends_a_SOURCES += \
	backends/alerts/alert.c backends/alerts/alerts.h backends/alerts/discover.c \
	backends/alerts/read.c backends/alerts/source.c
