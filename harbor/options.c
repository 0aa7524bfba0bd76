/* harbor's command line. */
#include <config.h>

#include "harbor/options.h"

#include "base/number.h"
#include "base/timetext.h"

#include <string.h>

#define EPOCH "2026-02-13T09:00:00Z" /* when the platform's data was taken */

const char options_usage[] =
    "Usage: harbor [OPTION...]\n"
    "A simulated Kubernetes API server with the objects of a made-up platform.\n"
    "Prints `ready epoch=TIME port=N outside=N` when it serves, and runs until it is stopped.\n"
    "\n"
    "  --port N            port on 127.0.0.1 instead of any free one\n"
    "  --kubeconfig-out F  write how to reach it to F\n"
    "  --temporary         remove F and its folder at the end\n"
    "  --outside-ca F      serve its public hosts too, and write their CA to F\n"
    "  --control PATH      take commands on this Unix socket\n"
    "  --data FOLDER       manifests instead of the platform's\n"
    "  --scenario NAME     a story that happens: by its name, or a file\n"
    "  --epoch TIME        the platform's time at the start (" EPOCH ")\n"
    "  --still             time stands until it is stepped\n"
    "  --http1             offer no HTTP/2\n"
    "  --nodes N --pods N  a big cluster instead of the platform\n"
    "  --churn N           changes of pods a second, of a big cluster\n";

static bool take_number(const char *name, const char *text, int64_t max, int64_t *out,
                        struct err *err)
{
    return number_parse(span_from(text), 0, max, out) ||
           err_set(err, ERR_CONFIG, "%s: a number up to %lld is expected, not `%s`", name,
                   (long long)max, text);
}

static bool take_value(struct options *o, const char *name, const char *value, struct err *err)
{
    int64_t n = 0;
    if (strcmp(name, "--kubeconfig-out") == 0)
        o->kubeconfig_out = value;
    else if (strcmp(name, "--outside-ca") == 0)
        o->outside_ca = value;
    else if (strcmp(name, "--control") == 0)
        o->control = value;
    else if (strcmp(name, "--data") == 0)
        o->data = value;
    else if (strcmp(name, "--scenario") == 0)
        o->scenario = value;
    else if (strcmp(name, "--epoch") == 0)
        return time_parse(span_from(value), &o->epoch_ms) ||
               err_set(err, ERR_CONFIG, "--epoch: `%s` is no time such as " EPOCH, value);
    else if (strcmp(name, "--nodes") == 0)
        return take_number(name, value, 100000, &o->nodes, err);
    else if (strcmp(name, "--pods") == 0)
        return take_number(name, value, 1000000, &o->pods, err);
    else if (strcmp(name, "--churn") == 0)
        return take_number(name, value, 100000, &o->churn, err);
    else if (strcmp(name, "--port") != 0)
        return err_set(err, ERR_CONFIG, "there is no option %s (see --help)", name);
    else if (!take_number(name, value, 65535, &n, err))
        return false;
    o->port = (int)n;
    return true;
}

bool options_read(struct options *o, int argc, char **argv, struct err *err)
{
    *o = (struct options){0};
    if (!time_parse(SPAN(EPOCH), &o->epoch_ms))
        return false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            o->help = true;
        else if (strcmp(argv[i], "--http1") == 0)
            o->http1 = true;
        else if (strcmp(argv[i], "--still") == 0)
            o->still = true;
        else if (strcmp(argv[i], "--temporary") == 0)
            o->temporary = true;
        else if (i + 1 == argc)
            return err_set(err, ERR_CONFIG,
                           "there is no option %s, or it lacks its value (see "
                           "--help)",
                           argv[i]);
        else if (!take_value(o, argv[i], argv[i + 1], err))
            return false;
        else
            i++;
    }
    return true;
}
