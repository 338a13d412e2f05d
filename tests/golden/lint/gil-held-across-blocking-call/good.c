/* SPDX-License-Identifier: Apache-2.0 */
/* The lock is given up around what waits. */
#include <netdb.h>
#include <stddef.h>
#include <unistd.h>

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
PyObject *PyModule_Create2(void *, int);
PyThreadState *PyEval_SaveThread(void);
void PyEval_RestoreThread(PyThreadState *);

static int resolve(const char *name)
{
    struct addrinfo *found;
    return getaddrinfo(name, "80", NULL, &found);
}

static PyObject *lookup(PyObject *self, PyObject *arguments)
{
    (void)self;
    (void)arguments;
    PyThreadState *state = PyEval_SaveThread();
    int result = resolve("example.org");
    sleep(1);
    PyEval_RestoreThread(state);
    return PyLong_FromLong(result);
}

static struct PyMethodDef methods[] = {
    {"lookup", lookup, 1, NULL},
    {NULL, NULL, 0, NULL},
};

PyObject *PyInit_example(void)
{
    sleep(1);
    return PyModule_Create2(methods, 3);
}
