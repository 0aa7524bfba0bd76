# tests: unit

# base
base_tests = test/unit/alloc test/unit/arena test/unit/clock test/unit/err test/unit/file \
	test/unit/json_out test/unit/log test/unit/map test/unit/number test/unit/span \
	test/unit/strbuf test/unit/timetext test/unit/utf8 test/unit/visible test/unit/yaml
check_PROGRAMS += $(base_tests)
TESTS += $(base_tests)
THREAD_TESTS += test/unit/clock test/unit/log
VALGRIND_TESTS += $(base_tests)
BASE_TEST_LIBS = libbase.a $(YAML_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += test/unit/base_test.h
test_unit_alloc_SOURCES = test/unit/alloc.c
test_unit_alloc_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_alloc_LDADD = $(BASE_TEST_LIBS)
test_unit_arena_SOURCES = test/unit/arena.c
test_unit_arena_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_arena_LDADD = $(BASE_TEST_LIBS)
test_unit_clock_SOURCES = test/unit/clock.c
test_unit_clock_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_clock_LDADD = $(BASE_TEST_LIBS)
test_unit_err_SOURCES = test/unit/err.c
test_unit_err_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_err_LDADD = $(BASE_TEST_LIBS)
test_unit_map_SOURCES = test/unit/map.c
test_unit_map_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_map_LDADD = $(BASE_TEST_LIBS)
test_unit_number_SOURCES = test/unit/number.c
test_unit_number_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_number_LDADD = $(BASE_TEST_LIBS)
test_unit_span_SOURCES = test/unit/span.c
test_unit_span_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_span_LDADD = $(BASE_TEST_LIBS)
test_unit_strbuf_SOURCES = test/unit/strbuf.c
test_unit_strbuf_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_strbuf_LDADD = $(BASE_TEST_LIBS)
test_unit_timetext_SOURCES = test/unit/timetext.c
test_unit_timetext_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_timetext_LDADD = $(BASE_TEST_LIBS)
test_unit_file_SOURCES = test/unit/file.c
test_unit_file_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_file_LDADD = $(BASE_TEST_LIBS)
test_unit_json_out_SOURCES = test/unit/json_out.c
test_unit_json_out_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_json_out_LDADD = $(BASE_TEST_LIBS)
test_unit_log_SOURCES = test/unit/log.c
test_unit_log_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_log_LDADD = $(BASE_TEST_LIBS)
test_unit_utf8_SOURCES = test/unit/utf8.c
test_unit_utf8_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_utf8_LDADD = $(BASE_TEST_LIBS)
test_unit_visible_SOURCES = test/unit/visible.c
test_unit_visible_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_visible_LDADD = $(BASE_TEST_LIBS)
test_unit_yaml_SOURCES = test/unit/yaml.c
test_unit_yaml_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_yaml_LDADD = $(BASE_TEST_LIBS)

# net
net_tests = test/unit/net_credential test/unit/net_json test/unit/net_json_index test/unit/net_json_stream test/unit/net_kubeconfig \
	test/unit/net_sigv4 test/unit/net_xml
check_PROGRAMS += $(net_tests)
TESTS += $(net_tests)
EXTRA_DIST += test/data/recorded
NET_TEST_LIBS = libnet.a libbase.a $(ALL_LIBS) $(CMOCKA_LIBS)
test_unit_net_json_SOURCES = test/unit/net_json.c test/unit/net_test.h
test_unit_net_json_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_net_json_LDADD = $(NET_TEST_LIBS)
test_unit_net_xml_SOURCES = test/unit/net_xml.c test/unit/net_test.h
test_unit_net_xml_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_net_xml_LDADD = $(NET_TEST_LIBS)
test_unit_net_sigv4_SOURCES = test/unit/net_sigv4.c test/unit/net_test.h
test_unit_net_sigv4_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_net_sigv4_LDADD = $(NET_TEST_LIBS)
test_unit_net_json_index_SOURCES = test/unit/net_json_index.c test/unit/net_test.h
test_unit_net_json_index_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_net_json_index_LDADD = $(NET_TEST_LIBS)
test_unit_net_json_stream_SOURCES = test/unit/net_json_stream.c test/unit/net_test.h
test_unit_net_json_stream_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_net_json_stream_LDADD = $(NET_TEST_LIBS)
test_unit_net_credential_SOURCES = test/unit/net_credential.c test/unit/net_test.h
test_unit_net_credential_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_net_credential_LDADD = $(NET_TEST_LIBS)
test_unit_net_kubeconfig_SOURCES = test/unit/net_kubeconfig.c test/unit/net_test.h
test_unit_net_kubeconfig_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_net_kubeconfig_LDADD = $(NET_TEST_LIBS)
# Widgets, input and themes.
term_tests = test/unit/canvas test/unit/form test/unit/input test/unit/pager test/unit/prompt \
	test/unit/table test/unit/theme
check_PROGRAMS += $(term_tests)
TESTS += $(term_tests)
VALGRIND_TESTS += $(term_tests)
TERM_TEST_LIBS = libtui.a libwidgets.a libbase.a $(YAML_LIBS) $(CMOCKA_LIBS)
test_unit_canvas_SOURCES = test/unit/canvas.c
test_unit_canvas_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_canvas_LDADD = $(TERM_TEST_LIBS)
test_unit_form_SOURCES = test/unit/form.c
test_unit_form_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_form_LDADD = libtui.a libwidgets.a libactions.a $(NET_TEST_LIBS)
test_unit_input_SOURCES = test/unit/input.c
test_unit_input_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_input_LDADD = $(TERM_TEST_LIBS)
test_unit_pager_SOURCES = test/unit/pager.c
test_unit_pager_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_pager_LDADD = $(TERM_TEST_LIBS)
test_unit_prompt_SOURCES = test/unit/prompt.c
test_unit_prompt_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_prompt_LDADD = $(TERM_TEST_LIBS)
test_unit_table_SOURCES = test/unit/table.c
test_unit_table_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_table_LDADD = $(TERM_TEST_LIBS)
test_unit_theme_SOURCES = test/unit/theme.c
test_unit_theme_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_theme_LDADD = $(TERM_TEST_LIBS)

# The model. Not under valgrind: memcheck does not understand PCRE2's compiled
# patterns; the address sanitizer runs them.
model_tests = test/unit/model_change test/unit/model_filter test/unit/model_outbox \
	test/unit/model_property test/unit/model_store test/unit/model_system \
	test/unit/model_texts test/unit/model_view
check_PROGRAMS += $(model_tests)
TESTS += $(model_tests)
THREAD_TESTS += test/unit/model_outbox
MODEL_TEST = test/unit/model_test.c test/unit/model_test.h
MODEL_TEST_LIBS = libmodel.a libbase.a $(YAML_LIBS) $(PCRE2_LIBS) $(CMOCKA_LIBS)
test_unit_model_filter_SOURCES = test/unit/model_filter.c $(MODEL_TEST)
test_unit_model_filter_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_model_filter_LDADD = $(MODEL_TEST_LIBS)
test_unit_model_outbox_SOURCES = test/unit/model_outbox.c $(MODEL_TEST)
test_unit_model_outbox_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_model_outbox_LDADD = $(MODEL_TEST_LIBS)
test_unit_model_property_SOURCES = test/unit/model_property.c
test_unit_model_property_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_model_property_LDADD = $(MODEL_TEST_LIBS)
test_unit_model_change_SOURCES = test/unit/model_change.c $(MODEL_TEST)
test_unit_model_change_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_model_change_LDADD = $(MODEL_TEST_LIBS)
test_unit_model_system_SOURCES = test/unit/model_system.c $(MODEL_TEST)
test_unit_model_system_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_model_system_LDADD = $(MODEL_TEST_LIBS)
test_unit_model_texts_SOURCES = test/unit/model_texts.c
test_unit_model_texts_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_model_texts_LDADD = $(MODEL_TEST_LIBS)
test_unit_model_view_SOURCES = test/unit/model_view.c $(MODEL_TEST)
test_unit_model_view_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_model_view_LDADD = $(MODEL_TEST_LIBS)
test_unit_model_store_SOURCES = test/unit/model_store.c $(MODEL_TEST)
test_unit_model_store_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_model_store_LDADD = $(MODEL_TEST_LIBS)

# Kubernetes kinds against what a real API server prints; their words and verdicts.
kube_tests = test/unit/kube_argo test/unit/kube_certs test/unit/kube_cron test/unit/kube_data test/unit/kube_decode test/unit/kube_external test/unit/kube_family test/unit/kube_links test/unit/kube_policy \
	test/unit/kube_pod_status test/unit/kube_verdict test/unit/kube_yaml
check_PROGRAMS += $(kube_tests)
TESTS += $(kube_tests)
VALGRIND_TESTS += $(kube_tests)
KUBE_TEST_LIBS = libbackends.a libmodel.a libnet.a libbase.a $(ALL_LIBS) $(CMOCKA_LIBS)
test_unit_kube_data_SOURCES = test/unit/kube_data.c test/unit/kube_judge.h test/unit/kube_test.h
test_unit_kube_data_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_kube_data_LDADD = $(KUBE_TEST_LIBS)
test_unit_kube_decode_SOURCES = test/unit/kube_decode.c
test_unit_kube_decode_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_kube_decode_LDADD = $(KUBE_TEST_LIBS)
test_unit_kube_pod_status_SOURCES = test/unit/kube_pod_status.c test/unit/kube_test.h
test_unit_kube_pod_status_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_kube_pod_status_LDADD = $(KUBE_TEST_LIBS)
test_unit_kube_verdict_SOURCES = test/unit/kube_verdict.c test/unit/kube_judge.h test/unit/kube_test.h
test_unit_kube_verdict_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_kube_verdict_LDADD = $(KUBE_TEST_LIBS)
test_unit_kube_cron_SOURCES = test/unit/kube_cron.c test/unit/kube_test.h
test_unit_kube_cron_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_kube_cron_LDADD = $(KUBE_TEST_LIBS)
test_unit_kube_argo_SOURCES = test/unit/kube_argo.c test/unit/kube_judge.h test/unit/kube_test.h
test_unit_kube_argo_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_kube_argo_LDADD = $(KUBE_TEST_LIBS)
test_unit_kube_certs_SOURCES = test/unit/kube_certs.c test/unit/kube_judge.h test/unit/kube_test.h
test_unit_kube_certs_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_kube_certs_LDADD = $(KUBE_TEST_LIBS)
test_unit_kube_external_SOURCES = test/unit/kube_external.c test/unit/kube_judge.h test/unit/kube_test.h
test_unit_kube_external_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_kube_external_LDADD = $(KUBE_TEST_LIBS)
test_unit_kube_policy_SOURCES = test/unit/kube_policy.c test/unit/kube_judge.h test/unit/kube_test.h
test_unit_kube_policy_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_kube_policy_LDADD = $(KUBE_TEST_LIBS)
test_unit_kube_family_SOURCES = test/unit/kube_family.c test/unit/kube_judge.h test/unit/kube_test.h
test_unit_kube_family_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_kube_family_LDADD = $(KUBE_TEST_LIBS)
test_unit_kube_links_SOURCES = test/unit/kube_links.c test/unit/kube_test.h
test_unit_kube_links_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_kube_links_LDADD = $(KUBE_TEST_LIBS)
test_unit_kube_yaml_SOURCES = test/unit/kube_yaml.c test/unit/net_test.h
test_unit_kube_yaml_CPPFLAGS = $(TEST_CPPFLAGS) $(CJSON_CFLAGS)
test_unit_kube_yaml_LDADD = $(KUBE_TEST_LIBS)

# Sources' threads, the session and the configuration.
app_tests = test/unit/runner test/unit/exec test/unit/externaldns test/unit/harbor_aws test/unit/haproxy test/unit/kubelet test/unit/mysql test/unit/poll test/unit/session test/unit/sources test/unit/config test/unit/traefik
app_tests += test/unit/apps test/unit/costs
check_PROGRAMS += $(app_tests)
TESTS += $(app_tests)
THREAD_TESTS += test/unit/runner test/unit/poll test/unit/session test/unit/sources
VALGRIND_TESTS += test/unit/runner test/unit/session test/unit/config
APP_TEST_LIBS = libapp.a libbackends.a libmodel.a libnet.a libbase.a $(ALL_LIBS) $(CMOCKA_LIBS)
test_unit_runner_SOURCES = test/unit/runner.c
test_unit_runner_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_runner_LDADD = $(APP_TEST_LIBS)
test_unit_session_SOURCES = test/unit/session.c test/unit/session_test.h
test_unit_session_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_session_LDADD = $(APP_TEST_LIBS)
test_unit_exec_SOURCES = test/unit/exec.c test/unit/model_test.h
test_unit_exec_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_exec_LDADD = $(APP_TEST_LIBS)
test_unit_externaldns_SOURCES = test/unit/externaldns.c test/unit/kube_test.h
test_unit_externaldns_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_externaldns_LDADD = $(APP_TEST_LIBS)
test_unit_harbor_aws_SOURCES = test/unit/harbor_aws.c harbor/aws.c harbor/aws.h harbor/aws_bucket.c harbor/aws_impl.h
test_unit_harbor_aws_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_harbor_aws_LDADD = libbase.a $(CJSON_LIBS) $(YAML_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += test/data/mysql
joined_test_headers = test/unit/joined_test.h test/unit/kube_judge.h test/unit/kube_test.h
test_unit_apps_SOURCES = test/unit/apps.c $(joined_test_headers)
test_unit_apps_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_apps_LDADD = $(APP_TEST_LIBS)
test_unit_costs_SOURCES = test/unit/costs.c $(joined_test_headers)
test_unit_costs_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_costs_LDADD = $(APP_TEST_LIBS)
test_unit_haproxy_SOURCES = test/unit/haproxy.c
test_unit_haproxy_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_haproxy_LDADD = $(APP_TEST_LIBS)
test_unit_kubelet_SOURCES = test/unit/kubelet.c test/unit/kube_judge.h test/unit/kube_test.h
test_unit_kubelet_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_kubelet_LDADD = $(APP_TEST_LIBS)
test_unit_traefik_SOURCES = test/unit/traefik.c test/unit/kube_judge.h test/unit/kube_test.h
test_unit_traefik_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_traefik_LDADD = $(APP_TEST_LIBS)
test_unit_mysql_SOURCES = test/unit/mysql.c
test_unit_mysql_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_mysql_LDADD = $(APP_TEST_LIBS)
test_unit_poll_SOURCES = test/unit/poll.c
test_unit_poll_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_poll_LDADD = $(APP_TEST_LIBS)
test_unit_sources_SOURCES = test/unit/sources.c test/unit/session_test.h
test_unit_sources_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_sources_LDADD = $(APP_TEST_LIBS)
test_unit_config_SOURCES = test/unit/config.c
test_unit_config_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_config_LDADD = $(APP_TEST_LIBS)

# The manual against the tables of the whole program.
check_PROGRAMS += test/unit/manual
TESTS += test/unit/manual
test_unit_manual_SOURCES = test/unit/manual.c
test_unit_manual_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_manual_LDADD = libtui.a libwidgets.a libcli.a libactions.a $(APP_TEST_LIBS) $(NCURSES_LIBS)
# What the dashboard makes of the model, without a terminal.
feed_tests = test/unit/feed test/unit/log_text
check_PROGRAMS += $(feed_tests)
TESTS += $(feed_tests)
test_unit_feed_SOURCES = test/unit/feed.c $(MODEL_TEST)
test_unit_feed_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_feed_LDADD = libtui.a libwidgets.a $(MODEL_TEST_LIBS)
test_unit_log_text_SOURCES = test/unit/log_text.c
test_unit_log_text_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_log_text_LDADD = libtui.a libwidgets.a libnet.a libbase.a $(YAML_LIBS) $(CMOCKA_LIBS)

# S3, without a server.
check_PROGRAMS += test/unit/s3
TESTS += test/unit/s3
VALGRIND_TESTS += test/unit/s3
test_unit_s3_SOURCES = test/unit/s3.c test/unit/kube_test.h
test_unit_s3_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_s3_LDADD = $(APP_TEST_LIBS)

# The audit log of guided actions.
check_PROGRAMS += test/unit/audit test/unit/secrets
TESTS += test/unit/audit test/unit/secrets
VALGRIND_TESTS += test/unit/audit test/unit/secrets
test_unit_secrets_SOURCES = test/unit/secrets.c
test_unit_secrets_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_secrets_LDADD = libactions.a $(NET_TEST_LIBS)
check_PROGRAMS += test/unit/mysql_names
TESTS += test/unit/mysql_names
VALGRIND_TESTS += test/unit/mysql_names
test_unit_mysql_names_SOURCES = test/unit/mysql_names.c
test_unit_mysql_names_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_mysql_names_LDADD = libactions.a $(NET_TEST_LIBS)
test_unit_audit_SOURCES = test/unit/audit.c
test_unit_audit_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_audit_LDADD = libactions.a $(NET_TEST_LIBS)

# Editing an object's text.
check_PROGRAMS += test/unit/edit
TESTS += test/unit/edit
VALGRIND_TESTS += test/unit/edit
test_unit_edit_SOURCES = test/unit/edit.c test/unit/net_test.h
test_unit_edit_CPPFLAGS = $(TEST_CPPFLAGS)
test_unit_edit_LDADD = libactions.a $(NET_TEST_LIBS)
