noinst_LIBRARIES += libcli.a
libcli_a_SOURCES = \
	cli/audit.c cli/ask.c cli/ask.h cli/do.c cli/do_help.c cli/do_watch.c cli/sites.c cli/sites.h cli/do.h cli/cli.c cli/cli.h cli/config_command.c cli/data_out.c cli/data_out.h cli/demo.c cli/doctor.c cli/get.c \
	cli/harbor.c cli/harbor.h cli/listing.c cli/listing.h cli/lists.c cli/out.c cli/out.h cli/plain.c cli/plain.h \
	cli/reader.c cli/reader.h cli/rows.c cli/rows.h cli/status.c cli/version.c
