/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/collection.h"

#include <string.h>

#include "tracer/watch.h"

struct object_key {
    guint64 address;
    guint32 image;
};

static guint object_key_hash(gconstpointer pointer)
{
    const struct object_key *key = pointer;
    return g_int64_hash(&key->address) ^ key->image;
}

static gboolean object_key_equal(gconstpointer first, gconstpointer second)
{
    const struct object_key *a = first, *b = second;
    return a->address == b->address && a->image == b->image;
}

static void image_free(gpointer pointer)
{
    struct traced_image *image = pointer;
    target_free(image->target);
    g_hash_table_unref(image->forks);
    g_free(image);
}

static void thread_free_traced(gpointer pointer)
{
    struct traced_thread *thread = pointer;
    g_free(thread->name);
    g_free(thread);
}

static void stack_free(gpointer pointer)
{
    traced_stack_free(pointer);
}

static void object_free(gpointer pointer)
{
    struct traced_object *object = pointer;
    g_free(object->name);
    g_free(object->file);
    g_free(object);
}

struct collection *collection_new(gboolean launching)
{
    struct collection *collection = g_new0(struct collection, 1);
    collection->launching = launching;
    collection->pieces = snapshot_pieces_new();
    collection->intervals = g_array_new(FALSE, FALSE, sizeof(struct interval_event));
    collection->threads = g_hash_table_new(NULL, NULL);
    collection->thread_list = g_ptr_array_new_with_free_func(thread_free_traced);
    collection->images = g_hash_table_new_full(NULL, NULL, NULL, image_free);
    collection->stacks = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, stack_free);
    collection->objects = g_hash_table_new_full(object_key_hash, object_key_equal, g_free, object_free);
    return collection;
}

void collection_free(struct collection *collection)
{
    if (!collection)
        return;
    snapshot_pieces_free(collection->pieces);
    g_array_unref(collection->intervals);
    g_hash_table_unref(collection->objects);
    g_hash_table_unref(collection->stacks);
    g_hash_table_unref(collection->threads);
    g_ptr_array_unref(collection->thread_list);
    g_hash_table_unref(collection->images);
    g_free(collection);
}

struct traced_thread *collection_find_thread(const struct collection *collection, guint32 serial)
{
    return g_hash_table_lookup(collection->threads, GUINT_TO_POINTER(serial));
}

struct traced_stack *collection_find_stack(const struct collection *collection, guint64 id)
{
    return g_hash_table_lookup(collection->stacks, &id);
}

const struct traced_object *collection_find_object(const struct collection *collection, guint32 image,
                                                   guint64 address)
{
    struct object_key key = {address, image};
    return g_hash_table_lookup(collection->objects, &key);
}

static struct traced_image *image_open(struct collection *collection, guint32 number, guint32 tgid)
{
    struct traced_image *image = g_hash_table_lookup(collection->images, GUINT_TO_POINTER(number));
    if (image)
        return image;
    image = g_new0(struct traced_image, 1);
    image->image = number;
    image->tgid = tgid;
    image->forks = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)target_free);
    /* Without it the stacks of a process that was gone too soon stay unnamed; the times are still right. */
    image->target = target_open((int)tgid, NULL);
    g_hash_table_insert(collection->images, GUINT_TO_POINTER(number), image);
    return image;
}

static struct traced_thread *thread_add(struct collection *collection, const struct thread_event *event)
{
    struct traced_thread *thread = collection_find_thread(collection, event->thread);
    if (thread)
        return thread;
    thread = g_new0(struct traced_thread, 1);
    thread->serial = event->thread;
    thread->parent = event->parent;
    g_hash_table_insert(collection->threads, GUINT_TO_POINTER(event->thread), thread);
    g_ptr_array_add(collection->thread_list, thread);
    collection->found_threads +=
        !collection->launching && !event->parent && event->kind == THREAD_EVENT_START;
    return thread;
}

void collection_on_thread(const struct thread_event *event, gpointer data)
{
    struct collection *collection = data;
    char name[sizeof(event->name) + 1] = {0};

    if (event->kind == THREAD_EVENT_EXEC && collection->launching) {
        /* The program begins now, under a new number: forget the child that stood in for it. */
        g_hash_table_remove_all(collection->threads);
        g_ptr_array_set_size(collection->thread_list, 0);
        collection->launching = FALSE;
    }
    struct traced_thread *thread = thread_add(collection, event);

    memcpy(name, event->name, sizeof(event->name));
    g_free(thread->name);
    thread->name = g_utf8_make_valid(name, -1);
    thread->tid = (int)event->tid;
    thread->tgid = (int)event->tgid;
    thread->namespace_tid = (int)event->namespace_tid;
    thread->is_main = event->tid == event->tgid;
    thread->image = event->image;
    thread->started_ns = event->started_ns;
    if (event->kind == THREAD_EVENT_END) {
        thread->ended = TRUE;
        thread->ended_ns = event->time_ns;
        thread->totals = event->totals;
        return;
    }
    if (event->kind == THREAD_EVENT_EXEC)
        collection->exec_seen_ns = watch_now_ns();
    if (!collection->launching)
        image_open(collection, event->image, event->tgid);
}

/* A forked child has the same layout but, after its first writes, other contents. */
static struct target *target_of_process(struct traced_image *image, guint32 tgid)
{
    if (!image->target || tgid == image->tgid)
        return image->target;
    struct target *fork = g_hash_table_lookup(image->forks, GUINT_TO_POINTER(tgid));
    if (!fork) {
        fork = target_fork(image->target, (int)tgid);
        if (!fork)
            return image->target;
        g_hash_table_insert(image->forks, GUINT_TO_POINTER(tgid), fork);
    }
    return fork;
}

static void name_object(struct collection *collection, struct traced_image *image,
                        const struct snapshot_event *event, struct traced_stack *stack)
{
    struct object_key key = {event->object, event->image};
    struct traced_object *known = g_hash_table_lookup(collection->objects, &key);
    if (!event->object || (known && known->name))
        return;
    struct traced_object *object = g_new0(struct traced_object, 1);
    struct target *target = target_of_process(image, event->tgid);
    if (target)
        object->name = target_object_name(target, event->object, &object->file, &object->line);
    g_hash_table_replace(collection->objects, g_memdup2(&key, sizeof(key)), object);
    if (target && !object->name)
        target_heap_place(target, event->object, &stack->object);
}

/* A longer snapshot of a stack says nothing new about the lock. */
static void keep_object(struct collection *collection, struct traced_stack *stack)
{
    const struct traced_stack *former = collection_find_stack(collection, stack->id);
    if (former)
        stack->object = former->object;
}

void collection_on_snapshot(const struct snapshot_event *event, gpointer data, struct stack_answer *answer)
{
    struct collection *collection = data;
    memset(answer, 0, sizeof(*answer));
    if (collection->launching)
        return;
    struct traced_image *image = g_hash_table_lookup(collection->images, GUINT_TO_POINTER(event->image));
    if (!image)
        return; /* what the launched child did before its exec */
    gint64 start_us = g_get_monotonic_time();
    struct traced_stack *stack = traced_stack_new(collection->pieces, event, image->target, answer);
    collection->unwound_us += g_get_monotonic_time() - start_us;
    if (!stack)
        return;
    stack->image = image;
    collection->snapshots++;
    keep_object(collection, stack);
    g_hash_table_replace(collection->stacks, &stack->id, stack);
    name_object(collection, image, event, stack);
}

void collection_on_interval(const struct interval_event *event, gpointer data)
{
    struct collection *collection = data;
    g_array_append_val(collection->intervals, *event);
}
