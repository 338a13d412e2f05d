/* Other programs, started side by side: only processes can run them. */
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

extern char **environ;

static void start_all(char **commands, int count)
{
    for (int i = 0; i < count; i++) {
        pid_t pid;
        char *arguments[] = {commands[i], NULL};
        posix_spawn(&pid, commands[i], NULL, NULL, arguments, environ);
    }
}

int main(int argc, char **argv)
{
    start_all(argv + 1, argc - 1);
    while (wait(NULL) > 0)
        ;
    return 0;
}
