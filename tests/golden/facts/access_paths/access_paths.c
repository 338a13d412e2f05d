/* Globals, statics, fields and escaping locals; what only one call can see is no fact. */
typedef struct {
    int size;
} box;
struct list {
    struct list *next;
    struct {
        int deep;
    } in;
    int values[4];
    union {
        int low;
        char bytes[4];
    };
};

int global, shared[4];
static int counter;
_Thread_local int own;
const int limit = 3;
volatile int flag;
extern struct list *head;
static struct {
    int hits;
    struct {
        int deep;
    } in;
} state;

void keep(int *kept);
void fill(char *buffer);

void use(box *given, struct list *list, int i, int *out)
{
    static int calls;
    int local = 0, kept = 0, *alias = &global;
    char buffer[8];
    box mine = {1};
    counter++;
    shared[i] = own;
    state.hits = state.in.deep;
    given->size = local;
    mine.size = 2;
    calls += mine.size;
    keep(&kept);
    kept = limit;
    list->next->in.deep = list->values[i];
    list->low = head->low;
    *out = flag;
    *alias = 1;
    fill(buffer);
    buffer[0] = 1;
    (*given).size = sizeof(global);
    global = global ? counter : shared[global];
}
