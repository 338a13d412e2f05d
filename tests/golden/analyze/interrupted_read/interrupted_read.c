/* A read that is tried again when a signal interrupts it is one read; so is a loop that reads until it has
 * everything. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

static long read_some(int file, char *bytes, unsigned long length, long offset)
{
    long got;
    do {
        got = pread(file, bytes, length, offset);
    } while (got < 0 && errno == EINTR);
    return got;
}

static void read_all(int file, char *bytes, unsigned long length)
{
    long got, offset = 0;
    do {
        got = read_some(file, bytes + offset, length, offset);
    } while (got > 0 && (offset += got, length -= (unsigned long)got));
}

/* cpu: one read of some ten kilobytes, each byte of which is looked at */
static uint32_t checksum(int file)
{
    static char bytes[65536];
    uint32_t sum = 0;
    read_all(file, bytes, sizeof(bytes));
    for (unsigned long i = 0; i < sizeof(bytes); i++)
        sum = (sum << 5) + sum + (unsigned char)bytes[i];
    return sum;
}

int main(void)
{
    return (int)(checksum(0) & 127);
}
