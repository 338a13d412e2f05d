/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/metrics_page.h"

#include <gio/gio.h>
#include <linux/capability.h>
#include <microhttpd.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CONNECTIONS     16
#define TIMEOUT_SECONDS 10
#define CONTENT_TYPE    "application/openmetrics-text; version=1.0.0; charset=utf-8"
#define NOBODY          65534

struct page {
    char *text; /* malloc's; what is served */
    gsize size;
};

/* The parent's files are none of this process' business. */
static void close_others(int listener, int channel)
{
    unsigned lower = (unsigned)MIN(listener, channel), upper = (unsigned)MAX(listener, channel);
    if (lower > 3)
        close_range(3, lower - 1, 0);
    if (upper > lower + 1)
        close_range(lower + 1, upper - 1, 0);
    close_range(upper + 1, ~0U, 0);
}

static void give_up_privileges(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    if (geteuid() == 0 && (setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0))
        _exit(1);
    syscall(SYS_capset, &header, none);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* FALSE when the other end is closed. */
static gboolean receive(int channel, struct page *page)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    char mark = 0;
    struct iovec part = {&mark, 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    if (recvmsg(channel, &message, MSG_CMSG_CLOEXEC) <= 0)
        return FALSE;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_type != SCM_RIGHTS)
        return TRUE;
    int memory = -1;
    struct stat status;
    memcpy(&memory, CMSG_DATA(header), sizeof memory);
    gsize size = fstat(memory, &status) == 0 ? (gsize)status.st_size : 0;
    char *text = g_malloc(size + 1);
    if (pread(memory, text, size, 0) == (ssize_t)size) {
        g_free(page->text);
        page->text = text;
        page->size = size;
    } else {
        g_free(text);
    }
    close(memory);
    return TRUE;
}

/* A page of another site may have its own name resolved to this host (DNS rebinding); a request by address,
 * or to localhost, was meant for us. */
static gboolean is_meant_for_us(struct MHD_Connection *connection)
{
    const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
    g_autoptr(GSocketConnectable) parsed = host ? g_network_address_parse(host, 80, NULL) : NULL;
    if (!parsed)
        return !host;
    const char *name = g_network_address_get_hostname(G_NETWORK_ADDRESS(parsed));
    return g_strcmp0(name, "localhost") == 0 || g_hostname_is_ip_address(name);
}

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const char *type,
                             const char *text, gsize size)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, (void *)text, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result reply_text(struct MHD_Connection *connection, unsigned status, const char *text)
{
    return reply(connection, status, "text/plain; charset=utf-8", text, strlen(text));
}

static enum MHD_Result answer(void *data, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **request)
{
    const struct page *page = data;
    (void)version;
    (void)upload;
    (void)upload_size;
    (void)request;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return reply_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    if (!is_meant_for_us(connection))
        return reply_text(connection, MHD_HTTP_FORBIDDEN, "ask by address or as localhost\n");
    if (strcmp(path, "/metrics") != 0)
        return reply_text(connection, MHD_HTTP_NOT_FOUND, "corewise: metrics are at /metrics\n");
    return reply(connection, MHD_HTTP_OK, CONTENT_TYPE, page->text, page->size);
}

void metrics_page_serve(int listener, int channel)
{
    static const char nothing_yet[] = "# EOF\n";
    struct page page = {g_strdup(nothing_yet), strlen(nothing_yet)};
    signal(SIGINT, SIG_IGN); /* the terminal's is for the trace, whose end is ours */
    close_others(listener, channel);
    give_up_privileges();
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, answer, &page, MHD_OPTION_LISTEN_SOCKET, listener,
                         MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
                         (unsigned)TIMEOUT_SECONDS, MHD_OPTION_END);
    const union MHD_DaemonInfo *info = daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
    struct pollfd watched[] = {{channel, POLLIN, 0}, {info ? info->epoll_fd : -1, POLLIN, 0}};
    while (info) {
        watched[0].revents = 0;
        MHD_UNSIGNED_LONG_LONG left_ms = TIMEOUT_SECONDS * 1000;
        if (MHD_get_timeout(daemon, &left_ms) != MHD_YES)
            left_ms = TIMEOUT_SECONDS * 1000;
        poll(watched, G_N_ELEMENTS(watched),
             (int)MIN(left_ms, (MHD_UNSIGNED_LONG_LONG)TIMEOUT_SECONDS * 1000));
        if (watched[0].revents && !receive(channel, &page))
            break;
        MHD_run(daemon);
    }
    if (daemon)
        MHD_stop_daemon(daemon);
    g_free(page.text);
}
