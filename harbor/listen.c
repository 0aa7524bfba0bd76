/* The listening socket, on loopback alone. */
#include <config.h>

#include "harbor/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAITING 64

bool server_listen(struct server *server, bool on, struct err *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)server->port)};
    socklen_t len = sizeof(address);
    int yes = 1;
    if (server->listener >= 0 && on)
        return true;
    if (server->listener >= 0) {
        (void)close(server->listener);
        server->listener = -1;
    }
    if (!on)
        return true;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
        bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
        listen(fd, WAITING) == 0 && getsockname(fd, (struct sockaddr *)&address, &len) == 0) {
        server->listener = fd;
        server->port = ntohs(address.sin_port);
        return true;
    }
    (void)err_code(err, ERR_IO, errno, "cannot listen on 127.0.0.1:%d: %s", server->port,
                   strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return false;
}
