libbackends_a_SOURCES += \
	backends/binlogs/binlogs.h backends/binlogs/collector.c backends/binlogs/source.c
