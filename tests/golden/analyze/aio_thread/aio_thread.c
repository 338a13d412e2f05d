/* POSIX asynchronous I/O whose completion runs in a thread of the library: SIGEV_THREAD. */
#include <aio.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t total_lock = PTHREAD_MUTEX_INITIALIZER;
static long total;

static void on_complete(union sigval value)
{
    struct aiocb *request = value.sival_ptr;
    pthread_mutex_lock(&total_lock);
    total += aio_return(request);
    pthread_mutex_unlock(&total_lock);
}

int main(void)
{
    static char buffer[4096];
    static struct aiocb request;
    request.aio_fildes = 0;
    request.aio_buf = buffer;
    request.aio_nbytes = sizeof(buffer);
    request.aio_sigevent.sigev_notify = SIGEV_THREAD;
    request.aio_sigevent.sigev_notify_function = on_complete;
    request.aio_sigevent.sigev_value.sival_ptr = &request;
    if (aio_read(&request) != 0)
        return 1;
    const struct aiocb *list[1] = {&request};
    aio_suspend(list, 1, NULL);
    return 0;
}
