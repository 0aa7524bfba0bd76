libbackends_a_SOURCES += backends/audit/audit.c backends/audit/audit.h backends/audit/runs.c
