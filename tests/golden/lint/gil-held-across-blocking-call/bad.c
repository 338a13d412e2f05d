/* SPDX-License-Identifier: Apache-2.0 */
#include <netdb.h>
#include <stddef.h>
#include <unistd.h>

typedef struct object PyObject;
typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);
struct PyMethodDef {
    const char *ml_name;
    PyCFunction ml_meth;
    int ml_flags;
    const char *ml_doc;
};
PyObject *PyLong_FromLong(long);
PyObject *PyModule_Create2(void *, int);

static int resolve(const char *name)
{
    struct addrinfo *found;
    return getaddrinfo(name, "80", NULL, &found);
}

static PyObject *lookup(PyObject *self, PyObject *arguments)
{
    (void)self;
    (void)arguments;
    return PyLong_FromLong(resolve("example.org"));
}

static PyObject *pause_one_second(PyObject *self, PyObject *arguments)
{
    (void)self;
    (void)arguments;
    sleep(1);
    return PyLong_FromLong(0);
}

static struct PyMethodDef methods[] = {
    {"lookup", lookup, 1, NULL},
    {"pause", pause_one_second, 1, NULL},
    {NULL, NULL, 0, NULL},
};

PyObject *PyInit_example(void)
{
    return PyModule_Create2(methods, 3);
}
