#include "syntax/paths.h"

#include <fcntl.h>
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

// A project and a folder outside of it, below a new temporary folder.
static void make_tree(char *base)
{
    if (mkdtemp(base) == NULL || chdir(base) != 0 || mkdir("in", 0700) != 0 ||
        mkdir("in/sub", 0700) != 0 || mkdir("out", 0700) != 0) {
        abort();
    }
    write_file("in/a.lig", "1");
    write_file("in/sub/b.lig", "22");
    write_file("out/secret.lig", "333");
    if (symlink("../out/secret.lig", "in/escape.lig") != 0 ||
        symlink("../out", "in/outdir") != 0 ||
        symlink("loop.lig", "in/loop.lig") != 0 ||
        symlink("gone.lig", "in/dangling.lig") != 0 ||
        symlink("/nowhere/gone.lig", "in/far.lig") != 0 ||
        symlink("a.lig", "in/same.lig") != 0 ||
        mkfifo("in/fifo.lig", 0600) != 0 || chdir("in") != 0) {
        abort();
    }
}

typedef struct Fixture {
    char base[64];
    Arena arena;
    Paths paths;
} Fixture;

static void fixture_init(Fixture *fixture, const ProgramOptions *options)
{
    strcpy(fixture->base, "/tmp/ligature_paths_XXXXXX");
    make_tree(fixture->base);
    arena_init(&fixture->arena);
    paths_init(&fixture->paths, options, &fixture->arena);
    paths_add_project(&fixture->paths, fixture->paths.working_dir);
}

static void fixture_release(Fixture *fixture)
{
    paths_release(&fixture->paths);
    arena_release(&fixture->arena);
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", fixture->base);
    if (chdir("/") != 0 || system(command) != 0) {
        abort();
    }
}

// Opens a path of the working directory.
static PathStatus open_here(Fixture *fixture, const char *path,
                            OpenedFile *out_file)
{
    FolderHand hand;
    paths_hand_init(&hand);
    paths_enter(&fixture->paths, &hand,
                path[0] == '/' ? STR("") : fixture->paths.working_dir);
    AskedPath asked;
    if (!paths_ask(&hand, str_from_c(path), STR(""), &asked)) {
        return PATH_TOO_LONG;
    }
    PathStatus status =
        paths_open(&fixture->paths, &hand, &asked, &fixture->arena, out_file);
    out_file->path = arena_str(&fixture->arena, out_file->path);
    paths_leave(&hand);
    return status;
}

static PathStatus try_open(Fixture *fixture, const char *path, Str *out_text)
{
    OpenedFile file = {.descriptor = -1};
    PathStatus status = open_here(fixture, path, &file);
    if (status == PATH_OK) {
        status = paths_read(&fixture->paths, &file, 1000, NULL, &fixture->arena,
                            out_text);
    }
    return status;
}

TEST(opens_inside_the_project_only)
{
    Fixture fixture;
    ProgramOptions options = {.limits = limits_default()};
    fixture_init(&fixture, &options);
    Str text = {0};
    CHECK_EQ_INT(try_open(&fixture, "a.lig", &text), PATH_OK);
    CHECK_EQ_STR(text, STR("1"));
    CHECK_EQ_INT(try_open(&fixture, "./sub/../same.lig", &text), PATH_OK);
    CHECK_EQ_INT(try_open(&fixture, "sub/b.lig", &text), PATH_OK);
    CHECK_EQ_STR(text, STR("22"));
    CHECK_EQ_INT(try_open(&fixture, "../out/secret.lig", &text), PATH_OUTSIDE);
    CHECK_EQ_INT(try_open(&fixture, "../out/none.lig", &text), PATH_OUTSIDE);
    CHECK_EQ_INT(try_open(&fixture, "escape.lig", &text), PATH_OUTSIDE);
    CHECK_EQ_INT(try_open(&fixture, "outdir/secret.lig", &text), PATH_OUTSIDE);
    CHECK_EQ_INT(try_open(&fixture, "far.lig", &text), PATH_OUTSIDE);
    CHECK_EQ_INT(try_open(&fixture, "/etc/passwd", &text), PATH_OUTSIDE);
    CHECK_EQ_INT(try_open(&fixture, "/etc/none", &text), PATH_OUTSIDE);
    CHECK_EQ_STR(text, STR("22"));
    fixture_release(&fixture);
}

