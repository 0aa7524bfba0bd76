libbackends_a_SOURCES += \
	backends/externaldns/externaldns.h backends/externaldns/figures.c \
	backends/externaldns/source.c backends/externaldns/status.c
