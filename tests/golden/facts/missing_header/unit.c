#include "generated.h"

int version(void)
{
    return GENERATED_VERSION;
}
