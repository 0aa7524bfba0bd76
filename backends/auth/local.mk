libbackends_a_SOURCES += backends/auth/auth.h backends/auth/find.c backends/auth/oauth2_proxy.c \
	backends/auth/oauth2_row.c backends/auth/public_host.c