TEST(refuses_what_is_no_file)
{
    Fixture fixture;
    ProgramOptions options = {.limits = limits_default()};
    fixture_init(&fixture, &options);
    Str text = {0};
    CHECK_EQ_INT(try_open(&fixture, "fifo.lig", &text), PATH_NOT_REGULAR);
    CHECK_EQ_INT(try_open(&fixture, "sub", &text), PATH_DIRECTORY);
    CHECK_EQ_INT(try_open(&fixture, "loop.lig", &text), PATH_LOOP);
    // Without openat2(2) a link to nowhere may lead anywhere.
    PathStatus dangling = try_open(&fixture, "dangling.lig", &text);
    CHECK(dangling == PATH_MISSING || dangling == PATH_OUTSIDE);
    CHECK_EQ_INT(try_open(&fixture, "none.lig", &text), PATH_MISSING);
    CHECK_EQ_INT(try_open(&fixture, "a.lig/b", &text), PATH_MISSING);
    char name[6000];
    memset(name, 'x', sizeof name);
    name[300] = '\0';
    CHECK_EQ_INT(try_open(&fixture, name, &text), PATH_TOO_LONG);
    name[300] = 'x';
    name[5999] = '\0';
    CHECK_EQ_INT(try_open(&fixture, name, &text), PATH_TOO_LONG);
    fixture_release(&fixture);
}

TEST(allowed_roots_and_large_files)
{
    Fixture fixture;
    Str allowed = STR("../out");
    ProgramOptions options = {.limits = limits_default(),
                              .allow_roots = &allowed,
                              .allow_root_count = 1};
    fixture_init(&fixture, &options);
    Str text = {0};
    CHECK_EQ_INT(try_open(&fixture, "../out/secret.lig", &text), PATH_OK);
    CHECK_EQ_STR(text, STR("333"));
    CHECK_EQ_INT(try_open(&fixture, "escape.lig", &text), PATH_OK);
    char path[128];
    (void)snprintf(path, sizeof path, "%s/out/secret.lig", fixture.base);
    CHECK_EQ_INT(try_open(&fixture, path, &text), PATH_OK);
    (void)snprintf(path, sizeof path, "%s/in/a.lig", fixture.base);
    CHECK_EQ_INT(try_open(&fixture, path, &text), PATH_OUTSIDE);
    write_file("big.lig", "");
    CHECK_EQ_INT(truncate("big.lig", (off_t)1 << 30), 0);
    CHECK_EQ_INT(try_open(&fixture, "big.lig", &text), PATH_TOO_LARGE);
    fixture_release(&fixture);
}

TEST(shown_relative_to_the_working_directory)
{
    Arena arena;
    arena_init(&arena);
    Paths paths = {.working_dir = STR("/home/me/project")};
    CHECK_EQ_STR(paths_display(&paths, STR("/home/me/project/a/b"), &arena),
                 STR("a/b"));
    CHECK_EQ_STR(paths_display(&paths, STR("/home/me/other/b"), &arena),
                 STR("../other/b"));
    CHECK_EQ_STR(paths_display(&paths, STR("/home/me/projects"), &arena),
                 STR("../projects"));
    CHECK_EQ_STR(paths_display(&paths, STR("/usr/b"), &arena), STR("/usr/b"));
    CHECK_EQ_STR(paths_dirname(STR("/a")), STR("/"));
    CHECK_EQ_STR(paths_dirname(STR("a")), STR("."));
    CHECK_EQ_STR(paths_basename(STR("/a/b")), STR("b"));
    arena_release(&arena);
}

// Opens and reads "large.lig", of which `size` bytes are there to begin with.
static Str read_large(Fixture *fixture, Worker *worker, uint64_t size)
{
    OpenedFile file = {.descriptor = -1};
    Str text = STR("");
    CHECK_EQ_INT(open_here(fixture, "large.lig", &file), PATH_OK);
    file.size = size;
    CHECK_EQ_INT(paths_read(&fixture->paths, &file, UINT32_MAX, worker,
                            &fixture->arena, &text),
                 PATH_OK);
    return text;
}

