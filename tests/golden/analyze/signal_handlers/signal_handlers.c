/* Handlers given to signal() and stored for sigaction(): they run between any two instructions, not in a loop. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t stopped, reload;

static void on_interrupt(int number)
{
    stopped = number;
}

static void on_hangup(int number)
{
    reload = number;
}

static void on_child(int number, siginfo_t *info, void *context)
{
    write(STDERR_FILENO, "child\n", 6);
}

int main(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    signal(SIGINT, on_interrupt);
    action.sa_handler = on_hangup;
    sigaction(SIGHUP, &action, NULL);
    action.sa_sigaction = on_child;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGCHLD, &action, NULL);
    while (!stopped)
        pause();
    return 0;
}
