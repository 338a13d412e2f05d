/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/lock_watch.h"

#include <dlfcn.h>

#define TRIES_MAX 40 /* a process that has mapped no C library by then will not */

struct fresh_process {
    int pid;
    guint tries;
};

void lock_watch_init(struct lock_watch *locks)
{
    locks->watch = NULL;
    locks->fresh = g_array_new(FALSE, FALSE, sizeof(struct fresh_process));
}

void lock_watch_clear(struct lock_watch *locks)
{
    g_clear_pointer(&locks->fresh, g_array_unref);
}

/* The command most likely uses the C library that corewise uses. When it turns out to be another one, that is
 * found later. A static program brings its own. */
void lock_watch_launch(struct lock_watch *locks, int pid, const char *command)
{
    Dl_info library;
    g_autofree char *executable = g_find_program_in_path(command);
    void *function = dlsym(RTLD_DEFAULT, "pthread_mutex_lock");
    if (function && dladdr(function, &library))
        watch_locks_of(locks->watch, pid, library.dli_fname);
    if (executable)
        watch_locks_of(locks->watch, pid, executable);
}

void lock_watch_note(struct lock_watch *locks, const struct thread_event *event)
{
    if (event->tid != event->tgid)
        return;
    if (event->kind == THREAD_EVENT_END) {
        watch_locks_forget(locks->watch, (int)event->tgid);
        return;
    }
    struct fresh_process process = {.pid = (int)event->tgid};
    g_array_append_val(locks->fresh, process);
}

void lock_watch_tick(struct lock_watch *locks)
{
    for (guint i = locks->fresh->len; i > 0; i--) {
        struct fresh_process *process = &g_array_index(locks->fresh, struct fresh_process, i - 1);
        if (watch_locks_of(locks->watch, process->pid, NULL) || ++process->tries > TRIES_MAX)
            g_array_remove_index_fast(locks->fresh, i - 1);
    }
}
