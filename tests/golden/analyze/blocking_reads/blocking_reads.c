/* What a read waits for depends on where the descriptor comes from, also through a parameter and a field. */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
    int descriptor;
};

static long read_file(const char *name)
{
    char buffer[65536];
    long sum = 0;
    ssize_t length;
    int file = open(name, O_RDONLY);
    while ((length = read(file, buffer, sizeof buffer)) > 0)
        sum += length;
    close(file);
    return sum;
}

static long drain(int descriptor)
{
    char buffer[64];
    return read(descriptor, buffer, sizeof buffer);
}

static long read_peer(struct connection *connection)
{
    char buffer[64];
    return read(connection->descriptor, buffer, sizeof buffer);
}

int main(int count, char **names)
{
    int ends[2];
    struct connection connection;
    long sum = 0;
    pipe(ends);
    connection.descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    for (int i = 1; i < count; i++)
        sum += read_file(names[i]) + drain(ends[0]) + read_peer(&connection);
    return sum > 0 ? 0 : 1;
}
