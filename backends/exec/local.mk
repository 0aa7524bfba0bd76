libbackends_a_SOURCES += \
	backends/exec/check.c backends/exec/column.c backends/exec/exec.c backends/exec/exec.h \
	backends/exec/kind.c backends/exec/perfdata.c backends/exec/program.c backends/exec/rows.c
