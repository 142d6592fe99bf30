// Parallel loops.
#include "eval/machine_internal.h"

void machine_loop_split(Machine *m, const uint64_t *ip)
{
    (void)ip;
    m->split_due = false;
}

LoopEnd machine_loop_end(Machine *m, const uint64_t *ip)
{
    (void)m;
    (void)ip;
    return LOOP_ENDS;
}

void machine_chunks_cancel(Machine *m)
{
    (void)m;
}
