/* What of all that can be sent to a platform changes nothing, as `asked-but` of harbor takes it
 * (harbor/command.h, harbor/asked.h). What is not in here counts as a change. */
#ifndef BINNACLE_TEST_SYSTEMS_READS_H
#define BINNACLE_TEST_SYSTEMS_READS_H

/* GET of these two runs what it is told in a container. */
#define READS_EXEC "!GET /*/pods/*/exec*|!GET /*/pods/*/attach*|"
/* The API server, what it leads to, and Vault [its LIST is a method]. */
#define READS_GET READS_EXEC "GET /*|HEAD /*|LIST /v1/*|"
/* Questions in the form of a POST: whether one may, of the API server and of Vault; and what would come
 * of it. These belong to plans. */
#define ASKS_ACCESS "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
#define ASKS_TOKEN  "/v1/sys/capabilities-self"
#define READS_ASK                                            \
    ASKS_ACCESS "|" ASKS_ACCESS "[?]*|POST *" ASKS_TOKEN "|" \
                "P* /*[?&]dryRun=All|P* /*[?&]dryRun=All&*|" \
                "DELETE /*[?&]dryRun=All|DELETE /*[?&]dryRun=All&*|"
/* Public hosts, registries, HCP Terraform, AWS; and name servers: opcode 0 is a query [RFC 1035 4.1.1]. */
#define READS_OUTSIDE "GET [a-z0-9]*.*|HEAD [a-z0-9]*.*|DNS: opcode 0|"
#define READS_SQL                                                                           \
    "!SQL: SELECT *INTO *|!SQL: SELECT *FOR UPDATE*|!SQL: SELECT *GET_LOCK*|SQL: SELECT *|" \
    "SQL: SHOW *|SQL: USE *|SQL: SET SESSION *|"
#define READS_REDIS                                                                     \
    "REDIS: AUTH|REDIS: HELLO|REDIS: PING|REDIS: ROLE|REDIS: INFO|REDIS: INFO *|"       \
    "REDIS: CONFIG GET|REDIS: SLOWLOG GET|REDIS: SLOWLOG LEN|REDIS: CLIENT LIST|"       \
    "REDIS: ACL WHOAMI|REDIS: ACL DRYRUN|REDIS: LATENCY LATEST|REDIS: LATENCY HISTORY|" \
    "REDIS: SENTINEL MASTERS|REDIS: SENTINEL REPLICAS|REDIS: SENTINEL SENTINELS|"       \
    "REDIS: SENTINEL CKQUORUM"

#define READS READS_GET READS_ASK READS_OUTSIDE READS_SQL READS_REDIS

#endif
