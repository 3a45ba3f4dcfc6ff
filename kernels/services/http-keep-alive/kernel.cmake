set(KERNEL_PACKAGES libcurl)
