// Dotted paths in a record literal without spreads only create: what
// `{ tls.on = true, tls.port = 1 }` says is `{ tls = { on = true, port = 1 }
// }`. The literal is rewritten to that, so that defaults fill at every depth.
#include "typecheck/infer_records.h"

static bool has_only_paths(const Expr *expr)
{
    bool any = false;
    for (uint32_t i = 0; i < expr->as.record.count; i++) {
        const RecordItem *item = &expr->as.record.items[i];
        if (item->name == 0) {
            return false;
        }
        any |= record_item_path(item) != NULL;
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
} Nest;

static RecordItem *claim_item(Nest *nest, const RecordItem *item)
{
    void **slot = ptr_map_at(&nest->index, item->name, 0);
    if (record_item_path(item) == NULL) {
        return &nest->items[nest->count++];
    }
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
        nest->sizes[made - nest->items] += record_item_path(item) != NULL;
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

void infer_nest_paths(Infer *c, Expr *expr)
{
    if (!has_only_paths(expr)) {
        return;
    }
    uint32_t count = expr->as.record.count;
    Nest nest = {0};
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
        const FieldPath *path = record_item_path(item);
        if (path == NULL) {
            *made = *item;
            continue;
        }
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
