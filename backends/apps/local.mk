libbackends_a_SOURCES += \
	backends/apps/app.c backends/apps/apps.h backends/apps/find.c
