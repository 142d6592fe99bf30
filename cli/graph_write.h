// Graphs as text: DOT for Graphviz, JSON for tools, SVG for the eye. The same
// program gives the same bytes, apart from times where the graph has some.
//
// Ownership: borrows the graph.
// Threads:   pure, apart from the buffer written to.
#ifndef LIGATURE_CLI_GRAPH_WRITE_H
#define LIGATURE_CLI_GRAPH_WRITE_H

#include "cli/run_graph.h"

void graph_write_dot(StrBuf *out, const RunGraph *graph);
// `kind` is "modules" or "bindings".
void graph_write_json(StrBuf *out, const RunGraph *graph, const char *kind);
// An <svg> element that brings its style along.
void graph_write_svg(StrBuf *out, const RunGraph *graph);

#endif
