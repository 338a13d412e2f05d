/* GLib: a main loop with a timer, a GThreadPool and a GTask. Declared here, so that the case needs no package. */
#include <math.h>
#include <stddef.h>

typedef int gboolean;
typedef void *gpointer;
typedef struct _GMainLoop GMainLoop;
typedef struct _GThreadPool GThreadPool;
typedef struct _GTask GTask;
typedef gboolean (*GSourceFunc)(gpointer data);
typedef void (*GFunc)(gpointer data, gpointer user_data);
typedef void (*GTaskThreadFunc)(GTask *task, gpointer source, gpointer data, gpointer cancellable);
typedef void (*GAsyncReadyCallback)(gpointer source, gpointer result, gpointer data);
GMainLoop *g_main_loop_new(gpointer context, gboolean is_running);
void g_main_loop_run(GMainLoop *loop);
unsigned g_timeout_add(unsigned interval, GSourceFunc function, gpointer data);
GThreadPool *g_thread_pool_new(GFunc function, gpointer data, int most, gboolean exclusive, gpointer error);
gboolean g_thread_pool_push(GThreadPool *pool, gpointer data, gpointer error);
GTask *g_task_new(gpointer source, gpointer cancellable, GAsyncReadyCallback callback, gpointer data);
void g_task_run_in_thread(GTask *task, GTaskThreadFunc function);

static double results[1000];
static GThreadPool *pool;

static double compute(int item)
{
    double sum = 0;
    for (int i = 0; i < 1000000; i++)
        sum += sin(item + i * 0.001);
    return sum;
}

static void pool_work(gpointer data, gpointer user_data)
{
    int item = *(int *)data;
    results[item] = compute(item);
}

static void task_work(GTask *task, gpointer source, gpointer data, gpointer cancellable)
{
    results[0] = compute(0);
}

static void task_done(gpointer source, gpointer result, gpointer data)
{
    results[1] = 0;
}

static gboolean on_timer(gpointer data)
{
    static int item;
    item = (item + 1) % 1000;
    g_thread_pool_push(pool, &item, NULL);
    g_task_run_in_thread(g_task_new(NULL, NULL, task_done, NULL), task_work);
    return 1;
}

int main(void)
{
    pool = g_thread_pool_new(pool_work, NULL, 4, 0, NULL);
    g_timeout_add(10, on_timer, NULL);
    g_main_loop_run(g_main_loop_new(NULL, 0));
    return 0;
}
