libbackends_a_SOURCES += backends/expected/expected.c backends/expected/find.c \
	backends/expected/expected.h
