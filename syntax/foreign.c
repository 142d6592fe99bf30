// Names of other languages; there are few, and few are looked for.
#include "syntax/foreign.h"

typedef struct ForeignName {
    const char *name;
    const char *help;
} ForeignName;

static const ForeignName values[] = {
#define FOREIGN_VALUE(name, help) {name, help},
#include "syntax/foreign.def"
};

static const ForeignName ctors[] = {
#define FOREIGN_CTOR(name, help) {name, help},
#include "syntax/foreign.def"
};

static const ForeignName types[] = {
#define FOREIGN_TYPE(name, help) {name, help},
#include "syntax/foreign.def"
};

// Where the name stands alone or is read from any module, and where from its
// own.
static const LibraryName library[] = {
#define FOREIGN_LIBRARY(name, module, ours) {name, module, ours},
#include "syntax/foreign.def"
};

static const LibraryName members[] = {
#define FOREIGN_MEMBER(module, name, ours) {name, module, ours},
#include "syntax/foreign.def"
};

#define COUNT(names) (sizeof(names) / sizeof *(names))

static const char *find(const ForeignName *names, size_t count, Str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_equal(str_from_c(names[i].name), name)) {
            return names[i].help;
        }
    }
    return NULL;
}

const char *foreign_value(Str name)
{
    return find(values, COUNT(values), name);
}

const char *foreign_ctor(Str name)
{
    return find(ctors, COUNT(ctors), name);
}

const char *foreign_type(Str name)
{
    enum { MAX_NAME = 16 };
    char lower[MAX_NAME];
    if (name.len > MAX_NAME) {
        return NULL;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        lower[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    return find(types, COUNT(types), str_make(lower, name.len));
}

const LibraryName *foreign_library(Str module, Str name)
{
    for (size_t i = 0; i < COUNT(members); i++) {
        if (str_equal(str_from_c(members[i].name), name) &&
            str_equal(str_from_c(members[i].module), module)) {
            return &members[i];
        }
    }
    for (size_t i = 0; i < COUNT(library); i++) {
        if (str_equal(str_from_c(library[i].name), name)) {
            return &library[i];
        }
    }
    return NULL;
}
