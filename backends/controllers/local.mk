libbackends_a_SOURCES += \
	backends/controllers/controller.c backends/controllers/controllers.h \
	backends/controllers/find.c
