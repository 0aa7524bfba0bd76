/* The parts that answer; handler.c chooses one. */
#ifndef BINNACLE_HARBOR_ANSWER_H
#define BINNACLE_HARBOR_ANSWER_H

#include "harbor/route.h"
#include "harbor/server.h"

/* discovery.c: versions, groups, resources, health; false: not its path. */
bool answer_discovery(struct server *server, struct stream *s, const struct route *r);
/* list.c */
/* Metadata alone is asked for [recorded/120, 121]. */
bool wants_metadata(const struct stream *s);
void answer_list(struct server *server, struct stream *s, const struct route *r);
void answer_get(struct server *server, struct stream *s, const struct route *r);
/* watch.c */
void answer_watch(struct server *server, struct stream *s, const struct route *r);
void follow_watch(struct server *server, struct stream *s);
/* log.c */
void answer_log(struct server *server, struct stream *s, const struct route *r);
void follow_log(struct server *server, struct stream *s);
/* write.c: POST, PUT, PATCH, DELETE. */
void answer_write(struct server *server, struct stream *s, const struct route *r);

/* subresource.c */
void answer_scale(struct server *server, struct stream *s, const struct route *r);
void answer_eviction(struct server *server, struct stream *s, const struct route *r);
/* proxy.c: what runs behind a service or in a pod, over HTTP. */
void answer_proxy(struct server *server, struct stream *s, const struct route *r);
/* forward.c: a pod's port over WebSocket. */
void answer_forward(struct server *server, struct stream *s, const struct route *r);
/* events.c: an event as events.k8s.io/v1 has it. */
void event_print_newer(const struct object *o, struct strbuf *out);

/* "pods \"x\" not found" */
void answer_not_found(struct stream *s, const struct route *r);
void answer_no_page(struct stream *s); /* "404 page not found", in plain text */

#endif
