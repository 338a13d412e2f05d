/* A tree walked by recursion, and two functions that call each other: both compute, nothing is lost of either. */
#include <stdlib.h>
#include <unistd.h>

struct node { struct node *left, *right; double weight; };

static double weigh(const struct node *node)
{
    return node ? node->weight + weigh(node->left) + weigh(node->right) : 0;
}

static int is_odd(int number);

static int is_even(int number)
{
    return number == 0 ? 1 : is_odd(number - 1);
}

static int is_odd(int number)
{
    return number == 0 ? 0 : is_even(number - 1);
}

static struct node *grow(int depth)
{
    struct node *node = depth > 0 ? malloc(sizeof *node) : NULL;
    if (node) {
        node->weight = depth;
        node->left = grow(depth - 1);
        node->right = grow(depth - 1);
    }
    return node;
}

int main(void)
{
    double sum = 0;
    struct node *tree = grow(20);
    for (int i = 0; i < 1000; i++)
        sum += weigh(tree) + is_even(i);
    return sum > 0 ? 0 : 1;
}
