# tests: fuzz

# A target is a file with LLVMFuzzerTestOneInput() and a corpus beside it. With
# --enable-fuzzers it is a libFuzzer program; else `make check` replays the corpus.
base_fuzz = test/fuzz/number test/fuzz/visible test/fuzz/yaml
if FUZZERS
noinst_PROGRAMS += $(base_fuzz)
else
check_PROGRAMS += $(base_fuzz)
TESTS += $(base_fuzz)
endif
test_fuzz_number_SOURCES = test/fuzz/number.c test/fuzz/fuzz.h $(fuzz_main)
test_fuzz_number_LDFLAGS = $(AM_LDFLAGS) $(fuzz_link)
test_fuzz_number_LDADD = libbase.a
test_fuzz_visible_SOURCES = test/fuzz/visible.c test/fuzz/fuzz.h $(fuzz_main)
test_fuzz_visible_LDFLAGS = $(AM_LDFLAGS) $(fuzz_link)
test_fuzz_visible_LDADD = libbase.a
test_fuzz_yaml_SOURCES = test/fuzz/yaml.c test/fuzz/fuzz.h $(fuzz_main)
test_fuzz_yaml_LDFLAGS = $(AM_LDFLAGS) $(fuzz_link)
test_fuzz_yaml_LDADD = libbase.a $(YAML_LIBS)
EXTRA_DIST += test/fuzz/corpus/number test/fuzz/corpus/visible test/fuzz/corpus/yaml

net_fuzz = test/fuzz/dns_message test/fuzz/net_json_stream test/fuzz/net_kubeconfig test/fuzz/net_websocket \
	test/fuzz/net_xml
if FUZZERS
noinst_PROGRAMS += $(net_fuzz)
fuzz_main =
fuzz_link = -fsanitize=fuzzer
else
check_PROGRAMS += $(net_fuzz)
TESTS += $(net_fuzz)
fuzz_main = test/fuzz/replay.c
fuzz_link =
endif
test_fuzz_dns_message_SOURCES = test/fuzz/dns_message.c test/fuzz/fuzz.h $(fuzz_main)
test_fuzz_dns_message_LDFLAGS = $(AM_LDFLAGS) $(fuzz_link)
test_fuzz_dns_message_LDADD = libnet.a libbase.a
test_fuzz_net_json_stream_SOURCES = test/fuzz/net_json_stream.c test/fuzz/fuzz.h $(fuzz_main)
test_fuzz_net_json_stream_LDFLAGS = $(AM_LDFLAGS) $(fuzz_link)
test_fuzz_net_json_stream_LDADD = libnet.a libbase.a
test_fuzz_net_kubeconfig_SOURCES = test/fuzz/net_kubeconfig.c test/fuzz/fuzz.h $(fuzz_main)
test_fuzz_net_kubeconfig_LDFLAGS = $(AM_LDFLAGS) $(fuzz_link)
test_fuzz_net_kubeconfig_LDADD = libnet.a libbase.a $(YAML_LIBS)
test_fuzz_net_websocket_SOURCES = test/fuzz/net_websocket.c test/fuzz/fuzz.h $(fuzz_main)
test_fuzz_net_websocket_LDFLAGS = $(AM_LDFLAGS) $(fuzz_link)
test_fuzz_net_websocket_LDADD = libnet.a libbase.a $(ALL_LIBS)
EXTRA_DIST += test/fuzz/corpus/dns_message test/fuzz/corpus/net_json_stream test/fuzz/corpus/net_kubeconfig \
	test/fuzz/corpus/net_websocket
test_fuzz_net_xml_SOURCES = test/fuzz/net_xml.c test/fuzz/fuzz.h $(fuzz_main)
test_fuzz_net_xml_LDFLAGS = $(AM_LDFLAGS) $(fuzz_link)
test_fuzz_net_xml_LDADD = libnet.a libbase.a $(EXPAT_LIBS)
EXTRA_DIST += test/fuzz/corpus/net_xml

