noinst_LIBRARIES += libnet.a
libnet_a_SOURCES = \
	net/aws.c net/aws.h net/aws_error.c net/aws_error.h net/base64.c net/base64.h net/bridge.c net/bridge.h net/child.c net/child.h net/credential.c net/credential.h \
	net/credential_pem.c net/credential_pem.h net/digest.c net/digest.h net/exec_plugin.c net/exec_plugin.h \
	net/forward.c net/forward.h net/forward_resolve.c net/gunzip.c net/gunzip.h net/hash_chain.c net/hash_chain.h \
	net/hash_chain_end.c net/hash_chain_end.h \
	net/http.c net/http.h net/http_answer.c net/http_error.c net/http_fetch.c net/http_impl.h \
	net/http_setup.c net/http_way.c \
	net/json.c net/json.h net/json_doc.c net/json_doc.h net/json_index.c net/json_index.h net/json_scan.c net/json_scan.h \
	net/json_stream.c net/json_stream.h net/json_tokens.c net/kube.c net/kube.h net/kube_discovery.c net/kubeconfig.c \
	net/kubeconfig.h net/kubeconfig_data.h net/kubeconfig_pick.c net/metrics.c net/metrics.h net/mysql.c net/mysql.h \
	net/mysql_error.c net/mysql_text.c net/mysql_text.h net/mysql_way.c net/mysql_way.h net/plain.c net/plain.h \
	net/reach.c net/reach.h net/recipe.c net/recipe.h net/redis.c net/redis.h net/stream.c net/stream.h net/stream_tls.c \
	net/websocket.c net/websocket.h net/websocket_open.c \
	net/vault_namespace.c net/vault_namespace.h net/yaml_out.c net/yaml_out.h
# AWS: signing, XML, buckets.
libnet_a_SOURCES += net/s3_list.c net/s3_list.h net/s3_place.c net/s3_place.h net/sigv4.c net/sigv4.h net/xml.c net/xml.h
# Hosts and names out in the world.
libnet_a_SOURCES += net/dns.c net/dns.h net/dns_message.c net/dns_message.h \
	net/probe.c net/probe.h net/probe_cert.c net/probe_cert.h net/probe_impl.h net/probe_reach.c \
	net/probe_sign_in.c net/probe_trail.c
