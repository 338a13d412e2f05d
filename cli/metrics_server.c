/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/metrics_server.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/metrics_page.h"
#include "cli/options.h"

#define DEFAULT_PORT 9464 /* of OpenTelemetry's Prometheus exporters */

struct metrics_server {
    pid_t process;
    int channel; /* to it: a message per text, with a descriptor of the memory that holds it */
    char *url;
};

/* --- where to listen --------------------------------------------------------------------------------------
 */

static gboolean wrong_address(const char *address, const char *why, GError **error)
{
    g_set_error(error, OPTIONS_ERROR, 0,
                "cannot serve metrics at %s: %s; give PORT or ADDRESS:PORT, as 9464 or [::1]:9464", address,
                why);
    return FALSE;
}

/* NULL with `error` set unless it is an address that may be listened at. */
static GSocketAddress *parse_address(const char *address, gboolean anywhere, GError **error)
{
    guint64 port = 0;
    g_autofree char *full = g_ascii_string_to_unsigned(address, 10, 0, G_MAXUINT16, &port, NULL)
                                ? g_strdup_printf("127.0.0.1:%s", address)
                                : g_strdup(address);
    g_autoptr(GSocketConnectable) parsed = g_network_address_parse(full, DEFAULT_PORT, NULL);
    if (!parsed) {
        wrong_address(address, "this is no address", error);
        return NULL;
    }
    const char *host = g_network_address_get_hostname(G_NETWORK_ADDRESS(parsed));
    g_autoptr(GInetAddress) internet =
        g_inet_address_new_from_string(g_strcmp0(host, "localhost") == 0 ? "127.0.0.1" : host);
    if (!internet) {
        wrong_address(address, "names are not looked up", error);
        return NULL;
    }
    if (!g_inet_address_get_is_loopback(internet) && !anywhere) {
        g_set_error(error, OPTIONS_ERROR, 0,
                    "metrics would be served to other hosts at %s: names of threads, files and locks and the "
                    "command line "
                    "are theirs to read then; add --metrics-anywhere if that is wanted",
                    address);
        return NULL;
    }
    return g_inet_socket_address_new(internet, g_network_address_get_port(G_NETWORK_ADDRESS(parsed)));
}

static int listen_at(GSocketAddress *address, const char *name, GError **error)
{
    struct sockaddr_storage native;
    socklen_t size = (socklen_t)g_socket_address_get_native_size(address);
    int on = 1, listener = -1;
    if (g_socket_address_to_native(address, &native, sizeof native, error))
        listener = socket(native.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener >= 0 && setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(listener, (struct sockaddr *)&native, size) == 0 && listen(listener, SOMAXCONN) == 0)
        return listener;
    if (error && !*error)
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                    "cannot serve metrics at %s: %s; choose another port, or 0 for any that is free", name,
                    g_strerror(errno));
    if (listener >= 0)
        close(listener);
    return -1;
}

static char *url_of(int listener)
{
    struct sockaddr_storage native;
    socklen_t size = sizeof native;
    if (getsockname(listener, (struct sockaddr *)&native, &size) != 0)
        return g_strdup("?");
    g_autoptr(GSocketAddress) address = g_socket_address_new_from_native(&native, size);
    g_autofree char *text = g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(address));
    return g_strdup_printf("http://%s/metrics", text);
}

/* --- the server -------------------------------------------------------------------------------------------
 */

struct metrics_server *metrics_server_start(const char *address, gboolean anywhere, GError **error)
{
    int channel[2];
    g_autoptr(GSocketAddress) parsed = parse_address(address, anywhere, error);
    int listener = parsed ? listen_at(parsed, address, error) : -1;
    if (listener < 0)
        return NULL;
    pid_t process = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) == 0) {
        process = fork();
        if (process == 0) {
            close(channel[1]);
            metrics_page_serve(listener, channel[0]);
            _exit(0);
        }
        close(channel[0]);
        if (process < 0)
            close(channel[1]);
    }
    struct metrics_server *server = NULL;
    if (process > 0) {
        server = g_new0(struct metrics_server, 1);
        server->process = process;
        server->channel = channel[1];
        server->url = url_of(listener);
    } else {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                    "cannot start a process that serves metrics: %s; go without --metrics",
                    g_strerror(errno));
    }
    close(listener);
    return server;
}

const char *metrics_server_url(const struct metrics_server *server)
{
    return server->url;
}

/* Whole by construction: the other side gets a descriptor of finished memory, never half a text. */
void metrics_server_publish(const struct metrics_server *server, const char *text, gsize size)
{
    int memory = memfd_create("corewise-metrics", MFD_CLOEXEC);
    if (memory < 0)
        return;
    for (gsize written = 0; written < size;) {
        ssize_t step = write(memory, text + written, size - written);
        if (step <= 0) {
            close(memory);
            return;
        }
        written += (gsize)step;
    }
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    char mark = 0;
    struct iovec part = {&mark, 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &memory, sizeof memory);
    (void)!sendmsg(server->channel, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    close(memory);
}

void metrics_server_stop(struct metrics_server *server)
{
    if (!server)
        return;
    close(server->channel); /* which ends it */
    while (waitpid(server->process, NULL, 0) < 0 && errno == EINTR)
        ;
    g_free(server->url);
    g_free(server);
}
