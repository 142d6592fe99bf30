#include "cli/export_dir.h"

#include "tests/harness.h"

static void check_path(const char *path, const char *why)
{
    const char *found = export_path_error(str_from_c(path));
    CHECK_EQ_STR(str_from_c(found != NULL ? found : "right"), str_from_c(why));
}

TEST(paths_stay_inside)
{
    check_path("a.json", "right");
    check_path("a/b/c.yaml", "right");
    check_path("..a/b..", "right");
    check_path("", "is empty");
    check_path("/a", "is absolute");
    check_path("a//b", "has an empty part");
    check_path("a/", "has an empty part");
    check_path("./a", "has '.' or '..' as a part");
    check_path("a/../b", "has '.' or '..' as a part");
    check_path("..", "has '.' or '..' as a part");
    check_path("a\nb", "has control characters");
    check_path("x/.ligature-export.tmp", "is kept for ligature itself");
    CHECK_EQ_STR(str_from_c(export_path_error(str_make("a\0b", 3))),
                 STR("has control characters"));
    StrBuf text = {0};
    strbuf_append_repeat(&text, 'a', 256);
    CHECK_EQ_STR(str_from_c(export_path_error(strbuf_str(&text))),
                 STR("has a part that is too long"));
    strbuf_release(&text);
}

static void check_sort(uint32_t count, ExportFile *files, const char *a,
                       const char *b)
{
    const ExportFile *first, *second;
    bool ok = export_sort(files, count, &first, &second);
    CHECK_EQ_INT(ok, a == NULL);
    if (!ok && a != NULL) {
        CHECK_EQ_STR(first->path, str_from_c(a));
        CHECK_EQ_STR(second->path, str_from_c(b));
    }
}

TEST(files_and_folders_collide)
{
    ExportFile none[1];
    check_sort(0, none, NULL, NULL);
    ExportFile fine[] = {{.path = STR("a/b")}, {.path = STR("a.json")}};
    check_sort(2, fine, NULL, NULL);
    CHECK_EQ_STR(fine[0].path, STR("a.json"));
    ExportFile twice[] = {{.path = STR("a")}, {.path = STR("a")}};
    check_sort(2, twice, "a", "a");
    ExportFile inside[] = {{.path = STR("a/b/c")},
                           {.path = STR("a-b")},
                           {.path = STR("a.b")},
                           {.path = STR("a")}};
    check_sort(4, inside, "a", "a/b/c");
}

TEST_MAIN(RUN(paths_stay_inside), RUN(files_and_folders_collide))
