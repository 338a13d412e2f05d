// Comments that suppress what is found: none of them is in vain.
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static int log_file, count, flushes;

static void beside(void)
{
    pthread_mutex_lock(&log_lock);
    fsync(log_file); // corewise: allow(lock-held-across-blocking-call) the log is written by one thread
    pthread_mutex_unlock(&log_lock);
}

static void above(void)
{
    pthread_mutex_lock(&log_lock);
    // corewise: allow(lock-held-across-blocking-call): the log is written by one thread,
    // and this comment goes on, as comments do

    if (fsync(
            log_file) == 0)
        flushes++;
    pthread_mutex_unlock(&log_lock);
}

/* Flushes twice.
 * corewise: allow(lock-held-across-blocking-call) the log is written by one thread */
static
void whole_function(
    void)
{
    pthread_mutex_lock(&log_lock);
    fsync(log_file);
    fsync(log_file);
    pthread_mutex_unlock(&log_lock);
}

static void head(void) /* corewise: allow(lock-held-across-blocking-call) the log is written by one thread */
{
    pthread_mutex_lock(&log_lock);
    fsync(log_file);
    pthread_mutex_unlock(&log_lock);
}

static void last_line(void)
{
    pthread_mutex_lock(&log_lock);
    fsync(
        log_file); // corewise: allow(lock-held-across-blocking-call) the log is written by one thread
    pthread_mutex_unlock(&log_lock);
}

#ifdef __NOWHERE__
static void elsewhere(void)
{
    pthread_mutex_lock(&log_lock);
    fsync(log_file); // corewise: allow(lock-held-across-blocking-call) on another system this is found
    pthread_mutex_unlock(&log_lock);
}
#endif

static void *work(void *unused)
{
    count++; // corewise: allow(data-race) a number for people to read
    beside();
    above();
    whole_function();
    head();
    last_line();
    return unused;
}

int main(void)
{
    pthread_t threads[2];
    const char *text = "// corewise: allow(nothing) in a string this is text";
    /* corewise: this is prose (and so it stays). */
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], 0, work, 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], 0);
    return count + (int)strlen(text) + '"' + '\''; // corewise: is told nothing here
}
