// What is given for inputs: small data modules behind the others, one per
// --input and one per --input-file. The resolver finds them by name in
// Program.inputs.
#include <stdlib.h>
#include <string.h>

#include "support/compare.h"
#include "support/nearest.h"
#include "support/vec.h"
#include "syntax/data_path.h"
#include "syntax/data_tape.h"
#include "syntax/data_tree.h"
#include "syntax/encoding.h"
#include "syntax/loader_internal.h"
#include "syntax/parser.h"
#include "syntax/read_json.h"

// A value for an input, in the order in which they are given.
typedef struct Given {
    DataValue data;
    Module *in;      // data.module
    const Expr *all; // of a file: the object whose member it is
    uint32_t member;
    uint32_t rank;
} Given;

typedef VEC(Given) Givens;

struct LoadedInputs {
    Program *program;
    Givens givens;
    VEC(Module *) modules; // not of the program yet
    DiagSink diags;        // without a module
    bool okay;             // all could be read
};

// ---- a Ligature literal as data

static bool literal_record(Expr *expr);
static bool literal(Expr *expr);

static bool literals(Expr *items, uint32_t count)
{
    bool okay = true;
    for (uint32_t i = 0; i < count && okay; i++) {
        okay = literal(&items[i]);
    }
    return okay;
}

static bool literal_record(Expr *expr)
{
    for (uint32_t i = 0; i < expr->as.record.count; i++) {
        RecordItem *item = &expr->as.record.items[i];
        if (item->name == 0 || record_item_path(item) != NULL ||
            record_item_type(item) != NULL ||
            !literal(record_item_value(item))) {
            return false;
        }
    }
    return true;
}

static bool negative_literal(Expr *expr)
{
    Expr value = *expr->as.unary.operand;
    if (expr->as.unary.op != OP_NEG) {
        return false;
    }
    if (value.kind == EXPR_INT && value.as.integer.value != INT64_MIN) {
        value.as.integer.value = -value.as.integer.value;
    } else if (value.kind == EXPR_FLOAT) {
        value.as.number.value = -value.as.number.value;
    } else {
        return false;
    }
    value.span = expr->span;
    *expr = value;
    return true;
}

static bool literal_ctor(Expr *expr)
{
    if (expr->kind != EXPR_CTOR || (expr->flags & EXPR_QUALIFIED) != 0) {
        return false;
    }
    expr->flags |= EXPR_IMPLICIT; // None as written, which is not null
    return true;
}

// Whether the expression is data; its negative numbers are folded. The depth
// is bounded by --max-nesting.
static bool literal(Expr *expr)
{
    switch ((ExprKind)expr->kind) {
    case EXPR_UNIT:
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_STRING:
        expr->flags |= EXPR_CLOSED;
        return true;
    case EXPR_LIST:
    case EXPR_TUPLE:
        return literals(expr->as.list.items, expr->as.list.count);
    case EXPR_RECORD:
        return literal_record(expr);
    case EXPR_CTOR:
        return literal_ctor(expr);
    case EXPR_CALL:
        return literal_ctor(&expr->as.call.parts[0]) &&
               literals(expr->as.call.parts + 1, expr->as.call.count - 1);
    case EXPR_UNARY:
        return negative_literal(expr);
    case EXPR_ERROR:
    case EXPR_INTERPOLATION:
    case EXPR_NAME:
    case EXPR_BUILTIN:
    case EXPR_DATA:
    case EXPR_COMPREHENSION:
    case EXPR_FIELD:
    case EXPR_CHAIN:
    case EXPR_LAMBDA:
    case EXPR_LET:
    case EXPR_IF:
    case EXPR_MATCH:
    case EXPR_ANNOTATED:
        break;
    }
    return false;
}

// ---- --input NAME=VALUE

static void forget_diags(Module *module)
{
    diag_sink_release(&module->diags);
    diag_sink_init(&module->diags);
    module->broken = false;
    module->ast = (ModuleAst){0};
}

// JSON, else Ligature; no result where it is neither, which only a String
// takes.
static void parse_value(Program *program, Module *module)
{
    uint32_t max_nesting = program->options.limits.max_nesting;
    read_json_module(module, program->interner, max_nesting);
    if (!module->broken) {
        return;
    }
    forget_diags(module);
    parser_parse_module(module, program->interner, max_nesting);
    Expr *value = module->ast.result;
    bool okay = !module->broken && module->ast.decl_count == 0 &&
                value != NULL && literal(value);
    forget_diags(module);
    module->ast.result = okay ? value : NULL;
}

// What is wrong with an input is E0504, as it is with its value.
static void recode_diags(Module *module)
{
    for (uint32_t i = 0; i < module->diags.diags.count; i++) {
        Diag *diag = diag_at(&module->diags, i);
        if (diag->code == DIAG_E0110 || diag->code == DIAG_E0111 ||
            diag->code == DIAG_E0112 || diag->code == DIAG_E0101) {
            diag->code = DIAG_E0504;
        }
    }
}

