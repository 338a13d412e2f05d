struct node {
    struct node *left, *right;
    int value;
};

int sum(const struct node *node)
{
    return node ? node->value + sum(node->left) + sum(node->right) : 0;
}

static int odd(unsigned n);

static int even(unsigned n)
{
    return n == 0 || odd(n - 1);
}

static int odd(unsigned n)
{
    return n && even(n - 1);
}

int parity(unsigned n)
{
    return even(n);
}
