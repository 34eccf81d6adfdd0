/* FEEL values: what rules compute with, and how the host's objects join in.
 *
 * basis: OMG DMN 1.5, clause 10.
 *
 * 1. A value is 24 bytes, copied freely, never freed: text, items, entries and
 *    objects belong to the evaluation's arena, the model or the host, and live
 *    until the evaluation is reset.
 * 2. Values are never changed once made.
 * 3. A host object is not copied into a context: its properties are read
 *    through cr_host_type.get when an expression asks for them.
 * 4. Pure: no I/O, no clock. "Today" is an input like any other; a date that
 *    derives from it carries a mark (CR_FEEL_CLOCK), so that the evaluation
 *    knows from which day on its answer could differ (engine/decision.h). */
#ifndef CR_ENGINE_FEEL_H
#define CR_ENGINE_FEEL_H

#include <stdbool.h>
#include <string.h>

#include "engine/arena.h"
#include "engine/canon.h"

/* Limits on what an expression may be and may grow to. */
enum {
    CR_FEEL_DEPTH_MAX = 100,        /* nested parentheses, brackets, operators */
    CR_FEEL_HEIGHT_MAX = 400,       /* levels of a compiled expression */
    CR_FEEL_CALLS_MAX = 100,        /* nested function calls and decisions */
    CR_FEEL_LEVELS_MAX = 4000,      /* levels of all expressions running at once: stack */
    CR_FEEL_SOURCE_MAX = 64 << 10,  /* bytes of one expression */
    CR_FEEL_LIST_MAX = 100000,      /* items of a list that an expression makes */
    CR_FEEL_TEXT_MAX = 1 << 20,     /* bytes of a string that an expression makes */
    CR_FEEL_STEPS_MAX = 2000000,    /* loop steps and calls of one evaluation */
    CR_FEEL_MEMORY_MAX = 256 << 20, /* bytes one evaluation may ask for */
    CR_FEEL_NAME_MAX = 256          /* bytes of a name in normal form */
};

typedef enum cr_feel_kind {
    CR_FEEL_NULL = 0,
    CR_FEEL_BOOLEAN,
    CR_FEEL_NUMBER,
    CR_FEEL_STRING,
    CR_FEEL_DATE,
    CR_FEEL_TIME,
    CR_FEEL_DATE_TIME,
    CR_FEEL_DAYS_DURATION,   /* days and time duration */
    CR_FEEL_MONTHS_DURATION, /* years and months duration */
    CR_FEEL_RANGE,
    CR_FEEL_LIST,    /* of values */
    CR_FEEL_HOSTS,   /* a list too: of host objects of one type */
    CR_FEEL_CONTEXT, /* names and values, in order */
    CR_FEEL_FUNCTION,
    CR_FEEL_HOST, /* one host object */
    CR_FEEL_ANY   /* no value has this kind: "any type" in a cr_feel_type */
} cr_feel_kind;

enum {
    CR_FEEL_DECIMAL = 1, /* number: held as decimal128, else as int64 */
    CR_FEEL_CLOCK = 2    /* is, or holds, a date that moves with the clock */
};

/* Offsets of times, in seconds, and the two that are none. */
enum { CR_FEEL_LOCAL = INT32_MIN, CR_FEEL_ZONED = INT32_MIN + 1 };

struct cr_clock_step;
struct cr_feel_entry;
struct cr_feel_range;
struct cr_feel_function;