static Module *add_module(LoadedInputs *inputs, Module *module)
{
    module->is_data = true;
    vec_push(&inputs->modules, module);
    return module;
}

static void add_option(LoadedInputs *inputs, Str option)
{
    Program *program = inputs->program;
    size_t equals = str_find_byte(option, '=', 0);
    Str name = str_slice(option, 0, equals);
    StrBuf shown = {0};
    strbuf_append(&shown, STR("<input "));
    strbuf_append_printable(&shown, name, 60);
    strbuf_append_char(&shown, '>');
    Module *module = add_module(inputs, module_new());
    module->source.path = arena_str(module->arena, strbuf_str(&shown));
    strbuf_release(&shown);
    Str text = str_slice(option, equals + 1, option.len);
    module->source.text = arena_str(module->arena, text);
    if (!encoding_check(&module->source, ENCODING_DATA, &module->diags)) {
        module->broken = true;
        recode_diags(module);
        return;
    }
    parse_value(program, module);
    Given given = {.in = module,
                   .data = {.module = module,
                            .literal = module->ast.result,
                            .text = module->source.text,
                            .input = intern(program->interner, name)},
                   .rank = inputs->givens.count};
    vec_push(&inputs->givens, given);
    module->ast.result = NULL; // it is no value of the module
}

// ---- --input-file FILE

static void add_given(LoadedInputs *inputs, Module *module, const Expr *all,
                      uint32_t member, Symbol name, const Expr *literal)
{
    Given given = {
        .in = module,
        .data = {.module = module, .literal = literal, .input = name},
        .all = all,
        .member = member,
        .rank = inputs->givens.count};
    vec_push(&inputs->givens, given);
}

static void add_tape_members(LoadedInputs *inputs, Module *module,
                             const Expr *all)
{
    const TapeShape *keys = data_tape_keys(all->as.data->tape);
    const DataTape *const *members =
        data_tape_members(all->as.data->tape, module->arena);
    Expr *values = arena_array(module->arena, keys->count, sizeof *values);
    for (uint32_t i = 0; i < keys->count; i++) {
        values[i] = *all;
        expr_set_data(&values[i], module->arena, members[i], NULL);
        add_given(inputs, module, all, i, keys->names[i], &values[i]);
    }
}

static void add_members(LoadedInputs *inputs, Module *module)
{
    const Expr *all = module->ast.result;
    bool is_tape = all->kind == EXPR_DATA;
    if (is_tape && data_tape_keys(all->as.data->tape) != NULL) {
        add_tape_members(inputs, module, all);
    } else if (is_tape || all->kind != EXPR_RECORD) {
        Diag *diag = diag_add(&module->diags, DIAG_E0504, &module->source,
                              all->span, "expected an object of inputs");
        diag_help(&module->diags, diag,
                  "write {\"name\": value} with a field for each input");
        return;
    }
    for (uint32_t i = 0; !is_tape && i < all->as.record.count; i++) {
        const RecordItem *item = &all->as.record.items[i];
        add_given(inputs, module, all, i, item->name, record_item_value(item));
    }
    module->ast.result = NULL; // it is no value of the module
}

static bool add_file(LoadedInputs *inputs, Str path)
{
    Program *program = inputs->program;
    Module *module = loader_read_data(program, path);
    if (module == NULL) {
        return false;
    }
    recode_diags(module);
    bool was_data = module->is_data;
    add_module(inputs, module);
    if (!was_data) {
        forget_diags(module);
        module->broken = true;
        Diag *diag = diag_add(&module->diags, DIAG_E0504, &module->source,
                              (Span){0, 0}, "this is no file of inputs");
        diag_help(&module->diags, diag,
                  "its name ends in .json, .yaml, .yml or .toml");
        return true;
    }
    if (module->ast.result != NULL) {
        add_members(inputs, module);
    }
    return true;
}

// ---- which inputs there are

typedef VEC(Symbol) Symbols;

static Symbols declared_inputs(const Program *program)
{
    Symbols names = {0};
    for (uint32_t m = 0; m < program->module_count; m++) {
        const Module *module = program->modules[m];
        for (uint32_t i = 0; i < module->ast.decl_count; i++) {
            const Decl *decl = &module->ast.decls[i];
            if (decl->kind == DECL_INPUT) {
                vec_push(&names, decl->as.input->name);
            }
        }
    }
    if (names.count > 0) {
        qsort(names.items, names.count, sizeof(Symbol), compare_numbers);
    }
    return names;
}

// The key of what a file gives; nothing of an option.
static Span key_span(const Program *program, const Given *given)
{
    if (given->all == NULL) {
        return (Span){0, 0};
    }
    DataValue whole = {.module = given->in, .literal = given->all};
    const Expr *all = data_tree(program, &whole, given->in->arena);
    return data_key_span(program->interner,
                         &all->as.record.items[given->member],
                         &given->in->source);
}

