libbackends_a_SOURCES += \
	backends/dns/ask.c backends/dns/dns.c backends/dns/dns.h backends/dns/dns_name.c \
	backends/dns/dns_name.h backends/dns/find.c backends/dns/name_judge.c backends/dns/stored.c
