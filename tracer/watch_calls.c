/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "tracer/watch_inside.h"

void watch_configure_calls(struct watch *watch)
{
    struct watch_bpf *skeleton = watch->skeleton;
    enum call_watch calls = watch->options.calls;
    skeleton->rodata->count_calls = calls != CALLS_OFF;
    bpf_program__set_autoload(skeleton->progs.on_call_exit, calls != CALLS_OFF);
    bpf_program__set_autoload(skeleton->progs.on_call_enter, calls == CALLS_TIMED);
    bpf_program__set_autoattach(skeleton->progs.on_call_enter, false);
    bpf_program__set_autoattach(skeleton->progs.on_call_exit, false);
    if (calls != CALLS_OFF)
        bpf_map__set_max_entries(skeleton->maps.call_totals, WATCH_CALLS_MAX);
}

static gboolean attach_call_program(struct watch *watch, struct bpf_program *program, GError **error)
{
    struct bpf_link *link = bpf_program__attach(program);
    if (!link) {
        watch_set_error(-errno, error);
        return FALSE;
    }
    g_ptr_array_add(watch->call_links, link);
    return TRUE;
}

gboolean watch_switch_calls(struct watch *watch, gboolean on, GError **error)
{
    guint64 now = watch_now_ns();
    if (watch->options.calls == CALLS_OFF || on == (watch->calls_since_ns != 0))
        return TRUE;
    if (!on) {
        g_ptr_array_set_size(watch->call_links, 0);
        watch->calls_ns += now - watch->calls_since_ns;
        watch->calls_since_ns = 0;
        return TRUE;
    }
    watch->skeleton->bss->calls_since_ns = now;
    if ((watch->options.calls == CALLS_TIMED &&
         !attach_call_program(watch, watch->skeleton->progs.on_call_enter, error)) ||
        !attach_call_program(watch, watch->skeleton->progs.on_call_exit, error)) {
        g_ptr_array_set_size(watch->call_links, 0);
        return FALSE;
    }
    watch->calls_since_ns = watch_now_ns();
    watch->call_slices++;
    return TRUE;
}

guint64 watch_calls_ns(const struct watch *watch)
{
    return watch->calls_ns + (watch->calls_since_ns ? watch_now_ns() - watch->calls_since_ns : 0);
}

gboolean watch_calls_are_sliced(const struct watch *watch)
{
    return watch->call_slices > 1;
}

void watch_each_call(const struct watch *watch,
                     void (*each)(const struct call_key *key, const struct call_total *total, gpointer data),
                     gpointer data)
{
    struct watch_cursor cursor = {.map = watch->plain ? -1 : bpf_map__fd(watch->skeleton->maps.call_totals)};
    struct call_key key;
    struct call_total total;
    while (watch_cursor_next(&cursor, &key, sizeof(key), &total, sizeof(total)))
        each(&key, &total, data);
    for (guint i = 0; watch->open_calls && i < watch->open_calls->len; i++) {
        const struct call_slot *slot = &g_array_index(watch->open_calls, struct call_slot, i);
        struct call_key open = {slot->unused, slot->number};
        each(&open, &slot->total, data);
    }
}
