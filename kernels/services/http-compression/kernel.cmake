set(KERNEL_PACKAGES libcurl zlib)
