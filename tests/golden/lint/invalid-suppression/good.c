// One comment names the rules of two findings.
#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static int log_file;

// corewise: allow( lock-held-across-blocking-call , data-race ) - the log is written while the others wait
static void *work(void *unused)
{
    log_file++;
    pthread_mutex_lock(&log_lock);
    fsync(log_file);
    pthread_mutex_unlock(&log_lock);
    return unused;
}

int main(void)
{
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], 0, work, 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], 0);
    return 0;
}
