#include "syntax/module_paths.h"

#include <stdlib.h>

struct ModulePaths {
    const Module **sorted;
    uint32_t count;
};

static int compare(const Module *a, bool is_std, Str path)
{
    return a->is_std != is_std ? (int)a->is_std - (int)is_std
                               : str_compare(a->source.path, path);
}

static int compare_modules(const void *left, const void *right)
{
    const Module *b = *(const Module *const *)right;
    return compare(*(const Module *const *)left, b->is_std, b->source.path);
}

ModulePaths *module_paths_new(const Program *program)
{
    ModulePaths *paths = mem_calloc(1, sizeof *paths);
    paths->count = program->module_count;
    paths->sorted = mem_calloc((size_t)paths->count + 1, sizeof *paths->sorted);
    for (uint32_t i = 0; i < paths->count; i++) {
        paths->sorted[i] = program->modules[i];
    }
    qsort(paths->sorted, paths->count, sizeof *paths->sorted, compare_modules);
    return paths;
}

void module_paths_free(ModulePaths *paths)
{
    if (paths != NULL) {
        free(paths->sorted);
        free(paths);
    }
}

void module_paths_append(const Module *module, StrBuf *out)
{
    pack_number(out, module->is_std);
    pack_text(out, module->source.path);
}

const Module *module_paths_read(const ModulePaths *paths, PackReader *reader)
{
    bool is_std = unpack_up_to(reader, 1) != 0;
    Str path = unpack_text(reader);
    uint32_t low = 0;
    uint32_t high = paths->count;
    while (low < high && !reader->failed) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare(paths->sorted[middle], is_std, path);
        if (order == 0) {
            return paths->sorted[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    pack_fail(reader);
    return NULL;
}
