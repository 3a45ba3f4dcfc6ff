# shellcheck shell=bash
# shellcheck disable=SC2016 # guest commands are expanded by the guest
# What the emulated machines must show, in the words that scripts/test-emulated-pmu defines; a new assertion is a line here.
#
# count_probe's lines: EVENT SOURCE TRUST NATIVE TOTAL DIFFERENCE [# REASON]. The difference is of 1,000,000 iterations
# of two instructions, so exactly 2,000,000. The emulated processor takes one cycle an instruction. Its caches, branches
# and TLBs are not modelled: what it counts of them is 0.

paranoid() { guest "echo $1 >/proc/sys/kernel/perf_event_paranoid"; }
# exactly EVENT SOURCE NATIVE: trusted, without a reason, and right to the last unit.
exactly() { expect "^$1 $2 trusted $3 [0-9]+ 2000000\$"; }
# absent EVENT WHY: no number at all, and the reason.
absent() { expect "^$1 none none [^ ]+ - - # .*$2"; }
# An event that reads 0 whatever runs must not be believed.
no_zero_believed() {
  refuse '^(branches|branch-misses|l1d-misses|l2-misses|llc-misses|dtlb-misses) [a-z-]+ (trusted|degraded) '
}
no_hardware_event() { refuse '^[a-z0-9-]+ (hw|hw-generic) '; }

scenario papi cortex-a57
paranoid 1
guest count_probe
exactly instructions hw PAPI_TOT_INS
exactly cycles hw PAPI_TOT_CYC
expect '^branches hw untrusted PAPI_BR_INS 0 0 # .*expected [1-9]'
expect '^branch-misses hw untrusted PAPI_BR_MSP 0 0 # .*expected [1-9]'
expect '^l1d-misses hw untrusted PAPI_L1_DCM 0 0 # .*expected [1-9]'
expect '^l2-misses hw untrusted [^ ]+ 0 0 # .*expected [1-9]'
expect '^papi [0-9]+\.[0-9]+'
expect '^pmu arm_ac57$'
expect '^papi-reason $'
no_zero_believed
guest 'count_probe --no-self-test'
expect '^instructions hw degraded PAPI_TOT_INS [0-9]+ 2000000 # not tested$'

# Native events by name: PAPI's name of one, libpfm4's of a generic one, a software event, one of another processor.
scenario native-events cortex-a57
paranoid 1
guest 'count_probe --event INST_RETIRED --event perf::MINOR-FAULTS --event arm_n1::INST_RETIRED --event SW_INCR'
expect '^INST_RETIRED hw degraded INST_RETIRED [0-9]+ 2000000 # not tested'
expect '^SW_INCR hw degraded SW_INCR 0 0 # not tested'
expect '^perf::MINOR-FAULTS sw trusted perf::MINOR-FAULTS [0-9]+ 0$'
absent arm_n1::INST_RETIRED 'arm_n1 .*which this machine does not have'
exactly instructions hw PAPI_TOT_INS
guest 'count_probe --event INST_RETIRED --event arm_ac57::SW_INCR --without hw'
expect '^INST_RETIRED hw-generic degraded INST_RETIRED [0-9]+ 2000000 # not tested'
expect '^arm_ac57::SW_INCR hw-generic degraded arm_ac57::SW_INCR 0 0 # not tested'
guest 'count_probe --threads 3 --event INST_RETIRED'
expect '^INST_RETIRED hw degraded INST_RETIRED [0-9]+ 6000000 '
for thread in 0 1 2; do
  expect "^thread $thread INST_RETIRED (19999|20000)[0-9]{2}\$"
done
# More events than counters: sets are rotated, and every event is still exact.
guest 'count_probe --event INST_RETIRED --event BUS_ACCESS --event L1I_CACHE_REFILL --event BUS_CYCLES'
expect '^sets [3-9]$'
expect '^INST_RETIRED hw degraded INST_RETIRED [0-9]+ 2000000 '
exactly instructions hw PAPI_TOT_INS
exactly cycles hw PAPI_TOT_CYC
guest_exits 2 'countersign run --event INST_RETIRD lookup-hash-vs-linear'
expect 'no event INST_RETIRD: asked PAPI .*near names: arm_ac57::INST_RETIRED'

# libpfm4 knows the processor and PAPI has no preset for it: then libpfm4's own road.
scenario native-events-without-presets neoverse-n1
paranoid 1
guest 'count_probe --event INST_RETIRED --event arm_n1::CPU_CYCLES --event perf::BUS-CYCLES'
expect '^INST_RETIRED hw-generic degraded INST_RETIRED [0-9]+ 2000000 # not tested'
expect '^arm_n1::CPU_CYCLES hw-generic degraded arm_n1::CPU_CYCLES [0-9]+ 2000000 # not tested'
expect '^perf::BUS-CYCLES (hw-generic degraded perf::BUS-CYCLES|none none -) '
exactly instructions hw-generic perf::INSTRUCTIONS

