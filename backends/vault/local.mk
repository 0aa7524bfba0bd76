libbackends_a_SOURCES += \
	backends/vault/discover.c backends/vault/mount.c backends/vault/path.c backends/vault/status.c \
	backends/vault/vault.c backends/vault/vault.h
