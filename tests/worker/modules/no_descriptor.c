/* A library that is not a kernel. */
int not_a_kernel(void);
int not_a_kernel(void) {
    return 42;
}