typedef struct cr_feel_value {
    uint8_t kind;  /* cr_feel_kind */
    uint8_t flags; /* CR_FEEL_DECIMAL, CR_FEEL_CLOCK */
    uint16_t type; /* HOST, HOSTS: host type; TIME, DATE_TIME with CR_FEEL_ZONED: zone */
    union {
        uint32_t size;  /* STRING: bytes; LIST, HOSTS, CONTEXT: items */
        int32_t offset; /* TIME, DATE_TIME: seconds east, CR_FEEL_LOCAL, CR_FEEL_ZONED */
    } n;
    union {
        bool boolean;
        int64_t integer;     /* NUMBER, MONTHS_DURATION (months) */
        uint64_t decimal[2]; /* NUMBER with CR_FEEL_DECIMAL: BID encoding */
        const char *text;    /* STRING: UTF-8, no terminator */
        struct {
            int64_t days;                      /* since 1970-01-01, proleptic Gregorian */
            const struct cr_clock_step *steps; /* how it derives from the clock */
        } date;
        struct {
            int64_t days;  /* DATE_TIME: local date */
            int64_t nanos; /* local time of day, 0 … 86,399,999,999,999 */
        } time;
        struct {
            int64_t seconds; /* floor */
            int64_t nanos;   /* 0 … 999,999,999 */
        } duration;
        const struct cr_feel_value *items;
        const struct cr_feel_entry *entries;
        const struct cr_feel_range *range;
        const struct cr_feel_function *function;
        const void *object;         /* HOST */
        const void *const *objects; /* HOSTS */
    } as;
} cr_feel_value;

typedef struct cr_feel_entry {
    credit_span name;
    cr_feel_value value;
} cr_feel_entry;

typedef struct cr_feel_range {
    cr_feel_value low, high; /* null: open on that side */
    bool low_included, high_included;
} cr_feel_range;

/* --- host objects ------------------------------------------------------ */

typedef struct cr_eval cr_eval; /* one thread's evaluation, engine/decision.h */

/* A property of a host object, as an expression names it. */
typedef struct cr_host_property {
    credit_span name;
    uint8_t kind;  /* cr_feel_kind of the value; CR_FEEL_HOST with `host`; ANY if it varies */
    bool list;     /* a list of that kind */
    uint16_t host; /* index of the host type, for CR_FEEL_HOST */
    /* Where each object has the property as a credit_date, which is then read there without
     * `get`; 0: nowhere. */
    uint16_t date_at;
} cr_host_property;

/* Memory of the evaluation, which fails when there is none to be had (NULL). */
void *cr_eval_alloc(cr_eval *eval, size_t count, size_t size);
/* The same, not zeroed: for what is written in full before it is read. */
void *cr_eval_take(cr_eval *eval, size_t count, size_t size);

/* Reads one property into *out, which is null before. `ctx` is what
 * cr_eval_reset was given; memory that the value needs comes from cr_eval_take or _alloc. */
typedef void cr_host_get(
    void *ctx, const void *object, uint16_t property, cr_eval *eval, cr_feel_value *out);

/* What the compiler must know of a kind of host objects. Fixed while the model
 * lives; the arrays are copied when the model is compiled. */
typedef struct cr_host_type {
    credit_span name; /* stands for the item definition of that name, where a typeRef names it */
    const cr_host_property *properties;
    size_t property_count;
    bool evidence; /* objects of it are facts that a conclusion can rest on */
    cr_host_get *get;
} cr_host_type;

/* --- making values ----------------------------------------------------- */

static inline cr_feel_value cr_feel_null(void)
{
    return (cr_feel_value){.kind = CR_FEEL_NULL};
}

static inline cr_feel_value cr_feel_boolean(bool value)
{
    return (cr_feel_value){.kind = CR_FEEL_BOOLEAN, .as.boolean = value};
}

static inline cr_feel_value cr_feel_integer(int64_t value)
{
    return (cr_feel_value){.kind = CR_FEEL_NUMBER, .as.integer = value};
}

/* value / 10^scale, exactly: 1250000 with scale 6 is 1.25 */
cr_feel_value cr_feel_scaled(int64_t value, unsigned scale);
cr_feel_value cr_feel_months(int64_t months);
cr_feel_value cr_feel_days(int64_t days);
cr_feel_value cr_feel_list(const cr_feel_value *items, size_t count);      /* borrows */
cr_feel_value cr_feel_context(const cr_feel_entry *entries, size_t count); /* borrows */

