/* A MariaDB or MySQL server that harbor's cluster is taken for. */
#include <config.h>

#include "test/systems/do_maria.h"

#include <mysql.h>

struct mysqld *server;
char config[256];

static struct mysqld_folder *folder;

int maria_start(void **state)
{
    static const char *const settings[] = {"--lock-wait-timeout=30", NULL};
    (void)state;
    folder = mysqld_folder_new();
    if (!folder)
        return 0;
    server = mysqld_start(folder, "db", 0, settings);
    mysqld_await(server, MYSQLD_READY);
    mysqld_do(server, "CREATE USER admin@'%' IDENTIFIED BY '" ADMIN_PASSWORD "'");
    mysqld_do(server, "GRANT ALL ON *.* TO admin@'%' WITH GRANT OPTION");
    return 0;
}

int maria_stop(void **state)
{
    (void)state;
    mysqld_stop(server);
    mysqld_folder_free(folder);
    return 0;
}

int maria_setup(void **state)
{
    char text[512];
    assert_int_equal(place_setup(state), 0);
    const struct place *p = *state;
    (void)setenv("BINNACLE_TEST_ADMIN", ADMIN_PASSWORD, 1);
    (void)snprintf(text, sizeof(text),
                   "sources:\n- {name: db, type: mysql, reach: '%s:127.0.0.1:%d', insecure: true, "
                   "admin: admin, admin_password: 'env:BINNACLE_TEST_ADMIN', owner: "
                   "operators/mysql}\n",
                   mysqld_is_mysql() ? "tls" : "tcp", mysqld_port(server));
    (void)snprintf(config, sizeof(config), "%s", cli_put(p->cli, "config.yaml", text, 0600));
    return 0;
}

struct place *here(void **state)
{
    if (!server)
        skip();
    return *state;
}

MYSQL *lock_tables(void)
{
    MYSQL *lock = mysql_init(NULL);
    assert_non_null(mysql_real_connect(lock, "127.0.0.1", "admin", ADMIN_PASSWORD, NULL,
                                       (unsigned)mysqld_port(server), NULL, 0));
    assert_int_equal(mysql_query(lock, "FLUSH TABLES WITH READ LOCK"), 0);
    return lock;
}
