/* SPDX-License-Identifier: Apache-2.0 */
/* Three processes joined by pipes. */
#include <sys/wait.h>
#include <unistd.h>

static double work(double x)
{
    for (int i = 0; i < 2000000; i++)
        x = x * 1.000001 + 0.5;
    return x;
}

static void produce(int input, int output)
{
    (void)input;
    for (int i = 0; i < 1000; i++) {
        double value = work(i);
        write(output, &value, sizeof(value));
    }
}

static void change(int input, int output)
{
    double value;
    while (read(input, &value, sizeof(value)) == sizeof(value)) {
        value = work(value);
        write(output, &value, sizeof(value));
    }
}

static void collect(int input, int output)
{
    double value, sum = 0;
    while (read(input, &value, sizeof(value)) == sizeof(value))
        sum += work(value);
    write(output, &sum, sizeof(sum));
}

static void start(void (*job)(int input, int output), int input, int output)
{
    if (fork() == 0) {
        job(input, output);
        _exit(0);
    }
}

int main(void)
{
    int first[2], second[2];
    pipe(first);
    pipe(second);
    start(produce, 0, first[1]);
    start(change, first[0], second[1]);
    start(collect, second[0], 1);
    close(first[1]);
    close(second[1]);
    while (wait(NULL) > 0)
        ;
    return 0;
}
