/* SPDX-License-Identifier: Apache-2.0 */
/* Lesson: a C function that Python calls holds the interpreter's lock until it gives it up. Four Python
 * threads look for the longest Collatz sequence (n → n/2 or 3n+1, until 1), and C does all of the work: it
 * could run on four cores, and runs on one. */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x03080000 /* one module for every Python from 3.8 on */
#include <Python.h>

#include <stdint.h>

#define RANGE_NUMBERS 150000

static int collatz_steps(uint64_t number)
{
    int steps = 0;
    while (number != 1) {
        number = number % 2 == 0 ? number / 2 : 3 * number + 1;
        steps++;
    }
    return steps;
}

/* Computes for some 30 milliseconds. Nothing in it is Python's. */
__attribute__((noinline)) static int search_range(uint64_t first)
{
    int most = 0;
    for (int i = 0; i < RANGE_NUMBERS; i++) {
        int steps = collatz_steps(first + (uint64_t)i);
        most = steps > most ? steps : most;
    }
    return most;
}

/* The lesson: between Py_BEGIN_ALLOW_THREADS and Py_END_ALLOW_THREADS the call of search_range would let the
 * other threads run. */
static PyObject *longest_in_range(PyObject *module, PyObject *number)
{
    (void)module;
    long range = PyLong_AsLong(number);
    if (range < 0)
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_ValueError, "range %ld is negative", range);
    int steps = search_range((uint64_t)range * RANGE_NUMBERS + 1);
    return PyLong_FromLong(steps);
}

static PyMethodDef methods[] = {
    {"longest_in_range", longest_in_range, METH_O,
     "Steps of the longest sequence that starts in this range."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "interpreter_lock", .m_size = 0,
                                        .m_methods = methods};

PyMODINIT_FUNC PyInit_interpreter_lock(void)
{
    return PyModule_Create(&definition);
}
