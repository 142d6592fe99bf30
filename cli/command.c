#include "cli/command.h"

#include "support/die.h"
#include "support/nearest.h"

static const Command commands[] = {
#define COMMAND(name, bit, function, operands, summary)                        \
    {name, bit, function, operands, summary},
#include "cli/commands.def"
};

#define COMMAND_COUNT (sizeof commands / sizeof *commands)

const Command *command_at(uint32_t index)
{
    return index < COMMAND_COUNT ? &commands[index] : NULL;
}

const Command *command_find(Str name, Str *out_nearest)
{
    Nearest nearest;
    nearest_init(&nearest, name);
    if (str_equal(name, STR("check"))) {
        name = STR("typecheck");
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        Str candidate = str_from_c(commands[i].name);
        if (str_equal(candidate, name)) {
            return &commands[i];
        }
        nearest_consider_begun(&nearest, candidate);
    }
    *out_nearest = nearest.best;
    return NULL;
}

const char *command_name(uint32_t verb)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (commands[i].bit == verb) {
            return commands[i].name;
        }
    }
    UNREACHABLE();
}
