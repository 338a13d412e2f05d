/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

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

static unsigned long mix(unsigned long seed)
{
    for (int i = 0; i < 10000000; i++)
        seed = seed * 6364136223846793005UL + 1442695040888963407UL;
    return seed;
}

static PyObject *compute(PyObject *self, PyObject *arguments)
{
    (void)self;
    (void)arguments;
    return PyLong_FromLong((long)mix(42));
}

static struct PyMethodDef methods[] = {
    {"compute", compute, 1, NULL},
    {NULL, NULL, 0, NULL},
};

PyObject *PyInit_example(void)
{
    return PyModule_Create2(methods, 3);
}
