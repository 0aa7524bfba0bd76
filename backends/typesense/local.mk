libbackends_a_SOURCES += \
	backends/typesense/ask.c backends/typesense/collection.c backends/typesense/discover.c \
	backends/typesense/judge.c backends/typesense/node.c backends/typesense/node.h \
	backends/typesense/typesense.c backends/typesense/typesense.h
