int whole(void)
{
    return 1;
}