/* What properties of records are, again and again: put together where it is wanted. A
 * value that is made elsewhere and copied at once makes the processor wait for its parts. */
static inline cr_feel_value cr_feel_string(credit_span text) /* borrows */
{
    if (text.size > UINT32_MAX) { return cr_feel_null(); }
    return (cr_feel_value){
        .kind = CR_FEEL_STRING, .n.size = (uint32_t)text.size, .as.text = text.data};
}

enum { CR_FEEL_FOREVER = 2932896 }; /* 9999-12-31, in days since 1970-01-01 */
static inline cr_feel_value cr_feel_date(credit_date date) /* NONE is null */
{
    if (date == CREDIT_DATE_NONE) { return cr_feel_null(); }
    return (cr_feel_value){
        .kind = CR_FEEL_DATE, .as.date.days = date == CREDIT_DATE_FOREVER ? CR_FEEL_FOREVER : date};
}

/* The date that an object has at that offset, see cr_host_property.date_at. */
static inline cr_feel_value cr_feel_date_at(const void *object, size_t offset)
{
    credit_date date;
    memcpy(&date, (const char *)object + offset, sizeof date);
    return cr_feel_date(date);
}

static inline cr_feel_value cr_feel_host(uint16_t type, const void *object)
{
    if (object == NULL) { return cr_feel_null(); }
    return (cr_feel_value){.kind = CR_FEEL_HOST, .type = type, .as.object = object};
}

static inline cr_feel_value cr_feel_hosts(
    uint16_t type, const void *const *objects, size_t count) /* borrows */
{
    if (count > UINT32_MAX) { return cr_feel_null(); }
    return (cr_feel_value){
        .kind = CR_FEEL_HOSTS, .type = type, .n.size = (uint32_t)count, .as.objects = objects};
}

/* --- reading values ---------------------------------------------------- */

static inline bool cr_feel_is_true(cr_feel_value value)
{
    return value.kind == CR_FEEL_BOOLEAN && value.as.boolean;
}

credit_span cr_feel_text(cr_feel_value value); /* of a STRING; empty for others */
/* The calendar date of a DATE; CREDIT_DATE_NONE for anything else and for
 * dates that a credit_date cannot hold; 9999-12-31 is CREDIT_DATE_FOREVER. */
credit_date cr_feel_to_date(cr_feel_value value);
/* False unless it is a whole number in range. */
bool cr_feel_to_integer(cr_feel_value value, int64_t *out);
static inline bool cr_feel_is_list(cr_feel_value value)
{
    return value.kind == CR_FEEL_LIST || value.kind == CR_FEEL_HOSTS;
}

size_t cr_feel_count(cr_feel_value value); /* items of a LIST, HOSTS or CONTEXT, else 0 */
cr_feel_value cr_feel_item(cr_feel_value list, size_t index);
/* Entry of a CONTEXT by name; null if there is none. */
cr_feel_value cr_feel_entry_get(cr_feel_value context, credit_span name);

/* --- text -------------------------------------------------------------- */

/* The value of `text` as a simple FEEL kind, in the lexical form of the
 * kind's own constructor: date("2026-11-23") from 2026-11-23. False if it is
 * not one. A STRING borrows the text. */
bool cr_feel_parse(cr_feel_kind kind, credit_span text, cr_feel_value *out);
/* As string(value) gives it; .data NULL when out of memory. */
credit_span cr_feel_print(cr_feel_value value, cr_arena *arena);
/* As JSON: numbers plain, dates and times as FEEL strings, ranges and
 * functions as their text, host objects through `eval` (NULL: as null). */
void cr_feel_write_json(cr_feel_value value, cr_eval *eval, cr_canon *out);
const char *cr_feel_kind_name(cr_feel_kind kind); /* "days and time duration" */

#endif
