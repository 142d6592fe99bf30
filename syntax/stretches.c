// Where stretches end: items lie in the order of the source.
#include "syntax/stretches.h"

enum {
#ifdef NDEBUG
    USUAL_GRAIN = 64 << 10,
#else
    USUAL_GRAIN = 64, // so that what tests check is cut at all
#endif
    // What has this many times the grain is split.
    SPLIT_AT = 4
};

uint64_t stretch_grain(const Program *program)
{
    return program->options.grain > 0 ? program->options.grain : USUAL_GRAIN;
}

bool stretches_worth(const Expr *literal, uint64_t grain)
{
    return literal->span.end - literal->span.start >= SPLIT_AT * grain;
}

static uint32_t item_start(const Expr *literal, uint32_t item)
{
    if (literal->kind == EXPR_LIST) {
        return literal->as.list.items[item].span.start;
    }
    const RecordItem *field = &literal->as.record.items[item];
    return field->name != 0 ? field->name_start
                            : record_item_value(field)->span.start;
}

static uint32_t item_count(const Expr *literal)
{
    return literal->kind == EXPR_LIST ? literal->as.list.count
                                      : literal->as.record.count;
}

bool stretch_is_giant(const Expr *literal, uint32_t item, uint64_t grain)
{
    uint32_t end = item + 1 < item_count(literal)
                       ? item_start(literal, item + 1)
                       : literal->span.end;
    uint32_t start = item_start(literal, item);
    return end > start && end - start >= SPLIT_AT * grain;
}

uint32_t stretch_end(const Expr *literal, uint32_t item, uint64_t grain)
{
    uint64_t end = item_start(literal, item) + grain;
    uint32_t low = item + 1;
    uint32_t high = item_count(literal);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (item_start(literal, middle) < end) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > item + 1 && stretch_is_giant(literal, low - 1, grain) ? low - 1
                                                                       : low;
}
