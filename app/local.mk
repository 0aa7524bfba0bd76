noinst_LIBRARIES += libapp.a
libapp_a_SOURCES = \
	app/catalogue.c app/catalogue.h app/discover.h app/sources.h \
	app/config.c app/config.h app/config_table.c app/config_table.h app/session.c app/session.h \
	app/session_answers.c app/session_connection.c app/session_impl.h app/session_watch.c
