/* Blocks and their edges for every statement. */
#include <stdlib.h>

int a(void), b(void), c(void), d(void);

int branches(int n)
{
    if (a() && (b() || !c()))
        d();
    else if (n > 3)
        return a() ? b() : c();
    int value = a() && b();
    return value || d();
}

void cases(int n)
{
    switch (n) {
    case 1:
        a();
    case 2:
    case 3:
        b();
        break;
    default:
        c();
        return;
    case 10 ... 20:
        d();
    }
    switch (n)
    case 4:
        a();
}

void jumps(int n)
{
    while (a()) {
        if (n == 1)
            continue;
        if (n == 2)
            break;
        do {
            if (b())
                continue;
            n++;
        } while (c());
    }
    if (n == 3)
        exit(1);
    for (int i = 0; i < n; i++) {
        switch (i) {
        case 1:
            continue;
        case 2:
            break;
        case 3:
            return;
        }
        d();
    }
    __builtin_unreachable();
}

int constants(int n)
{
    if (0)
        a();
    while (1) {
        if (__builtin_expect(n > 3, 0))
            break;
        n += ({
            int inner = b();
            inner > 2 ? c() : d();
        });
    }
    return n ?: a();
}
