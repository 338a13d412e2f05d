/* libuv: callbacks are registered by calls, work goes to the library's pool. Declared here, so that the case needs no
 * package. */
#include <math.h>
#include <stddef.h>

typedef struct uv_loop_s { int unused; } uv_loop_t;
typedef struct uv_work_s { void *data; } uv_work_t;
typedef struct uv_timer_s { void *data; } uv_timer_t;
typedef void (*uv_work_cb)(uv_work_t *req);
typedef void (*uv_after_work_cb)(uv_work_t *req, int status);
typedef void (*uv_timer_cb)(uv_timer_t *handle);
uv_loop_t *uv_default_loop(void);
int uv_run(uv_loop_t *loop, int mode);
int uv_queue_work(uv_loop_t *loop, uv_work_t *req, uv_work_cb work, uv_after_work_cb after);
int uv_timer_init(uv_loop_t *loop, uv_timer_t *handle);
int uv_timer_start(uv_timer_t *handle, uv_timer_cb cb, unsigned long timeout, unsigned long repeat);

static double results[1000];
static uv_work_t request;

static void compute(uv_work_t *req)
{
    for (int i = 0; i < 1000; i++)
        for (int j = 0; j < 100000; j++)
            results[i] += sin(i * 0.001 + j);
}

static void computed(uv_work_t *req, int status)
{
    results[0] = 0;
}

static void on_tick(uv_timer_t *timer)
{
    uv_queue_work(uv_default_loop(), &request, compute, computed);
}

int main(void)
{
    static uv_timer_t timer;
    uv_timer_init(uv_default_loop(), &timer);
    uv_timer_start(&timer, on_tick, 100, 100);
    return uv_run(uv_default_loop(), 0);
}
