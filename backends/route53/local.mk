libbackends_a_SOURCES += \
	backends/route53/discover.c backends/route53/record.c backends/route53/record.h backends/route53/registry.c \
	backends/route53/route53.c backends/route53/route53.h backends/route53/row.c \
	backends/route53/zone.c
