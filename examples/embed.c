// An embedder in one page: evaluates a file, or without one a text, and gives
// its JSON on standard output. Ctrl-C cancels.
//
//     cc embed.c $(pkg-config --cflags --libs ligature) -o embed
//     ./embed main.lig region=eu
//
// Arguments after the file are inputs. The exit status is the library's.
#include <ligature.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

// A handler cannot be given a context.
static LigatureContext *running;

static void on_interrupt(int number)
{
    (void)number;
    ligature_cancel(running);
}

static LigatureResult *evaluate(LigatureContext *context, const char *path)
{
    if (path != NULL) {
        return ligature_evaluate_file(context, path);
    }
    static const char text[] = "import std.string as S;\n"
                               "input who: String = \"world\";\n"
                               "{ greeting = \"hello, \\(S.toUpper who)\" }\n";
    return ligature_evaluate_text(context, "greeting", NULL, text,
                                  strlen(text));
}

int main(int argc, char **argv)
{
    LigatureOptions options;
    ligature_options_init(&options);
    options.timeout_ms = 10000;
    options.max_memory_bytes = (uint64_t)1 << 30;
    if (argc > 2) {
        options.inputs = (const char *const *)argv + 2;
        options.input_count = (size_t)argc - 2;
    }
    LigatureContext *context = ligature_context_new(&options);
    running = context;
    signal(SIGINT, on_interrupt);

    LigatureResult *result = evaluate(context, argc > 1 ? argv[1] : NULL);
    // Warnings come with a result too.
    fputs(ligature_result_message(result), stderr);
    fputs(ligature_result_output(result), stdout);
    int status = (int)ligature_result_status(result);
    ligature_result_free(result);
    ligature_context_free(context);
    return status;
}
