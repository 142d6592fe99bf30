// Types and patterns as JSON.
#include "syntax/ast_json_internal.h"

void ast_json_put_constraint(Writer *writer, const Constraint *constraint)
{
    ast_json_put(writer, "{\"class\":");
    ast_json_put_symbol(writer, constraint->ref.symbol);
    if (constraint->qualifier != 0) {
        ast_json_put_symbol_field(writer, "qualifier", constraint->qualifier);
    }
    ast_json_put_types(writer, "args", constraint->args, constraint->arg_count);
    ast_json_put(writer, "}");
}

void ast_json_put_constraints(Writer *writer, const char *key,
                              const Constraint *constraints, uint32_t count)
{
    ast_json_put_key(writer, key);
    ast_json_put(writer, "[");
    for (uint32_t i = 0; i < count; i++) {
        ast_json_put_comma(writer, i);
        ast_json_put_constraint(writer, &constraints[i]);
    }
    ast_json_put(writer, "]");
}

static void put_record_type(Writer *writer, const TypeRecord *record)
{
    ast_json_put_key(writer, "fields");
    ast_json_put(writer, "[");
    for (uint32_t i = 0; i < record->count; i++) {
        const TypeField *field = &record->fields[i];
        ast_json_put_comma(writer, i);
        ast_json_begin_named(writer, field->name, field->name_span);
        ast_json_put_bool_field(writer, "optional", field->optional);
        ast_json_put_type(writer, "type", field->type);
        if (field->default_value != NULL) {
            ast_json_put_expr(writer, "default", field->default_value);
        }
        ast_json_end_node(writer);
    }
    ast_json_put(writer, "]");
    ast_json_put_bool_field(writer, "open", record->open);
    if (record->row != 0) {
        ast_json_put_symbol_field(writer, "row", record->row);
    }
}

static void put_predicates(Writer *writer, const Predicate *predicates,
                           uint32_t count)
{
    ast_json_put_key(writer, "predicates");
    ast_json_put(writer, "[");
    for (uint32_t i = 0; i < count; i++) {
        ast_json_put_comma(writer, i);
        ast_json_put(writer, predicates[i].is_with ? "{\"word\":\"with\""
                                                   : "{\"word\":\"where\"");
        ast_json_put_expr(writer, "expression", &predicates[i].expr);
        ast_json_put(writer, "}");
    }
    ast_json_put(writer, "]");
}

void ast_json_write_type(Writer *writer, const TypeExpr *type)
{
    ast_json_begin_node(writer, type_expr_kind_label((TypeExprKind)type->kind),
                        type->span);
    switch ((TypeExprKind)type->kind) {
    case TYPE_EXPR_ERROR:
    case TYPE_EXPR_UNIT:
        break;
    case TYPE_EXPR_NAME:
        ast_json_put_symbol_field(writer, "name", type->as.name.ref.symbol);
        if (type->as.name.qualifier != 0) {
            ast_json_put_symbol_field(writer, "qualifier",
                                      type->as.name.qualifier);
        }
        ast_json_put_types(writer, "args", type->as.name.args,
                           type->as.name.arg_count);
        break;
    case TYPE_EXPR_VAR:
        ast_json_put_symbol_field(writer, "name", type->as.var.symbol);
        break;
    case TYPE_EXPR_FUNCTION: {
        uint32_t last = type->as.function.count - 1;
        ast_json_put_types(writer, "params", type->as.function.parts, last);
        ast_json_put_type(writer, "result", &type->as.function.parts[last]);
        break;
    }
    case TYPE_EXPR_TUPLE:
        ast_json_put_types(writer, "items", type->as.tuple.items,
                           type->as.tuple.count);
        break;
    case TYPE_EXPR_LIST:
        ast_json_put_type(writer, "item", type->as.list.item);
        break;
    case TYPE_EXPR_RECORD:
        put_record_type(writer, type->as.record);
        break;
    case TYPE_EXPR_REFINED:
        ast_json_put_type(writer, "base", type->as.refined.base);
        put_predicates(writer, type->as.refined.predicates,
                       type->as.refined.count);
        break;
    case TYPE_EXPR_CONSTRAINED:
        ast_json_put_constraints(writer, "context",
                                 type->as.constrained.constraints,
                                 type->as.constrained.count);
        ast_json_put_type(writer, "type", type->as.constrained.type);
        break;
    }
    ast_json_end_node(writer);
}

static void put_list_pattern(Writer *writer, const PatternList *list)
{
    ast_json_put_patterns(writer, "items", list->items, list->count);
    if (list->has_rest && list->rest != 0) {
        ast_json_put_symbol_field(writer, "rest", list->rest);
    } else if (list->has_rest) {
        ast_json_put_key(writer, "rest");
        ast_json_put(writer, "null");
    }
}

static void put_record_pattern(Writer *writer, const PatternRecord *record)
{
    ast_json_put_key(writer, "fields");
    ast_json_put(writer, "[");
    for (uint32_t i = 0; i < record->count; i++) {
        const PatternField *field = &record->fields[i];
        ast_json_put_comma(writer, i);
        ast_json_begin_named(writer, field->name, field->name_span);
        ast_json_put_key(writer, "pattern");
        ast_json_write_pattern(writer, &field->pattern);
        ast_json_end_node(writer);
    }
    ast_json_put(writer, "]");
    ast_json_put_bool_field(writer, "open", record->open);
}

void ast_json_write_pattern(Writer *writer, const Pattern *pattern)
{
    ast_json_begin_node(writer, pattern_kind_label((PatternKind)pattern->kind),
                        pattern->span);
    switch ((PatternKind)pattern->kind) {
    case PATTERN_ERROR:
    case PATTERN_WILDCARD:
    case PATTERN_UNIT:
        break;
    case PATTERN_NAME:
        ast_json_put_symbol_field(writer, "name", pattern->as.name.symbol);
        break;
    case PATTERN_BOOL:
        ast_json_put_bool_field(writer, "value", pattern->as.boolean.value);
        break;
    case PATTERN_INT:
        ast_json_put_key(writer, "value");
        ast_json_put_integer(writer, pattern->as.integer.value);
        break;
    case PATTERN_FLOAT:
        ast_json_put_key(writer, "value");
        ast_json_put_number(writer, pattern->as.number.value);
        break;
    case PATTERN_STRING:
        ast_json_put_key(writer, "value");
        ast_json_put_string(
            writer, str_make(pattern->as.string.data, pattern->as.string.len));
        break;
    case PATTERN_CTOR: {
        const PatternCtor *ctor = pattern->as.ctor;
        ast_json_put_symbol_field(writer, "name", ctor->ref.symbol);
        if (ctor->qualifier != 0) {
            ast_json_put_symbol_field(writer, "qualifier", ctor->qualifier);
        }
        ast_json_put_patterns(writer, "args", ctor->args, ctor->arg_count);
        break;
    }
    case PATTERN_TUPLE:
        ast_json_put_patterns(writer, "items", pattern->as.tuple.items,
                              pattern->as.tuple.count);
        break;
    case PATTERN_LIST:
        put_list_pattern(writer, pattern->as.list);
        break;
    case PATTERN_RECORD:
        put_record_pattern(writer, pattern->as.record);
        break;
    case PATTERN_AS:
        ast_json_put_key(writer, "pattern");
        ast_json_write_pattern(writer, pattern->as.alias.pattern);
        ast_json_put_symbol_field(writer, "name", pattern->as.alias.symbol);
        break;
    }
    ast_json_end_node(writer);
}
