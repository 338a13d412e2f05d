/* A class is that of the common way through a function: neither a message about trouble, nor the refill of a
 * buffer, nor the end of the program makes computing code look like I/O. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SIZE 4096

static unsigned char input[SIZE];
static int next, end;
static void (*out_of_memory)(void);

static void log_error(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
}

static void give_up(void)
{
    log_error("out of memory\n");
    abort();
}

static int refill(void)
{
    end = (int)read(0, input, SIZE);
    next = 0;
    return end > 0 ? input[next++] : -1;
}

static int next_byte(void)
{
    return next < end ? input[next++] : refill();
}

/* cpu: one read for thousands of bytes */
static unsigned long sum_bytes(void)
{
    unsigned long sum = 0;
    int byte;
    while ((byte = next_byte()) >= 0)
        sum = sum * 31 + (unsigned long)byte;
    return sum;
}

/* cpu: the message is the exception */
static unsigned long check(const unsigned char *text, unsigned long length)
{
    unsigned long sum = 0;
    for (unsigned long i = 0; i < length; i++) {
        if (text[i] == '\0')
            log_error("zero byte at %lu\n", i);
        sum += text[i] * i;
    }
    return sum;
}

/* cpu: what the handler does ends the program */
static unsigned char *copy(const unsigned char *text, unsigned long length)
{
    unsigned char *fresh = malloc(length);
    if (!fresh)
        out_of_memory();
    for (unsigned long i = 0; i < length; i++)
        fresh[i] = text[i];
    return fresh;
}

/* io: until all is written */
static int write_all(int descriptor, const char *bytes, long length)
{
    while (length > 0) {
        long written = write(descriptor, bytes, (size_t)length);
        if (written < 0) {
            log_error("cannot write\n");
            return -1;
        }
        bytes += written;
        length -= written;
    }
    return 0;
}

int main(int count, char **words)
{
    out_of_memory = give_up;
    unsigned char *text = copy((unsigned char *)words[0], (unsigned long)count);
    unsigned long sum = sum_bytes() + check(text, (unsigned long)count);
    return write_all(1, words[0], (long)(sum % 4096));
}
