noinst_LIBRARIES += libapp.a
libapp_a_SOURCES = \
	app/catalogue.c app/catalogue.h app/sources.c app/sources.h \
	app/config.c app/config.h app/config_entry.c app/config_entry.h \
	app/config_lists.c app/config_lists.h app/config_sources.c app/config_sources.h \
	app/config_table.c app/config_table.h app/discover.c app/discover.h app/session.c app/session.h \
	app/session_answers.c app/session_connection.c app/session_impl.h app/session_watch.c
