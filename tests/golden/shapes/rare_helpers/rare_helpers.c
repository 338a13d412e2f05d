/* SPDX-License-Identifier: Apache-2.0 */
/* A pager and a command of the user, each waited for: still one thing after the other. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static double work(double x)
{
    for (int i = 0; i < 2000000; i++)
        x = x * 1.000001 + 0.5;
    return x;
}

static void show(double result)
{
    FILE *pager = popen("less", "w");
    fprintf(pager, "%g\n", result);
    pclose(pager);
}

static int run_command(const char *command)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", command, NULL);
        _exit(127);
    }
    waitpid(child, &status, 0);
    return status;
}

int main(void)
{
    char line[256];
    double result = 1;
    while (fgets(line, sizeof(line), stdin)) {
        result = work(result);
        if (line[0] == '!')
            run_command(line + 1);
    }
    show(result);
    return 0;
}
