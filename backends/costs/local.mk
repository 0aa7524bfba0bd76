libbackends_a_SOURCES += backends/costs/cost.c backends/costs/costs.h backends/costs/find.c \
	backends/costs/price.c
