libbackends_a_SOURCES += \
	backends/images/ask.c backends/images/find.c backends/images/image.c \
	backends/images/images.c backends/images/images.h backends/images/login.c \
	backends/images/reference.c
