/* SPDX-License-Identifier: Apache-2.0 */
/* What functions outside the program do, read from effects files (docs/effects.md has the schema). The files
 * of analyzer/effects are built into the program; files given by the user are laid over them, function by
 * function. */
#ifndef ANALYZER_EFFECTS_H
#define ANALYZER_EFFECTS_H

#include <glib.h>

#include "model/names.h"

enum effect_property {
    EFFECT_SYSTEM_CALL = 1 << 0,    /* the time on the core is spent inside an I/O system call */
    EFFECT_WAITS_FOR_TASK = 1 << 1, /* a wait for the next task when it stands in a loop */
    EFFECT_ALLOCATES = 1 << 2,
    EFFECT_NOT_THREAD_SAFE = 1 << 3,
    EFFECT_NOT_ASYNC_SIGNAL_SAFE = 1 << 4,
    EFFECT_DOES_NOT_RETURN = 1 << 5,
    EFFECT_POLLS = 1 << 6,        /* waits for several descriptors: the heart of an event loop */
    EFFECT_CREATES_FLOW = 1 << 7, /* runs other code in another thread or process that cannot be followed */
    EFFECT_EXECUTES = 1 << 8,     /* replaces the process by another program */
    EFFECT_RUNS_EVENT_LOOP = 1 << 9, /* is an event loop: calls what was registered until it is stopped */
    EFFECT_POOL = 1 << 10,           /* with CREATE_THREAD: on a bounded number of threads of the library */
    EFFECT_IN_SIGNAL = 1 << 11,      /* what it registers runs as a signal handler, not from an event loop */
    EFFECT_SWITCHES = 1 << 12,       /* continues another coroutine on this thread */
    EFFECT_FIELD = 1 << 13,          /* the name is a field's path: said of the functions stored there */
    EFFECT_NESTS =
        1 << 14, /* takes what is not yet held, or gives up what the call that belongs to it took */
    EFFECT_SHARED = 1 << 15,    /* with LOCK_TAKE, LOCK_TRY: other readers may hold the lock, too */
    EFFECT_GIVES_WAY = 1 << 17, /* on an event loop other tasks go on while it waits, whatever it waits for */
    EFFECT_BLOCKING_CALLEE =
        1 << 18, /* calls the function of CALLS once, whose waits no event loop watches */
    EFFECT_TRUE_ON_SUCCESS = 1 << 16, /* with LOCK_TRY: the lock was taken when the result is not 0 */
    EFFECT_MODEL_OUTSIDE =
        1 << 19, /* lets the environment choose the model in the options of its first argument */
    EFFECT_MAY_CRASH = 1 << 20, /* known to crash or to hang on some of its input: a process bounds that */
};

enum effect_block { BLOCK_NEVER, BLOCK_CAUSE, BLOCK_DESCRIPTOR };
enum effect_lock { LOCK_ACTION_NONE, LOCK_TAKE, LOCK_TRY, LOCK_RELEASE, LOCK_WAIT, LOCK_SIGNAL };
enum effect_create { CREATE_NOTHING, CREATE_THREAD, CREATE_PROCESS, CREATE_COROUTINE };

/* Scenario of a wait; also the index of effect.wait_ns. */
enum wait_level { WAIT_LOW, WAIT_TYPICAL, WAIT_HIGH, WAIT_LEVEL_COUNT };

#define NO_ARGUMENT (-1)

/* Argument numbers count from 0 here (from 1 in the files); NO_ARGUMENT means none. */
struct effect {
    char *name;
    double cpu_ns, cpu_ns_per_byte, typical_bytes;
    int size_argument;
    int pieces_argument; /* how many pieces the call moves, each at cpu_ns_per_piece */
    double cpu_ns_per_piece;
    enum effect_block block;
    enum wait_cause cause;   /* with BLOCK_CAUSE */
    int descriptor_argument; /* with BLOCK_DESCRIPTOR: a descriptor or a FILE * */
    gboolean has_wait_ns;    /* wait_ns replaces the host's cost of that cause */
    double wait_ns[WAIT_LEVEL_COUNT];
    int duration_argument; /* the time slept is this argument times duration_ns */
    double duration_ns;
    enum effect_lock lock;
    int lock_argument;
    enum lock_kind lock_kind;
    char *lock_name;    /* the one lock of a library: taken or given up, or else needed by the call; with
                           EFFECT_FIELD held when the stored functions are called. NULL for most */
    int mutex_argument; /* of a condition wait: the mutex given up meanwhile */
    enum effect_create creates;
    int start_argument; /* the function that the new thread or process runs; NO_ARGUMENT: like fork */
    /* Of what runs the tasks of a job: the field that holds their function, the one that holds their number,
       and of its options the one that holds the model; NULL for all others. */
    char *task_field, *count_field, *model_field;
    int options_argument;      /* with model_field: points to the options */
    int calls_argument;        /* called during the call, as by qsort */
    guint registers_arguments; /* bit i: argument i is called later by an event loop of the library */
    int exclusive_argument;    /* the object that only one thread at a time may use */
    gboolean opens;            /* makes a descriptor */
    enum wait_cause
        opens_cause;     /* what an operation on it waits for: disk, socket, pipe, terminal, timer, poll */
    int opens_argument;  /* the array that receives the descriptors; NO_ARGUMENT: the result is the descriptor
                          */
    int copies_argument; /* the result is another name of the descriptor in this argument */
    unsigned properties; /* enum effect_property */
};

struct effects;

/* The built-in effects, then those of each file of `files` (NULL-terminated, may be NULL). NULL with `error`
 * (ANALYZER_ERROR_INPUT, naming file and line) when a file is missing or does not follow the schema. */
struct effects *effects_load(const char *const *files, GError **error);
void effects_free(struct effects *effects);

/* NULL when nothing is known of the function. Knows the compiler's and glibc's other spellings of a name
 * (`__builtin_memcpy`, `__memcpy_chk`, `fopen64`), and families (`_mm_*`). */
const struct effect *effects_find(const struct effects *effects, const char *name);

/* Functions stored in such a field (EFFECT_FIELD) run by themselves, as signal handlers, in threads of a
 * library or as methods of an interpreter, and not from an event loop. */
gboolean effect_runs_alone(const struct effect *effect);

guint effects_count(const struct effects *effects);

/* One file of the source folder, compiled in by effects/embed.cmake. */
struct embedded_effects {
    const char *name;
    const unsigned char *text;
    gsize length;
};
extern const struct embedded_effects embedded_effects[]; /* ends with a NULL name */

#endif
