/* SPDX-License-Identifier: Apache-2.0 */
/* The lock is given up; or the loop works on objects of the interpreter, on memory that all calls share,
 * calls what only one thread may call, or is over at once. */
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

typedef struct object PyObject;
typedef struct thread_state PyThreadState;
typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);
struct PyMethodDef {
    const char *ml_name;
    PyCFunction ml_meth;
    int ml_flags;
    const char *ml_doc;
};
PyObject *PyLong_FromLong(long);
int PyList_Append(PyObject *, PyObject *);
PyObject *PyModule_Create2(void *, int);
PyThreadState *PyEval_SaveThread(void);
void PyEval_RestoreThread(PyThreadState *);

static unsigned long state;

static unsigned long mix(unsigned long seed, int rounds)
{
    for (int i = 0; i < rounds; i++)
        seed = seed * 6364136223846793005UL + 1442695040888963407UL;
    return seed;
}

static PyObject *released(PyObject *self, PyObject *arguments)
{
    (void)self;
    (void)arguments;
    PyThreadState *thread = PyEval_SaveThread();
    unsigned long result = 0;
    for (int i = 0; i < 1000000; i++)
        result += mix(result, 10);
    PyEval_RestoreThread(thread);
    return PyLong_FromLong((long)result);
}

static PyObject *fill(PyObject *self, PyObject *list)
{
    (void)self;
    for (long i = 0; i < 10000000; i++)
        PyList_Append(list, PyLong_FromLong(i * i));
    return list;
}

static PyObject *next_random(PyObject *self, PyObject *arguments)
{
    (void)self;
    (void)arguments;
    for (int i = 0; i < 10000000; i++)
        state = state * 6364136223846793005UL + 1442695040888963407UL;
    return PyLong_FromLong((long)state);
}

static PyObject *days(PyObject *self, PyObject *arguments)
{
    (void)self;
    (void)arguments;
    long sum = 0;
    for (time_t day = 0; day < 1000000; day++)
        sum += localtime(&day)->tm_yday;
    return PyLong_FromLong(sum);
}

static PyObject *short_one(PyObject *self, PyObject *arguments)
{
    (void)self;
    (void)arguments;
    long sum = 0;
    for (int i = 0; i < 100; i++)
        sum = sum * 31 + i;
    return PyLong_FromLong(sum);
}

static struct PyMethodDef methods[] = {
    {"released", released, 1, NULL}, {"fill", fill, 1, NULL},           {"next_random", next_random, 1, NULL},
    {"days", days, 1, NULL},         {"short_one", short_one, 1, NULL}, {NULL, NULL, 0, NULL},
};

PyObject *PyInit_example(void)
{
    return PyModule_Create2(methods, 6);
}
