libbackends_a_SOURCES += \
	backends/traefik/certificate.c backends/traefik/discover.c backends/traefik/entrypoint.c \
	backends/traefik/figures.c backends/traefik/figures.h backends/traefik/middleware.c \
	backends/traefik/resolver.c backends/traefik/router.c backends/traefik/self.c backends/traefik/service.c \
	backends/traefik/shared.c backends/traefik/traefik.c backends/traefik/traefik.h
