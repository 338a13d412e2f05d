/* Functions of a library of which nothing is known: listed with their calls, most called first; calls in code
 * that is never reached, of known functions and through pointers are not. */
#include <stdio.h>
#include <string.h>

int vendor_open(const char *name);
int vendor_read(int device, void *data, size_t size);
void vendor_close(int device);
int vendor_debug(int level);

static size_t copy(int device, unsigned char *to)
{
    unsigned char block[512];
    size_t total = 0;
    int got;
    while ((got = vendor_read(device, block, sizeof(block))) > 0) {
        memcpy(to + total, block, (size_t)got);
        total += (size_t)got;
    }
    return total;
}

int never_called(void)
{
    return vendor_debug(3) + vendor_debug(4) + vendor_debug(5);
}

int main(int count, char **names)
{
    static unsigned char data[1 << 20];
    int first = vendor_open(names[1]), second = vendor_open(names[count - 1]);
    size_t total = copy(first, data);
    total += (size_t)vendor_read(second, data, sizeof(data));
    vendor_close(first);
    vendor_close(second);
    printf("%zu\n", total);
    return vendor_read(first, data, 1) > 0;
}
