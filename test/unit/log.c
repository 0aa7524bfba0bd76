/* The program's own messages: order, ring, threads, file. */
#include <config.h>

#include "base/log.h"

#include "base/file.h"
#include "test/unit/base_test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void lines_come_in_order(void **state)
{
    (void)state;
    static struct log_line lines[2000];
    uint64_t before = log_last();
    log_write(LOG_INFO, "config", "read %s", "a.yaml");
    log_write(LOG_DEBUG, "config", "not kept");
    log_write(LOG_ERROR, "prod-eu", "gone\nfor %d s", 3);
    assert_int_equal(log_last(), before + 2);
    assert_int_equal(log_read(before, lines, 2000), 2);
    assert_string_equal(lines[0].text, "read a.yaml");
    assert_string_equal(lines[1].text, "gone for 3 s");
    assert_string_equal(lines[1].source, "prod-eu");
    assert_int_equal(lines[1].level, LOG_ERROR);
    assert_true(lines[0].wall_ms > INT64_C(1700000000000));
    assert_int_equal(log_read(log_last(), lines, 2000), 0);
    assert_int_equal(log_read(before, lines, 1), 1);
    assert_string_equal(lines[0].text, "gone for 3 s"); /* the newest */
}

static void the_last_thousand_are_kept(void **state)
{
    (void)state;
    static struct log_line lines[2000];
    for (int i = 0; i < 1500; i++)
        log_write(LOG_INFO, "ring", "%d", i);
    assert_int_equal(log_read(0, lines, 2000), 1000);
    assert_string_equal(lines[0].text, "500");
    assert_string_equal(lines[999].text, "1499");
    assert_int_equal(lines[999].seq, log_last());
    assert_int_equal(log_read(log_last() - 3, lines, 2000), 3);
    assert_string_equal(lines[0].text, "1497");
}

static void levels(void **state)
{
    (void)state;
    uint64_t before = log_last();
    log_level_min(LOG_DEBUG);
    log_write(LOG_DEBUG, "x", "kept");
    log_level_min(LOG_ERROR);
    log_write(LOG_WARNING, "x", "not kept");
    log_level_min(LOG_INFO);
    assert_int_equal(log_last(), before + 1);
}

static void *write_many(void *name)
{
    for (int i = 0; i < 200; i++)
        log_write(LOG_INFO, name, "%s says %d", (const char *)name, i);
    return NULL;
}

static char *temp_folder(char path[64])
{
    (void)snprintf(path, 64, "/tmp/binnacle-log-XXXXXX");
    assert_non_null(mkdtemp(path));
    return path;
}

static size_t count_lines(const char *path)
{
    struct strbuf text = STRBUF_INIT((size_t)1 << 20);
    size_t lines = 0;
    assert_true(file_read(path, &text, NULL));
    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    strbuf_clear(&text);
    return lines;
}

static void threads_write_whole_lines_to_the_file(void **state)
{
    (void)state;
    char folder[64], path[80], other[80];
    struct err err;
    struct stat st;
    pthread_t threads[4];
    char names[4][8] = {"a", "b", "c", "d"};
    (void)snprintf(path, sizeof(path), "%s/log", temp_folder(folder));
    (void)snprintf(other, sizeof(other), "%s/other", folder);
    assert_true(log_to_file(path, &err));
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, names[i]), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_true(log_to_file(other, &err));
    log_write(LOG_INFO, "x", "to the other");
    assert_true(log_to_file(NULL, &err));
    log_write(LOG_INFO, "x", "to none");
    assert_int_equal(count_lines(path), 800);
    assert_int_equal(count_lines(other), 1);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    (void)unlink(path);
    (void)unlink(other);
    (void)rmdir(folder);
}

static void the_file_can_be_read_with_cat(void **state)
{
    (void)state;
    char folder[64], path[80];
    struct err err;
    struct strbuf text = STRBUF_INIT(4096);
    (void)snprintf(path, sizeof(path), "%s/log", temp_folder(folder));
    assert_true(log_to_file(path, &err));
    log_write(LOG_WARNING, "prod", "it said \x1b[2J\xff\xc2\x9b\nover");
    assert_true(log_to_file(NULL, &err));
    assert_true(file_read(path, &text, &err));
    assert_true(span_ends(strbuf_span(&text), "Z warning prod: it said \\x1b[2J?\\x9b over\n"));
    strbuf_clear(&text);
    (void)unlink(path);
    (void)rmdir(folder);
}

static void a_file_that_is_none_is_refused(void **state)
{
    (void)state;
    char folder[64], path[80];
    struct err err;
    (void)snprintf(path, sizeof(path), "%s/pipe", temp_folder(folder));
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(log_to_file(path, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_non_null(strstr(err.msg, path));
    assert_false(log_to_file(folder, &err));
    (void)unlink(path);
    assert_int_equal(symlink("/dev/null", path), 0);
    assert_false(log_to_file(path, &err));
    (void)unlink(path);
    (void)rmdir(folder);
    assert_false(log_to_file(path, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_in_order),
        cmocka_unit_test(the_last_thousand_are_kept),
        cmocka_unit_test(levels),
        cmocka_unit_test(threads_write_whole_lines_to_the_file),
        cmocka_unit_test(the_file_can_be_read_with_cat),
        cmocka_unit_test(a_file_that_is_none_is_refused),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
