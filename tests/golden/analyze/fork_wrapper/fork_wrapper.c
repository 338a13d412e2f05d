/* fork behind a function of the program's own; the child's branch, in the caller, sets up, works, and ends. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static int children;

static pid_t start_child(void)
{
    pid_t pid = fork();
    if (pid > 0)
        children++;
    return pid;
}

static void set_title(const char *title)
{
    fprintf(stderr, "%s\n", title);
}

static unsigned checksum(const unsigned char *data, int size)
{
    unsigned sum = 0;
    for (int i = 0; i < size; i++)
        sum = sum * 31 + data[i];
    return sum;
}

static int save(const char *path)
{
    static unsigned char data[1 << 20];
    FILE *file = fopen(path, "w");
    if (!file)
        return -1;
    for (int i = 0; i < 1000; i++)
        fprintf(file, "%u\n", checksum(data, sizeof data));
    return fclose(file);
}

int main(void)
{
    for (int round = 0; round < 100; round++) {
        if (start_child() == 0) {
            set_title("saving");
            _exit(save("/dev/null") == 0 ? 0 : 1);
        }
        wait(NULL);
    }
    return 0;
}
