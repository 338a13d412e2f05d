static int parts;

static int part(int n)
{
    return parts++ + n;
}
