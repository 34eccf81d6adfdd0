/* A pattern becomes instructions; a search runs them with an explicit stack of
 * places to go back to. A loop whose body can be empty carries a mark, so that
 * it ends when it no longer moves. */
#include "engine/feel_regex.h"

#include <string.h>

typedef enum op {
    OP_CHAR,  /* c */
    OP_ANY,   /* . */
    OP_CLASS, /* one of ranges */
    OP_SPLIT, /* try a, then b */
    OP_JUMP,  /* a */
    OP_SAVE,  /* slot a */
    OP_MARK,  /* slot a: remember the place */
    OP_MOVED, /* slot a: fail if the place is the same */
    OP_BEGIN, /* ^ */
    OP_END,   /* $ */
    OP_MATCH
} op;

typedef struct range {
    int32_t from, to;
} range;

struct cr_regex_code {
    op op;
    int32_t c;
    size_t a, b;
    const range *ranges;
    size_t range_count;
    bool negated;
};

enum { DEPTH_MAX = 60, REPEAT_MAX = 1000, RANGES_MAX = 64, SLOTS_MAX = 64, STACK_MAX = 1 << 18 };

typedef struct compiler {
    cr_regex *regex;
    credit_span pattern;
    size_t at, groups;
    int depth;
    const char *why;
} compiler;

static bool fail(compiler *c, const char *why)
{
    if (c->why == NULL) { c->why = why; }
    return false;
}

/* --- instructions ------------------------------------------------------ */

static bool make_room(compiler *c, size_t more)
{
    cr_regex *r = c->regex;
    if (r->size + more > CR_REGEX_CODE_MAX) { return fail(c, "it is too long"); }
    if (r->size + more > r->room) {
        size_t room = (r->size + more) * 2;
        struct cr_regex_code *code = cr_arena_array(r->arena, room, sizeof *code);
        if (code == NULL) { return fail(c, "out of memory"); }
        if (r->size > 0) { memcpy(code, r->code, r->size * sizeof *code); }
        r->code = code;
        r->room = room;
    }
    return true;
}

static bool emit(compiler *c, struct cr_regex_code code)
{
    if (!make_room(c, 1)) { return false; }
    c->regex->code[c->regex->size++] = code;
    return true;
}

/* Moves the code from `at` on by one and puts `code` there. */
static bool insert(compiler *c, size_t at, struct cr_regex_code code)
{
    cr_regex *r = c->regex;
    if (!make_room(c, 1)) { return false; }
    for (size_t i = at; i < r->size; i++) {
        struct cr_regex_code *moved = &r->code[i];
        bool jumps = moved->op == OP_SPLIT || moved->op == OP_JUMP;
        moved->a += jumps && moved->a >= at;
        moved->b += moved->op == OP_SPLIT && moved->b >= at;
    }
    memmove(&r->code[at + 1], &r->code[at], (r->size - at) * sizeof *r->code);
    r->code[at] = code;
    r->size++;
    return true;
}

/* Appends a copy of the code in [from, to). */
static bool repeat(compiler *c, size_t from, size_t to)
{
    cr_regex *r = c->regex;
    size_t shift = r->size - from;
    if (!make_room(c, to - from)) { return false; }
    for (size_t i = from; i < to; i++) {
        struct cr_regex_code code = r->code[i];
        if (code.op == OP_SPLIT || code.op == OP_JUMP) {
            code.a += shift;
            code.b += code.op == OP_SPLIT ? shift : 0;
        }
        r->code[r->size++] = code;
    }
    return true;
}

/* --- characters and classes -------------------------------------------- */

static bool more(const compiler *c)
{
    return c->at < c->pattern.size;
}

static bool take(compiler *c, char wanted)
{
    bool there = more(c) && c->pattern.data[c->at] == wanted;
    c->at += there;
    return there;
}

static bool next_is_one_of(const compiler *c, const char *set)
{
    return more(c) && c->pattern.data[c->at] != '\0' && strchr(set, c->pattern.data[c->at]) != NULL;
}

static const range digits[] = {{'0', '9'}};
static const range blanks[] = {{' ', ' '}, {'\t', '\n'}, {'\r', '\r'}};
/* Letters, digits, marks: everything that is no blank, punctuation or symbol
 * of the common blocks. */
