libbackends_a_SOURCES += \
	backends/s3/backup.c backends/s3/bucket.c backends/s3/discover.c backends/s3/s3.c backends/s3/s3.h \
	backends/s3/scan.c backends/s3/scan.h
