// Comments that suppress nothing because they are wrong.
#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static int log_file;

static void flush(void)
{
    pthread_mutex_lock(&log_lock);
    fsync(log_file); // corewise: allow(lock-held-across-blocking-call)
    fsync(log_file); // corewise: allow(lock-held-across-blocking-cal) the log is written by one thread
    fsync(log_file); // corewise: allow(lock-held-across-blocking-call the log is written by one thread
    fsync(log_file); // corewise: ignore(lock-held-across-blocking-call) the log is written by one thread
    fsync(log_file); // corewise: allow() the log is written by one thread
    fsync(log_file); /* corewise: allow(lock-held-across-blocking-call) -- 1. */
    pthread_mutex_unlock(&log_lock);
}

static void *work(void *unused)
{
    flush();
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
