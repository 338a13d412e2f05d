/* Each value needs the last one: there is nothing to divide. */
int main(void)
{
    unsigned long value = 1;
    for (long i = 0; i < 2000000000; i++)
        value = value * 6364136223846793005 + 1442695040888963407;
    return (int)(value & 1);
}
