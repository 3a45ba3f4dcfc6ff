#include "base/soft_limit.h"

int soft_limit(__rlimit_resource_t resource, uint64_t value) {
    struct rlimit limits;
    if (getrlimit(resource, &limits) != 0)
        return -1;
    limits.rlim_cur = value < limits.rlim_max ? value : limits.rlim_max;
    return setrlimit(resource, &limits);
}
