libbackends_a_SOURCES += \
	backends/redis/client.c backends/redis/db.c backends/redis/discover.c backends/redis/judge.c backends/redis/latency.c backends/redis/redis.c \
	backends/redis/redis.h backends/redis/replicas.c backends/redis/sentinel.c backends/redis/sentinel.h \
	backends/redis/sentinel_row.c backends/redis/sentinel_view.c backends/redis/server.c \
	backends/redis/slow.c
