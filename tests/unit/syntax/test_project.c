#include "syntax/project.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/harness.h"

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
        abort();
    }
}

typedef struct Fixture {
    char base[64];
    DiagSink diags;
    Project *project;
} Fixture;

static void fixture_init(Fixture *f)
{
    strcpy(f->base, "/tmp/ligature_project_XXXXXX");
    if (mkdtemp(f->base) == NULL || chdir(f->base) != 0 ||
        mkdir("a", 0700) != 0 || mkdir("a/b", 0700) != 0) {
        abort();
    }
    write_file("a/b/main.lig", "1");
    diag_sink_init(&f->diags);
    f->project = NULL;
}

static void fixture_release(Fixture *f)
{
    diag_sink_release(&f->diags);
    project_free(f->project);
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", f->base);
    if (chdir("/") != 0 || system(command) != 0) {
        abort();
    }
}

// Reads the file that is found; f->project stays NULL where there is none.
static bool find_project(Fixture *f, Str start)
{
    ProjectFile file;
    bool ok = project_locate(start, 0, &f->diags, &file);
    return file.dir == NULL ? ok : project_read(&file, &f->diags, &f->project);
}

static void check_error(const char *text, const char *expected)
{
    Fixture f;
    fixture_init(&f);
    write_file("ligature.toml", text);
    CHECK(!find_project(&f, STR("a")));
    CHECK(f.diags.diags.count > 0);
    if (f.diags.diags.count > 0) {
        const Diag *diag = diag_at(&f.diags, 0);
        CHECK_EQ_INT(diag->code, DIAG_E0001);
        CHECK(diag->source != NULL);
        CHECK_EQ_STR(diag->message, str_from_c(expected));
    }
    fixture_release(&f);
}

TEST(it_is_found_upwards)
{
    Fixture f;
    fixture_init(&f);
    CHECK(find_project(&f, STR("a/b/main.lig")));
    CHECK(f.project == NULL);
    write_file("ligature.toml", "[imports]\ncorp.net = \"x\"\n\"b.c\" = \"y\"");
    CHECK(find_project(&f, STR("a/b/main.lig")));
    CHECK(f.project != NULL);
    if (f.project != NULL) {
        CHECK_EQ_STR(f.project->module->source.path, STR("ligature.toml"));
        CHECK_EQ_STR(f.project->dir, str_from_c(f.base));
        CHECK_EQ_INT(f.project->import_count, 2);
        CHECK_EQ_STR(f.project->imports[0].name, STR("corp.net"));
        CHECK_EQ_STR(f.project->imports[0].path, STR("x"));
        CHECK_EQ_STR(f.project->imports[1].name, STR("b.c"));
    }
    fixture_release(&f);
}

TEST(the_nearest_counts)
{
    Fixture f;
    fixture_init(&f);
    write_file("ligature.toml", "");
    write_file("a/ligature.toml", "");
    CHECK(find_project(&f, STR("a/b/missing.lig")));
    CHECK(f.project != NULL);
    if (f.project != NULL) {
        CHECK_EQ_STR(f.project->module->source.path, STR("a/ligature.toml"));
    }
    fixture_release(&f);
}

TEST(mistakes_have_places)
{
    check_error("[imports]\na = 1",
                "an import is the path of a folder or a file");
    check_error("[imports]\na = \"\"",
                "an import is the path of a folder or a file");
    check_error("[imports]\n\"a..b\" = \"x\"",
                "names of imports are identifiers with dots between them, and "
                "do not begin with 'std'");
    check_error("[imports]\nstd = \"x\"",
                "names of imports are identifiers with dots between them, and "
                "do not begin with 'std'");
    check_error("imports = 1", "'imports' is a table");
}

TEST(it_must_be_a_file)
{
    Fixture f;
    fixture_init(&f);
    CHECK(mkfifo("a/ligature.toml", 0600) == 0);
    CHECK(!find_project(&f, STR("a/b")));
    CHECK_EQ_INT(f.diags.diags.count, 1);
    fixture_release(&f);
}

TEST_MAIN(RUN(it_is_found_upwards), RUN(the_nearest_counts),
          RUN(mistakes_have_places), RUN(it_must_be_a_file))