static const range words[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}, {0xAA, 0xAA},
    {0xB5, 0xB5}, {0xBA, 0xBA}, {0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x1FFF}, {0x2070, 0x209F},
    {0x2C00, 0x2DFF}, {0x3005, 0x3007}, {0x3021, 0x3029}, {0x3031, 0x3035}, {0x3041, 0xD7FF},
    {0xF900, 0xFDFF}, {0xFE70, 0xFEFE}, {0xFF10, 0xFF19}, {0xFF21, 0xFF3A}, {0xFF41, 0xFF5A},
    {0xFF66, 0xFFDC}, {0x10000, 0x1F000}, {0x20000, 0xE0FFF}};

/* \d, \w, \s and their negations. */
static bool shorthand(int32_t c, const range **ranges, size_t *count, bool *negated)
{
    *negated = c == 'D' || c == 'W' || c == 'S';
    switch (c | 0x20) {
    case 'd':
        *ranges = digits;
        *count = sizeof digits / sizeof digits[0];
        return true;
    case 'w':
        *ranges = words;
        *count = sizeof words / sizeof words[0];
        return true;
    case 's':
        *ranges = blanks;
        *count = sizeof blanks / sizeof blanks[0];
        return true;
    default:
        return false;
    }
}

/* The character behind a backslash. */
static bool escaped(compiler *c, int32_t *out)
{
    static const char known[] = "\\|.-^?*+{}()[]$/\"'#:,=!<>@&;%~` ";
    *out = more(c) ? cr_utf8_next(c->pattern, &c->at) : -1;
    switch (*out) {
    case 'n':
        *out = '\n';
        return true;
    case 'r':
        *out = '\r';
        return true;
    case 't':
        *out = '\t';
        return true;
    default:
        return (*out > 0 && *out < 128 && strchr(known, *out) != NULL) ||
               fail(c, "an unknown escape");
    }
}

typedef struct class
{
    range ranges[RANGES_MAX];
    size_t count;
} class;

static bool class_add(compiler *c, class *set, range one)
{
    if (set->count >= RANGES_MAX) { return fail(c, "a class is too long"); }
    set->ranges[set->count++] = one;
    return true;
}

static bool class_add_shorthand(compiler *c, class *set, int32_t letter)
{
    const range *ranges = NULL;
    size_t count = 0;
    bool negated = false, ok = true;
    shorthand(letter, &ranges, &count, &negated);
    int32_t next = 0;
    for (size_t i = 0; i < count && ok; i++) {
        if (!negated) {
            ok = class_add(c, set, ranges[i]);
        } else if (next < ranges[i].from) {
            ok = class_add(c, set, (range){next, ranges[i].from - 1});
        }
        next = ranges[i].to + 1;
    }
    return ok && (!negated || class_add(c, set, (range){next, 0x10FFFF}));
}

static bool is_shorthand_letter(const compiler *c)
{
    return next_is_one_of(c, "dDwWsS");
}

static bool class_character(compiler *c, int32_t *out)
{
    if (!more(c)) { return fail(c, "a class has no end"); }
    if (take(c, '\\')) { return escaped(c, out); }
    *out = cr_utf8_next(c->pattern, &c->at);
    return true;
}

static bool class_item(compiler *c, class *set)
{
    if (more(c) && c->pattern.data[c->at] == '\\') {
        c->at++;
        if (is_shorthand_letter(c)) {
            return class_add_shorthand(c, set, c->pattern.data[c->at++]);
        }
        c->at--;
    }
    range one;
    if (!class_character(c, &one.from)) { return false; }
    one.to = one.from;
    size_t dash = c->at;
    if (take(c, '-')) {
        if (more(c) && c->pattern.data[c->at] == '[') {
            return fail(c, "class subtraction is not supported");
        }
        if (more(c) && c->pattern.data[c->at] == ']') {
            c->at = dash; /* a dash at the end is itself */
        } else if (!class_character(c, &one.to)) {
            return false;
        }
    }
    return one.to >= one.from ? class_add(c, set, one) : fail(c, "a range runs backwards");
}

static bool emit_class(compiler *c, const range *ranges, size_t count, bool negated)
{
    range *copy = cr_arena_array(c->regex->arena, count, sizeof *copy);
    if (copy == NULL) { return fail(c, "out of memory"); }
    memcpy(copy, ranges, count * sizeof *copy);
    return emit(c, (struct cr_regex_code){
                       .op = OP_CLASS, .ranges = copy, .range_count = count, .negated = negated});
}

