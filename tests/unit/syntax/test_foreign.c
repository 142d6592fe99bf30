#include "syntax/foreign.h"

#include "syntax/std_files.h"
#include "tests/harness.h"

static const char *find(Str text, Str part)
{
    return memmem(text.data, text.len, part.data, part.len);
}

// Whether the module, or the prelude where it is "", declares the name: as a
// value, or as a method of a class.
static bool has(const char *module, const char *name)
{
    Str text;
    StrBuf path = {0}, value = {0}, method = {0};
    bool is_prelude = module[0] == '\0';
    strbuf_appendf(&path, "std/%s.lig", is_prelude ? "prelude" : module);
    strbuf_appendf(&value, "\n%slet %s", is_prelude ? "" : "export ", name);
    strbuf_appendf(&method, "\n  %s:", name);
    bool found = std_file(strbuf_str(&path), &text);
    CHECK(found);
    if (found) {
        const char *at = find(text, strbuf_str(&value));
        found = (at != NULL && strchr(": ", at[value.len]) != NULL) ||
                (is_prelude && find(text, strbuf_str(&method)) != NULL);
    }
    strbuf_release(&path);
    strbuf_release(&value);
    strbuf_release(&method);
    return found;
}

typedef struct Entry {
    const char *module;
    const char *name;
    const char *ours;
} Entry;

static const Entry entries[] = {
#define FOREIGN_LIBRARY(name, module, ours) {module, name, ours},
#define FOREIGN_MEMBER(module, name, ours)  {module, name, ours},
#include "syntax/foreign.def"
};

TEST(what_is_named_exists)
{
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        const Entry *entry = &entries[i];
        bool right = has(entry->module, entry->ours) &&
                     !has(entry->module, entry->name) && !has("", entry->name);
        CHECK(right);
        if (!right) {
            printf("# %s of '%s' for %s\n", entry->ours, entry->module,
                   entry->name);
        }
    }
}

TEST(a_module_has_names_of_its_own)
{
    const LibraryName *known = foreign_library(STR(""), STR("elem"));
    CHECK(known != NULL && strcmp(known->module, "") == 0);
    known = foreign_library(STR("map"), STR("elem"));
    CHECK(known != NULL && strcmp(known->module, "map") == 0);
    known = foreign_library(STR("map"), STR("upper"));
    CHECK(known != NULL && strcmp(known->ours, "toUpper") == 0);
    CHECK(foreign_library(STR(""), STR("items")) == NULL);
    CHECK(foreign_library(STR("map"), STR("elemen")) == NULL);
}

TEST_MAIN(RUN(what_is_named_exists), RUN(a_module_has_names_of_its_own))
