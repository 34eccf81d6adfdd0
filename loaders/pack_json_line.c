/* Finds the line of a member in JSON text that was already read once.
 *
 * The JSON library knows lines only of syntax errors; this walks the text
 * along a path, and relies on the text being well-formed. */
#include <string.h>

#include "loaders/pack_json.h"

typedef struct walker {
    const char *at, *end;
    uint64_t line;
} walker;

static void step(walker *w)
{
    w->line += *w->at == '\n';
    w->at++;
}

static void skip_blanks(walker *w)
{
    while (w->at < w->end && memchr(" \t\r\n,:", *w->at, 6) != NULL) { step(w); }
}

/* Past a string; its bytes, escapes left as they are. */
static credit_span skip_string(walker *w)
{
    const char *start = ++w->at;
    while (w->at < w->end && *w->at != '"') {
        w->at += *w->at == '\\' && w->at + 1 < w->end ? 2 : 1;
    }
    credit_span text = {start, (size_t)(w->at - start)};
    w->at += w->at < w->end;
    return text;
}

static void skip_value(walker *w)
{
    size_t depth = 0;
    skip_blanks(w);
    do {
        if (w->at >= w->end) { return; }
        if (*w->at == '"') {
            skip_string(w);
        } else if (*w->at == '{' || *w->at == '[') {
            depth++;
            w->at++;
        } else if (*w->at == '}' || *w->at == ']') {
            depth--;
            w->at++;
        } else {
            while (w->at < w->end && strchr(" \t\r\n,]}", *w->at) == NULL) { w->at++; }
        }
        if (depth > 0) { skip_blanks(w); }
    } while (depth > 0);
}

/* Enters an object and stops before the value of `name`. */
static bool enter_member(walker *w, const char *name, size_t size)
{
    skip_blanks(w);
    if (w->at >= w->end || *w->at != '{') { return false; }
    w->at++;
    for (;;) {
        skip_blanks(w);
        if (w->at >= w->end || *w->at != '"') { return false; }
        credit_span key = skip_string(w);
        skip_blanks(w);
        if (key.size == size && memcmp(key.data, name, size) == 0) { return true; }
        skip_value(w);
    }
}

static bool enter_item(walker *w, size_t index)
{
    skip_blanks(w);
    if (w->at >= w->end || *w->at != '[') { return false; }
    w->at++;
    for (size_t i = 0; i < index; i++) { skip_value(w); }
    skip_blanks(w);
    return w->at < w->end && *w->at != ']';
}

uint64_t cr_json_line(credit_span text, const char *path)
{
    walker w = {text.data, text.data + text.size, 1};
    skip_blanks(&w);
    while (*path != '\0') {
        if (*path == '[') {
            size_t index = 0;
            for (path++; *path >= '0' && *path <= '9'; path++) {
                index = index * 10 + (size_t)(*path - '0');
            }
            path += *path == ']';
            if (!enter_item(&w, index)) { return 0; }
            continue;
        }
        path += *path == '.';
        size_t size = strcspn(path, ".[");
        if (!enter_member(&w, path, size)) { return 0; }
        path += size;
    }
    return w.line;
}
