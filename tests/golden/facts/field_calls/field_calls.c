/* Function pointers in fields, tables, parameters and results. */
#include <stddef.h>

typedef void handler(int);
struct operations {
    int id;
    handler *run;
    struct {
        handler *in[2];
    } deep;
};
struct loop {
    struct operations *operations;
    handler *wake;
};

void a(int), b(int), c(int);
struct operations table[] = {{1, a, {{b, c}}}, {.run = b, .deep.in[1] = a}, {3, c, b, a}};
handler *const list[] = {[2] = c, a};
static handler *single = b;

void add(struct loop *loop, handler *wake)
{
    loop->wake = wake;
    loop->operations->run = loop->wake;
}

handler *choose(int n)
{
    return n ? a : b;
}

void use(struct loop *loop, handler *given, int n)
{
    handler *mine = n ? b : c;
    add(loop, a);
    loop->operations->run(1);
    (*loop->wake)(2);
    given(3);
    mine(4);
    list[n](5);
    choose(1)(6);
    single(7);
    if (loop->wake)
        add(loop, NULL);
}

/* A parameter with the type of a function is a pointer, too. */
void keep(struct loop *loop, handler given)
{
    loop->wake = given;
}
