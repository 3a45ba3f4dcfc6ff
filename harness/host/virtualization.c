#include "host/virtualization.h"

#include "host/text_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

struct naming {
    const char *sign, *name;
};

static const char *find_name(const struct naming *table, size_t count, const char *text) {
    for (size_t i = 0; i < count; i++)
        if (strstr(text, table[i].sign))
            return table[i].name;
    return NULL;
}

void hypervisor_by_signature(const char *signature, char *name, size_t size) {
    static const struct naming signatures[] = {
        {"KVMKVMKVM", "kvm"},           {"Linux KVM Hv", "kvm"},       {"VMwareVMware", "vmware"},
        {"Microsoft Hv", "hyper-v"},    {"XenVMMXenVMM", "xen"},       {"TCGTCGTCGTCG", "qemu"},
        {"VBoxVBoxVBox", "virtualbox"}, {"bhyve bhyve ", "bhyve"},     {"ACRNACRNACRN", "acrn"},
        {" lrpepyh vr", "parallels"},   {"QNXQVMBSQG", "qnx"},         {"Jailhouse", "jailhouse"},
        {"SRESRESRESRE", "lmhs"},       {"EVMMEVMMEVMM", "intel-kgt"},
    };
    const char *known = find_name(signatures, sizeof signatures / sizeof *signatures, signature);
    snprintf(name, size, "%s", known ? known : signature);
}

void hypervisor_by_dmi(const char *vendor, const char *product, char *name, size_t size) {
    static const struct naming products[] = {
        {"KVM", "kvm"},       {"VirtualBox", "virtualbox"},
        {"VMware", "vmware"}, {"Virtual Machine", "hyper-v"},
        {"HVM domU", "xen"},  {"Google Compute Engine", "kvm"},
    };
    static const struct naming vendors[] = {
        {"QEMU", "qemu"},     {"VMware", "vmware"},  {"Xen", "xen"},     {"Parallels", "parallels"},
        {"OpenStack", "kvm"}, {"Amazon EC2", "kvm"}, {"BHYVE", "bhyve"}, {"Alibaba", "kvm"},
    };
    name[0] = '\0';
    if (strstr(product, ".metal")) /* an instance of EC2 that is the whole machine */
        return;
    const char *known = find_name(products, sizeof products / sizeof *products, product);
    if (!known)
        known = find_name(vendors, sizeof vendors / sizeof *vendors, vendor);
    snprintf(name, size, "%s", known ? known : "");
}

#if defined(__x86_64__)
/* CPUID leaf 1 ECX bit 31 is never set by a processor; leaf 40000000H then names the hypervisor. */
static bool read_signature(char signature[13]) {
    unsigned registers[4];
    if (!__get_cpuid(1, &registers[0], &registers[1], &registers[2], &registers[3]) ||
        !(registers[2] & 1u << 31))
        return false;
    __cpuid(0x40000000u, registers[0], registers[1], registers[2], registers[3]);
    memcpy(signature, &registers[1], 12);
    signature[12] = '\0';
    return true;
}
#endif

void hypervisor_read(char *name, size_t size) {
    char vendor[128], product[128];
#if defined(__x86_64__)
    char signature[13];
    if (read_signature(signature)) {
        hypervisor_by_signature(signature, name, size);
        if (!name[0])
            snprintf(name, size, "unknown");
        return;
    }
#endif
    text_file_line("/sys/class/dmi/id/sys_vendor", vendor, sizeof vendor);
    text_file_line("/sys/class/dmi/id/product_name", product, sizeof product);
    hypervisor_by_dmi(vendor, product, name, size);
    if (!name[0]) {
        char compatible[64];
        text_file_line("/proc/device-tree/hypervisor/compatible", compatible, sizeof compatible);
        const char *part = strrchr(compatible, ',');
        snprintf(name, size, "%s", part ? part + 1 : compatible);
    }
}

void container_by_signs(const struct container_signs *signs, char *name, size_t size) {
    static const struct naming paths[] = {
        {"/kubepods", "kubernetes"}, {"/docker/", "docker"}, {"/docker-", "docker"},
        {"/libpod-", "podman"},      {"/lxc/", "lxc"},       {"/lxc.payload", "lxc"},
        {"/garden", "garden"},
    };
    const char *known = NULL;
    if (signs->containerenv)
        known = "podman";
    else if (signs->dockerenv)
        known = "docker";
    else if (signs->systemd[0])
        known = signs->systemd;
    else
        known = find_name(paths, sizeof paths / sizeof *paths, signs->cgroup);
    snprintf(name, size, "%s", known ? known : "");
}

void container_read(char *name, size_t size) {
    char systemd[32], *cgroup = NULL;
    text_file_line("/run/systemd/container", systemd, sizeof systemd);
    if (text_file_read("/proc/self/cgroup", &cgroup))
        cgroup = NULL;
    struct container_signs signs = {
        .dockerenv = access("/.dockerenv", F_OK) == 0,
        .containerenv = access("/run/.containerenv", F_OK) == 0,
        .systemd = systemd,
        .cgroup = cgroup ? cgroup : "",
    };
    container_by_signs(&signs, name, size);
    free(cgroup);
}
