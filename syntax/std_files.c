// Embedded by tools/embed.sh.
#include "syntax/std_files.h"

#include <stddef.h>

typedef struct StdFile {
    const char *path;
    const unsigned char *text;
    size_t len;
} StdFile;

static const StdFile std_files[] = {
#include "std_embed.inc"
};

#define STD_FILE_COUNT (sizeof std_files / sizeof *std_files)

bool std_file(Str path, Str *out_text)
{
    for (size_t i = 0; i < STD_FILE_COUNT; i++) {
        const StdFile *file = &std_files[i];
        if (str_equal(path, str_from_c(file->path))) {
            *out_text = str_make((const char *)file->text, file->len);
            return true;
        }
    }
    return false;
}

uint32_t std_file_count(void)
{
    return STD_FILE_COUNT;
}

Str std_file_path(uint32_t index)
{
    return str_from_c(std_files[index].path);
}
