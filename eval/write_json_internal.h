// The writer behind write_json.h: appends the text of one value, or of a slice
// of a list, to a buffer.
//
// Ownership: a writer owns its stack and its texts of shapes; the buffer is
//            the caller's.
// Threads:   one owner.
#ifndef LIGATURE_EVAL_WRITE_JSON_INTERNAL_H
#define LIGATURE_EVAL_WRITE_JSON_INTERNAL_H

#include "eval/write_json.h"
#include "support/vec.h"

typedef enum JsonFrameKind {
    JSON_LIST,
    JSON_FIELDS,  // tuple, or the payloads of a constructor
    JSON_PAYLOAD, // the only payload of a constructor
    JSON_RECORD,
    JSON_MAP
} JsonFrameKind;

// A value that is being written: `next` of its `count` parts.
typedef struct JsonFrame {
    Value value;
    uint32_t next;
    uint32_t count;
    uint32_t alone;        // up to there the writer goes by itself
    uint8_t kind;          // JsonFrameKind
    bool empty;            // nothing written yet; not of lists
    uint64_t begin;        // json_writer_bytes() before the first part
    const uint32_t *order; // of the parts; NULL: as they stand
    uint32_t *owned;       // an order made for this frame
} JsonFrame;

// The keys of a shape as they are written, `,` and line break before each.
typedef struct JsonKeys {
    const Shape *shape;
    uint32_t level;
    StrBuf text;          // with JSON_COPY bytes more
    VEC(uint32_t) starts; // of the key of each field, and behind the last
} JsonKeys;

#define JSON_KEYS_CACHED 32
#define JSON_FLUSH_BYTES ((size_t)64 << 10)

typedef struct JsonWriter JsonWriter;
struct JsonWriter {
    const JsonOptions *options;
    StrBuf *out;
    size_t flush_at;   // out->len at which `flush` is called
    uint64_t flushed;  // bytes that are no longer in `out`
    uint64_t max_left; // bytes that may still be appended to `out`
    uint32_t level;
    uint32_t depth; // of calls for frames
    bool stopped;
    VEC(JsonFrame) frames;
    JsonKeys keys[JSON_KEYS_CACHED];
    // Takes what is in `out`, and sets flush_at anew; may set `stopped`.
    void (*flush)(JsonWriter *writer);
    // Called for what has no JSON, which is then written as null; may set
    // `stopped`.
    void (*refuse)(JsonWriter *writer, DiagCode code, Value value);
    // May be NULL. Called when the first few parts of something long are
    // written: may write others, which raises frame->next, and says in
    // frame->alone when it wants to be called again.
    void (*write_parts)(JsonWriter *writer, JsonFrame *frame);
    void *ctx;
};

static inline uint64_t json_writer_bytes(const JsonWriter *writer)
{
    return writer->flushed + writer->out->len;
}

void json_writer_init(JsonWriter *writer, const JsonOptions *options,
                      StrBuf *out);
void json_writer_release(JsonWriter *writer);
// Writes the value; false when it was stopped.
bool json_writer_run(JsonWriter *writer, Value value);
// Writes the parts [from, to) of what a frame of another writer stands for,
// each with what separates it from the one before it. The level is that of the
// other writer.
bool json_writer_parts(JsonWriter *writer, const JsonFrame *frame,
                       uint32_t from, uint32_t to);
// write_json_path.c: where the writer stands: .services[3].handler
void json_writer_path(const JsonWriter *writer, StrBuf *out);

// write_json_parts.c: several workers on the parts of one value, whose texts
// are put out in order.
typedef struct JsonTeam JsonTeam;
JsonTeam *json_team_new(Worker *worker, CancelToken *token);
void json_team_free(JsonTeam *team);
// Writes parts of the frame, on which `writer` stands; each piece of text is
// given to `put`, by the calling thread. Sets frame->next and frame->alone.
void json_team_write(JsonTeam *team, JsonWriter *writer, JsonFrame *frame,
                     void (*put)(JsonWriter *writer, StrBuf *text));

// write_json_bound.c: true when the value is surely printable, with so many
// bytes at least and at most, and within the limit; false says nothing. In a
// DAG it counts what is shared as often as it is printed, so the limit ends it.
bool json_bound(const JsonOptions *options, Value value, Worker *worker,
                uint64_t *out_least, uint64_t *out_most);

// `text` as a JSON string, in quotes.
void json_escape(StrBuf *out, Str text, bool ascii);

#endif
