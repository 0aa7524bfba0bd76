/* Names of MySQL in actions: which are taken, how they stand in statements; rights as SHOW GRANTS says
 * them. */
#include <config.h>

#include "actions/mysql_names.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#define TEN   "aaaaaaaaaa"
#define SIXTY TEN TEN TEN TEN TEN TEN

static void some_names_are_taken(void **state)
{
    static const char *const databases[] = {"kimai",      "a`b", "it's", "Ünïcode",
                                            SIXTY "1234", "a b", "sys2"};
    static const char *const users[] = {"kimai", "o'brien", TEN TEN TEN "12", "a@b", "mysqld"};
    static const char *const hosts[] = {"%",   "10.20.%", "db-1.example.org", "10.0.0.0/255.0.0.0",
                                        "::1", "a_b"};
    struct err err;
    (void)state;
    for (size_t i = 0; i < BN_COUNT(databases); i++)
        assert_true(mysql_check_database(databases[i], &err));
    for (size_t i = 0; i < BN_COUNT(users); i++)
        assert_true(mysql_check_user(users[i], &err));
    for (size_t i = 0; i < BN_COUNT(hosts); i++)
        assert_true(mysql_check_host(hosts[i], &err));
}

static void others_are_not(void **state)
{
    static const struct {
        const char *name, *says;
    } databases[] = {
        {"", "must have a name"},
        {SIXTY "12345", "65 characters, at most 64"},
        {"a ", "a space at an end"},
        {"a\nb", "a control character"},
        {"a\xc2\x85", "a control character"},
        {"\xf0\x9f\x98\x80", "beyond U+FFFF"},
        {"a\xff", "no UTF-8"},
        {"${password}", "where a secret would be put"},
        {"mysql", "the server's own"},
        {"Information_Schema", "the server's own"},
    };

    static const struct {
        const char *name, *says;
    } users[] = {
        {TEN TEN TEN "123", "33 characters, at most 32"},
        {"root", "spec.secretsName"},
        {"monitor", "spec.secretsName"},
        {"mysql.sys", "the server keeps it"},
        {"mariadb.sys", "a system user"},
    };

    static const char *const hosts[] = {"", "a'b", "a b", "h@x", "10.0.0.1\n"};
    struct err err;
    (void)state;
    for (size_t i = 0; i < BN_COUNT(databases); i++) {
        assert_false(mysql_check_database(databases[i].name, &err));
        assert_non_null(strstr(err.msg, databases[i].says));
    }
    for (size_t i = 0; i < BN_COUNT(users); i++) {
        assert_false(mysql_check_user(users[i].name, &err));
        assert_non_null(strstr(err.msg, users[i].says));
    }
    for (size_t i = 0; i < BN_COUNT(hosts); i++)
        assert_false(mysql_check_host(hosts[i], &err));
}

static void they_stand_quoted(void **state)
{
    struct plan p = {.arena = arena_new(65536)};
    (void)state;
    assert_string_equal(mysql_quote_name(&p, "a`; DROP"), "`a``; DROP`");
    assert_string_equal(mysql_quote_account(&p, "o'brien\\", "%"), "'o\\'brien\\\\'@'%'");
    assert_string_equal(mysql_quote_pattern(&p, "a_b%`c"), "`a\\_b\\%``c`");
    plan_done(&p);
}

static void rights_are_read(void **state)
{
    static const char *const lines[] = {
        "GRANT USAGE ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*0123' WITH MAX_USER_CONNECTIONS 3",
        "GRANT SELECT, INSERT (`a`, `ON`), CREATE VIEW ON `shop\\_1`.* TO `app`@`%` WITH GRANT OPTION",
        "GRANT ALL PRIVILEGES ON `x`` TO ``y`.* TO `app`@`%`",
        "GRANT UPDATE ON `shop`.`orders` TO `app`@`%`",
        "GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `app`@`%`",
        "GRANT `reader`@`%` TO `app`@`%`",
    };
    struct mysql_grants g = {0};
    (void)state;
    for (size_t i = 0; i < BN_COUNT(lines); i++)
        assert_true(mysql_parse_grant(&g, span_from(lines[i])));
    assert_false(mysql_parse_grant(&g, SPAN("GRANT PROXY ON ''@'%' TO 'root'@'localhost'")));
    assert_false(mysql_parse_grant(&g, SPAN("SET DEFAULT ROLE `r` FOR `app`@`%`")));
    const struct mysql_grant *shop = mysql_grant_on(&g, "shop_1");
    assert_ptr_equal(shop, &g.grants[1]);
    assert_true(shop->option);
    assert_true(mysql_has_right(shop->rights, SPAN("create view")));
    assert_true(mysql_has_right(shop->rights, SPAN("SELECT")));
    assert_false(mysql_has_right(shop->rights, SPAN("INSERT")));
    assert_ptr_equal(mysql_grant_on(&g, NULL), &g.grants[0]);
    const struct mysql_grant *odd = mysql_grant_on(&g, "x` TO `y");
    assert_ptr_equal(odd, &g.grants[2]);
    assert_string_equal(odd->what, "`x`` TO ``y`.*");
    assert_true(mysql_has_right(odd->rights, SPAN("DROP")));
    assert_null(mysql_grant_on(&g, "shop")); /* a table and a procedure of it, not all */
    assert_null(mysql_grant_on(&g, "shopx1"));
    assert_string_equal(g.grants[4].pattern, "shop");
    assert_string_equal(g.grants[5].what, "");
    mysql_grants_clear(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(some_names_are_taken),
        cmocka_unit_test(others_are_not),
        cmocka_unit_test(they_stand_quoted),
        cmocka_unit_test(rights_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
