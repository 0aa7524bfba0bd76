/* Files read whole and replaced whole; where the program's own files are. */
#include <config.h>

#include "base/file.h"

#include "test/unit/base_test.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char folder[64];
    char path[128], other[128];
};

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    if (!p)
        return -1;
    (void)snprintf(p->folder, sizeof(p->folder), "/tmp/binnacle-file-XXXXXX");
    if (!mkdtemp(p->folder))
        return -1;
    (void)snprintf(p->path, sizeof(p->path), "%s/file", p->folder);
    (void)snprintf(p->other, sizeof(p->other), "%s/other", p->folder);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;
    (void)unlink(p->path);
    (void)unlink(p->other);
    int gone = rmdir(p->folder); /* fails when a temporary file was left */
    free(p);
    return gone;
}

static void holds(const char *path, const char *expected)
{
    struct strbuf text = STRBUF_INIT(4096);
    struct err err = {.kind = ERR_NONE};
    assert_true(file_read(path, &text, &err));
    assert_string_equal(strbuf_cstr(&text), expected);
    strbuf_clear(&text);
}

static void what_is_written_is_read(void **state)
{
    const struct place *p = *state;
    struct err err;
    struct stat st;
    mode_t mask = umask(0);
    assert_true(file_replace(p->path, SPAN("first"), &err));
    (void)umask(mask);
    holds(p->path, "first");
    assert_int_equal(stat(p->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(file_replace(p->path, SPAN("second, longer"), &err));
    holds(p->path, "second, longer");
    assert_true(file_replace_later(p->path, SPAN("third"), &err));
    holds(p->path, "third");
    assert_true(file_replace(p->path, (struct span){NULL, 0}, &err));
    holds(p->path, "");
}

static void a_link_is_followed(void **state)
{
    const struct place *p = *state;
    struct err err;
    struct stat st;
    assert_true(file_replace(p->other, SPAN("old"), &err));
    assert_int_equal(symlink("other", p->path), 0);
    assert_true(file_replace(p->path, SPAN("new"), &err));
    holds(p->other, "new");
    assert_int_equal(lstat(p->path, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    (void)unlink(p->other);
    assert_false(file_replace(p->path, SPAN("new"), &err)); /* it points to nothing */
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_int_equal(lstat(p->path, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
}

static void only_files_are_replaced(void **state)
{
    const struct place *p = *state;
    struct err err;
    struct stat st;
    assert_int_equal(mkfifo(p->path, 0600), 0);
    assert_false(file_replace(p->path, SPAN("x"), &err));
    assert_int_equal(stat(p->path, &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
    assert_false(file_replace(p->folder, SPAN("x"), &err));
    assert_non_null(strstr(err.msg, p->folder));
}

static void paths_have_an_end(void **state)
{
    (void)state;
    struct strbuf path = STRBUF_INIT(PATH_MAX * 2);
    struct err err;
    strbuf_adds(&path, "/tmp/");
    while (path.len < PATH_MAX)
        strbuf_adds(&path, "./././");
    strbuf_adds(&path, "binnacle-no-such-folder/file");
    assert_false(file_replace(strbuf_cstr(&path), SPAN("x"), &err));
    assert_true(err.kind != ERR_NONE);
    strbuf_clear(&path);
}

static void what_cannot_be_read_says_why(void **state)
{
    const struct place *p = *state;
    struct err err;
    struct strbuf text = STRBUF_INIT(10);
    strbuf_adds(&text, "kept");
    assert_false(file_read(p->path, &text, &err));
    assert_int_equal(err.kind, ERR_NOTFOUND);
    assert_non_null(strstr(err.msg, p->path));
    assert_false(file_read(p->folder, &text, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_int_equal(mkfifo(p->path, 0600), 0);
    assert_false(file_read(p->path, &text, &err)); /* and does not wait for a writer */
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_string_equal(strbuf_cstr(&text), "kept");
    strbuf_clear(&text);
}

static void the_limit_is_the_callers(void **state)
{
    const struct place *p = *state;
    struct err err;
    struct strbuf text = STRBUF_INIT(8);
    assert_true(file_replace(p->path, SPAN("12345678"), &err));
    assert_true(file_read(p->path, &text, &err));
    assert_string_equal(strbuf_cstr(&text), "12345678");
    strbuf_truncate(&text, 0);
    assert_true(file_replace(p->path, SPAN("123456789"), &err));
    assert_false(file_read(p->path, &text, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_non_null(strstr(err.msg, "larger than 8 bytes"));
    assert_int_equal(text.len, 0);
    strbuf_clear(&text);
}

static void a_big_file_comes_whole(void **state)
{
    const struct place *p = *state;
    struct err err;
    struct strbuf text = STRBUF_INIT((size_t)1 << 20), again = STRBUF_INIT((size_t)1 << 20);
    for (int i = 0; i < 100000; i++)
        strbuf_addf(&text, "%d\n", i);
    assert_true(file_replace(p->path, strbuf_span(&text), &err));
    assert_true(file_read(p->path, &again, &err));
    assert_true(span_eq(strbuf_span(&text), strbuf_span(&again)));
    strbuf_clear(&text);
    strbuf_clear(&again);
}

/* Written piece by piece: there is nothing until it is put there, and then only where nothing is. */
static void a_new_file_is_whole_or_not_there(void **state)
{
    const struct place *p = *state;
    struct file_new f;
    struct err err;
    struct stat st;
    assert_true(file_new_open(&f, p->path, &err));
    assert_int_equal(write(f.fd, "one", 3), 3);
    assert_int_not_equal(stat(p->path, &st), 0);
    assert_true(file_new_keep(&f, false, &err));
    holds(p->path, "one");
    assert_int_equal(stat(p->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_nlink, 1);
    assert_true(file_new_open(&f, p->path, &err));
    assert_int_equal(write(f.fd, "two", 3), 3);
    assert_false(file_new_keep(&f, false, &err)); /* somebody was there first */
    assert_int_equal(err.kind, ERR_CONFLICT);
    holds(p->path, "one");
    assert_true(file_new_open(&f, p->path, &err));
    assert_int_equal(write(f.fd, "three", 5), 5);
    assert_true(file_new_keep(&f, true, &err));
    holds(p->path, "three");
    assert_true(file_new_open(&f, p->other, &err));
    file_new_drop(&f);
    file_new_drop(&f);
    assert_int_not_equal(stat(p->other, &st), 0);
    assert_false(file_new_open(&f, "/no/such/folder/x", &err));
    file_new_drop(&f);
}

static void folders_are_made(void **state)
{
    const struct place *p = *state;
    char deep[200];
    struct err err;
    struct stat st;
    (void)snprintf(deep, sizeof(deep), "%s/a/b", p->folder);
    assert_true(file_make_folder(deep, &err));
    assert_true(file_make_folder(deep, &err));
    assert_int_equal(stat(deep, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    (void)snprintf(deep, sizeof(deep), "%s/a/b/c/file", p->folder);
    assert_true(file_replace(deep, SPAN("x"), &err));
    assert_false(file_make_folder(deep, &err));
    (void)unlink(deep);
    static const char *const folders[] = {"a/b/c", "a/b", "a"};
    for (size_t i = 0; i < BN_COUNT(folders); i++) {
        (void)snprintf(deep, sizeof(deep), "%s/%s", p->folder, folders[i]);
        assert_int_equal(rmdir(deep), 0);
    }
    assert_false(file_make_folder("/proc/no/such", &err));
}

static void is_path(char *path, const char *expected)
{
    if (expected)
        assert_string_equal(path, expected);
    else
        assert_null(path);
    free(path);
}

/* [XDG Base Directory Specification: a relative path is to be ignored] */
static void places_follow_the_specification(void **state)
{
    (void)state;
    static const char *const names[] = {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR",
                                        "BINNACLE_CONFIG_DIR", "BINNACLE_STATE_DIR"};
    for (size_t i = 0; i < BN_COUNT(names); i++)
        (void)unsetenv(names[i]);
    (void)setenv("HOME", "/home/ann", 1);
    is_path(file_config_path("config.yaml"), "/home/ann/.config/binnacle/config.yaml");
    is_path(file_state_path(NULL), "/home/ann/.local/state/binnacle");
    is_path(file_runtime_path("x"), "/home/ann/.local/state/binnacle/x");
    (void)setenv("XDG_CONFIG_HOME", "/etc/xdg", 1);
    (void)setenv("XDG_STATE_HOME", "relative", 1);
    (void)setenv("XDG_RUNTIME_DIR", "/run/user/1000", 1);
    is_path(file_config_path(NULL), "/etc/xdg/binnacle");
    is_path(file_state_path(NULL), "/home/ann/.local/state/binnacle");
    is_path(file_runtime_path("x"), "/run/user/1000/binnacle/x");
    (void)setenv("BINNACLE_CONFIG_DIR", "/srv/conf", 1);
    (void)setenv("BINNACLE_STATE_DIR", "", 1);
    is_path(file_config_path("a"), "/srv/conf/a");
    is_path(file_state_path("a"), "/home/ann/.local/state/binnacle/a");
    (void)unsetenv("HOME");
    is_path(file_state_path("a"), NULL);
}

/* Below $BINNACLE_DATA, else by the link that configure makes, from any folder. */
static void what_comes_with_the_program_is_found(void **state)
{
    (void)state;
    char given[4096];
    (void)snprintf(given, sizeof(given), "%s/themes", getenv("top_srcdir"));
    (void)setenv("BINNACLE_DATA", getenv("top_srcdir"), 1);
    is_path(file_data_path("themes"), given);
    is_path(file_data_path("nosuch"), BINNACLE_DATADIR "/nosuch");
    (void)unsetenv("BINNACLE_DATA");
    char *found = file_data_path("harbor/data/vault.yaml");
    assert_int_equal(access(found, R_OK), 0);
    assert_int_equal(found[0], '/');
    free(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_link_is_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_files_are_replaced, set_up, tear_down),
        cmocka_unit_test(paths_have_an_end),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_says_why, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_limit_is_the_callers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_big_file_comes_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_new_file_is_whole_or_not_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(folders_are_made, set_up, tear_down),
        cmocka_unit_test(places_follow_the_specification),
        cmocka_unit_test(what_comes_with_the_program_is_found),
    };
    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
