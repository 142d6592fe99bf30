#include "syntax/paths.h"

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
    FolderHand hand = FOLDER_HAND_NONE;
    paths_enter(&fixture->paths, &hand,
                path[0] == '/' ? STR("") : fixture->paths.working_dir);
    AskedPath asked;
    if (!paths_ask(&hand, str_from_c(path), STR(""), &asked)) {
        paths_leave(&hand);
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
    // What is missing there is no secret, unlike what is elsewhere.
    CHECK_EQ_INT(try_open(&fixture, "../out/none.lig", &text), PATH_MISSING);
    CHECK_EQ_INT(try_open(&fixture, "../out/no/x.lig", &text), PATH_MISSING);
    CHECK_EQ_INT(try_open(&fixture, "outdir/none.lig", &text), PATH_MISSING);
    CHECK_EQ_INT(try_open(&fixture, "../in/none.lig", &text), PATH_MISSING);
    CHECK_EQ_INT(try_open(&fixture, "../none/x.lig", &text), PATH_OUTSIDE);
    CHECK_EQ_INT(try_open(&fixture, "far.lig", &text), PATH_OUTSIDE);
    CHECK_EQ_INT(try_open(&fixture, "/etc/none", &text), PATH_OUTSIDE);
    (void)snprintf(path, sizeof path, "%s/out/none.lig", fixture.base);
    CHECK_EQ_INT(try_open(&fixture, path, &text), PATH_MISSING);
    (void)snprintf(path, sizeof path, "%s/in/none.lig", fixture.base);
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

// Opens NAME.lig and reads it.
static PathStatus ask(Fixture *fixture, FolderHand *hand, const char *name,
                      Str *out_path, Str *out_text)
{
    AskedPath path;
    OpenedFile file = {.descriptor = -1};
    CHECK(paths_ask(hand, str_from_c(name), STR(".lig"), &path));
    PathStatus status =
        paths_open(&fixture->paths, hand, &path, &fixture->arena, &file);
    if (status == PATH_OK) {
        *out_path = arena_str(&fixture->arena, file.path);
        status = paths_read(&fixture->paths, &file, 1 << 20, NULL,
                            &fixture->arena, out_text);
    }
    CHECK_EQ_INT(file.descriptor, -1);
    return status;
}

// From some files on the folder is held, and small files are read at once.
TEST(asks_for_many_names_in_a_folder)
{
    Fixture fixture;
    ProgramOptions options = {.limits = limits_default()};
    fixture_init(&fixture, &options);
    Str dir =
        arena_join(&fixture.arena, fixture.paths.working_dir, STR("/sub"));
    char *large = malloc(SMALL_FILE_BYTES + 1);
    memset(large, 'x', SMALL_FILE_BYTES);
    large[SMALL_FILE_BYTES] = '\0';
    write_file("sub/large.lig", large);
    write_file("sub/less.lig", large + 1);
    write_file("sub/c.lig", "333");
    write_file("sub/empty.lig", "");
    if (symlink("b.lig", "sub/link.lig") != 0 ||
        symlink("../../out/secret.lig", "sub/escape.lig") != 0 ||
        mkdir("sub/folder.lig", 0700) != 0 ||
        mkfifo("sub/fifo.lig", 0600) != 0) {
        abort();
    }
    const struct {
        const char *name, *opened, *text;
        PathStatus status;
    } asked[] = {
        {"b", "b.lig", "22", PATH_OK},
        {"./c", "c.lig", "333", PATH_OK},
        {"empty", "empty.lig", "", PATH_OK},
        {"large", "large.lig", large, PATH_OK},
        {"less", "less.lig", large + 1, PATH_OK},
        {"link", "b.lig", "22", PATH_OK},
        {"../sub/c", "c.lig", "333", PATH_OK},
        {"escape", NULL, NULL, PATH_OUTSIDE},
        {"nothing", NULL, NULL, PATH_MISSING},
        {"../../x", NULL, NULL, PATH_OUTSIDE},
        {"folder", NULL, NULL, PATH_DIRECTORY},
        {"fifo", NULL, NULL, PATH_NOT_REGULAR},
    };
    FolderHand hand = FOLDER_HAND_NONE;
    CHECK(paths_enter(&fixture.paths, &hand, dir));
    CHECK(!paths_enter(&fixture.paths, &hand, dir));
    for (uint32_t i = 0; i < 36; i++) {
        uint32_t k = i % (sizeof asked / sizeof *asked);
        Str path = STR(""), text = STR("");
        CHECK_EQ_INT(ask(&fixture, &hand, asked[k].name, &path, &text),
                     asked[k].status);
        if (asked[k].status == PATH_OK) {
            CHECK_EQ_STR(paths_basename(path), str_from_c(asked[k].opened));
            CHECK_EQ_STR(paths_dirname(path), dir);
            CHECK_EQ_STR(text, str_from_c(asked[k].text));
        }
    }
    CHECK(hand.descriptor >= 0);
    CHECK(paths_enter(&fixture.paths, &hand, STR("")));
    CHECK_EQ_INT(hand.descriptor, -1);
    paths_leave(&hand);
    free(large);
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
          RUN(asks_for_many_names_in_a_folder),
          RUN(reads_large_files_in_blocks))
