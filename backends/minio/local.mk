libbackends_a_SOURCES += \
	backends/minio/ask.c backends/minio/bucket.c backends/minio/cluster.c \
	backends/minio/discover.c backends/minio/metrics.c backends/minio/minio.c backends/minio/minio.h
