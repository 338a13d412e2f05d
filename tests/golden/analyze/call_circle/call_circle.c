/* A table whose values are freed through a pointer that may lead back to it: table_find() computes, whatever a
 * destructor may do, and fetch() waits, whatever the table calls. */
#include <stdlib.h>
#include <sys/socket.h>

struct table { void *values[4096]; void (*destroy)(struct table *table, void *value); };
struct session { struct table *table; int fd; };

static struct table sessions, names;

static int table_find(struct table *table, void *value)
{
    for (int i = 0; i < 4096; i++) {
        if (table->values[i] == value)
            return i;
        if (table->values[i] == table && table->destroy)
            table->destroy(table, value);
    }
    return -1;
}

static void fetch(struct session *session)
{
    char buffer[512];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    recv(fd, buffer, sizeof buffer, 0);
    session->fd = table_find(&names, buffer);
}

static void destroy_session(struct table *table, void *value)
{
    fetch(value);
    free(value);
}

static void destroy_name(struct table *table, void *value)
{
    free(value);
}

static void destroy_table(struct table *table, void *value)
{
    struct table *inner = value;
    table_find(inner, inner);
}

int main(void)
{
    struct session session = {&sessions, 0};
    sessions.destroy = destroy_session;
    names.destroy = destroy_name;
    if (rand() == 3)
        names.destroy = destroy_table;
    for (int i = 0; i < 100000; i++)
        table_find(&sessions, &session);
    fetch(&session);
    return 0;
}
