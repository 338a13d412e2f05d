/* An extension of CPython that gives the interpreter lock up wherever it is slow: in the method, in functions of its
 * own around the work, for large inputs only, and around a library that calls back into Python. */
#include "../extension_methods/Python.h"

#include <stdlib.h>
#include <unistd.h>

struct work {
    PyThreadState *state;
    PyObject *progress;
};

static unsigned long mix(const char *bytes, Py_ssize_t length)
{
    unsigned long sum = 1;
    for (int round = 0; round < 100000; round++)
        for (Py_ssize_t i = 0; i < length; i++)
            sum = sum * 31 + (unsigned char)bytes[i];
    return sum;
}

static void enter(struct work *work)
{
    work->state = PyEval_SaveThread();
}

static void leave(struct work *work)
{
    PyEval_RestoreThread(work->state);
}

static PyObject *mix_between(PyObject *self, PyObject *bytes)
{
    struct work work;
    const char *data = PyBytes_AsString(bytes);
    Py_ssize_t length = PyBytes_Size(bytes);
    enter(&work);
    unsigned long sum = mix(data, length);
    leave(&work);
    return PyLong_FromLong((long)sum);
}

static PyObject *read_blocks(PyObject *self, PyObject *descriptor)
{
    char *block = malloc(65536);
    int file = (int)PyLong_AsLong(descriptor);
    long total = 0;
    ssize_t got;
    if (!block)
        return PyErr_NoMemory();
    Py_BEGIN_ALLOW_THREADS
    while ((got = read(file, block, 65536)) != 0) {
        if (got < 0) {
            Py_BLOCK_THREADS
            free(block);
            return PyErr_NoMemory();
        }
        total += got;
    }
    Py_END_ALLOW_THREADS
    free(block);
    return PyLong_FromLong(total);
}

/* Called by the work, which runs without the lock. */
static void tell(struct work *work, long round)
{
    int state = PyGILState_Ensure();
    PyObject_CallOneArg(work->progress, PyLong_FromLong(round));
    PyGILState_Release(state);
    usleep(1000);
}

static PyObject *mix_and_tell(PyObject *self, PyObject *progress)
{
    struct work work = {.progress = progress};
    unsigned long sum = 0;
    Py_BEGIN_ALLOW_THREADS
    for (long round = 0; round < 100; round++) {
        sum ^= mix("abc", 3);
        tell(&work, round);
    }
    Py_END_ALLOW_THREADS
    return PyLong_FromLong((long)sum);
}

static PyMethodDef methods[] = {
    {"mix_between", mix_between, METH_O, ""},
    {"read_blocks", read_blocks, METH_O, ""},
    {"mix_and_tell", mix_and_tell, METH_O, ""},
    {NULL, NULL, 0, NULL},
};
static struct PyModuleDef module = {.m_name = "extension_released", .m_methods = methods};

PyMODINIT_FUNC PyInit_extension_released(void)
{
    return PyModuleDef_Init(&module);
}
