/* A loop around io_uring completions that calls what each request left as its handler; one of them sleeps. Declared
 * here, so that the case needs no package. */
#include <stddef.h>
#include <unistd.h>

struct io_uring {
    int ring_fd;
};
struct io_uring_cqe {
    unsigned long long user_data;
    int res;
};
int io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags);
int io_uring_submit(struct io_uring *ring);
int io_uring_wait_cqe(struct io_uring *ring, struct io_uring_cqe **completion);
void io_uring_cqe_seen(struct io_uring *ring, struct io_uring_cqe *completion);

struct request {
    void (*done)(struct request *request, int result);
    long bytes;
};

static void on_read(struct request *request, int result)
{
    request->bytes += result;
    usleep(20000);
}

static struct request first = {on_read, 0};

int main(void)
{
    struct io_uring ring;
    struct request *waiting[1] = {&first};
    io_uring_queue_init(64, &ring, 0);
    for (;;) {
        struct io_uring_cqe *completion = NULL;
        io_uring_submit(&ring);
        if (io_uring_wait_cqe(&ring, &completion) < 0)
            return 1;
        struct request *request = waiting[completion->user_data];
        request->done(request, completion->res);
        io_uring_cqe_seen(&ring, completion);
    }
}
