/* Stands in for libFuzzer in `make check`: gives every file of the target's
 * corpus, and every short cut of it, to LLVMFuzzerTestOneInput(). The corpus of
 * test/fuzz/NAME is test/fuzz/corpus/NAME. Speaks TAP. */
#include <config.h>

#include "base/file.h"
#include "test/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX ((size_t)4 << 20)
/* Files up to this size are also replayed cut at every byte. */
#define CUT_MAX 2000

static void replay(struct span text)
{
    (void)LLVMFuzzerTestOneInput((const uint8_t *)text.data, text.len);
    if (text.len <= CUT_MAX)
        for (size_t len = 0; len < text.len; len++)
            (void)LLVMFuzzerTestOneInput((const uint8_t *)text.data, len);
}

static bool replay_file(const char *path)
{
    struct strbuf text = STRBUF_INIT(INPUT_MAX);
    const bool ok = file_read(path, &text, NULL);

    if (ok)
        replay(strbuf_span(&text));
    strbuf_clear(&text);
    return ok;
}

int main(int argc, char **argv)
{
    const char *source = getenv("top_srcdir"), *slash = strrchr(argv[0], '/');
    struct strbuf folder = STRBUF_INIT(4096);
    struct dirent *entry;
    unsigned n = 0;
    DIR *dir;

    (void)argc;
    strbuf_addf(&folder, "%s/test/fuzz/corpus/%s", source ? source : ".",
                slash ? slash + 1 : argv[0]);
    dir = opendir(strbuf_cstr(&folder));
    while (dir && (entry = readdir(dir)) != NULL) {
        struct strbuf path = STRBUF_INIT(8192);

        if (entry->d_name[0] == '.')
            continue;
        strbuf_addf(&path, "%s/%s", strbuf_cstr(&folder), entry->d_name);
        printf("%s %u - %s\n", replay_file(strbuf_cstr(&path)) ? "ok" : "not ok", ++n,
               entry->d_name);
        strbuf_clear(&path);
    }
    if (dir)
        closedir(dir);
    if (n == 0)
        printf("not ok 1 - no corpus in %s\n", strbuf_cstr(&folder));
    printf("1..%u\n", n ? n : 1);
    strbuf_clear(&folder);
    return n ? 0 : 1;
}
