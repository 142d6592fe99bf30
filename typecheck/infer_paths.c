// Dotted paths in a record literal create what no spread has: what
// `{ tls.on = true, tls.port = 1 }` says is `{ tls = { on = true, port = 1 }
// }`. The literal is rewritten to that, so that defaults fill at every depth.
#include "typecheck/infer_records.h"

bool infer_has_spread(const Expr *expr, uint32_t from)
{
    for (uint32_t i = from; i < expr->as.record.count; i++) {
        if (expr->as.record.items[i].name == 0) {
            return true;
        }
    }
    return false;
}

static bool creates(const RecordItem *item, const PtrMap *kept)
{
    return record_item_path(item) != NULL &&
           ptr_map_find(kept, item->name, 0) == NULL;
}

static bool any_creates(const Expr *expr, const PtrMap *kept)
{
    bool any = false;
    for (uint32_t i = 0; i < expr->as.record.count && !any; i++) {
        any = creates(&expr->as.record.items[i], kept);
    }
    return any;
}

// The item without the first name of its path.
static RecordItem shorten(Infer *c, const RecordItem *item)
{
    const FieldPath *path = record_item_path(item);
    FieldPath *rest = NULL;
    if (path->count > 2) {
        rest = ARENA_NEW(c->arena, FieldPath);
        rest->count = path->count - 1;
        rest->names = path->names + 1;
        rest->spans = path->spans + 1;
    }
    return record_item_make(c->arena, path->names[1], path->spans[1].start,
                            rest, record_item_type(item),
                            record_item_value(item));
}

typedef struct Nest {
    RecordItem *items; // of the new literal
    uint32_t count;
    uint32_t *sizes; // by new item: paths that go into it
    PtrMap index;    // first name of a path -> new item + 1
    const PtrMap *kept;
} Nest;

static RecordItem *claim_item(Nest *nest, const RecordItem *item)
{
    if (!creates(item, nest->kept)) {
        return &nest->items[nest->count++];
    }
    void **slot = ptr_map_at(&nest->index, item->name, 0);
    if (*slot == NULL) {
        *slot = (void *)(uintptr_t)++nest->count;
    }
    return &nest->items[(uintptr_t)*slot - 1];
}

static void count_paths(Nest *nest, const Expr *expr)
{
    for (uint32_t i = 0; i < expr->as.record.count; i++) {
        const RecordItem *item = &expr->as.record.items[i];
        RecordItem *made = claim_item(nest, item);
        nest->sizes[made - nest->items]++;
    }
}

static void begin_inner(Infer *c, RecordItem *made, const RecordItem *item,
                        uint32_t size, uint16_t flags)
{
    *made = (RecordItem){.name = item->name, .name_start = item->name_start};
    made->plain.kind = EXPR_RECORD;
    made->plain.flags = flags & EXPR_CLOSED;
    made->plain.span = record_item_path(item)->spans[0];
    made->plain.as.record.items =
        arena_array(c->arena, size, sizeof *made->plain.as.record.items);
}

void infer_nest_paths(Infer *c, Expr *expr, const PtrMap *kept)
{
    if (!any_creates(expr, kept)) {
        return;
    }
    uint32_t count = expr->as.record.count;
    Nest nest = {.kept = kept};
    nest.items = arena_array(c->arena, count, sizeof *nest.items);
    nest.sizes = arena_zalloc(c->scratch, count * sizeof *nest.sizes);
    count_paths(&nest, expr);
    uint32_t made_count = nest.count;
    nest.count = 0;
    ptr_map_release(&nest.index);
    for (uint32_t i = 0; i < count; i++) {
        const RecordItem *item = &expr->as.record.items[i];
        uint32_t before = nest.count;
        RecordItem *made = claim_item(&nest, item);
        if (!creates(item, kept)) {
            *made = *item;
            continue;
        }
        const FieldPath *path = record_item_path(item);
        if (nest.count > before) {
            begin_inner(c, made, item, nest.sizes[made - nest.items],
                        expr->flags);
        }
        Expr *inner = &made->plain;
        if (path->count < 2 || path->names[1] == 0) {
            // A syntax error was reported here.
            c->failed = true;
            continue;
        }
        inner->as.record.items[inner->as.record.count++] = shorten(c, item);
    }
    ptr_map_release(&nest.index);
    infer_log(c, &expr->as.record, sizeof expr->as.record);
    expr->as.record.items = nest.items;
    expr->as.record.count = made_count;
}