// Their size did not show what they are.
TEST(finds_out_what_it_reads)
{
    Fixture fixture;
    ProgramOptions options = {.limits = limits_default()};
    fixture_init(&fixture, &options);
    Str text = {0};
    OpenedFile file = {
        .descriptor = open("sub", O_RDONLY), .size = 5, .is_assumed = true};
    CHECK_EQ_INT(
        paths_read(&fixture.paths, &file, 1000, NULL, &fixture.arena, &text),
        PATH_DIRECTORY);
    CHECK_EQ_INT(file.descriptor, -1);
    // Files that look like none: empty, and blocks.
    char block[512 + 1] = {0};
    memset(block, 'x', sizeof block - 1);
    write_file("empty.lig", "");
    write_file("block.lig", block);
    CHECK_EQ_INT(try_open(&fixture, "empty.lig", &text), PATH_OK);
    CHECK_EQ_INT(text.len, 0);
    CHECK_EQ_INT(try_open(&fixture, "block.lig", &text), PATH_OK);
    CHECK_EQ_STR(text, str_from_c(block));
    fixture_release(&fixture);
}

// From some files on the folder is held.
TEST(asks_for_many_names_in_a_folder)
{
    Fixture fixture;
    ProgramOptions options = {.limits = limits_default()};
    fixture_init(&fixture, &options);
    Str dir =
        arena_join(&fixture.arena, fixture.paths.working_dir, STR("/sub"));
    write_file("sub/c.lig", "333");
    CHECK_EQ_INT(symlink("b.lig", "sub/link.lig"), 0);
    CHECK_EQ_INT(symlink("../../out/secret.lig", "sub/escape.lig"), 0);
    FolderHand hand;
    paths_hand_init(&hand);
    CHECK(paths_enter(&fixture.paths, &hand, dir));
    CHECK(!paths_enter(&fixture.paths, &hand, dir));
    for (uint32_t i = 0; i < 12; i++) {
        static const struct {
            const char *name, *opened;
            PathStatus status;
        } asked[] = {
            {"b", "b.lig", PATH_OK},       {"./c", "c.lig", PATH_OK},
            {"link", "b.lig", PATH_OK},    {"escape", "", PATH_OUTSIDE},
            {"nothing", "", PATH_MISSING}, {"../sub/c", "c.lig", PATH_OK},
            {"../../x", "", PATH_OUTSIDE},
        };
        for (uint32_t k = 0; k < sizeof asked / sizeof *asked; k++) {
            AskedPath path;
            OpenedFile file = {.descriptor = -1};
            CHECK(paths_ask(&hand, str_from_c(asked[k].name), STR(".lig"),
                            &path));
            CHECK_EQ_INT(
                paths_open(&fixture.paths, &hand, &path, &fixture.arena, &file),
                asked[k].status);
            if (asked[k].status == PATH_OK) {
                CHECK_EQ_STR(paths_basename(file.path),
                             str_from_c(asked[k].opened));
                CHECK_EQ_STR(paths_dirname(file.path), dir);
            }
            paths_close(&file);
        }
    }
    CHECK(hand.descriptor >= 0);
    CHECK(paths_enter(&fixture.paths, &hand, STR("")));
    CHECK_EQ_INT(hand.descriptor, -1);
    fixture_release(&fixture);
}

TEST(reads_large_files_in_blocks)
{
    enum { SIZE = (5 << 20) + 123 };
    Fixture fixture;
    ProgramOptions options = {.limits = limits_default()};
    fixture_init(&fixture, &options);
    char *bytes = malloc(SIZE + 1);
    for (uint32_t i = 0; i < SIZE; i++) {
        bytes[i] = (char)('a' + i * 2654435761u % 26);
    }
    bytes[SIZE] = '\0';
    write_file("large.lig", bytes);
    Str expected = str_make(bytes, SIZE);
    for (uint32_t workers = 1; workers <= 3; workers++) {
        Pool *pool = pool_new(workers, 0);
        Worker *worker = pool_main_worker(pool);
        CHECK(str_equal(read_large(&fixture, worker, SIZE), expected));
        // It became shorter, and longer, since it was opened.
        CHECK(str_equal(read_large(&fixture, worker, SIZE * 2), expected));
        CHECK(str_equal(read_large(&fixture, worker, SIZE - 5000),
                        str_slice(expected, 0, SIZE - 5000)));
        pool_free(pool);
    }
    free(bytes);
    fixture_release(&fixture);
}

TEST_MAIN(RUN(opens_inside_the_project_only), RUN(refuses_what_is_no_file),
          RUN(allowed_roots_and_large_files),
          RUN(shown_relative_to_the_working_directory),
          RUN(finds_out_what_it_reads), RUN(asks_for_many_names_in_a_folder),
          RUN(reads_large_files_in_blocks))
