#include "peer.h"

#define _Alignas alignas
extern "C" {
#include "thread-spawn.h"
}

#include <oneapi/tbb.h>
#include <sched.h>

/* Its workers are on the point's CPUs, as the harness's and the pool's are. */
class binding : public tbb::task_scheduler_observer {
    const struct batch *batch;

  public:
    binding(tbb::task_arena &arena, const struct batch *of) : tbb::task_scheduler_observer(arena), batch(of) {
        observe(true);
    }
    void on_scheduler_entry(bool worker) override {
        if (!worker || !batch->cpus)
            return;
        cpu_set_t cpu;
        CPU_ZERO(&cpu);
        CPU_SET(
            batch->cpus[static_cast<unsigned>(tbb::this_task_arena::current_thread_index()) % batch->threads],
            &cpu);
        sched_setaffinity(0, sizeof cpu, &cpu);
    }
};

struct team {
    tbb::global_control limit;
    tbb::task_arena arena;
    binding bound;
    explicit team(const struct batch *batch)
        : limit(tbb::global_control::max_allowed_parallelism, batch->threads),
          arena(static_cast<int>(batch->threads)), bound(arena, batch) {
    }
};

static team *&team_of(const void *state) {
    return *static_cast<team **>(peer_state(state));
}

static void run(void *state) noexcept {
    auto *batch = static_cast<struct batch *>(state);
    team_of(state)->arena.execute([batch] {
        tbb::parallel_for(
            size_t{0}, batch->count, [batch](size_t i) { do_task(&batch->tasks[i]); },
            tbb::simple_partitioner());
    });
}

static int prepare(const struct cs_env *, void *state) noexcept {
    team_of(state) = new team(static_cast<struct batch *>(state));
    return 0;
}

/* Its threads stay, asleep: hence the library does, too (-z nodelete). */
static void release(void *state) noexcept {
    team *team = team_of(state);
    team->bound.observe(false);
    delete team;
}

PEER(tbb) = {.name = "tbb",
             .run = run,
             .summary = "tbb::parallel_for over the tasks",
             .flags = CS_PARALLEL | CS_UP_TO,
             .prepare = prepare,
             .release = release};
