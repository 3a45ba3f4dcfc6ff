#include "host/proc_text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recorded.h"

static void values_are_found_by_key(void **state) {
    (void)state;
    char value[64];
    char *text = recorded("os-release-debian.txt");
    assert_true(text_value(text, "PRETTY_NAME", '=', value, sizeof value));
    assert_string_equal(value, "Debian GNU/Linux 12 (bookworm)");
    assert_true(text_value(text, "ID", '=', value, sizeof value)); /* not VERSION_ID, nor ID_LIKE */
    assert_string_equal(value, "debian");
    assert_false(text_value(text, "VARIANT", '=', value, sizeof value));
    assert_string_equal(value, "");
    free(text);
    assert_true(text_value("NAME='single'\n", "NAME", '=', value, 4));
    assert_string_equal(value, "sin");
    assert_true(text_value("empty:\nnext: 1", "empty", ':', value, sizeof value));
    assert_string_equal(value, "");
}

static void numbers_are_found_by_key(void **state) {
    (void)state;
    uint64_t number;
    char *text = recorded("meminfo.txt");
    assert_true(text_number(text, "MemAvailable", ':', &number));
    assert_int_equal(number, 4410232);
    free(text);
    assert_true(text_number("a: 0x1F\n", "a", ':', &number));
    assert_int_equal(number, 31);
    assert_true(text_number("a: 010\n", "a", ':', &number));
    assert_int_equal(number, 10);
    assert_false(text_number("a: max\n", "a", ':', &number));
    assert_false(text_number("ab: 3\n", "a", ':', &number));
}

static void bracketed_word(void **state) {
    (void)state;
    char word[16];
    assert_true(text_bracketed("always [madvise] never", word, sizeof word));
    assert_string_equal(word, "madvise");
    assert_false(text_bracketed("always madvise never", word, sizeof word));
    assert_false(text_bracketed("always [madvise", word, sizeof word));
    assert_string_equal(word, "");
}

static void cpu_time_of_each_cpu(void **state) {
    (void)state;
    struct cpu_ticks ticks;
    char *text = recorded("stat-offline-cpu.txt");
    assert_true(stat_cpu_ticks(text, 0, &ticks));
    assert_int_equal(ticks.busy, 37304 + 1260 + 12216 + 2027 + 1500);
    assert_int_equal(ticks.steal, 400);
    assert_true(stat_cpu_ticks(text, 2, &ticks));
    assert_int_equal(ticks.steal, 511);
    assert_true(stat_cpu_ticks(text, 10, &ticks));
    assert_int_equal(ticks.busy, 500 + 1 + 2 + 5 + 6);
    assert_false(stat_cpu_ticks(text, 1, &ticks));
    free(text);
    text = recorded("stat-two-cpus.txt");
    assert_true(stat_cpu_ticks(text, 0, &ticks));
    assert_true(stat_cpu_ticks(text, 1, &ticks));
    assert_false(stat_cpu_ticks(text, 2, &ticks));
    free(text);
    text = recorded("stat-2.6.txt");
    assert_true(stat_cpu_ticks(text, 0, &ticks));
    assert_int_equal(ticks.busy, 150);
    assert_int_equal(ticks.steal, 0);
    free(text);
    assert_false(stat_cpu_ticks("cpu0 broken\n", 0, &ticks));
    assert_false(stat_cpu_ticks("", 0, &ticks));
}

static void x86_cpus_are_identified(void **state) {
    (void)state;
    struct cpu_identity identity;
    char *text = recorded("cpuinfo-epyc.txt");
    cpuinfo_identify(text, 1, &identity);
    free(text);
    assert_string_equal(identity.model, "AMD EPYC");
    assert_string_equal(identity.vendor, "AuthenticAMD");
    assert_int_equal(identity.family, 26);
    assert_int_equal(identity.model_number, 2);
    assert_int_equal(identity.stepping, 1);
    assert_string_equal(identity.microcode, "0x1000065");
    assert_memory_equal(identity.flags, "fpu vme de pse ", 15);
    text = recorded("cpuinfo-xeon.txt");
    cpuinfo_identify(text, 0, &identity);
    free(text);
    assert_string_equal(identity.model, "INTEL(R) XEON(R) PLATINUM 8581C CPU @ 2.30GHz");
    assert_int_equal(identity.model_number, 207);
}

static void arm_cpus_are_identified(void **state) {
    (void)state;
    struct cpu_identity identity;
    char *text = recorded("cpuinfo-neoverse-n1.txt");
    cpuinfo_identify(text, 0, &identity);
    free(text);
    assert_string_equal(identity.model, "Arm Neoverse-N1");
    assert_string_equal(identity.vendor, "Arm");
    assert_int_equal(identity.family, 8);
    assert_int_equal(identity.model_number, 0xd0c);
    assert_memory_equal(identity.flags, "fp asimd evtstrm ", 17);
    assert_int_equal(identity.stepping, 1);
    assert_string_equal(identity.microcode, "");
    text = recorded("cpuinfo-big-little.txt");
    cpuinfo_identify(text, 0, &identity);
    assert_string_equal(identity.model, "Arm Cortex-A55");
    cpuinfo_identify(text, 4, &identity);
    assert_string_equal(identity.model, "Arm Cortex-X1");
    cpuinfo_identify(text, 9, &identity);
    assert_string_equal(identity.model, "Arm Cortex-A55");
    free(text);
}

static void unknown_cpus_stay_empty(void **state) {
    (void)state;
    struct cpu_identity identity;
    cpuinfo_identify("", 0, &identity);
    assert_string_equal(identity.model, "");
    assert_string_equal(identity.vendor, "");
    assert_int_equal(identity.family, 0);
}

static void pressure_is_read(void **state) {
    (void)state;
    char *text = recorded("pressure-memory.txt");
    assert_true(pressure_avg10(text) == 12.5);
    free(text);
    assert_true(isnan(pressure_avg10("")));
    assert_true(isnan(pressure_avg10("some total=3\n")));
}

static void rejected_tsc_is_told(void **state) {
    (void)state;
    assert_false(clocksource_rejects_tsc("tsc", "tsc hpet acpi_pm"));
    assert_false(clocksource_rejects_tsc("kvm-clock", "kvm-clock acpi_pm"));
    assert_false(
        clocksource_rejects_tsc("hyperv_clocksource_tsc_page", "hyperv_clocksource_tsc_page acpi_pm"));
    assert_false(clocksource_rejects_tsc("xen", "xen"));
    assert_false(clocksource_rejects_tsc("hpet", "tsc hpet acpi_pm"));
    assert_false(clocksource_rejects_tsc("", ""));
    assert_true(clocksource_rejects_tsc("hpet", "hpet acpi_pm"));
    assert_true(clocksource_rejects_tsc("acpi_pm", "tsc-early acpi_pm"));
}

static void migrations_are_read(void **state) {
    (void)state;
    uint64_t migrations;
    char *text = recorded("sched.txt");
    assert_true(sched_migrations(text, &migrations));
    assert_int_equal(migrations, 17);
    free(text);
    assert_false(sched_migrations("nr_switches : 3\n", &migrations));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_found_by_key), cmocka_unit_test(numbers_are_found_by_key),
        cmocka_unit_test(bracketed_word),          cmocka_unit_test(cpu_time_of_each_cpu),
        cmocka_unit_test(x86_cpus_are_identified), cmocka_unit_test(arm_cpus_are_identified),
        cmocka_unit_test(unknown_cpus_stay_empty), cmocka_unit_test(pressure_is_read),
        cmocka_unit_test(rejected_tsc_is_told),    cmocka_unit_test(migrations_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