static void report_unknown(Program *program, const Given *given,
                           const Symbols *declared, bool suggests)
{
    Module *module = given->in;
    Str name = symbol_text(program->interner, given->data.input);
    StrBuf shown = {0};
    strbuf_append_printable(&shown, name, 60);
    bool in_file = given->data.text.data == NULL;
    Diag *diag =
        diag_add(in_file ? &module->diags : &program->diags, DIAG_E0504,
                 in_file ? &module->source : NULL, key_span(program, given),
                 "there is no input '%.*s'", STR_ARG(strbuf_str(&shown)));
    strbuf_release(&shown);
    Nearest nearest;
    nearest_init(&nearest, name);
    for (uint32_t i = 0; suggests && i < declared->count; i++) {
        nearest_consider(&nearest,
                         symbol_text(program->interner, declared->items[i]));
    }
    DiagSink *sink = in_file ? &module->diags : &program->diags;
    if (nearest.best.len > 0) {
        diag_help(sink, diag, "did you mean '%.*s'?", STR_ARG(nearest.best));
    } else if (declared->count == 0) {
        diag_help(sink, diag, "the program declares no inputs");
    }
}

static int compare_givens(const void *a, const void *b)
{
    const Given *left = a;
    const Given *right = b;
    if (left->data.input != right->data.input) {
        return left->data.input < right->data.input ? -1 : 1;
    }
    return (left->rank > right->rank) - (left->rank < right->rank);
}

// Of those of one name the last one counts.
static void keep_last(Program *program, const Givens *givens)
{
    uint32_t count = givens->count;
    if (count == 0) {
        return;
    }
    Given *sorted = mem_calloc(count, sizeof *sorted);
    memcpy(sorted, givens->items, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_givens);
    program->inputs = mem_calloc(count, sizeof(DataValue));
    for (uint32_t i = 0; i < count; i++) {
        if (i + 1 == count ||
            sorted[i].data.input != sorted[i + 1].data.input) {
            program->inputs[program->input_count++] = sorted[i].data;
        }
    }
    free(sorted);
}

const DataValue *program_input(const Program *program, Symbol name)
{
    uint32_t low = 0;
    uint32_t high = program->input_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (program->inputs[middle].input < name) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < program->input_count && program->inputs[low].input == name
               ? &program->inputs[low]
               : NULL;
}

// What is said of no module is kept apart: what is wrong with the entries
// stands before it.
LoadedInputs *loader_read_inputs(Program *program, bool *out_okay)
{
    const ProgramOptions *options = &program->options;
    LoadedInputs *inputs = mem_calloc(1, sizeof *inputs);
    inputs->program = program;
    inputs->okay = true;
    DiagSink said = program->diags;
    diag_sink_init(&program->diags);
    for (uint32_t i = 0; i < options->input_file_count; i++) {
        inputs->okay &= add_file(inputs, options->input_files[i]);
    }
    for (uint32_t i = 0; i < options->input_count; i++) {
        add_option(inputs, options->inputs[i]);
    }
    inputs->diags = program->diags;
    program->diags = said;
    keep_last(program, &inputs->givens);
    *out_okay = inputs->okay;
    return inputs;
}

bool loader_add_inputs(LoadedInputs *inputs)
{
    Program *program = inputs->program;
    Worker *worker = pool_main_worker(program->pool);
    diag_sink_merge(&program->diags, &inputs->diags);
    diag_sink_release(&inputs->diags);
    Symbols declared = {0};
    if (inputs->givens.count > 0) {
        declared = declared_inputs(program);
    }
    // Few of many thousand unknown names are shown: so many are compared.
    enum { CANDIDATES_MAX = 1 << 20 };
    uint64_t candidates = 0;
    // What is entered later may declare them.
    bool is_session = program->entry_count > 0 &&
                      program->modules[program->entries[0]]->is_link;
    for (uint32_t i = 0; i < inputs->givens.count && !is_session; i++) {
        const Given *given = &inputs->givens.items[i];
        if (declared.count == 0 ||
            bsearch(&given->data.input, declared.items, declared.count,
                    sizeof(Symbol), compare_numbers) == NULL) {
            candidates += declared.count;
            report_unknown(program, given, &declared,
                           candidates <= CANDIDATES_MAX);
        }
    }
    for (uint32_t i = 0; i < inputs->modules.count; i++) {
        loader_append(program, inputs->modules.items[i], worker);
    }
    bool okay = inputs->okay;
    vec_release(&declared);
    vec_release(&inputs->modules);
    vec_release(&inputs->givens);
    free(inputs);
    return okay;
}

bool loader_load_inputs(Program *program)
{
    bool okay;
    return loader_add_inputs(loader_read_inputs(program, &okay));
}
