// How much of a region is still needed, about: copying what is nearly all
// needed is a waste. A walk to some thousand objects, which takes a sample of
// the items of what is long, each of which stands for others. What two of them
// lead to is shared and stands for itself only.
#include <stdlib.h>

#include "eval/collect.h"
#include "support/die.h"
#include "support/hash.h"

enum {
    VISITS_MAX = 4096,
    SEEN_SLOTS = 4 * VISITS_MAX,
    SAMPLE_MAX = 64 // items of a list, or fields
};

typedef struct Visit {
    const void *object;
    double weight; // how many objects it stands for
    bool is_shared;
} Visit;

struct CollectEstimate {
    Visit visits[VISITS_MAX];
    uint32_t count;
    uint32_t next;             // to be looked at
    double weight;             // of what leads to what is visited now
    uint16_t seen[SEEN_SLOTS]; // visit + 1, by the object's address; or 0
};

void collect_estimate_visit(Collector *c, const void *object)
{
    CollectEstimate *estimate = c->estimate;
    uint64_t hash = (uintptr_t)object * HASH_MULTIPLIER;
    uint32_t at = (uint32_t)(hash >> 40) % SEEN_SLOTS;
    while (estimate->seen[at] != 0) {
        Visit *visit = &estimate->visits[estimate->seen[at] - 1];
        if (visit->object == object) {
            visit->is_shared = true;
            return;
        }
        at = (at + 1) % SEEN_SLOTS;
    }
    if (estimate->count < VISITS_MAX) {
        estimate->visits[estimate->count++] =
            (Visit){object, estimate->weight, false};
        estimate->seen[at] = (uint16_t)estimate->count;
    }
}

void collect_estimate_values(Collector *c, Value *values, size_t count)
{
    CollectEstimate *estimate = c->estimate;
    double weight = estimate->weight;
    size_t sampled = count < SAMPLE_MAX ? count : SAMPLE_MAX;
    estimate->weight = weight * (double)count / (double)sampled;
    for (size_t i = 0; i < sampled; i++) {
        collect_value(c, &values[i * (count - 1) / (sampled - 1)]);
    }
    estimate->weight = weight;
}

void collect_estimate_begin(Collector *c, Heap *heap)
{
    collect_begin(c, heap);
    c->estimate = mem_calloc(1, sizeof *c->estimate);
    c->estimate->weight = 1;
}

size_t collect_estimate_end(Collector *c)
{
    CollectEstimate *estimate = c->estimate;
    double bytes = 0;
    while (estimate->next < estimate->count) {
        const Visit *visit = &estimate->visits[estimate->next++];
        estimate->weight = visit->weight;
        collect_scan(c, (ObjectHeader *)(uintptr_t)visit->object);
    }
    for (uint32_t i = 0; i < estimate->count; i++) {
        const Visit *visit = &estimate->visits[i];
        const ObjectHeader *object = visit->object;
        bytes += (visit->is_shared ? 1 : visit->weight) * 8.0 * object->words;
    }
    free(estimate);
    collect_give_up(c);
    return bytes < (double)c->before_bytes ? (size_t)bytes : c->before_bytes;
}