scenario native-events-no-pmu cortex-a57,pmu=off
paranoid 1
guest 'count_probe --event INST_RETIRED --event perf::INSTRUCTIONS:u --event perf::MINOR-FAULTS'
absent INST_RETIRED 'which this machine does not have|no PMU'
absent perf::INSTRUCTIONS:u 'no PMU'
expect '^perf::MINOR-FAULTS sw trusted '

# A thread's own barrier calls differ by some instructions, with the order in which the kernel wakes them.
scenario papi-threads cortex-a57
paranoid 1
guest 'count_probe --threads 3'
expect '^instructions hw trusted PAPI_TOT_INS [0-9]+ 6000000$'
for thread in 0 1 2; do
  expect "^thread $thread instructions (19999|20000)[0-9]{2}\$"
done
guest 'count_probe --threads 3 --without hw'
expect '^instructions hw-generic trusted perf::INSTRUCTIONS [0-9]+ 6000000$'
for thread in 0 1 2; do
  expect "^thread $thread instructions (19999|20000)[0-9]{2}\$"
done

# PAPI's processor-independent rival on the same machine: the two sources agree.
scenario generic-beside-papi cortex-a57
paranoid 1
guest 'count_probe --without hw'
exactly instructions hw-generic perf::INSTRUCTIONS
exactly cycles hw-generic perf::CYCLES
expect '^papi-reason .'
no_zero_believed

scenario papi-has-no-preset neoverse-n1
paranoid 1
guest count_probe
exactly instructions hw-generic perf::INSTRUCTIONS
exactly cycles hw-generic perf::CYCLES
expect '^papi-reason .'
expect '^pmu arm_n1$'
no_zero_believed

scenario papi-does-not-know-the-cpu cortex-a72
paranoid 1
guest count_probe
exactly instructions hw-generic perf::INSTRUCTIONS
exactly cycles hw-generic perf::CYCLES
expect '^papi-reason .'
no_zero_believed

# PAPI_query_event says yes to 21 presets here; only adding them fails.
scenario no-pmu cortex-a57,pmu=off
paranoid 1
guest count_probe
no_hardware_event
absent instructions 'no PMU'
absent branch-misses 'no PMU'
expect '^page-faults sw trusted '
expect '^task-clock sw trusted [^ ]+ [0-9]{7,} [0-9]+$'
expect '^papi-reason .'
expect '^pmu $'

# PAPI gives up at paranoid 3 even for root, whom the kernel lets count.
scenario paranoid-3 cortex-a57
paranoid 3
guest count_probe
exactly instructions hw-generic perf::INSTRUCTIONS
expect '^papi-reason .*paranoid'
no_zero_believed
guest 'as-user count_probe'
no_hardware_event
absent instructions 'perf_event_paranoid'
expect '^page-faults sw trusted .*getrusage'
expect '^task-clock sw trusted [^ ]+ [0-9]{7,} [0-9]+$'

scenario unprivileged cortex-a57
paranoid 2
guest 'as-user count_probe'
exactly instructions hw PAPI_TOT_INS
exactly cycles hw PAPI_TOT_CYC
no_zero_believed
guest 'as-user "count_probe --without hw"'
exactly instructions hw-generic perf::INSTRUCTIONS

# Six counters and one for cycles alone. Others hold some before the probe: fewer events, right ones.
scenario counters-taken cortex-a57
paranoid 1
guest 'count_probe --hold 4'
exactly instructions hw PAPI_TOT_INS
exactly cycles hw PAPI_TOT_CYC
no_zero_believed
guest 'count_probe --hold 6'
absent instructions 'resource'
absent l1d-misses 'resource'
exactly cycles hw PAPI_TOT_CYC
guest 'count_probe --hold 6 --without hw'
absent instructions 'holds the counters'
exactly cycles hw-generic perf::CYCLES

# Others take them once the session is open: an error, never an estimate.
scenario counters-taken-later cortex-a57
paranoid 1
guest_exits 1 'count_probe --crowd 6'
expect '^failed: (start|stop) of set [0-9]+: Device or resource busy$'
refuse '^instructions '
guest_exits 1 'count_probe --crowd 6 --without hw'
expect '^failed: (start|stop) of set [0-9]+: Device or resource busy$'
refuse '^instructions '

# With too few descriptors PAPI starts a set with what it could add; a session must not open.
scenario few-descriptors cortex-a57
paranoid 1
guest_exits 1 'count_probe --files 8'
expect '^failed: open: .*ulimit -n'
# PAPI's own descriptors run out after the first event, the second, and so on.
for limit in 4 5 6 7; do
  guest_exits 1 "count_probe --files $limit --without sw"
  expect '^failed: open: .*PAPI .*ulimit -n'
