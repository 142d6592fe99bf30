// Writing and copying expressions in words of 64 bits, and a half. A node is
// copied soon after it was written, onto the stack of nodes or to where it
// stays, while the processor has it in its store buffer. From there it takes
// what lies within one store; for what several have written it waits until they
// are through, some twenty cycles ("store-to-load forwarding" in the
// optimisation guides of AMD and Intel).
//
// Threads: as the nodes.
#ifndef LIGATURE_SYNTAX_EXPR_WORDS_H
#define LIGATURE_SYNTAX_EXPR_WORDS_H

#include <stddef.h>
#include <string.h>

#include "syntax/ast.h"

// Expr.as, as it is in memory.
typedef struct ExprContents {
    uint64_t first;
    uint32_t second;
} ExprContents;

// Expressions are aligned to four bytes.
typedef uint64_t ExprWord __attribute__((aligned(4)));

_Static_assert(sizeof(Expr) == 28 && offsetof(Expr, span) == 8 &&
                   offsetof(Expr, as) == 16,
               "an expression is a head, a span and its contents");

// Two neighbours in memory.
static inline uint64_t expr_word(uint32_t first, uint32_t second)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return first | (uint64_t)second << 32;
#else
    return (uint64_t)first << 32 | second;
#endif
}

// Expr.kind, op and flags.
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define EXPR_HEAD(kind, op, flags)                                             \
    ((uint64_t)(kind) | (uint64_t)(op) << 8 | (uint64_t)(flags) << 16)
#else
#define EXPR_HEAD(kind, op, flags)                                             \
    ((uint64_t)(kind) << 56 | (uint64_t)(op) << 48 | (uint64_t)(flags) << 32)
#endif

static inline ExprContents expr_of_none(void)
{
    return (ExprContents){0, 0};
}

// Of a pointer, and of a count, a name, an operator or nothing.
static inline ExprContents expr_of_parts(const void *parts, uint32_t count)
{
    return (ExprContents){(uintptr_t)parts, count};
}

static inline ExprContents expr_of_name(Symbol symbol)
{
    return (ExprContents){expr_word(symbol, REF_UNRESOLVED), 0};
}

static inline ExprContents expr_of_bool(bool value)
{
    Expr expr = {.as.boolean.value = value};
    ExprContents contents = {0, 0};
    memcpy(&contents.first, &expr.as, sizeof contents.first);
    return contents;
}

static inline void expr_put_head(Expr *out, uint64_t head, Span span,
                                 ExprContents contents)
{
    ExprWord *words = (ExprWord *)(void *)out;
    words[0] = head;
    words[1] = expr_word(span.start, span.end);
    words[2] = contents.first;
    *(uint32_t *)&words[3] = contents.second;
}

static inline void expr_put(Expr *out, ExprKind kind, unsigned flags, Span span,
                            ExprContents contents)
{
    expr_put_head(out, EXPR_HEAD(kind, 0, flags), span, contents);
}

// Adds to a node that has none of them.
static inline void expr_add(Expr *expr, unsigned op, unsigned flags)
{
    *(ExprWord *)(void *)expr |= EXPR_HEAD(0, op, flags);
}

static inline void expr_set_span(Expr *expr, Span span)
{
    ((ExprWord *)(void *)expr)[1] = expr_word(span.start, span.end);
}

static inline void expr_copy(Expr *to, const Expr *from)
{
    // Volatile, as two reads are not to become one.
    const volatile ExprWord *words = (const volatile void *)from;
    uint64_t head = words[0];
    uint64_t span = words[1];
    uint64_t first = words[2];
    uint32_t second = *(const volatile uint32_t *)&words[3];
    ExprWord *copy = (ExprWord *)(void *)to;
    copy[0] = head;
    copy[1] = span;
    copy[2] = first;
    *(uint32_t *)&copy[3] = second;
}

#endif
