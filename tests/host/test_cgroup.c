#include "host/cgroup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const v2_mounts =
    "23 28 0:21 / /proc rw,nosuid shared:12 - proc proc rw\n"
    "33 23 0:28 / /sys/fs/cgroup rw,nosuid,nodev shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
static const char *const v1_mounts =
    "31 23 0:28 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755\n"
    "33 31 0:30 / /sys/fs/cgroup/cpuset rw shared:11 - cgroup cgroup rw,cpuset\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:10 - cgroup cgroup rw,cpu,cpuacct\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw shared:19 - cgroup2 cgroup2 rw\n";

static void check(const char *groups, const char *mounts, int version, const char *mount,
                  const char *directory) {
    struct cgroup_place place;
    cgroup_find(groups, mounts, &place);
    assert_int_equal(place.version, version);
    assert_string_equal(place.mount, mount);
    assert_string_equal(place.directory, directory);
}

static void version_2_is_found(void **state) {
    (void)state;
    check("0::/user.slice/user-1000.slice/session-2.scope\n", v2_mounts, 2, "/sys/fs/cgroup",
          "/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope");
    check("0::/\n", v2_mounts, 2, "/sys/fs/cgroup", "/sys/fs/cgroup");
    check("0::/../other\n", v2_mounts, 2, "/sys/fs/cgroup", "/sys/fs/cgroup");
}

static void version_1_is_found(void **state) {
    (void)state;
    check("4:memory:/a\n3:cpuset:/b\n2:cpu,cpuacct:/batch/job 7\n0::/init.scope\n", v1_mounts, 1,
          "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct/batch/job 7");
    check("0::/init.scope\n2:cpuacct,cpu:/\n", v1_mounts, 1, "/sys/fs/cgroup/cpu,cpuacct",
          "/sys/fs/cgroup/cpu,cpuacct");
}

/* A container without a cgroup namespace: the path starts at the host's root, the mount shows a part. */
static void mount_of_a_part_is_followed(void **state) {
    (void)state;
    const char *mounts =
        "32 31 0:29 /docker/box /sys/fs/cgroup/cpu ro master:10 - cgroup cgroup rw,cpu,cpuacct\n";
    check("2:cpu,cpuacct:/docker/box\n", mounts, 1, "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu");
    check("2:cpu,cpuacct:/docker/box/sub\n", mounts, 1, "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu/sub");
    check("2:cpu,cpuacct:/docker/boxes\n", mounts, 1, "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu");
}

static void no_controller_is_told(void **state) {
    (void)state;
    check("", v2_mounts, 0, "", "");
    check("0::/\n", "23 28 0:21 / /proc rw - proc proc rw\n", 0, "", "");
    check("4:memory:/a\n3:cpuset:/b\n", v1_mounts, 0, "", "");
    check("2:cpu:/a\n", v2_mounts, 0, "", "");
}

static void place_in_data(struct cgroup_place *place, int version, const char *directory) {
    *place = (struct cgroup_place){.version = version};
    snprintf(place->mount, sizeof place->mount, "%s/host/cgroup-v%d", TEST_DATA, version);
    snprintf(place->directory, sizeof place->directory, "%s%s", place->mount, directory);
}

static void version_2_counts_what_it_lies_in(void **state) {
    (void)state;
    struct cgroup_place place;
    struct cgroup_cpu cpu;
    place_in_data(&place, 2, "/outer/inner");
    cgroup_read_cpu(&place, &cpu);
    assert_true(cpu.quota_cpus == 1.5);
    assert_int_equal(cpu.throttled_us, 2000000 + 345678);
    assert_int_equal(cpu.throttled_periods, 42);
}

static void version_1_counts_nanoseconds(void **state) {
    (void)state;
    struct cgroup_place place;
    struct cgroup_cpu cpu;
    place_in_data(&place, 1, "/docker/box");
    cgroup_read_cpu(&place, &cpu);
    assert_true(cpu.quota_cpus == 2);
    assert_int_equal(cpu.throttled_us, 1234567);
    assert_int_equal(cpu.throttled_periods, 25);
    place_in_data(&place, 1, "/docker");
    cgroup_read_cpu(&place, &cpu);
    assert_true(cpu.quota_cpus == 0);
    assert_int_equal(cpu.throttled_us, 0);
}

static void missing_files_read_as_no_limit(void **state) {
    (void)state;
    struct cgroup_place place;
    struct cgroup_cpu cpu;
    place_in_data(&place, 2, "/none");
    cgroup_read_cpu(&place, &cpu);
    assert_true(cpu.quota_cpus == 0);
    place.version = 0;
    cgroup_read_cpu(&place, &cpu);
    assert_int_equal(cpu.throttled_us, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_2_is_found),
        cmocka_unit_test(version_1_is_found),
        cmocka_unit_test(mount_of_a_part_is_followed),
        cmocka_unit_test(no_controller_is_told),
        cmocka_unit_test(version_2_counts_what_it_lies_in),
        cmocka_unit_test(version_1_counts_nanoseconds),
        cmocka_unit_test(missing_files_read_as_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
