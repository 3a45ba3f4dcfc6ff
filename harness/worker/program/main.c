/* A program of its own: whatever else were linked with it, each replicate's process would load anew. */
#include "worker/worker.h"

int main(void) {
    return worker_main();
}
