int fast(int value);
int slow(int value);

int main(int argc, char **argv)
{
    return fast(argc) + slow(argc);
}
