/* What a call through a pointer costs depends on which function stands there. A class that holds for one of
 * them only is a guess; one that holds for all of them is not. */
#include <stdint.h>
#include <string.h>
#include <unistd.h>

struct store {
    void (*put)(const unsigned char *bytes, unsigned long length);
    uint32_t (*digest)(const unsigned char *bytes, unsigned long length);
};

static unsigned char memory[1 << 20];
static unsigned long used;
static int file;

static void put_in_memory(const unsigned char *bytes, unsigned long length)
{
    for (unsigned long i = 0; i < length; i++)
        memory[used++ % sizeof(memory)] = bytes[i];
}

static void put_in_file(const unsigned char *bytes, unsigned long length)
{
    write(file, bytes, length);
    fsync(file);
}

static uint32_t digest_by_sum(const unsigned char *bytes, unsigned long length)
{
    uint32_t sum = 0;
    for (unsigned long i = 0; i < length; i++)
        sum += bytes[i];
    return sum;
}

static uint32_t digest_by_product(const unsigned char *bytes, unsigned long length)
{
    uint32_t product = 1;
    for (unsigned long i = 0; i < length; i++)
        product = product * 16777619 ^ bytes[i];
    return product;
}

static const struct store stores[] = {{put_in_memory, digest_by_sum}, {put_in_file, digest_by_product}};

/* unsure: the file waits, the memory computes */
static void store_all(const struct store *store, const unsigned char *bytes, unsigned long count)
{
    for (unsigned long i = 0; i < count; i++)
        store->put(bytes + i * 4096, 4096);
}

/* cpu: both compute */
static uint32_t digest_all(const struct store *store, const unsigned char *bytes, unsigned long count)
{
    uint32_t all = 0;
    for (unsigned long i = 0; i < count; i++)
        all ^= store->digest(bytes + i * 4096, 4096);
    return all;
}

int main(int count, char **words)
{
    const struct store *store = &stores[count > 1 && strcmp(words[1], "file") == 0];
    store_all(store, memory, 100);
    return (int)digest_all(store, memory, 100);
}
