/* Every backend, once: X(name) stands for `const struct backend backend_name`. */
X(kubernetes)
X(redis)
X(route53)
X(s3)
X(vault)
X(probe)
X(dns)
X(mysql)
