// Layout and writers of graphs.
#include "cli/graph_layout.h"
#include "cli/graph_write.h"
#include "tests/harness.h"

// 2 -> 0, 2 -> 1, 3 -> 0, 4 -> 2, 4 -> 0
static GraphNode nodes[] = {
    {.name = STR_INIT("a"), .file = STR_INIT("a.lig"), .line = 1},
    {.name = STR_INIT("b\"\\<&"), .file = STR_INIT("a.lig"), .line = 2},
    {.name = STR_INIT("c"), .file = STR_INIT("a.lig"), .line = 3},
    {.name = STR_INIT("d"), .file = STR_INIT("a.lig"), .line = 4},
    {.name = STR_INIT("e"),
     .file = STR_INIT("a.lig"),
     .line = 5,
     .is_root = true},
};
static uint32_t starts[] = {0, 0, 0, 2, 3, 5};
static uint32_t targets[] = {0, 1, 0, 0, 2};
static const RunGraph graph = {
    .nodes = nodes, .count = 5, .starts = starts, .targets = targets};

TEST(layers_follow_the_longest_path)
{
    static const double widths[] = {50, 60, 70, 80, 90};
    static const uint32_t layers[] = {0, 0, 1, 1, 2};
    GraphLayout layout;
    graph_layout(&graph, widths, &layout);
    for (int i = 0; i < 5; i++) {
        CHECK_EQ_INT(layout.boxes[i].layer, layers[i]);
        CHECK_EQ_INT(layout.boxes[i].width, widths[i]);
        CHECK(layout.boxes[i].x + widths[i] <= layout.width);
        CHECK(layout.boxes[i].y + layout.boxes[i].height <= layout.height);
    }
    CHECK(layout.boxes[2].x > layout.boxes[1].x + widths[1]);
    CHECK(layout.boxes[0].y != layout.boxes[1].y);
    graph_layout_release(&layout);
}

TEST(an_empty_graph)
{
    uint32_t none = 0;
    RunGraph empty = {.starts = &none};
    StrBuf out = {0};
    graph_write_svg(&out, &empty);
    CHECK(str_ends_with(strbuf_str(&out), STR("</svg>\n")));
    strbuf_clear(&out);
    graph_write_json(&out, &empty, "modules");
    CHECK_EQ_STR(strbuf_str(&out),
                 STR("{\"version\":1,\"kind\":\"modules\",\"nodes\":[],\n"
                     "\"edges\":[]}\n"));
    strbuf_release(&out);
}

TEST(names_are_escaped)
{
    StrBuf out = {0};
    graph_write_dot(&out, &graph);
    CHECK(strstr(out.data, "n1 [label=\"b\\\"\\\\<&\\na.lig:2\"];") != NULL);
    CHECK(strstr(out.data, "n4 [label=\"e\\na.lig:5\", penwidth=2];") != NULL);
    strbuf_clear(&out);
    graph_write_svg(&out, &graph);
    CHECK(strstr(out.data, ">b&quot;\\&lt;&amp;</text>") != NULL);
    strbuf_release(&out);
}

TEST_MAIN(RUN(layers_follow_the_longest_path), RUN(an_empty_graph),
          RUN(names_are_escaped))
