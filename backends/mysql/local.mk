libbackends_a_SOURCES += \
	backends/mysql/catalog.c backends/mysql/compare.c backends/mysql/discover.c \
	backends/mysql/login.c backends/mysql/login_find.c backends/mysql/login_row.c \
	backends/mysql/mysql.c backends/mysql/mysql.h backends/mysql/node.c backends/mysql/node_cert.c \
	backends/mysql/node_judge.c backends/mysql/node_kind.h backends/mysql/node_row.c \
	backends/mysql/process.c backends/mysql/user.c backends/mysql/values.c \
	backends/mysql/values.h