done
guest_exits 1 'count_probe --files 8 --without hw'
expect '^failed: open: .*ulimit -n'
guest_exits 1 'count_probe --files 20 --threads 3'
expect '^failed: open: .*ulimit -n'
guest_exits 1 'ulimit -n 5; count_probe'
expect '^failed: open: .*ulimit -n'

# The counters' unit tests where there is something to count.
scenario unit-tests cortex-a57
paranoid 1
guest 'export EMULATED=1; for test in /countersign/bin/test_counters_*; do $test; echo "status $? of $test"; done'
expect '^status 0 of '
refuse '^status ([1-689]|7[0-689]|[0-9]{3})'

# The whole program. Its instructions are exact; the time is virtual, and only says that instructions were saved.
guest_kernels+=(lookup reduce)
# There is no linker in the guest, so that its modules are measured as they are.
run='countersign run --quick --replicates 3 --budget 0.1 --seed 1 --layout fixed'
columns() { guest "countersign show $1 --format csv | csv-columns candidate point_n verdict $2"; }

scenario doctor cortex-a57
paranoid 1
guest 'countersign doctor --seconds 0.2'
expect '^ *instructions +hw +trusted +PAPI_TOT_INS'
expect '^ *branch-misses +hw +untrusted +PAPI_BR_MSP; .'
expect '^ *llc-misses +(–|-) +.'
expect '^WARN .*untrusted'
expect 'Cortex-A57'
paranoid 3
guest 'as-user "countersign doctor --seconds 0.2"'
expect '^ *instructions +(–|-) +.*perf_event_paranoid'
expect '^WARN perf_event_paranoid'

scenario doctor-no-pmu cortex-a57,pmu=off
paranoid 1
guest 'countersign doctor --seconds 0.2'
expect '^ *instructions +(–|-) +.*no PMU'
expect '^WARN PMU: '
refuse ' (hw|hw-generic) +(trusted|degraded|untrusted) '

scenario run cortex-a57
paranoid 2
guest "as-user '$run lookup-hash-vs-linear --output /tmp/papi.json'"
columns /tmp/papi.json 'verified instructions_source cycles_source branches_source instructions_ratio'
expect '^hash 256 faster checked hw hw  0\.0[0-9]+$'
expect '^binary 256 faster checked hw hw  0\.0[0-9]+$'
paranoid 3
guest "$run lookup-hash-vs-linear --output /tmp/generic.json"
columns /tmp/generic.json 'verified instructions_source branches_source instructions_ratio'
expect '^hash 256 faster checked hw-generic  0\.0[0-9]+$'
# A native event by name, through the whole program: the same instructions under its own name.
guest "$run lookup-hash-vs-linear --event INST_RETIRED --output /tmp/native.json"
columns /tmp/native.json 'INST_RETIRED_source instructions_ratio INST_RETIRED_ratio'
expect '^hash 256 faster hw-generic (0\.0[0-9]+) \1$'
# Same seed, same instructions, whatever counts them.
guest 'same-instructions /tmp/papi.json /tmp/generic.json'
expect '^10 comparisons agree$'

# The same arm64 binary counted and simulated: what Callgrind says of its instructions, against the PMU.
scenario simulation cortex-a57
paranoid 1
guest "$run parallel-vs-serial --threads 1 --build portable --output /tmp/sim.json"
guest 'countersign show /tmp/sim.json --format csv | sim-agrees'
expect '^[1-9][0-9]* comparisons agree within 0.1 %$'

scenario run-no-pmu cortex-a57,pmu=off
paranoid 1
# What is simulated explains the win where nothing counts, in columns of its own; without it there is no explanation.
guest "$run lookup-hash-vs-linear --notes --output /tmp/run.json"
expect '^absent '
columns /tmp/run.json 'verified mechanism task-clock_source instructions_source cycles_source instructions_sim_ratio'
expect '^hash 256 faster checked explained sw   0\.0[0-9]+$'
guest "$run lookup-hash-vs-linear --no-simulation --output /tmp/alone.json"
columns /tmp/alone.json 'verified mechanism task-clock_source instructions_source cycles_source instructions_sim_ratio'
expect '^hash 256 faster checked unmeasured sw   no-such-column$'

# Every thread of a team counts: the two halves together are at least the whole. Waiting threads spin, and so add to it.
scenario run-two-processors cortex-a57 2
paranoid 1
guest "$run parallel-vs-serial --threads 2 --output /tmp/run.json"
columns /tmp/run.json 'verified instructions_source instructions_ratio'
expect '^openmp 1048576 [a-z]+ checked hw [1-9][0-9]*(\.[0-9]+)?$'
