set(KERNEL_PACKAGES hiredis)
