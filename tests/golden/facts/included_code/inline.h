static inline int clamp(int n)
{
    return n > 9 ? 9 : n;
}

int only_declared(int n);
