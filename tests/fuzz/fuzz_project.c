// libFuzzer entry: several files, modules and data, are a project in a folder.
// By one worker and by several it ends in the same way, with the same bytes and
// diagnostics; and a result that can be read back at its type is the same then.
//
// The input holds the files one after the other, each below a line
// `=== name`; what stands before the first is main.lig. The lines of a file
// `inputs` are values for the program's inputs.
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "include/ligature.h"
#include "tests/fuzz/fuzz_tokens.h"

enum { FILES_MAX = 40, NAME_MAX_BYTES = 60, INPUTS_MAX = 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/fuzz_project-XXXXXX";
static int folder_fd = -1;

typedef struct Project {
    char names[FILES_MAX][NAME_MAX_BYTES + 1];
    uint32_t count;
    char *inputs_text; // the lines, NUL in place of line ends
    const char *inputs[INPUTS_MAX];
    uint32_t input_count;
} Project;

static void remove_folder(void)
{
    (void)rmdir(folder);
}

static void make_folder(void)
{
    if (folder_fd >= 0) {
        return;
    }
    if (mkdtemp(folder) == NULL) {
        abort();
    }
    folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd < 0 || atexit(remove_folder) != 0) {
        abort();
    }
}

// Names that stay in the folder, with at most one folder of their own.
static bool is_good_name(const char *name, size_t len)
{
    uint32_t slashes = 0;
    for (size_t i = 0; i < len; i++) {
        bool dot_allowed = i > 0 && name[i - 1] != '.' && name[i - 1] != '/';
        slashes += name[i] == '/';
        if (!isalnum((unsigned char)name[i]) && name[i] != '_' &&
            name[i] != '-' && !(name[i] == '/' && dot_allowed) &&
            !(name[i] == '.' && dot_allowed)) {
            return false;
        }
    }
    return len > 0 && len <= NAME_MAX_BYTES && slashes <= 1 &&
           isalnum((unsigned char)name[len - 1]);
}

static void take_inputs(Project *project, const char *text, size_t len)
{
    free(project->inputs_text);
    project->inputs_text = strndup(text, len);
    project->input_count = 0;
    char *rest = project->inputs_text;
    for (char *line; (line = strtok_r(rest, "\n", &rest)) != NULL &&
                     project->input_count < INPUTS_MAX;) {
        project->inputs[project->input_count++] = line;
    }
}

static void write_file(Project *project, const char *name, size_t name_len,
                       const char *text, size_t len)
{
    if (name_len == strlen("inputs") && memcmp(name, "inputs", name_len) == 0) {
        take_inputs(project, text, len);
        return;
    }
    if (project->count == FILES_MAX || !is_good_name(name, name_len)) {
        return;
    }
    char *kept = project->names[project->count];
    memcpy(kept, name, name_len);
    kept[name_len] = '\0';
    char *slash = strchr(kept, '/');
    if (slash != NULL) {
        *slash = '\0';
        (void)mkdirat(folder_fd, kept, 0700);
        *slash = '/';
    }
    int file =
        openat(folder_fd, kept, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) {
        return; // a folder has that name, or a file that of the folder
    }
    project->count++;
    if (write(file, text, len) != (ssize_t)len) {
        abort();
    }
    close(file);
}

// The next header line at or after `at`; the end of the text without one.
static size_t next_header(const char *text, size_t len, size_t at)
{
    while (at < len && !((at == 0 || text[at - 1] == '\n') && len - at >= 4 &&
                         memcmp(text + at, "=== ", 4) == 0)) {
        at++;
    }
    return at;
}

static void unpack(Project *project, const char *text, size_t len)
{
    size_t at = next_header(text, len, 0);
    write_file(project, "main.lig", strlen("main.lig"), text, at);
    while (at < len) {
        size_t name = at + 4;
        const char *end = memchr(text + name, '\n', len - name);
        size_t name_end = end != NULL ? (size_t)(end - text) : len;
        size_t body = name_end < len ? name_end + 1 : len;
        at = next_header(text, len, body);
        write_file(project, text + name, name_end - name, text + body,
                   at - body);
    }
}

