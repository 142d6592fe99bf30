// What a process costs that does nothing, from start to exit: the C library and
// the kernel. Linked statically, as the program is. bench/costs.py runs it.
int main(void)
{
    return 0;
}
