/* A fork for each accepted connection; the child changes its user. */
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static void serve(int connection)
{
    char buffer[512];
    if (setuid(65534) != 0)
        _exit(1);
    while (read(connection, buffer, sizeof buffer) > 0)
        write(connection, "ok\n", 3);
    _exit(0);
}

int main(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    listen(listener, 16);
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        if (fork() == 0)
            serve(connection);
        close(connection);
    }
}