static void project_remove(Project *project)
{
    for (uint32_t i = 0; i < project->count; i++) {
        char *name = project->names[i];
        char *slash = strchr(name, '/');
        (void)unlinkat(folder_fd, name, 0); // one name may stand twice
        if (slash != NULL) {
            *slash = '\0';
            (void)unlinkat(folder_fd, name, AT_REMOVEDIR);
        }
    }
    free(project->inputs_text);
}

static LigatureContext *new_context(const Project *project, uint32_t workers)
{
    LigatureOptions options;
    ligature_options_init(&options);
    options.workers = workers;
    options.root = folder;
    options.inputs = project->inputs;
    options.input_count = project->input_count;
    options.max_nesting = 200;
    options.max_depth = 2000;
    options.max_steps = 4000; // the heap is collected at each
    options.max_memory_bytes = UINT64_C(64) << 20;
    options.max_output_bytes = UINT64_C(1) << 20;
    options.max_type_nodes = 100000;
    options.max_modules = 100;
    return ligature_context_new(&options);
}

static LigatureResult *run(const Project *project, uint32_t workers)
{
    LigatureContext *context = new_context(project, workers);
    char path[sizeof folder + sizeof "/main.lig"];
    (void)snprintf(path, sizeof path, "%s/main.lig", folder);
    LigatureResult *result = ligature_evaluate_file(context, path);
    ligature_context_free(context);
    return result;
}

static bool is_same(const LigatureResult *a, const LigatureResult *b)
{
    return ligature_result_status(a) == ligature_result_status(b) &&
           strcmp(ligature_result_output(a), ligature_result_output(b)) == 0 &&
           strcmp(ligature_result_message(a), ligature_result_message(b)) ==
               0 &&
           strcmp(ligature_result_diagnostics(a),
                  ligature_result_diagnostics(b)) == 0;
}

// The text of the result, parsed and read at the type of main.lig, has the same
// text again. Results that no data is of end earlier.
static void check_read_back(const Project *project)
{
    static const char text[] =
        "import \"./main\" as m;\n"
        "import std.encoding as E;\n"
        "let at_type v = if true then v else m;\n"
        "let text = E.toJson m;\n"
        "match E.parseJson text {\n"
        "  Ok j => match E.decode j {\n"
        "    Ok v => if E.toJson (at_type v) == text then 1 else 2,\n"
        "    Err e => 3,\n"
        "  },\n"
        "  Err e => 4,\n"
        "}\n";
    LigatureContext *context = new_context(project, 1);
    LigatureResult *result = ligature_evaluate_text(context, "back.lig", folder,
                                                    text, sizeof text - 1);
    const char *output = ligature_result_output(result);
    if (ligature_result_status(result) == LIGATURE_OK &&
        strcmp(output, "1\n") != 0) {
        fprintf(stderr, "read back: %s", output);
        abort();
    }
    ligature_result_free(result);
    ligature_context_free(context);
}

// A field that is Some () is printed as null, and null is None; instances of
// FromJson read what they like.
static bool is_read_back(const uint8_t *data, size_t size)
{
    return memmem(data, size, "()", 2) == NULL &&
           memmem(data, size, "FromJson", strlen("FromJson")) == NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Project project = {.count = 0};
    make_folder();
    unpack(&project, (const char *)data, size);
    LigatureResult *one = run(&project, 1);
    LigatureResult *many = run(&project, 4);
    if (!is_same(one, many)) {
        fprintf(stderr, "one worker: %d\n%s%s\nfour: %d\n%s%s\n",
                (int)ligature_result_status(one), ligature_result_output(one),
                ligature_result_message(one), (int)ligature_result_status(many),
                ligature_result_output(many), ligature_result_message(many));
        abort();
    }
    if (ligature_result_status(one) == LIGATURE_OK &&
        is_read_back(data, size)) {
        check_read_back(&project);
    }
    ligature_result_free(one);
    ligature_result_free(many);
    project_remove(&project);
    return 0;
}
