// Embedded by tools/embed.sh.
#include "syntax/std_files.h"

#include <stddef.h>
#include <string.h>

#include "syntax/byte_class.h"

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

bool std_text_exports(Str text, const char *kind, Str name)
{
    StrBuf declaration = {0};
    strbuf_appendf(&declaration, "\nexport %s %.*s", kind, STR_ARG(name));
    size_t end = declaration.len;
    bool found = false;
    for (size_t at = 0; text.len - at > end && !found;
         at = str_find_byte(text, '\n', at + 1)) {
        found = memcmp(text.data + at, declaration.data, end) == 0 &&
                !byte_is(text.data[at + end], BYTE_IDENT) &&
                text.data[at + end] != '\'';
    }
    strbuf_release(&declaration);
    return found;
}
