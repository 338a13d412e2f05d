/* Which element of a table a constant index means. */
#include <stddef.h>
#include <unistd.h>

typedef void (*call)(void);
typedef void handler(int);
enum { FIRST, SECOND, THIRD };
void a(int), b(int), c(int);

static struct system_call {
    const char *name;
    call current, original;
} calls[] = {{"read", (call)read, NULL}, {"write", (call)write}, {"sync", NULL}};
handler *const list[4] = {[THIRD] = c, a, [0] = b};
handler *ranged[4] = {[1 ... 2] = a, c};
static handler *grid[2][2] = {{a, b}, c};
struct {
    int count;
    union {
        handler *run;
        void *data;
    };
    handler *all[2];
} pair[2] = {{1, {a}, {b, c}}, {.all[1] = a}}, one = {1, {b}, {b, c}};
extern handler *elsewhere[4];

void use(int n, void *data, handler *given)
{
    static handler *inside[] = {a, b};
    handler *local[] = {a, b};
    ((int (*)(int, void *, size_t))calls[0].current)(0, data, 1);
    calls[FIRST + 1].current();
    calls[2].current();
    calls[n].current();
    list[THIRD](1);
    list[3](1);
    list[n](1);
    ranged[1](1);
    ranged[3](1);
    grid[1][0](1);
    grid[n][0](1);
    pair[0].run(1);
    pair[1].all[1](1);
    one.all[0](1);
    elsewhere[1](1);
    inside[1](1);
    local[1](1);
    (*list)(1);
    pair[1].run = given;
    grid[0][1] = c;
}