term_fuzz = test/fuzz/input test/fuzz/pager
if FUZZERS
noinst_PROGRAMS += $(term_fuzz)
else
check_PROGRAMS += $(term_fuzz)
TESTS += $(term_fuzz)
endif
test_fuzz_input_SOURCES = test/fuzz/input.c test/fuzz/fuzz.h $(fuzz_main)
test_fuzz_input_LDFLAGS = $(AM_LDFLAGS) $(fuzz_link)
test_fuzz_input_LDADD = libtui.a libwidgets.a libbase.a
test_fuzz_pager_SOURCES = test/fuzz/pager.c test/fuzz/fuzz.h $(fuzz_main)
test_fuzz_pager_LDFLAGS = $(AM_LDFLAGS) $(fuzz_link)
test_fuzz_pager_LDADD = libwidgets.a libbase.a
EXTRA_DIST += test/fuzz/corpus/input test/fuzz/corpus/pager

model_fuzz = test/fuzz/filter test/fuzz/keys test/fuzz/theme
if FUZZERS
noinst_PROGRAMS += $(model_fuzz)
else
check_PROGRAMS += $(model_fuzz)
TESTS += $(model_fuzz)
endif
test_fuzz_filter_SOURCES = test/fuzz/filter.c test/fuzz/fuzz.h $(fuzz_main)
test_fuzz_filter_LDFLAGS = $(AM_LDFLAGS) $(fuzz_link)
test_fuzz_filter_LDADD = libmodel.a libbase.a $(YAML_LIBS) $(PCRE2_LIBS)
test_fuzz_keys_SOURCES = test/fuzz/keys.c test/fuzz/fuzz.h $(fuzz_main)
test_fuzz_keys_LDFLAGS = $(AM_LDFLAGS) $(fuzz_link)
test_fuzz_keys_LDADD = libwidgets.a libbase.a
test_fuzz_theme_SOURCES = test/fuzz/theme.c test/fuzz/fuzz.h $(fuzz_main)
test_fuzz_theme_LDFLAGS = $(AM_LDFLAGS) $(fuzz_link)
test_fuzz_theme_LDADD = libtui.a libwidgets.a libbase.a $(YAML_LIBS)
EXTRA_DIST += test/fuzz/corpus/filter test/fuzz/corpus/keys test/fuzz/corpus/theme

kube_fuzz = test/fuzz/exec_output test/fuzz/kube_rows test/fuzz/traefik
if FUZZERS
noinst_PROGRAMS += $(kube_fuzz)
else
check_PROGRAMS += $(kube_fuzz)
TESTS += $(kube_fuzz)
endif
test_fuzz_exec_output_SOURCES = test/fuzz/exec_output.c test/fuzz/fuzz.h $(fuzz_main)
test_fuzz_exec_output_LDFLAGS = $(AM_LDFLAGS) $(fuzz_link)
test_fuzz_exec_output_LDADD = libbackends.a libmodel.a libnet.a libbase.a $(ALL_LIBS)
EXTRA_DIST += test/fuzz/corpus/exec_output
test_fuzz_kube_rows_SOURCES = test/fuzz/kube_rows.c test/fuzz/fuzz.h $(fuzz_main)
test_fuzz_kube_rows_LDFLAGS = $(AM_LDFLAGS) $(fuzz_link)
test_fuzz_kube_rows_LDADD = libbackends.a libmodel.a libnet.a libbase.a $(ALL_LIBS)
EXTRA_DIST += test/fuzz/corpus/kube_rows
test_fuzz_traefik_SOURCES = test/fuzz/traefik.c test/fuzz/fuzz.h $(fuzz_main)
test_fuzz_traefik_LDFLAGS = $(AM_LDFLAGS) $(fuzz_link)
test_fuzz_traefik_LDADD = libbackends.a libmodel.a libnet.a libbase.a $(ALL_LIBS)
EXTRA_DIST += test/fuzz/corpus/traefik

actions_fuzz = test/fuzz/sql_quote
if FUZZERS
noinst_PROGRAMS += $(actions_fuzz)
else
check_PROGRAMS += $(actions_fuzz)
TESTS += $(actions_fuzz)
endif
test_fuzz_sql_quote_SOURCES = test/fuzz/sql_quote.c test/fuzz/fuzz.h $(fuzz_main)
test_fuzz_sql_quote_LDFLAGS = $(AM_LDFLAGS) $(fuzz_link)
test_fuzz_sql_quote_LDADD = libactions.a libnet.a libbase.a $(ALL_LIBS)
EXTRA_DIST += test/fuzz/corpus/sql_quote
