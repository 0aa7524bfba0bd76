# tests: systems

# net against servers made in the test
net_system_tests = test/systems/net_forward test/systems/net_gzip test/systems/net_http \
	test/systems/net_kube test/systems/net_reach test/systems/net_secrets test/systems/net_stream \
	test/systems/net_tls
check_PROGRAMS += $(net_system_tests)
TESTS += $(net_system_tests)
test_systems_net_gzip_SOURCES = test/systems/net_gzip.c test/systems/http_client.h \
	test/systems/http_server.c test/systems/http_server.h test/unit/net_test.h
test_systems_net_gzip_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_net_gzip_LDADD = $(NET_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_net_http_SOURCES = test/systems/net_http.c test/systems/http_client.h \
	test/systems/http_server.c test/systems/http_server.h test/unit/net_test.h
test_systems_net_http_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS) $(ZLIB_CFLAGS)
test_systems_net_http_LDADD = $(NET_TEST_LIBS) $(NGHTTP2_LIBS) $(ZLIB_LIBS)
test_systems_net_kube_SOURCES = test/systems/net_kube.c test/systems/http_client.h \
	test/systems/http_server.c test/systems/http_server.h test/unit/net_test.h
test_systems_net_kube_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_net_kube_LDADD = $(NET_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_net_secrets_SOURCES = test/systems/net_secrets.c test/systems/http_server.c \
	test/systems/http_server.h test/unit/net_test.h
test_systems_net_secrets_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_net_secrets_LDADD = $(NET_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_net_tls_SOURCES = test/systems/net_tls.c test/systems/http_client.h \
	test/systems/http_server.c test/systems/http_server.h test/unit/net_test.h
test_systems_net_tls_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_net_tls_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=curl_easy_init
test_systems_net_tls_LDADD = $(NET_TEST_LIBS) $(NGHTTP2_LIBS)
THREAD_TESTS += test/systems/net_stream
test_systems_net_stream_SOURCES = test/systems/net_stream.c test/systems/http_client.h \
	test/systems/http_server.c test/systems/http_server.h test/unit/net_test.h
test_systems_net_stream_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_net_stream_LDADD = $(NET_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_net_forward_SOURCES = test/systems/net_forward.c test/systems/http_client.h \
	test/systems/http_server.c test/systems/http_server.h test/unit/net_test.h
test_systems_net_forward_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_net_forward_LDADD = $(NET_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_net_reach_SOURCES = test/systems/net_reach.c test/systems/redis_run.c \
	test/systems/redis_run.h test/systems/harbor_child.h test/systems/harbor_run.c test/systems/harbor_run.h \
	test/systems/http_server.c test/systems/http_server.h
test_systems_net_reach_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_net_reach_LDADD = $(NET_TEST_LIBS) $(NGHTTP2_LIBS)

# The command line, run as a person would.
cli_tests = test/systems/cli_bad_input test/systems/cli_demo \
	test/systems/cli_get test/systems/cli_kinds test/systems/cli_sources test/systems/plugin
check_PROGRAMS += $(cli_tests) test/systems/cli_stories test/systems/cli_stories_more
TESTS += $(cli_tests)
STORY_TESTS += test/systems/cli_stories test/systems/cli_stories_more
test_systems_plugin_SOURCES = test/systems/plugin.c test/systems/cli_run.c \
	test/systems/cli_run.h
test_systems_plugin_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_plugin_LDADD = $(NET_TEST_LIBS)
EXTRA_test_systems_plugin_DEPENDENCIES = plugins/uptime.so plugins/other.so
test_systems_cli_kinds_SOURCES = test/systems/cli_kinds.c test/systems/cli_run.c \
	test/systems/cli_run.h
test_systems_cli_kinds_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_cli_kinds_LDADD = libcli.a libactions.a $(APP_TEST_LIBS)
test_systems_cli_sources_SOURCES = test/systems/cli_sources.c test/systems/cli_run.c \
	test/systems/cli_run.h
test_systems_cli_sources_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_cli_sources_LDADD = $(NET_TEST_LIBS)
test_systems_cli_demo_SOURCES = test/systems/cli_demo.c test/systems/cli_run.c \
	test/systems/cli_run.h
test_systems_cli_demo_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_cli_demo_LDADD = $(NET_TEST_LIBS)
test_systems_cli_stories_SOURCES = test/systems/cli_stories.c test/systems/told.h test/systems/told_cluster.c test/systems/told_outside.c test/systems/told_platform.c test/systems/told_services.c test/systems/cli_run.c \
	test/systems/cli_run.h
test_systems_cli_stories_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_cli_stories_LDADD = $(NET_TEST_LIBS)
test_systems_cli_stories_more_SOURCES = $(test_systems_cli_stories_SOURCES)
test_systems_cli_stories_more_CPPFLAGS = $(TEST_CPPFLAGS) -DPART=1
test_systems_cli_stories_more_LDADD = $(NET_TEST_LIBS)
test_systems_cli_bad_input_SOURCES = test/systems/cli_bad_input.c test/systems/cli_run.c \
	test/systems/cli_run.h
test_systems_cli_bad_input_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_cli_bad_input_LDADD = $(NET_TEST_LIBS)
test_systems_cli_get_SOURCES = test/systems/cli_get.c test/systems/cli_run.c \
	test/systems/cli_run.h test/systems/http_server.c test/systems/http_server.h \
	test/unit/net_test.h
test_systems_cli_get_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_cli_get_LDADD = $(NET_TEST_LIBS) $(NGHTTP2_LIBS)

# Sources that look at the world, against servers made in the test.
outward_tests = test/systems/dns_names test/systems/images test/systems/probe_hosts
check_PROGRAMS += $(outward_tests)
TESTS += $(outward_tests)
THREAD_TESTS += $(outward_tests)
test_systems_dns_names_SOURCES = test/systems/dns_names.c test/systems/dns_server.c \
	test/systems/dns_server.h test/systems/source_run.c test/systems/source_run.h \
	test/unit/kube_test.h
test_systems_dns_names_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_dns_names_LDADD = $(KUBE_TEST_LIBS)
test_systems_images_SOURCES = test/systems/images.c $(source_run_sources) test/unit/kube_test.h
test_systems_images_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_images_LDADD = $(KUBE_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_probe_hosts_SOURCES = test/systems/probe_hosts.c test/systems/source_run.c \
	test/systems/source_run.h test/systems/http_server.c test/systems/http_server.h \
	test/unit/kube_test.h
test_systems_probe_hosts_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_probe_hosts_LDADD = $(KUBE_TEST_LIBS) $(NGHTTP2_LIBS)

# The Kubernetes source against a scripted API server.
kube_system_tests = test/systems/kube_fetch test/systems/kube_secrets test/systems/kube_several test/systems/kube_watch
check_PROGRAMS += $(kube_system_tests)
TESTS += $(kube_system_tests)
THREAD_TESTS += $(kube_system_tests)
kube_api_sources = test/systems/kube_api.c test/systems/kube_api.h test/systems/http_server.c \
	test/systems/http_server.h test/unit/kube_test.h
test_systems_kube_fetch_SOURCES = test/systems/kube_fetch.c $(kube_api_sources)
test_systems_kube_fetch_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_kube_fetch_LDADD = $(KUBE_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_kube_secrets_SOURCES = test/systems/kube_secrets.c $(kube_api_sources)
test_systems_kube_secrets_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_kube_secrets_LDADD = $(KUBE_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_kube_several_SOURCES = test/systems/kube_several.c $(kube_api_sources)
test_systems_kube_several_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_kube_several_LDADD = $(KUBE_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_kube_watch_SOURCES = test/systems/kube_watch.c $(kube_api_sources)
test_systems_kube_watch_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_kube_watch_LDADD = $(KUBE_TEST_LIBS) $(NGHTTP2_LIBS)

# Other systems' sources against servers that answer as recorded.
source_tests = test/systems/alerts test/systems/exec test/systems/minio test/systems/redis test/systems/redis_forward test/systems/redis_states \
	test/systems/terraform test/systems/traefik test/systems/typesense test/systems/vault
source_tests += test/systems/binlogs
source_tests += test/systems/audit_rows
source_tests += test/systems/oauth2_proxy
source_tests += test/systems/prometheus
check_PROGRAMS += $(source_tests)
TESTS += $(source_tests)
THREAD_TESTS += $(source_tests)
EXTRA_DIST += test/data/alerts test/data/minio test/data/redis test/data/vault test/data/traefik
source_run_sources = test/systems/source_run.c test/systems/source_run.h \
	test/systems/http_server.c test/systems/http_server.h
test_systems_audit_rows_SOURCES = test/systems/audit_rows.c $(source_run_sources)
test_systems_audit_rows_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_audit_rows_LDADD = $(APP_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_exec_SOURCES = test/systems/exec.c $(source_run_sources)
test_systems_exec_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_exec_LDADD = $(APP_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_prometheus_SOURCES = test/systems/prometheus.c $(source_run_sources)
test_systems_prometheus_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_prometheus_LDADD = $(APP_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_alerts_SOURCES = test/systems/alerts.c $(source_run_sources)
test_systems_alerts_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_alerts_LDADD = $(APP_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_redis_SOURCES = test/systems/redis.c test/systems/redis_run.c \
	test/systems/redis_run.h $(source_run_sources)
test_systems_redis_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_redis_LDADD = $(APP_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_redis_forward_SOURCES = test/systems/redis_forward.c test/systems/redis_run.c \
	test/systems/redis_run.h test/systems/harbor_child.h test/systems/harbor_run.c test/systems/harbor_run.h \
	$(source_run_sources)
test_systems_redis_forward_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_redis_forward_LDADD = $(APP_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_redis_sentinel_SOURCES = test/systems/redis_sentinel.c test/systems/redis_run.c \
	test/systems/redis_run.h $(source_run_sources)
test_systems_redis_sentinel_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_redis_sentinel_LDADD = $(APP_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_redis_states_SOURCES = test/systems/redis_states.c $(source_run_sources)
test_systems_redis_states_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_redis_states_LDADD = $(APP_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_traefik_SOURCES = test/systems/traefik.c test/systems/routes.c test/systems/routes.h $(source_run_sources)
test_systems_traefik_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_traefik_LDADD = $(APP_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_minio_SOURCES = test/systems/minio.c test/unit/kube_test.h test/systems/harbor_child.h \
	test/systems/harbor_run.c test/systems/harbor_run.h $(source_run_sources)
test_systems_minio_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_minio_LDADD = $(APP_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_typesense_SOURCES = test/systems/typesense.c test/systems/routes.c test/systems/routes.h test/unit/kube_test.h $(source_run_sources)
test_systems_typesense_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_typesense_LDADD = $(APP_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_binlogs_SOURCES = test/systems/binlogs.c test/systems/routes.c test/systems/routes.h $(source_run_sources) test/unit/kube_judge.h test/unit/kube_test.h
test_systems_binlogs_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_binlogs_LDADD = $(KUBE_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_oauth2_proxy_SOURCES = test/systems/oauth2_proxy.c $(source_run_sources)
test_systems_oauth2_proxy_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_oauth2_proxy_LDADD = $(APP_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_terraform_SOURCES = test/systems/terraform.c test/systems/routes.c test/systems/routes.h $(source_run_sources) test/unit/kube_test.h
test_systems_terraform_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_terraform_LDADD = $(KUBE_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_vault_SOURCES = test/systems/vault.c $(source_run_sources)
test_systems_vault_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_vault_LDADD = $(APP_TEST_LIBS) $(NGHTTP2_LIBS)

# AWS: against moto, which checks signatures, and against faults.
aws_tests = test/systems/aws_faults test/systems/route53 test/systems/s3
check_PROGRAMS += $(aws_tests)
TESTS += $(aws_tests)
THREAD_TESTS += $(aws_tests)
EXTRA_DIST += test/systems/moto_serve.py tools/moto
moto_sources = test/systems/moto_run.c test/systems/moto_run.h $(source_run_sources)
test_systems_aws_faults_SOURCES = test/systems/aws_faults.c $(source_run_sources)
test_systems_aws_faults_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_aws_faults_LDADD = $(APP_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_route53_SOURCES = test/systems/route53.c $(moto_sources)
test_systems_route53_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_route53_LDADD = $(APP_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_s3_SOURCES = test/systems/s3.c test/systems/harbor_child.h test/systems/harbor_run.c \
	test/systems/harbor_run.h $(moto_sources)
test_systems_s3_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_s3_LDADD = $(APP_TEST_LIBS) $(NGHTTP2_LIBS)

# harbor as a real API server was recorded, and its faults as a client sees them.
harbor_tests = test/systems/harbor_big test/systems/harbor_contract test/systems/harbor_faults \
	test/systems/harbor_vault
check_PROGRAMS += $(harbor_tests)
TESTS += $(harbor_tests)
harbor_test_sources = test/systems/harbor_child.h test/systems/harbor_run.c test/systems/harbor_run.h
harbor_test_libs = libbase.a $(CURL_LIBS) $(CJSON_LIBS) $(OPENSSL_LIBS) $(CMOCKA_LIBS)
test_systems_harbor_contract_SOURCES = test/systems/harbor_contract.c \
	test/systems/harbor_recorded.c test/systems/harbor_recorded.h $(harbor_test_sources)
test_systems_harbor_contract_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_harbor_contract_LDADD = $(harbor_test_libs) -lm
test_systems_harbor_vault_SOURCES = test/systems/harbor_vault.c $(harbor_test_sources)
test_systems_harbor_vault_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_harbor_vault_LDADD = $(harbor_test_libs)
test_systems_harbor_faults_SOURCES = test/systems/harbor_faults.c $(harbor_test_sources)
test_systems_harbor_faults_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_harbor_faults_LDADD = $(harbor_test_libs)
test_systems_harbor_big_SOURCES = test/systems/harbor_big.c $(harbor_test_sources)
test_systems_harbor_big_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_harbor_big_LDADD = $(harbor_test_libs) $(ZLIB_LIBS)

# What the whole program costs, in counts.
check_PROGRAMS += test/systems/cost
STORY_TESTS += test/systems/cost
test_systems_cost_SOURCES = test/systems/cost.c $(live_sources)
test_systems_cost_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_cost_LDADD = $(SCREEN_LIBS)

# MySQL's client against a server that attacks.
check_PROGRAMS += test/systems/mysql_attack
TESTS += test/systems/mysql_attack
THREAD_TESTS += test/systems/mysql_attack
test_systems_mysql_attack_SOURCES = test/systems/mysql_attack.c test/systems/http_server.c \
	test/systems/http_server.h test/unit/net_test.h
test_systems_mysql_attack_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_mysql_attack_LDADD = $(NET_TEST_LIBS) $(NGHTTP2_LIBS)

# MySQL, and Sentinels, against real servers, which take their time: `make galera`, a suite of its own.
GALERA_TESTS = test/systems/mysql_client test/systems/galera test/systems/redis_sentinel
GALERA_TESTS += test/systems/do_users test/systems/do_rotate test/systems/do_reads_maria
GALERA_TESTS += test/systems/mysql_login
EXTRA_PROGRAMS += $(GALERA_TESTS)
# What of that which a real server was given is a read.
reads_sources = harbor/asked.c harbor/asked.h test/systems/reads.h
test_systems_do_reads_maria_SOURCES = test/systems/do_reads_maria.c $(reads_sources) $(do_maria_sources)
test_systems_do_reads_maria_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_do_reads_maria_LDADD = $(NET_TEST_LIBS)
mysqld_sources = test/systems/mysqld.c test/systems/mysqld.h
test_systems_mysql_client_SOURCES = test/systems/mysql_client.c $(mysqld_sources) \
	test/systems/http_server.c test/systems/http_server.h test/unit/net_test.h
test_systems_mysql_client_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_mysql_client_LDADD = $(NET_TEST_LIBS) $(NGHTTP2_LIBS)
do_maria_sources = test/systems/do_maria.c test/systems/do_maria.h $(mysqld_sources) \
	$(do_place_sources)
test_systems_do_rotate_SOURCES = test/systems/do_rotate.c $(do_maria_sources)
test_systems_do_rotate_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_do_rotate_LDADD = $(NET_TEST_LIBS)
test_systems_do_users_SOURCES = test/systems/do_users.c $(do_maria_sources)
test_systems_do_users_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_do_users_LDADD = $(NET_TEST_LIBS)
test_systems_mysql_login_SOURCES = test/systems/mysql_login.c $(mysqld_sources) $(source_run_sources)
test_systems_mysql_login_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_mysql_login_LDADD = $(APP_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_galera_SOURCES = test/systems/galera.c $(mysqld_sources) $(source_run_sources) \
	test/systems/cli_run.c test/systems/cli_run.h test/systems/harbor_child.h \
	test/systems/harbor_run.c test/systems/harbor_run.h
test_systems_galera_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_galera_LDADD = $(APP_TEST_LIBS) $(NGHTTP2_LIBS)

# Against a real MySQL, which tools/mysql-server fetches: `make mysql`.
MYSQL_TESTS = test/systems/mysql_client test/systems/mysql_rows
MYSQL_TESTS += test/systems/do_users test/systems/do_rotate test/systems/do_create_maria
EXTRA_PROGRAMS += test/systems/mysql_rows
EXTRA_DIST += tools/mysql-server
test_systems_mysql_rows_SOURCES = test/systems/mysql_rows.c $(mysqld_sources) $(do_place_sources)
test_systems_mysql_rows_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_mysql_rows_LDADD = $(NET_TEST_LIBS)

check_PROGRAMS += test/systems/do_redis test/systems/do_terraform
TESTS += test/systems/do_terraform
test_systems_do_terraform_SOURCES = test/systems/do_terraform.c $(do_database_sources)
test_systems_do_terraform_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_do_terraform_LDADD = $(NET_TEST_LIBS)
test_systems_do_redis_SOURCES = test/systems/do_redis.c test/systems/redis_run.c \
	test/systems/redis_run.h $(reads_sources) $(do_place_sources)
test_systems_do_redis_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_do_redis_LDADD = $(NET_TEST_LIBS)

# Guided actions, on a cluster of harbor's.
check_PROGRAMS += test/systems/cli_do test/systems/doing
check_PROGRAMS += test/systems/do_kubernetes
TESTS += test/systems/cli_do test/systems/doing
TESTS += test/systems/do_kubernetes
check_PROGRAMS += test/systems/do_argocd test/systems/do_certificate
TESTS += test/systems/do_argocd test/systems/do_certificate
test_systems_do_certificate_SOURCES = test/systems/do_certificate.c $(do_database_sources)
test_systems_do_certificate_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_do_certificate_LDADD = $(NET_TEST_LIBS)
test_systems_do_argocd_SOURCES = test/systems/do_argocd.c $(do_place_sources)
test_systems_do_argocd_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_do_argocd_LDADD = $(NET_TEST_LIBS)
check_PROGRAMS += test/systems/do_backup test/systems/do_restore test/systems/do_killed
STORY_TESTS += test/systems/do_killed
check_PROGRAMS += test/systems/do_killed_create
STORY_TESTS += test/systems/do_killed_create
test_systems_do_killed_create_SOURCES = $(test_systems_do_killed_SOURCES)
test_systems_do_killed_create_CPPFLAGS = $(TEST_CPPFLAGS) -DPART=1
test_systems_do_killed_create_LDADD = $(NET_TEST_LIBS)
check_PROGRAMS += test/systems/do_reveal
TESTS += test/systems/do_reveal
test_systems_do_reveal_SOURCES = test/systems/do_reveal.c $(do_place_sources)
test_systems_do_reveal_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_do_reveal_LDADD = $(NET_TEST_LIBS)
check_PROGRAMS += test/systems/do_vault
TESTS += test/systems/do_vault
test_systems_do_vault_SOURCES = test/systems/do_vault.c $(do_place_sources) \
	test/systems/http_server.c test/systems/http_server.h
test_systems_do_vault_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_do_vault_LDADD = $(NET_TEST_LIBS) $(NGHTTP2_LIBS)
test_systems_doing_SOURCES = test/systems/doing.c test/systems/harbor_child.h \
	test/systems/harbor_run.c test/systems/harbor_run.h
test_systems_doing_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_doing_LDADD = libactions.a $(NET_TEST_LIBS)
do_place_sources = test/systems/do_place.c test/systems/do_place.h test/systems/cli_run.c \
	test/systems/cli_run.h test/systems/harbor_child.h test/systems/harbor_run.c \
	test/systems/harbor_run.h
do_database_sources = test/systems/do_database.c test/systems/do_database.h $(do_place_sources)
check_PROGRAMS += test/systems/do_runs test/systems/ask
TESTS += test/systems/do_runs test/systems/ask
check_PROGRAMS += test/systems/do_scripts
TESTS += test/systems/do_scripts
test_systems_do_scripts_SOURCES = test/systems/do_scripts.c $(do_database_sources)
test_systems_do_scripts_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_do_scripts_LDADD = $(NET_TEST_LIBS)
check_PROGRAMS += test/systems/do_twice
TESTS += test/systems/do_twice
check_PROGRAMS += test/systems/do_hostile
STORY_TESTS += test/systems/do_hostile
test_systems_do_hostile_SOURCES = $(test_systems_do_reads_SOURCES)
test_systems_do_hostile_CPPFLAGS = $(TEST_CPPFLAGS) -DHOSTILE=1
test_systems_do_hostile_LDADD = libactions.a $(NET_TEST_LIBS)
check_PROGRAMS += test/systems/do_reads
STORY_TESTS += test/systems/do_reads
test_systems_do_reads_SOURCES = test/systems/do_reads.c test/systems/reads.h \
	$(do_database_sources)
test_systems_do_reads_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_do_reads_LDADD = libactions.a $(NET_TEST_LIBS)
test_systems_do_twice_SOURCES = test/systems/do_twice.c $(do_place_sources)
test_systems_do_twice_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_do_twice_LDADD = $(NET_TEST_LIBS)
test_systems_do_runs_SOURCES = test/systems/do_runs.c $(do_place_sources)
test_systems_do_runs_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_do_runs_LDADD = $(NET_TEST_LIBS)
test_systems_ask_SOURCES = test/systems/ask.c
test_systems_ask_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_ask_LDADD = libcli.a libactions.a $(NET_TEST_LIBS)
test_systems_do_kubernetes_SOURCES = test/systems/do_kubernetes.c $(do_place_sources)
test_systems_do_kubernetes_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_do_kubernetes_LDADD = $(NET_TEST_LIBS)
test_systems_do_backup_SOURCES = test/systems/do_backup.c $(do_database_sources)
test_systems_do_backup_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_do_backup_LDADD = libactions.a $(NET_TEST_LIBS)
test_systems_do_restore_SOURCES = test/systems/do_restore.c $(do_database_sources)
test_systems_do_restore_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_do_restore_LDADD = $(NET_TEST_LIBS)
test_systems_do_killed_SOURCES = test/systems/do_killed.c test/systems/do_database.c \
	test/systems/do_database.h $(created_sources)
test_systems_do_killed_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_do_killed_LDADD = $(NET_TEST_LIBS)
test_systems_cli_do_SOURCES = test/systems/cli_do.c $(do_place_sources)
test_systems_cli_do_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_cli_do_LDADD = $(NET_TEST_LIBS)

# create-database: on harbor's systems; and on a real MariaDB behind HAProxy.
check_PROGRAMS += test/systems/do_create
NIGHTLY_TESTS += test/systems/do_create
created_sources = test/systems/crash_run.c test/systems/crash_run.h test/systems/created.c \
	test/systems/created.h $(do_place_sources)
test_systems_do_create_SOURCES = test/systems/do_create.c $(created_sources)
test_systems_do_create_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_do_create_LDADD = $(NET_TEST_LIBS)
# What the demonstration's MySQL takes.
check_PROGRAMS += test/systems/do_mysql_demo
STORY_TESTS += test/systems/do_mysql_demo
test_systems_do_mysql_demo_SOURCES = test/systems/do_mysql_demo.c $(created_sources)
test_systems_do_mysql_demo_CPPFLAGS = $(TEST_CPPFLAGS)
test_systems_do_mysql_demo_LDADD = $(NET_TEST_LIBS)
GALERA_TESTS += test/systems/do_create_maria
EXTRA_PROGRAMS += test/systems/do_create_maria
NIGHTLY_TESTS += test/systems/do_create_maria
test_systems_do_create_maria_SOURCES = test/systems/do_create_maria.c $(created_sources) \
	$(mysqld_sources) test/systems/http_server.c test/systems/http_server.h
test_systems_do_create_maria_CPPFLAGS = $(TEST_CPPFLAGS) $(NGHTTP2_CFLAGS)
test_systems_do_create_maria_LDADD = $(NET_TEST_LIBS) $(NGHTTP2_LIBS)
