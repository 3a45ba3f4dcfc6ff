/* An XML topology written by a test: four cores of one thread, with what the test adds. */
#ifndef TESTS_HOST_MADE_TOPOLOGY_H
#define TESTS_HOST_MADE_TOPOLOGY_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/** A kind of core: `infos` are pairs of name and value, ended by NULL. */
struct made_kind {
    unsigned cpus;      /**< which, a bit each */
    const char *forced; /**< efficiency, or NULL: as hwloc ranks them */
    const char *infos[5];
};

/**
 * Writes the topology to `path` (a template of mkstemp behind "xml:"), two nodes of `memory` bytes, two cores
 * a node.
 */
static inline void make_topology(char *source, const struct made_kind *kinds, size_t count,
                                 const char *const memory[2]) {
    FILE *out = fdopen(mkstemp(source + 4), "w");
    assert_non_null(out);
    fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n"
                 "<topology version=\"2.0\">\n<object type=\"Machine\" os_index=\"0\" cpuset=\"0xf\" "
                 "complete_cpuset=\"0xf\" allowed_cpuset=\"0xf\" nodeset=\"0x3\" complete_nodeset=\"0x3\" "
                 "allowed_nodeset=\"0x3\" gp_index=\"1\">\n");
    for (int node = 0; node < 2; node++) {
        fprintf(out,
                "<object type=\"Package\" os_index=\"%d\" cpuset=\"0x%x\" complete_cpuset=\"0x%x\" "
                "nodeset=\"0x%x\" complete_nodeset=\"0x%x\" gp_index=\"%d\">\n",
                node, 3 << 2 * node, 3 << 2 * node, 1 << node, 1 << node, 10 + node);
        fprintf(out,
                "<object type=\"NUMANode\" os_index=\"%d\" cpuset=\"0x%x\" complete_cpuset=\"0x%x\" "
                "nodeset=\"0x%x\" complete_nodeset=\"0x%x\" gp_index=\"%d\" local_memory=\"%s\"/>\n",
                node, 3 << 2 * node, 3 << 2 * node, 1 << node, 1 << node, 20 + node, memory[node]);
        for (int cpu = 2 * node; cpu < 2 * node + 2; cpu++)
            fprintf(out,
                    "<object type=\"Core\" os_index=\"%d\" cpuset=\"0x%x\" complete_cpuset=\"0x%x\" "
                    "nodeset=\"0x%x\" complete_nodeset=\"0x%x\" gp_index=\"%d\">\n"
                    "<object type=\"PU\" os_index=\"%d\" cpuset=\"0x%x\" complete_cpuset=\"0x%x\" "
                    "nodeset=\"0x%x\" complete_nodeset=\"0x%x\" gp_index=\"%d\"/>\n</object>\n",
                    cpu, 1 << cpu, 1 << cpu, 1 << node, 1 << node, 30 + cpu, cpu, 1 << cpu, 1 << cpu,
                    1 << node, 1 << node, 40 + cpu);
        fprintf(out, "</object>\n");
    }
    fprintf(out, "</object>\n");
    for (size_t i = 0; i < count && kinds[i].cpus; i++) {
        fprintf(out, "<cpukind cpuset=\"0x%x\"", kinds[i].cpus);
        if (kinds[i].forced)
            fprintf(out, " forced_efficiency=\"%s\"", kinds[i].forced);
        fprintf(out, ">\n");
        for (size_t k = 0; kinds[i].infos[k]; k += 2)
            fprintf(out, "<info name=\"%s\" value=\"%s\"/>\n", kinds[i].infos[k], kinds[i].infos[k + 1]);
        fprintf(out, "</cpukind>\n");
    }
    fprintf(out, "</topology>\n");
    assert_int_equal(fclose(out), 0);
}

#endif
