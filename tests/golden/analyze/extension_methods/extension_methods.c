/* An extension of CPython. Methods run with the interpreter lock held: one computes under it, one gives it up to
 * compute, one waits under it, one needs Python's objects while it computes. */
#include "Python.h"

#include <unistd.h>

static double integrate(long steps)
{
    double sum = 0;
    for (long step = 0; step < 100000000; step++)
        sum += 1.0 / (double)(step + steps);
    return sum;
}

static PyObject *integrate_held(PyObject *self, PyObject *arguments)
{
    long steps;
    if (!PyArg_ParseTuple(arguments, "l", &steps))
        return NULL;
    return PyFloat_FromDouble(integrate(steps));
}

static PyObject *integrate_free(PyObject *self, PyObject *arguments)
{
    long steps;
    double sum;
    if (!PyArg_ParseTuple(arguments, "l", &steps))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    sum = integrate(steps);
    Py_END_ALLOW_THREADS
    return PyFloat_FromDouble(sum);
}

static PyObject *pause_held(PyObject *self, PyObject *seconds)
{
    sleep((unsigned)PyLong_AsLong(seconds));
    return PyLong_FromLong(0);
}

static PyObject *sum_list(PyObject *self, PyObject *list)
{
    double sum = 0;
    for (int round = 0; round < 10000; round++) {
        for (Py_ssize_t i = 0; i < PyList_Size(list); i++)
            sum += PyFloat_AsDouble(PyList_GetItem(list, i));
    }
    return PyFloat_FromDouble(sum);
}

/* Python is needed after each piece, but not for it. */
static PyObject *integrate_pieces(PyObject *self, PyObject *progress)
{
    double sum = 0;
    for (long piece = 0; piece < 100; piece++) {
        sum += integrate(piece);
        PyObject_CallOneArg(progress, PyLong_FromLong(piece));
    }
    return PyFloat_FromDouble(sum);
}

static PyMethodDef methods[] = {
    {"integrate_held", integrate_held, METH_VARARGS, ""},
    {"integrate_free", (PyCFunction)(void (*)(void))integrate_free, METH_VARARGS, ""},
    {"integrate_pieces", integrate_pieces, METH_O, ""},
    {"pause_held", pause_held, METH_O, ""},
    {"sum_list", sum_list, METH_O, ""},
    {NULL, NULL, 0, NULL},
};

static PyObject *counter_next(PyObject *self)
{
    return PyLong_FromLong(1);
}

static PyType_Slot counter_slots[] = {{Py_tp_iternext, (void *)counter_next}, {0, NULL}};
static PyType_Spec counter_spec = {"extension_methods.Counter", sizeof(PyObject), 0, 0, counter_slots};

static int prepare(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&counter_spec);
    return type ? PyModule_AddObject(module, "Counter", type) : -1;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void *)prepare}, {0, NULL}};
static struct PyModuleDef module = {.m_name = "extension_methods", .m_methods = methods, .m_slots = slots};

PyMODINIT_FUNC PyInit_extension_methods(void)
{
    return PyModuleDef_Init(&module);
}
