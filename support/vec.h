// Typed growable arrays: `typedef VEC(Task *) TaskVec;`. Zero-initialised is
// empty and ready. Elements move when the array grows.
//
// Ownership: the array owns its memory until vec_release().
// Threads:   one owner at a time.
#ifndef LIGATURE_SUPPORT_VEC_H
#define LIGATURE_SUPPORT_VEC_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "support/die.h"

#define VEC(T)                                                                 \
    struct {                                                                   \
        T *items;                                                              \
        uint32_t count;                                                        \
        uint32_t capacity;                                                     \
    }

// Grows `items` so that `needed` elements of `size` bytes fit.
void *vec_grow(void *items, uint32_t *capacity, uint64_t needed, size_t size);

#define vec_reserve(v, extra)                                                  \
    ((uint64_t)(v)->count + (extra) > (v)->capacity                            \
         ? (void)((v)->items = vec_grow((v)->items, &(v)->capacity,            \
                                        (uint64_t)(v)->count + (extra),        \
                                        sizeof *(v)->items))                   \
         : (void)0)
#define vec_push(v, ...)                                                       \
    (vec_reserve((v), 1), (void)((v)->items[(v)->count++] = (__VA_ARGS__)))
#define vec_pop(v)   ((v)->items[--(v)->count])
#define vec_last(v)  ((v)->items[(v)->count - 1])
#define vec_clear(v) ((void)((v)->count = 0))
#define vec_release(v)                                                         \
    (free((v)->items), (v)->items = NULL, (v)->count = (v)->capacity = 0)

#endif
