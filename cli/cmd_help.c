// The verb `help`: pages of verbs, or all of them as a manual page.
#include "cli/command.h"
#include "cli/man_page.h"
#include "cli/usage.h"

int cmd_help(Settings *settings)
{
    if (settings->man) {
        StrBuf text = {0};
        man_page_write(&text);
        return usage_print_text(settings, &text);
    }
    if (settings->operands.count == 0) {
        return usage_print_help(settings, NULL);
    }
    if (settings->operands.count > 1) {
        return usage_error(settings, STR("'help' takes one verb"), "help");
    }
    Str nearest;
    const Command *command =
        command_find(settings->operands.items[0], &nearest);
    if (command == NULL) {
        return usage_unknown_verb(settings, settings->operands.items[0],
                                  nearest);
    }
    return usage_print_help(settings, command);
}
