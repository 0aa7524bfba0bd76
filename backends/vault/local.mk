libbackends_a_SOURCES += \
	backends/vault/compare.c backends/vault/discover.c backends/vault/keys.c backends/vault/leases.c backends/vault/match.c \
	backends/vault/match.h backends/vault/mount.c backends/vault/path.c backends/vault/paths.h backends/vault/pods.c \
	backends/vault/readers.c backends/vault/rights.c backends/vault/status.c backends/vault/vault.c \
	backends/vault/vault.h backends/vault/walk.c backends/vault/wanted.c
