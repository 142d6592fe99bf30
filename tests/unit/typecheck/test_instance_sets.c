// The instances that modules see, where each module of a chain adds one.
#include <unistd.h>

#include "tests/unit/typecheck/checked.h"
#include "typecheck/module_types.h"

enum { CHAIN = 100 };

typedef struct Chain {
    char base[64];
    Pool *pool;
    CancelToken token;
    Program *program;
    bool fine;
} Chain;

static void write_file(const char *path, Str text)
{
    FILE *file = fopen(path, "w");
    if (file == NULL || fwrite(text.data, 1, text.len, file) != text.len ||
        fclose(file) != 0) {
        abort();
    }
}

// m0 declares a class, all an instance of it; main.lig imports the last one.
static void write_chain(Str main_text)
{
    for (int i = 0; i < CHAIN; i++) {
        StrBuf text = {0};
        strbuf_append(&text, i == 0 ? STR("typeclass C a where m: a -> Integer;"
                                          "\n")
                                    : STR("import \"./m0\" { C };\n"));
        if (i > 1) {
            strbuf_appendf(&text, "import \"./m%d\" as before;\n", i - 1);
        }
        strbuf_appendf(&text,
                       "type T%d = | K%d;\n"
                       "instance C T%d where m x = %d;\n"
                       "let v = K%d;\n",
                       i, i, i, i, i);
        char name[32];
        (void)snprintf(name, sizeof name, "m%d.lig", i);
        write_file(name, strbuf_str(&text));
        strbuf_release(&text);
    }
    write_file("main.lig", main_text);
}

static void chain_init(Chain *chain, const char *main_text)
{
    strcpy(chain->base, "/tmp/ligature_instances_XXXXXX");
    if (mkdtemp(chain->base) == NULL || chdir(chain->base) != 0) {
        abort();
    }
    write_chain(str_from_c(main_text));
    chain->pool = pool_new(1, 0);
    cancel_token_init(&chain->token, NULL, INT64_MAX);
    ProgramOptions options = {.limits = limits_default()};
    chain->program = program_new(&options, chain->pool, &chain->token);
    Str entry = STR("main.lig");
    CHECK(loader_load(chain->program, &entry, 1));
    resolve_program(chain->program);
    CheckOptions check = {0};
    chain->fine = check_program(chain->program, &check);
}

static void chain_release(Chain *chain)
{
    check_program_release(chain->program);
    program_free(chain->program);
    pool_free(chain->pool);
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", chain->base);
    if (chdir("/") != 0 || system(command) != 0) {
        abort();
    }
}

static const Module *last_module(const Chain *chain)
{
    return chain->program->modules[chain->program->entries[0]];
}

TEST(a_module_costs_what_it_adds)
{
    Chain chain;
    chain_init(&chain, "import \"./m99\" as last;\nimport \"./m0\" as first;\n"
                       "{ a = first.m last.v, b = first.m first.v }\n");
    CHECK(chain.fine);
    uint32_t held = 0;
    for (uint32_t i = 0; i < chain.program->module_count; i++) {
        const Module *module = chain.program->modules[i];
        const InstanceSet *own = module->checked->own_layer;
        held += own != NULL && !module->is_std ? own->instance_count : 0;
    }
    // CHAIN * CHAIN / 2 where each holds all that it sees.
    CHECK(held >= CHAIN && held <= CHAIN * 7);
    uint32_t seen = 0;
    uint32_t layers = 0;
    const InstanceSet *layer = last_module(&chain)->checked->visible;
    for (; layer != NULL; layer = layer->below) {
        seen += layer->instance_count;
        layers++;
    }
    const Module *prelude = chain.program->modules[MODULE_PRELUDE];
    CHECK_EQ_INT(seen, CHAIN + prelude->instance_count);
    CHECK(layers <= 8);
    chain_release(&chain);
}

static void check_overlap(int line, const char *main_text, const char *expected)
{
    Chain chain;
    chain_init(&chain, main_text);
    CHECK(!chain.fine);
    const DiagSink *said = &last_module(&chain)->diags;
    harness_check_str(__FILE__, line, main_text,
                      said->diags.count == 1 ? said->diags.items[0]->message
                                             : STR("not one message"),
                      str_from_c(expected));
    chain_release(&chain);
}

TEST(overlaps_are_found_in_all_layers)
{
    check_overlap(__LINE__,
                  "import \"./m99\" as last;\nimport \"./m0\" { C, T0 };\n"
                  "instance C T0 where m x = 0;\n",
                  "instance 'C T0' overlaps with 'C T0'");
    check_overlap(__LINE__,
                  "import \"./m99\" as last;\nimport \"./m0\" { C };\n"
                  "instance C last.T99 where m x = 0;\n",
                  "instance 'C T99' overlaps with 'C T99'");
}

TEST_MAIN(RUN(a_module_costs_what_it_adds),
          RUN(overlaps_are_found_in_all_layers))
