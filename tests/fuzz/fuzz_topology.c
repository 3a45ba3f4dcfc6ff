/* Topologies as hwloc reads them from XML, and what is chosen from them. */
#include "fuzz_file.h"

#include "host/topology.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct cpu_choice choice;
    struct topology *topology = NULL;
    struct topology_facts facts;
    struct cpu_caches caches;
    struct problem problem;
    char source[80], text[64];
    const char *path = fuzz_file_open(data, size);
    snprintf(source, sizeof source, "xml:%s", path);
    if (topology_open(&topology, source, &problem) == 0) {
        topology_get_facts(topology, &facts);
        topology_get_caches(topology, 0, &caches);
        topology_allowed_text(topology, text, sizeof text);
        topology_choose(topology, 2, NULL, &choice, &problem);
        topology_choose(topology, 2, "0,2-3", &choice, &problem);
        topology_close(topology);
    }
    fuzz_file_close(path);
    return 0;
}
