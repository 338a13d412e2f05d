int use(int n);

#ifdef SERVER
int serve(void)
{
    return use(PORT);
}
#else
int ask(void)
{
    return 0;
}
#endif
