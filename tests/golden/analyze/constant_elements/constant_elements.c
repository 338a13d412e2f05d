/* System calls behind a table, as sqlite's os_unix.c has them: an element with a constant index is that entry, and a
 * library function there has its effect; one with a varying index may be any. */
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

typedef void (*system_call)(void);

static int open_folder(const char *name)
{
    unsigned hash = 0;
    for (const char *at = name; *at; at++)
        for (int i = 0; i < 100000; i++)
            hash = hash * 31 + (unsigned)*at + (unsigned)i;
    return (int)hash;
}

static struct named_call {
    const char *name;
    system_call current, original;
} calls[] = {
    {"read", (system_call)read, NULL},
    {"sync", (system_call)fsync, NULL},
    {"folder", (system_call)open_folder, NULL},
};
#define os_read ((ssize_t(*)(int, void *, size_t))calls[0].current)
#define os_sync ((int (*)(int))calls[1].current)
#define os_folder ((int (*)(const char *))calls[2].current)

int set_call(int index, system_call with)
{
    calls[index].current = with;
    return index;
}

static int read_page(int fd, char *page)
{
    return (int)os_read(fd, page, 4096);
}

static int sync_file(int fd)
{
    return os_sync(fd);
}

static int name_hash(const char *name)
{
    return os_folder(name);
}

static int any(int index, const char *name)
{
    return ((int (*)(const char *))calls[index].current)(name);
}

int main(int argc, char **argv)
{
    char page[4096];
    int sum = 0;
    int fd = open(argv[1], O_RDWR);
    while (read_page(fd, page) > 0)
        sum += page[0];
    sum += sync_file(fd);
    for (int i = 2; i < argc; i++)
        sum += name_hash(argv[i]) + any(argc, argv[i]);
    return sum;
}
