/* `--version`, for people and for programs. */
#include <config.h>

#include "cli/cli.h"
#include "cli/data_out.h"
#include "cli/out.h"

#define PCRE2_CODE_UNIT_WIDTH 8

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <mysql.h>
#include <openssl/crypto.h>
#include <pcre2.h>
#include <yaml.h>

#define LIBRARIES 6

struct library {
    const char *name, *version;
};

/* What runs, not what it was built with. */
static void libraries(struct library out[LIBRARIES], char pcre2[64])
{
    if (pcre2_config(PCRE2_CONFIG_VERSION, pcre2) < 0)
        pcre2[0] = '\0';
    out[0] = (struct library){"libcurl", curl_version_info(CURLVERSION_NOW)->version};
    out[1] = (struct library){"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)};
    out[2] = (struct library){"cjson", cJSON_Version()};
    out[3] = (struct library){"libyaml", yaml_get_version_string()};
    out[4] = (struct library){"pcre2", pcre2};
    out[5] = (struct library){"libmariadb", mysql_get_client_info()};
}

static void write_json(const struct library *all, struct out *o)
{
    struct data_out d;
    data_init(&d, &o->text, false, 2);
    data_object(&d);
    data_key(&d, "schema");
    data_int(&d, 1);
    data_key(&d, "name");
    data_cstr(&d, PACKAGE_NAME);
    data_key(&d, "version");
    data_cstr(&d, PACKAGE_VERSION);
    data_key(&d, "libraries");
    data_object(&d);
    for (size_t i = 0; i < LIBRARIES; i++) {
        data_key(&d, all[i].name);
        data_cstr(&d, all[i].version);
    }
    data_object_end(&d);
    data_object_end(&d);
    data_end(&d);
}

int cli_version(struct cli *cli)
{
    struct library all[LIBRARIES];
    char pcre2[64];
    struct out o;
    static const struct cli_command version = {.name = "--version"};
    cli->command = &version;
    int form = cli_output(cli, "text|json");
    if (form < 0)
        return EXIT_USAGE;
    libraries(all, pcre2);
    out_init(&o);
    if (form == 1) {
        write_json(all, &o);
        return out_end(&o, EXIT_FINE);
    }
    strbuf_adds(&o.text, PACKAGE_NAME " " PACKAGE_VERSION "\n"
                                      "Licence Apache-2.0 <https://www.apache.org/licenses/>\n"
                                      "There is no warranty, to the extent permitted by law.\n");
    for (size_t i = 0; i < LIBRARIES && cli_given(cli, OPT_VERBOSE); i++)
        strbuf_addf(&o.text, "%s %s\n", all[i].name, all[i].version);
    return out_end(&o, EXIT_FINE);
}
