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