static bool parse_class(compiler *c)
{
    class set = {.count = 0};
    bool negated = take(c, '^');
    do {
        if (!class_item(c, &set)) { return false; }
    } while (!take(c, ']'));
    return emit_class(c, set.ranges, set.count, negated);
}

/* --- structure --------------------------------------------------------- */

static bool parse_alternatives(compiler *c);

static bool parse_group(compiler *c)
{
    bool silent = false;
    if (take(c, '?')) {
        silent = take(c, ':');
        if (!silent) { return fail(c, "an unknown group"); }
    }
    size_t group = silent ? CR_REGEX_GROUPS : ++c->groups;
    bool kept = group < CR_REGEX_GROUPS;
    if (kept && !emit(c, (struct cr_regex_code){.op = OP_SAVE, .a = group * 2})) { return false; }
    if (!parse_alternatives(c) || !take(c, ')')) { return fail(c, "a group has no end"); }
    return !kept || emit(c, (struct cr_regex_code){.op = OP_SAVE, .a = group * 2 + 1});
}

static bool parse_escape(compiler *c)
{
    const range *ranges = NULL;
    size_t count = 0;
    bool negated = false;
    if (is_shorthand_letter(c)) {
        shorthand(c->pattern.data[c->at++], &ranges, &count, &negated);
        return emit_class(c, ranges, count, negated);
    }
    struct cr_regex_code code = {.op = OP_CHAR};
    return escaped(c, &code.c) && emit(c, code);
}

static bool parse_atom(compiler *c)
{
    int32_t character = cr_utf8_next(c->pattern, &c->at);
    switch (character) {
    case '(':
        return parse_group(c);
    case '[':
        return parse_class(c);
    case '\\':
        return parse_escape(c);
    case '.':
        return emit(c, (struct cr_regex_code){.op = OP_ANY});
    case '^':
        return emit(c, (struct cr_regex_code){.op = OP_BEGIN});
    case '$':
        return emit(c, (struct cr_regex_code){.op = OP_END});
    case '*':
    case '+':
    case '?':
    case '{':
    case '}':
    case ']':
        return fail(c, "a quantifier or bracket out of place");
    default:
        return emit(c, (struct cr_regex_code){.op = OP_CHAR, .c = character});
    }
}

static bool parse_count(compiler *c, size_t *out)
{
    size_t start = c->at;
    *out = 0;
    while (more(c) && c->pattern.data[c->at] >= '0' && c->pattern.data[c->at] <= '9') {
        *out = *out * 10 + (size_t)(c->pattern.data[c->at++] - '0');
        if (*out > REPEAT_MAX) { return fail(c, "a repetition is too large"); }
    }
    return c->at > start || fail(c, "a repetition without a number");
}

/* least … most times; most SIZE_MAX: any number. False: none or an error. */
static bool parse_quantifier(compiler *c, size_t *least, size_t *most)
{
    *least = 0;
    *most = SIZE_MAX;
    if (take(c, '*')) { return true; }
    if (take(c, '+')) {
        *least = 1;
        return true;
    }
    if (take(c, '?')) {
        *most = 1;
        return true;
    }
    if (!take(c, '{') || !parse_count(c, least)) { return false; }
    *most = *least;
    if (take(c, ',')) {
        *most = SIZE_MAX;
        if (more(c) && c->pattern.data[c->at] != '}' && !parse_count(c, most)) { return false; }
    }
    return (take(c, '}') && *least <= *most) || fail(c, "a repetition is malformed");
}

static struct cr_regex_code split_to(size_t go, size_t leave, bool lazy)
{
    return (struct cr_regex_code){.op = OP_SPLIT, .a = lazy ? leave : go, .b = lazy ? go : leave};
}

/* Turns the code from `start` on into a loop of any number of times. */
static bool make_star(compiler *c, size_t start, bool lazy)
{
    if (c->regex->slots >= SLOTS_MAX) { return fail(c, "it has too many loops"); }
    size_t mark = c->regex->slots++;
    if (!insert(c, start, (struct cr_regex_code){.op = OP_MARK, .a = mark}) ||
        !insert(c, start, split_to(start + 1, 0, lazy)) ||
        !emit(c, (struct cr_regex_code){.op = OP_MOVED, .a = mark}) ||
        !emit(c, (struct cr_regex_code){.op = OP_JUMP, .a = start})) {
        return false;
    }
    *(lazy ? &c->regex->code[start].a : &c->regex->code[start].b) = c->regex->size;
    return true;
}

