// Comments in vain: what they name is not found where they stand.
#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static int log_file;

static void flush(void)
{
    pthread_mutex_lock(&log_lock);
    // corewise: allow(lock-held-across-blocking-call) it is the next statement that waits
    log_file++;
    fsync(log_file);
    pthread_mutex_unlock(&log_lock); // corewise: allow(lock-held-across-blocking-call, self-deadlock) too late
}

#if 1
#  if 1
#  endif
static void compiled(void)
{
    log_file++; // corewise: allow(data-race) this is compiled here
}
#endif

// corewise: allow(data-race) there is one thread only
int main(void)
{
    flush();
    compiled();
    return 0;
}
// corewise: allow(data-race) nothing follows
