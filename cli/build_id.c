#include "cli/build_id.h"

#include <elf.h>
#include <link.h>
#include <stdint.h>

// Where the linker has put the program's first byte. Of no known size: the
// headers that follow, and the notes, are read through it, too.
extern const char __ehdr_start[];

static Str find_in(const char *notes, size_t size)
{
    size_t at = 0;
    while (at + sizeof(ElfW(Nhdr)) <= size) {
        const ElfW(Nhdr) *note = (const void *)(notes + at);
        size_t name = at + sizeof *note;
        size_t content = name + ((note->n_namesz + 3u) & ~3u);
        at = content + ((note->n_descsz + 3u) & ~3u);
        if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
            memcmp(notes + name, "GNU", 4) == 0 && at <= size) {
            return str_make(notes + content, note->n_descsz);
        }
    }
    return STR("");
}

Str build_id(void)
{
    const ElfW(Ehdr) *file = (const void *)__ehdr_start;
    uintptr_t base = file->e_type == ET_DYN ? (uintptr_t)file : 0;
    const ElfW(Phdr) *headers = (const void *)(__ehdr_start + file->e_phoff);
    Str id = STR("");
    for (int i = 0; i < file->e_phnum && id.len == 0; i++) {
        if (headers[i].p_type == PT_NOTE) {
            id = find_in((const char *)(base + headers[i].p_vaddr),
                         headers[i].p_memsz);
        }
    }
    return id;
}