static bool make_optional(compiler *c, size_t start, bool lazy)
{
    if (!insert(c, start, split_to(start + 1, 0, lazy))) { return false; }
    *(lazy ? &c->regex->code[start].a : &c->regex->code[start].b) = c->regex->size;
    return true;
}

/* The atom stands in [start, end) once. */
static bool quantify(compiler *c, size_t start, size_t least, size_t most, bool lazy)
{
    cr_regex *r = c->regex;
    size_t end = r->size;
    for (size_t i = 1; i < least; i++) {
        if (!repeat(c, start, end)) { return false; }
    }
    if (most == SIZE_MAX) {
        size_t loop = least == 0 ? start : r->size;
        return (least == 0 || repeat(c, start, end)) && make_star(c, loop, lazy);
    }
    if (most == 0) {
        r->size = start;
        return true;
    }
    if (least == 0 && !make_optional(c, start, lazy)) { return false; }
    /* Behind an optional first the copy to repeat is one further on. */
    size_t from = start + (least == 0), to = end + (least == 0);
    for (size_t i = least == 0 ? 1 : least; i < most; i++) {
        size_t copy = r->size;
        if (!repeat(c, from, to) || !make_optional(c, copy, lazy)) { return false; }
    }
    return true;
}

static bool parse_piece(compiler *c)
{
    size_t start = c->regex->size, least, most;
    if (!parse_atom(c)) { return false; }
    bool quantified = parse_quantifier(c, &least, &most);
    if (c->why != NULL) { return false; }
    return !quantified || quantify(c, start, least, most, take(c, '?'));
}

static bool parse_sequence(compiler *c)
{
    while (more(c) && c->pattern.data[c->at] != '|' && c->pattern.data[c->at] != ')') {
        if (c->regex->spaced && next_is_one_of(c, " \t\r\n")) {
            c->at++;
        } else if (!parse_piece(c)) {
            return false;
        }
    }
    return true;
}

static bool parse_alternatives(compiler *c)
{
    size_t start = c->regex->size;
    if (++c->depth > DEPTH_MAX) { return fail(c, "its groups are too deep"); }
    bool ok = parse_sequence(c);
    if (ok && take(c, '|')) {
        /* split L1, L2; L1: first; jump end; L2: the others; end: */
        ok = insert(c, start, split_to(start + 1, 0, false)) &&
             emit(c, (struct cr_regex_code){.op = OP_JUMP, .a = 0});
        size_t jump = c->regex->size - 1;
        if (ok) {
            c->regex->code[start].b = c->regex->size;
            ok = parse_alternatives(c);
        }
        if (ok) { c->regex->code[jump].a = c->regex->size; }
    }
    c->depth--;
    return ok;
}

static bool read_flags(compiler *c, credit_span flags)
{
    for (size_t i = 0; i < flags.size; i++) {
        switch (flags.data[i]) {
        case 'i':
            c->regex->ignore_case = true;
            break;
        case 's':
            c->regex->dot_all = true;
            break;
        case 'm':
            c->regex->lines = true;
            break;
        case 'x':
            c->regex->spaced = true;
            break;
        default:
            return fail(c, "an unknown flag");
        }
    }
    return true;
}

bool cr_regex_compile(
    cr_arena *arena, credit_span pattern, credit_span flags, cr_regex *out, const char **why)
{
    *out = (cr_regex){.arena = arena, .slots = CR_REGEX_GROUPS * 2};
    compiler c = {.regex = out, .pattern = pattern};
    bool ok = read_flags(&c, flags) && emit(&c, (struct cr_regex_code){.op = OP_SAVE, .a = 0}) &&
              parse_alternatives(&c) && (!more(&c) || fail(&c, "a bracket too many")) &&
              emit(&c, (struct cr_regex_code){.op = OP_SAVE, .a = 1}) &&
              emit(&c, (struct cr_regex_code){.op = OP_MATCH});
    *why = c.why == NULL ? "unknown" : c.why;
    return ok;
}

/* --- searching --------------------------------------------------------- */

/* A place to go back to; or, with code SIZE_MAX, a slot to restore. */
typedef struct choice {
    size_t code, at, slot;
} choice;

typedef struct searcher {
    const cr_regex *regex;
    credit_span text;
    size_t slots[SLOTS_MAX];
    choice *stack;
    size_t depth, room, steps;
} searcher;

