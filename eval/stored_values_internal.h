// What the writer and the reader of stored values agree about.
#ifndef LIGATURE_EVAL_STORED_VALUES_INTERNAL_H
#define LIGATURE_EVAL_STORED_VALUES_INTERNAL_H

// Where a value stands: itself, or the number of an object before.
typedef enum RefTag {
    REF_TAG_UNIT,
    REF_TAG_FALSE,
    REF_TAG_TRUE,
    REF_TAG_INT,
    REF_TAG_FLOAT,
    REF_TAG_CTOR, // without arguments
    REF_TAG_OBJECT,
    REF_TAG_COUNT
} RefTag;

typedef enum ObjectTag {
    OBJECT_TAG_STRING,
    OBJECT_TAG_LIST,
    OBJECT_TAG_RANGE,
    OBJECT_TAG_TUPLE,
    OBJECT_TAG_RECORD,
    OBJECT_TAG_MAP,
    OBJECT_TAG_UNION,
    OBJECT_TAG_COUNT
} ObjectTag;

#endif
