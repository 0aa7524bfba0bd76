/* What comes of a query over a range: {"status":"success","data":{"resultType":"matrix","result":[
 * {"metric":{},"values":[[1700000000,"1.5"],...]}]}}. A sample that is not there is left out. */
#include <config.h>

#include "backends/prometheus/prometheus.h"
#include "base/number.h"

#include <math.h>

/* The place of [seconds, "value"]; SERIES_SAMPLES: it has none. */
static size_t place_of(const struct json_node *pair, int64_t until_ms)
{
    double seconds;
    if (!json_node_real(json_node_first(pair), &seconds))
        return SERIES_SAMPLES;
    const double back = round(((double)until_ms / 1000 - seconds) * 1000 / PAST_STEP_MS);
    return back >= 0 && back < SERIES_SAMPLES ? SERIES_SAMPLES - 1 - (size_t)back : SERIES_SAMPLES;
}

static void take(const struct json_node *pair, int64_t until_ms, double out[SERIES_SAMPLES])
{
    const size_t place = place_of(pair, until_ms);
    const char *text = json_node_text(json_node_next(json_node_first(pair)));
    double value;
    /* "NaN" and "+Inf" are texts too, and no numbers */
    if (place < SERIES_SAMPLES && text && number_parse_real(span_from(text), &value) &&
        !(out[place] >= value))
        out[place] = value;
}

bool prometheus_samples(const struct json_node *answer, int64_t until_ms,
                        double out[SERIES_SAMPLES], struct err *err)
{
    const struct json_node *result = json_node_path(answer, "data.result");
    past_unknown(out);
    if (json_node_type(result) != JSON_ARRAY)
        return err_set(err, ERR_PROTO, "what came are no figures, as Prometheus has them");
    for (const struct json_node *r = json_node_first(result); r; r = json_node_next(r)) {
        const struct json_node *values = json_node_get(r, "values");
        for (const struct json_node *p = json_node_first(values); p; p = json_node_next(p))
            take(p, until_ms, out);
    }
    return true;
}
