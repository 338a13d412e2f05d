/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target of unwinding and symbols: a snapshot of registers and stack, and the object file that its
 * process maps, both from an attacker. The first SNAPSHOT_BYTES of the input are the snapshot, the rest is
 * the file. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tracer/debug_type.h"
#include "tracer/lock_site.h"
#include "tracer/object_name.h"
#include "tracer/stack_check.h"
#include "tracer/target.h"

#define SNAPSHOT_BYTES  512
#define REGISTERS       9
#define BIAS            G_GUINT64_CONSTANT(0x10000)
#define STACK_START     G_GUINT64_CONSTANT(0x7ffff0000000)
#define ADDRESSES       40 /* looked at in the file */
#define SLOTS           20
#define FRAMES_OF_CHECK 128

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size);

/* Words of a stack are mostly pointers into it or into code: the two lowest bits of four bytes say which. */
static guint64 word_from(const guint8 *bytes, const struct module *module)
{
    guint32 value = 0;
    memcpy(&value, bytes, sizeof value);
    guint64 extent = module->high > module->low ? MIN(module->high - module->low, (guint64)1 << 30) : 1;
    switch (value & 3) {
    case 0:
        return STACK_START + (value >> 2) % 4096 / 8 * 8;
    case 1:
    case 2:
        return BIAS + module->low + (value >> 2) % extent;
    default:
        return value;
    }
}

static void unwind(struct target *target, struct module *module, const guint8 *data)
{
    guint64 registers[REGISTERS], words[SNAPSHOT_BYTES / 4 - REGISTERS];
    guint64 frames[FRAMES_OF_CHECK], places[FRAMES_OF_CHECK];
    for (guint i = 0; i < REGISTERS; i++)
        registers[i] = word_from(data + 4 * i, module);
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        words[i] = word_from(data + 4 * (REGISTERS + i), module);
    const struct stack_snapshot snapshot = {.ip = registers[0],
                                            .sp = data[1] & 64 ? registers[1] : STACK_START,
                                            .bp = registers[2],
                                            .bx = registers[3],
                                            .r12 = registers[4],
                                            .r13 = registers[5],
                                            .r14 = registers[6],
                                            .r15 = registers[7],
                                            .bytes = (const guint8 *)words,
                                            .size = (guint32)(registers[8] % (sizeof words + 1))};
    enum unwind_end end = UNWIND_END_COUNT;
    guint count = target_unwind_places(target, &snapshot, frames, places, FRAMES_OF_CHECK, &end);
    g_assert_cmpuint(count, >=, 1);
    g_assert_cmpuint(count, <=, FRAMES_OF_CHECK);
    g_assert_cmpuint(end, <, UNWIND_END_COUNT);
    struct stack_check check;
    stack_check_make(&check, target, snapshot.sp, frames, places, count);
    g_assert_cmpuint(check.count, <=, STACK_CHECK_WORDS);
    for (guint i = 0; i < count; i++) {
        g_assert_cmpuint(target_symbolize(target, frames[i], i > 0)->len, >, 0);
        target_called_function(target, frames[i]);
    }
    for (guint kind = 0; kind < LOCK_KIND_COUNT; kind++) {
        char *file = NULL;
        int line = 0;
        g_free(target_type_name(target, frames, count, kind, NULL, &file, &line));
        g_free(file);
    }
}

/* Whatever else is ever read from a file. */
static void read_file(struct module *module)
{
    const GArray *slots = module_pointer_slots(module);
    struct debug_index *debug = module_debug(module);
    for (guint i = 0; i < MIN(slots->len, SLOTS); i++) {
        const struct pointer_slot *slot = &g_array_index(slots, struct pointer_slot, i);
        g_autofree char *name = pointer_slot_name(slot, debug);
        g_autoptr(GString) path = g_string_new(NULL);
        g_assert_nonnull(name);
        if (debug)
            debug_type_path(debug, &slot->pointee, (guint64)i * 8, path);
    }
    for (guint i = 0; i < module->segments->len; i++) {
        const struct module_segment *segment = &g_array_index(module->segments, struct module_segment, i);
        guint64 step = segment->memory_size / ADDRESSES + 1;
        for (guint k = 0; segment->executable && k < ADDRESSES; k++) {
            module_unwind_rule(module, segment->address + k * step);
            g_assert_cmpuint(module_symbolize(module, segment->address + k * step, k % 2)->len, >, 0);
        }
    }
}

static struct target *target_of(struct module *module)
{
    struct target *target = g_new0(struct target, 1);
    target->images = g_array_new(FALSE, FALSE, sizeof(struct image));
    target->code = g_array_new(FALSE, FALSE, sizeof(struct code_range));
    target->unmapped = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    target->wild_symbols =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_array_unref);
    target->strings = g_string_chunk_new(256);
    const struct image image = {module, BIAS, BIAS + module->low, BIAS + module->high};
    const struct code_range code = {BIAS + module->low, BIAS + module->high};
    g_array_append_val(target->images, image);
    g_array_append_val(target->code, code);
    return target;
}

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size)
{
    if (size < SNAPSHOT_BYTES)
        return 0;
    int file = memfd_create("object", MFD_CLOEXEC);
    g_assert_cmpint(file, >=, 0);
    size_t length = size - SNAPSHOT_BYTES;
    g_assert_cmpint(write(file, data + SNAPSHOT_BYTES, length), ==, (gssize)length);
    g_autoptr(Module) module = module_open(
        &(struct module_source){.key = {1, 1}, .file = file, .root = -1, .path = "/tmp/no/such/object"});
    struct target *target = target_of(module);
    unwind(target, module, data);
    read_file(module);
    target_free(target);
    return 0;
}
