// Which instances a constraint may be served by: by the heads of its types,
// then by one-way matching.
#include "support/ptr_map.h"
#include "typecheck/classes_internal.h"
#include "typecheck/instance_index.h"

static bool has_head(const Infer *c, const ClassInfo *class_, uintptr_t key)
{
    const InstanceSet *layer = c->types->visible;
    for (; layer != NULL; layer = layer->below) {
        if (instances_by_head(layer, class_, key) != NULL ||
            instances_by_head(layer, class_, 0) != NULL) {
            return true;
        }
    }
    return false;
}

bool classes_has_instance(const Infer *c, const ClassInfo *class_, Type *type)
{
    return has_head(c, class_, instance_head_key(type));
}

bool infer_has_function_instance(const Infer *c, const ClassInfo *class_)
{
    enum { FUNCTION_KEY = 2 }; // see instance_head_key()
    return has_head(c, class_, FUNCTION_KEY);
}

typedef enum MatchResult {
    MATCH_NO,
    MATCH_MAYBE, // when more is known
    MATCH_YES
} MatchResult;

// Of one instance with the types of one constraint.
typedef struct Matching {
    Type **bound; // what its variables stand for
    PtrMap memo;  // pairs of nodes that were matched: their place in `results`
    uint32_t steps;
} Matching;

// Types are shared graphs: a walk of more than so many nodes remembers those
// that it has seen, so that it costs nodes and not paths.
#define MEMO_AFTER 64

static const MatchResult results[] = {MATCH_NO, MATCH_MAYBE, MATCH_YES};

static MatchResult match_type(Matching *match, Type *pattern, Type *type,
                              uint32_t depth);

static MatchResult weaker(MatchResult a, MatchResult b)
{
    return a < b ? a : b;
}

static MatchResult match_items(Matching *match, Type *const *patterns,
                               Type *const *types, uint32_t count,
                               uint32_t depth)
{
    MatchResult result = MATCH_YES;
    for (uint32_t i = 0; i < count && result != MATCH_NO; i++) {
        result =
            weaker(result, match_type(match, patterns[i], types[i], depth));
    }
    return result;
}

// Those behind its tails included.
static uint32_t count_fields(const Type *record)
{
    uint32_t count = 0;
    for (; record->kind == TYPE_RECORD;
         record = type_resolve(record->as.record.tail)) {
        count += record->as.record.count;
        if (record->as.record.tail == NULL) {
            break;
        }
    }
    return count;
}

static MatchResult match_records(Matching *match, Type *pattern, Type *type,
                                 uint32_t depth)
{
    Type *tail = type_record_tail(type);
    MatchResult result =
        tail != NULL && tail->kind == TYPE_VAR ? MATCH_MAYBE : MATCH_YES;
    if (pattern->as.record.tail == NULL &&
        ((tail != NULL && result == MATCH_YES) ||
         count_fields(type) > pattern->as.record.count)) {
        return MATCH_NO;
    }
    for (uint32_t i = 0; i < pattern->as.record.count; i++) {
        RecordField *field =
            type_record_find(type, pattern->as.record.fields[i].name, NULL);
        if (field == NULL) {
            if (result == MATCH_YES) {
                return MATCH_NO;
            }
            continue;
        }
        result =
            weaker(result, match_type(match, pattern->as.record.fields[i].type,
                                      field->type, depth));
    }
    return result;
}

static MatchResult match_generic(Matching *match, const Type *pattern,
                                 Type *type)
{
    Type **slot = &match->bound[pattern->as.generic.index];
    if (*slot == NULL) {
        *slot = type;
        return MATCH_YES;
    }
    if (types_equal(*slot, type)) {
        return MATCH_YES;
    }
    return ((*slot)->flags | type->flags) & TYPE_HAS_VARS ? MATCH_MAYBE
                                                          : MATCH_NO;
}

// Of two nodes of one kind.
static MatchResult match_nodes(Matching *match, Type *pattern, Type *type,
                               uint32_t depth)
{
    switch ((TypeKind)pattern->kind) {
    case TYPE_CON:
        if (!type_same_con(pattern, type)) {
            return MATCH_NO;
        }
        return match_items(match, pattern->as.con.args, type->as.con.args,
                           pattern->as.con.count, depth);
    case TYPE_TUPLE:
        if (pattern->as.tuple.count != type->as.tuple.count) {
            return MATCH_NO;
        }
        return match_items(match, pattern->as.tuple.items, type->as.tuple.items,
                           pattern->as.tuple.count, depth);
    case TYPE_FUNCTION:
        return weaker(match_type(match, pattern->as.function.param,
                                 type->as.function.param, depth),
                      match_type(match, pattern->as.function.result,
                                 type->as.function.result, depth));
    case TYPE_RECORD:
        return match_records(match, pattern, type, depth);
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
    case TYPE_GENERIC:
    case TYPE_REFINED:
        break;
    }
    return MATCH_NO;
}

static MatchResult match_type(Matching *match, Type *pattern, Type *type,
                              uint32_t depth)
{
    pattern = type_resolve(pattern);
    type = type_resolve(type);
    if (depth > TYPE_MAX_HEIGHT || type->kind == TYPE_ERROR) {
        return MATCH_YES;
    }
    if (pattern->kind == TYPE_GENERIC) {
        return match_generic(match, pattern, type);
    }
    if (type->kind == TYPE_VAR) {
        return MATCH_MAYBE;
    }
    if (pattern->kind != type->kind) {
        return MATCH_NO;
    }
    uintptr_t first = (uintptr_t)pattern, second = (uintptr_t)type;
    const MatchResult *known = match->memo.count > 0
                                   ? ptr_map_find(&match->memo, first, second)
                                   : NULL;
    if (known != NULL) {
        return *known;
    }
    MatchResult result = match_nodes(match, pattern, type, depth + 1);
    if (++match->steps > MEMO_AFTER) {
        *ptr_map_at(&match->memo, first, second) = (void *)&results[result];
    }
    return result;
}

static void consider(Infer *c, const InstanceInfo *info, Type **args,
                     Candidates *candidates)
{
    Matching match = {
        .bound =
            arena_zalloc(c->store.arena, info->generic_count * sizeof(Type *))};
    MatchResult result =
        match_items(&match, info->args, args, info->class_->param_count, 0);
    ptr_map_release(&match.memo);
    if (result == MATCH_YES && candidates->exact == NULL) {
        candidates->exact = info;
        candidates->bound = match.bound;
    } else if (result == MATCH_MAYBE) {
        candidates->only = info;
        candidates->maybe_count++;
    }
}

Candidates classes_find_candidates(Infer *c, const ClassInfo *class_,
                                   Type **args)
{
    Candidates candidates = {0};
    const InstanceSet *layer = c->types->visible;
    for (; layer != NULL; layer = layer->below) {
        const SeenInstance *entry;
        InstanceSearch search;
        instance_search_begin(&search, layer, class_, args);
        while (candidates.maybe_count < 2 &&
               (entry = instance_search_next(&search)) != NULL) {
            consider(c, entry->info, args, &candidates);
        }
    }
    return candidates;
}

bool classes_may_serve(Infer *c, const ClassInfo *class_, Type *type)
{
    if (!classes_has_instance(c, class_, type)) {
        return false;
    }
    Candidates candidates = classes_find_candidates(c, class_, &type);
    return candidates.exact != NULL || candidates.maybe_count > 0;
}
