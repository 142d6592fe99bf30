// ligature init: a folder with a project file, a program and its tests.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/exit_status.h"
#include "cli/new_file.h"
#include "cli/output.h"
#include "cli/usage.h"
#include "support/diag.h"

typedef struct Template {
    const char *name;
    const char *text;
} Template;

static const Template templates[] = {
    {"ligature.toml",
     "# The root of the project. Defaults of options stand in tables by verb,\n"
     "# [all] for every verb; 'ligature eval --show-config' prints what "
     "holds.\n"
     "\n"
     "[all]\n"
     "# include = [\"lib\"]\n"
     "\n"
     "[eval]\n"
     "timeout = \"30s\"\n"
     "\n"
     "# What dotted imports mean: import corp.net as net;\n"
     "[imports]\n"
     "# corp.net = \"vendor/net\"\n"},
    {"main.lig",
     "// ligature eval main.lig\n"
     "// ligature eval main.lig --input environment=Prod\n"
     "type Environment = Dev | Prod;\n"
     "\n"
     "type Port = Integer where x > 0 && x <= 65535;\n"
     "\n"
     "type Service = { name: String, port: Port, replicas: Integer = 1 };\n"
     "\n"
     "input environment: Environment = Dev;\n"
     "\n"
     "/// The service as it runs in an environment.\n"
     "export let serviceIn (env: Environment): Service = match env {\n"
     "  Dev => { name = \"hello\", port = 8080 },\n"
     "  Prod => { name = \"hello\", port = 443, replicas = 3 },\n"
     "};\n"
     "\n"
     "export let service = serviceIn environment;\n"
     "\n"
     "export { Environment };\n"},
    {"main_test.lig",
     "// ligature test\n"
     "import \"./main\" as main;\n"
     "\n"
     "let devRunsOnce = (main.serviceIn main.Dev).replicas == 1;\n"
     "\n"
     "let prodIsComplete =\n"
     "  main.serviceIn main.Prod == { name = \"hello\", port = 443, "
     "replicas = 3 };\n"},
};

static int fail(const Settings *settings, Str path, int error)
{
    DiagSink diags;
    diag_sink_init(&diags);
    diag_add(&diags, DIAG_E0002, NULL, (Span){0, 0},
             "'%.*s' cannot be written: %s", STR_ARG(path), strerror(error));
    int status = usage_diags(settings, &diags);
    diag_sink_release(&diags);
    return status;
}

// 0, EEXIST when something is there, or another errno.
static int write_new(Str path, Str text)
{
    NewFile file;
    new_file_init_at(&file, AT_FDCWD, path);
    if (!new_file_open(&file, 0666) || !output_write_fd(file.fd, text, NULL)) {
        new_file_drop(&file);
        return errno;
    }
    return new_file_place(&file) ? 0 : errno;
}

static int write_all(const Settings *settings, Str dir, StrBuf *said)
{
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        const Template *template_ = &templates[i];
        StrBuf path = {0};
        if (!str_equal(dir, STR("."))) {
            strbuf_append(&path, dir);
            strbuf_append(&path,
                          str_ends_with(dir, STR("/")) ? STR("") : STR("/"));
        }
        strbuf_append(&path, str_from_c(template_->name));
        Str shown = strbuf_str(&path);
        int error = write_new(shown, str_from_c(template_->text));
        int status = error == 0 || error == EEXIST
                         ? EXIT_STATUS_OK
                         : fail(settings, shown, error);
        strbuf_append(said, error == 0 ? STR("wrote ") : STR("kept "));
        strbuf_append_printable(said, shown, PATH_MAX);
        strbuf_append(said, error == 0 ? STR("\n") : STR(" (it exists)\n"));
        strbuf_release(&path);
        if (status != EXIT_STATUS_OK) {
            return status;
        }
    }
    return EXIT_STATUS_OK;
}

int cmd_init(Settings *settings)
{
    if (settings->operands.count > 1) {
        return usage_error(settings, STR("'init' takes one folder at most"),
                           "init");
    }
    Str dir =
        settings->operands.count == 0 ? STR(".") : settings->operands.items[0];
    // Operands come from argv, hence NUL-terminated.
    if (mkdir(dir.data, 0777) != 0 && errno != EEXIST) {
        return fail(settings, dir, errno);
    }
    StrBuf said = {0};
    int status = write_all(settings, dir, &said);
    if (status == EXIT_STATUS_OK &&
        !output_write_fd(STDOUT_FILENO, strbuf_str(&said), NULL)) {
        status = usage_io_error(settings, "standard output cannot be written");
    }
    strbuf_release(&said);
    return status;
}
