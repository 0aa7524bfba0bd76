noinst_LIBRARIES += libmodel.a
libmodel_a_SOURCES = \
	model/change.c model/change.h model/filter.c model/filter.h model/filter_impl.h \
	model/filter_parse.c model/filter_value.c model/intern.c model/intern.h model/kind.c \
	model/kind.h model/link.h model/lookup.c model/lookup.h model/message.c model/message.h model/outbox.c model/outbox.h model/past.h \
	model/pool.c model/pool.h model/rooms.c model/rooms.h model/series.c model/series.h model/source.h model/store.c model/store_cells.c model/store.h model/store_ahead.c model/store_apply.c model/store_folds.c model/store_impl.h \
	model/store_judge.c model/store_links.c model/store_rows.c model/store_series.c model/store_sync.c model/system.c model/system.h \
	model/value.c model/value.h model/view.c model/view.h model/view_build.c model/view_compare.c \
	model/view_impl.h model/view_order.c
