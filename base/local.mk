noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	base/alloc.c base/alloc.h base/arena.c base/arena.h base/base.h base/bug.c base/clock.c \
	base/clock.h base/err.c base/err.h base/file.c base/file.h base/json_out.c base/json_out.h \
	base/log.c base/log.h base/map.c base/map.h base/number.c base/number.h base/span.c \
	base/span.h base/strbuf.c base/strbuf.h base/timebar.c base/timebar.h base/timetext.c base/timetext.h base/utf8.c \
	base/utf8.h base/utf8_table.c base/utf8_table.h base/visible.c base/visible.h base/yaml.c \
	base/yaml.h base/yaml_json.c base/yaml_scalar.h
EXTRA_DIST += tools/make-width-table tools/format tools/suites
