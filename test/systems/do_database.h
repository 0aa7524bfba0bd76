/* A database cluster of harbor's, its operator, and its bucket in the world outside. */
#ifndef BINNACLE_TEST_SYSTEMS_DO_DATABASE_H
#define BINNACLE_TEST_SYSTEMS_DO_DATABASE_H

#include "test/systems/do_place.h"

#define DATABASE "/apis/pxc.percona.com/v1/namespaces/operators/"
#define CLUSTER  DATABASE "perconaxtradbclusters/mysql"
#define BACKUPS  DATABASE "perconaxtradbclusterbackups"
#define RESTORES DATABASE "perconaxtradbclusterrestores"
#define NEWEST   "cron-mysql-s3-backup-2026213300-3vsve" /* of the backups there are */

int database_setup(void **state); /* *state: struct place */
int database_teardown(void **state);
/* The operator's pod is ready, or not: then it does nothing. */
void set_operator(struct place *p, bool works);
/* How many objects of a list have names that begin so; the last one's name is copied. */
int count_named(struct place *p, const char *list, const char *prefix, char name[128]);
/* Until there is one. */
void await_named(struct place *p, const char *list, const char *prefix, char name[128]);
/* Until so many lines of the audit log are of this event. */
void await_audited(const struct place *p, const char *event, int times);

#endif