static int32_t fold(const searcher *s, int32_t c)
{
    bool letter = (c >= 'A' && c <= 'Z') || (c >= 0xFF21 && c <= 0xFF3A);
    return s->regex->ignore_case && letter ? c + 32 : c;
}

static bool in_class(const searcher *s, const struct cr_regex_code *code, int32_t c)
{
    for (size_t i = 0; i < code->range_count; i++) {
        if (c >= code->ranges[i].from && c <= code->ranges[i].to) { return true; }
    }
    if (s->regex->ignore_case && ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))) {
        for (size_t i = 0; i < code->range_count; i++) {
            if ((c ^ 32) >= code->ranges[i].from && (c ^ 32) <= code->ranges[i].to) { return true; }
        }
    }
    return false;
}

static bool consumes(const searcher *s, const struct cr_regex_code *code, size_t *at)
{
    if (*at >= s->text.size) { return false; }
    int32_t c = cr_utf8_next(s->text, at);
    switch (code->op) {
    case OP_CHAR:
        return fold(s, c) == fold(s, code->c);
    case OP_ANY:
        return s->regex->dot_all || (c != '\n' && c != '\r');
    default:
        return in_class(s, code, c) != code->negated;
    }
}

static bool push(searcher *s, choice one)
{
    if (s->depth == s->room) {
        size_t room = s->room == 0 ? 256 : s->room * 2;
        choice *stack =
            room > STACK_MAX ? NULL : cr_arena_array(s->regex->arena, room, sizeof *stack);
        if (stack == NULL) { return false; }
        if (s->depth > 0) { memcpy(stack, s->stack, s->depth * sizeof *stack); }
        s->stack = stack;
        s->room = room;
    }
    s->stack[s->depth++] = one;
    return true;
}

static bool set_slot(searcher *s, size_t slot, size_t at)
{
    choice restore = {SIZE_MAX, s->slots[slot], slot};
    s->slots[slot] = at;
    return push(s, restore);
}

/* The latest place to go back to; false if there is none. */
static bool go_back(searcher *s, size_t *pc, size_t *at)
{
    while (s->depth > 0) {
        choice last = s->stack[--s->depth];
        if (last.code != SIZE_MAX) {
            *pc = last.code;
            *at = last.at;
            return true;
        }
        s->slots[last.slot] = last.at;
    }
    return false;
}

static bool holds(const searcher *s, const struct cr_regex_code *code, size_t at)
{
    bool lines = s->regex->lines;
    switch (code->op) {
    case OP_BEGIN:
        return at == 0 || (lines && s->text.data[at - 1] == '\n');
    case OP_END:
        return at == s->text.size || (lines && s->text.data[at] == '\n');
    default: /* OP_MOVED */
        return s->slots[code->a] != at;
    }
}

static int match_at(searcher *s, size_t at)
{
    size_t pc = 0;
    for (;;) {
        const struct cr_regex_code *code = &s->regex->code[pc];
        bool ok = true;
        if (++s->steps > CR_REGEX_STEPS_MAX) { return -1; }
        switch (code->op) {
        case OP_MATCH:
            return 1;
        case OP_JUMP:
            pc = code->a;
            continue;
        case OP_SPLIT:
            if (!push(s, (choice){code->b, at, 0})) { return -1; }
            pc = code->a;
            continue;
        case OP_SAVE:
        case OP_MARK:
            if (!set_slot(s, code->a, at)) { return -1; }
            break;
        case OP_BEGIN:
        case OP_END:
        case OP_MOVED:
            ok = holds(s, code, at);
            break;
        default:
            ok = consumes(s, code, &at);
            break;
        }
        if (ok) {
            pc++;
        } else if (!go_back(s, &pc, &at)) {
            return 0;
        }
    }
}

int cr_regex_search(const cr_regex *regex, credit_span text, size_t from, cr_regex_match *match)
{
    searcher s = {.regex = regex, .text = text};
    for (size_t at = from; at <= text.size;) {
        for (size_t i = 0; i < SLOTS_MAX; i++) { s.slots[i] = SIZE_MAX; }
        s.depth = 0;
        int found = match_at(&s, at);
        if (found != 0) {
            for (size_t i = 0; found > 0 && i < CR_REGEX_GROUPS; i++) {
                match->groups[i][0] = s.slots[i * 2];
                match->groups[i][1] = s.slots[i * 2 + 1];
            }
            return found;
        }
        if (at == text.size) { break; }
        cr_utf8_next(text, &at);
    }
    return 0;
}
