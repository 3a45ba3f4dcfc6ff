#include "host/virtualization.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void signatures_have_names(void **state) {
    (void)state;
    char name[32];
    const char *const expected[][2] = {{"KVMKVMKVM", "kvm"},        {"VMwareVMware", "vmware"},
                                       {"Microsoft Hv", "hyper-v"}, {"XenVMMXenVMM", "xen"},
                                       {"TCGTCGTCGTCG", "qemu"},    {"NobodysHv123", "NobodysHv123"}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        hypervisor_by_signature(expected[i][0], name, sizeof name);
        assert_string_equal(name, expected[i][1]);
    }
}

static void dmi_has_names(void **state) {
    (void)state;
    char name[32];
    const char *const expected[][3] = {{"QEMU", "KVM Virtual Machine", "kvm"},
                                       {"QEMU", "Standard PC (Q35 + ICH9, 2009)", "qemu"},
                                       {"Amazon EC2", "c7g.large", "kvm"},
                                       {"Amazon EC2", "c7g.metal", ""},
                                       {"Microsoft Corporation", "Virtual Machine", "hyper-v"},
                                       {"Microsoft Corporation", "Surface Pro 9", ""},
                                       {"Google", "Google Compute Engine", "kvm"},
                                       {"VMware, Inc.", "VMware20,1", "vmware"},
                                       {"Dell Inc.", "PowerEdge R650", ""},
                                       {"", "", ""}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        hypervisor_by_dmi(expected[i][0], expected[i][1], name, sizeof name);
        assert_string_equal(name, expected[i][2]);
    }
}

static void containers_have_names(void **state) {
    (void)state;
    char name[32];
    const struct {
        struct container_signs signs;
        const char *name;
    } expected[] = {
        {{true, false, "", ""}, "docker"},
        {{true, true, "", ""}, "podman"},
        {{false, false, "systemd-nspawn", ""}, "systemd-nspawn"},
        {{false, false, "", "0::/kubepods/besteffort/pod1/abc\n"}, "kubernetes"},
        {{false, false, "", "2:cpu:/docker/0123456789ab\n"}, "docker"},
        {{false, false, "", "0::/system.slice/docker-0123456789ab.scope\n"}, "docker"},
        {{false, false, "", "0::/lxc.payload.web\n"}, "lxc"},
        {{false, false, "", "0::/user.slice/user-1000.slice\n"}, ""},
        {{false, false, "", "0::/system.slice/docker.service\n"}, ""},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        container_by_signs(&expected[i].signs, name, sizeof name);
        assert_string_equal(name, expected[i].name);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_have_names),
        cmocka_unit_test(dmi_has_names),
        cmocka_unit_test(containers_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
