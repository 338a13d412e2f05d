/* Code of included .c files, of project headers, and of macros. */
#include "inline.h"
#include "part.c"

#define LOCKED(statement)                                                                                    \
    do {                                                                                                     \
        enter();                                                                                             \
        statement;                                                                                           \
        leave();                                                                                             \
    } while (0)

void enter(void);
void leave(void);

int whole(int n)
{
    LOCKED(n = part(n));
    return clamp(n);
}
