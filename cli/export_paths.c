#include "cli/export_paths.h"

#include <limits.h>
#include <stdlib.h>

static const char *component_error(Str name)
{
    if (name.len == 0) {
        return "has an empty part";
    }
    if (str_equal(name, STR(".")) || str_equal(name, STR(".."))) {
        return "has '.' or '..' as a part";
    }
    if (name.len > NAME_MAX) {
        return "has a part that is too long";
    }
    if (str_starts_with(name, STR(".ligature-export"))) {
        return "is kept for ligature itself";
    }
    return NULL;
}

const char *export_path_error(Str path)
{
    enum { LONGEST = PATH_MAX / 2 };
    if (path.len == 0) {
        return "is empty";
    }
    if (path.data[0] == '/') {
        return "is absolute";
    }
    if (path.len > LONGEST) {
        return "is too long";
    }
    for (size_t i = 0; i < path.len; i++) {
        if ((unsigned char)path.data[i] < 0x20 || path.data[i] == 0x7F) {
            return "has control characters";
        }
    }
    const char *why = NULL;
    for (size_t at = 0, end; why == NULL && at <= path.len; at = end + 1) {
        end = str_find_byte(path, '/', at);
        why = component_error(str_slice(path, at, end));
    }
    return why;
}

static int compare_files(const void *a, const void *b)
{
    return str_compare(((const ExportFile *)a)->path,
                       ((const ExportFile *)b)->path);
}

const ExportFile *export_find_file(const ExportFile *files, uint32_t count,
                                   Str path)
{
    ExportFile wanted = {.path = path};
    return count == 0
               ? NULL
               : bsearch(&wanted, files, count, sizeof *files, compare_files);
}

bool export_sort(ExportFile *files, uint32_t count, const ExportFile **out_a,
                 const ExportFile **out_b)
{
    if (count == 0) {
        return true;
    }
    qsort(files, count, sizeof *files, compare_files);
    for (uint32_t i = 0; i < count; i++) {
        *out_b = &files[i];
        if (i > 0 && str_equal(files[i - 1].path, files[i].path)) {
            *out_a = &files[i - 1];
            return false;
        }
        for (size_t at = str_find_byte(files[i].path, '/', 0);
             at < files[i].path.len;
             at = str_find_byte(files[i].path, '/', at + 1)) {
            *out_a =
                export_find_file(files, count, str_slice(files[i].path, 0, at));
            if (*out_a != NULL) {
                return false;
            }
        }
    }
    return true;
}
