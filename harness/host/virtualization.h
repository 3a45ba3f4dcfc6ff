/* Whether the machine is a virtual one, or a container. Pure functions of what CPUID, DMI and files say. */
#ifndef HOST_VIRTUALIZATION_H
#define HOST_VIRTUALIZATION_H

#include <stdbool.h>
#include <stddef.h>

/** Names a hypervisor by its 12-character CPUID signature (leaf 40000000H): "kvm"; the signature itself if
 * unknown. */
void hypervisor_by_signature(const char *signature, char *name, size_t size);

/** Names a hypervisor by what DMI says of vendor and product; empty for bare metal and what is not known. */
void hypervisor_by_dmi(const char *vendor, const char *product, char *name, size_t size);

/** Name of this machine's hypervisor, empty on bare metal. */
void hypervisor_read(char *name, size_t size);

/** What tells of a container; texts may be empty. */
struct container_signs {
    bool dockerenv, containerenv; /**< /.dockerenv, /run/.containerenv exist */
    const char *systemd;          /**< /run/systemd/container */
    const char *cgroup;           /**< /proc/self/cgroup */
};

/** Names the container by its signs; empty for none. */
void container_by_signs(const struct container_signs *signs, char *name, size_t size);

/** Name of the container this process runs in; empty outside one. */
void container_read(char *name, size_t size);

#endif
