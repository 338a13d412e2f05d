int size(char *buffer)
{
    extern int fill(char *, int);
    return fill(buffer, OUTER + INNER);
}
