// ligature watch without a verb; with one main() runs that again and again
// (cli/watch.h).
#include "cli/command.h"
#include "cli/usage.h"

int cmd_watch(Settings *settings)
{
    return usage_error(settings, STR("'watch' needs a verb to run"), "watch");
}
