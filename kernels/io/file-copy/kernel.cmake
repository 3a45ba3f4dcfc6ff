set(KERNEL_PACKAGES liburing)
