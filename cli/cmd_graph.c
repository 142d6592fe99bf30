// ligature graph: the graph of modules or of bindings.
#include "cli/command.h"
#include "cli/graph_write.h"
#include "cli/pipeline.h"
#include "cli/usage.h"

static void write_graph(Session *session, const RunGraph *graph)
{
    const Settings *settings = session->settings;
    StrBuf text = {0};
    switch ((GraphFormat)settings->graph_format) {
    case GRAPH_DOT:
        graph_write_dot(&text, graph);
        break;
    case GRAPH_JSON:
        graph_write_json(&text, graph,
                         settings->bindings ? "bindings" : "modules");
        break;
    case GRAPH_SVG:
        graph_write_svg(&text, graph);
        break;
    }
    (void)session_write(session, settings->output, strbuf_str(&text));
    strbuf_release(&text);
}

int cmd_graph(Settings *settings)
{
    if (settings->operands.count == 0) {
        return usage_wrong_operands(settings, STR("no file given"), "graph");
    }
    Session session;
    session_init(&session, VERB_GRAPH, settings);
    pipeline_graph(&session, settings->operands.items,
                   settings->operands.count);
    if (session_settle(&session) == EXIT_STATUS_OK) {
        RunGraph graph;
        if (settings->bindings) {
            run_graph_bindings(&graph, &session, settings->timed);
        } else {
            run_graph_modules(&graph, &session, settings->timed);
        }
        write_graph(&session, &graph);
        run_graph_release(&graph);
    }
    ExitStatus status = session_finish(&session);
    session_release(&session);
    return status;
}
