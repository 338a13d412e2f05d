/* SPDX-License-Identifier: Apache-2.0 */
/* A hash over a password: as long as the source says, or as long as a file says, which nobody knows here. */
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

typedef struct evp_md_st EVP_MD;
const EVP_MD *EVP_sha512(void);
int PKCS5_PBKDF2_HMAC(const char *password, int length, const unsigned char *salt, int salt_length,
                      int iterations, const EVP_MD *kind, int key_length, unsigned char *key);

struct handler {
    void (*run)(int descriptor);
};

static unsigned char digest[64];
static int iterations_in_file;

static void hash(const char *password, int iterations)
{
    PKCS5_PBKDF2_HMAC(password, (int)strlen(password), digest, 16, iterations, EVP_sha512(), 64, digest);
}

static void on_known_user(int descriptor)
{
    char password[64];
    if (read(descriptor, password, sizeof(password)) > 0)
        hash(password, iterations_in_file);
}

static void on_new_user(int descriptor)
{
    char password[64];
    if (read(descriptor, password, sizeof(password)) > 0)
        PKCS5_PBKDF2_HMAC(password, 63, digest, 16, 600000, EVP_sha512(), 64, digest);
}

static struct handler handlers[2] = {{on_known_user}, {on_new_user}};

int main(int count, char **arguments)
{
    struct epoll_event events[8];
    int loop = epoll_create1(0);
    iterations_in_file = (int)strlen(arguments[count - 1]);
    for (;;) {
        int ready = epoll_wait(loop, events, 8, -1);
        for (int i = 0; i < ready; i++)
            handlers[events[i].data.fd % 2].run(events[i].data.fd);
    }
}
