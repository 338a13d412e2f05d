/* Of CPython's Python.h what the cases need, with the names that its macros have behind them, so that they can be
 * analysed where the header is not installed. */
#include <stddef.h>
#include <sys/types.h>

typedef ssize_t Py_ssize_t;
typedef struct _object {
    Py_ssize_t ob_refcnt;
    struct _typeobject *ob_type;
} PyObject;
typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);
typedef struct PyMethodDef {
    const char *ml_name;
    PyCFunction ml_meth;
    int ml_flags;
    const char *ml_doc;
} PyMethodDef;
typedef struct {
    int slot;
    void *pfunc;
} PyType_Slot;
typedef struct {
    const char *name;
    int basicsize, itemsize;
    unsigned flags;
    PyType_Slot *slots;
} PyType_Spec;
typedef struct PyModuleDef_Slot {
    int slot;
    void *value;
} PyModuleDef_Slot;
typedef struct PyModuleDef {
    const char *m_name;
    PyMethodDef *m_methods;
    PyModuleDef_Slot *m_slots;
} PyModuleDef;
typedef struct _ts PyThreadState;

#define METH_VARARGS   1
#define METH_O         8
#define Py_mod_exec    2
#define Py_tp_iternext 63
#define PyMODINIT_FUNC PyObject *
#define Py_BEGIN_ALLOW_THREADS                                                                               \
    {                                                                                                        \
        PyThreadState *_save;                                                                                \
        _save = PyEval_SaveThread();
#define Py_BLOCK_THREADS     PyEval_RestoreThread(_save);
#define Py_UNBLOCK_THREADS   _save = PyEval_SaveThread();
#define Py_END_ALLOW_THREADS                                                                                 \
    PyEval_RestoreThread(_save);                                                                             \
    }

PyThreadState *PyEval_SaveThread(void);
void PyEval_RestoreThread(PyThreadState *state);
int PyGILState_Ensure(void);
void PyGILState_Release(int state);
int PyArg_ParseTuple(PyObject *arguments, const char *format, ...);
long PyLong_AsLong(PyObject *object);
double PyFloat_AsDouble(PyObject *object);
char *PyBytes_AsString(PyObject *object);
Py_ssize_t PyBytes_Size(PyObject *object);
Py_ssize_t PyList_Size(PyObject *list);
PyObject *PyList_GetItem(PyObject *list, Py_ssize_t index);
PyObject *PyLong_FromLong(long value);
PyObject *PyFloat_FromDouble(double value);
PyObject *PyErr_NoMemory(void);
PyObject *PyObject_CallOneArg(PyObject *function, PyObject *argument);
PyObject *PyType_FromSpec(PyType_Spec *spec);
int PyModule_AddObject(PyObject *module, const char *name, PyObject *value);
PyObject *PyModuleDef_Init(PyModuleDef *module);
