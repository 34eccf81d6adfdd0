#include "loaders/mapping.h"

#include <string.h>

#include "engine/error.h"
#include "engine/text.h"

/* One layout tried on the header. */
typedef struct fit {
    const cr_catalog *catalog;
    const cr_profile *profile;
    uint16_t index;
    size_t known, missing;
} fit;

static int16_t profile_column(const cr_profile *profile, credit_span name)
{
    for (size_t i = 0; profile != NULL && i < profile->column_count; i++) {
        if (cr_span_equal(profile->columns[i], name)) { return profile->column_field[i]; }
    }
    return CR_COLUMN_EXTRA;
}

static int16_t column_of(const cr_catalog *catalog, const cr_profile *profile, credit_span name)
{
    int16_t field = profile_column(profile, name);
    return field >= 0 ? field : cr_catalog_field(catalog, name);
}

static bool is_waived(const cr_profile *profile, size_t field)
{
    for (size_t i = 0; profile != NULL && i < profile->waived_count; i++) {
        if (profile->waived[i] == field) { return true; }
    }
    return false;
}

static bool is_among(const cr_default *defaults, size_t count, size_t field)
{
    for (size_t i = 0; i < count; i++) {
        if (defaults[i].field == field) { return true; }
    }
    return false;
}

static bool is_defaulted(const fit *f, size_t field)
{
    const cr_profile *profile = f->profile;
    return is_among(f->catalog->defaults, f->catalog->default_count, field) ||
           (profile != NULL && is_among(profile->defaults, profile->default_count, field));
}

static bool is_missing(const fit *f, const bool *present, size_t field)
{
    return f->catalog->fields[field].required && !present[field] && !is_waived(f->profile, field) &&
           !is_defaulted(f, field);
}

/* Marks the columns of the catalog that the header has; counts its cells. */
static size_t mark_present(
    const fit *f, const credit_span *names, size_t count, bool present[CR_FIELDS_MAX])
{
    size_t known = 0;
    memset(present, 0, CR_FIELDS_MAX * sizeof *present);
    for (size_t i = 0; i < count; i++) {
        int16_t field = column_of(f->catalog, f->profile, names[i]);
        if (field >= 0) {
            present[field] = true;
            known++;
        }
    }
    return known;
}

/* A profile is known by its header: every one of its columns must be there. */
static size_t missing_of_profile(const fit *f, const credit_span *names, size_t count)
{
    size_t missing = 0;
    for (size_t i = 0; f->profile != NULL && i < f->profile->column_count; i++) {
        bool found = false;
        for (size_t j = 0; j < count && !found; j++) {
            found = cr_span_equal(f->profile->columns[i], names[j]);
        }
        missing += !found;
    }
    return missing;
}

static void measure(fit *f, const credit_span *names, size_t count)
{
    bool present[CR_FIELDS_MAX];
    f->known = mark_present(f, names, count, present);
    f->missing = missing_of_profile(f, names, count);
    for (size_t i = 0; i < f->catalog->field_count; i++) {
        f->missing += is_missing(f, present, i);
    }
}

typedef struct choice {
    fit best;                /* complete, most columns known */
    fit nearest;             /* most columns known, complete or not */
    const cr_catalog *rival; /* another catalog as good as the best */
} choice;

static void consider(choice *c, const fit *f)
{
    if (c->nearest.catalog == NULL || f->known > c->nearest.known ||
        (f->known == c->nearest.known && f->missing < c->nearest.missing)) {
        c->nearest = *f;
    }
    if (f->missing > 0 || f->known == 0) { return; }
    if (c->best.catalog == NULL || f->known > c->best.known) {
        c->best = *f;
        c->rival = NULL;
    } else if (f->known == c->best.known && f->catalog != c->best.catalog) {
        c->rival = f->catalog;
    }
}

static void consider_catalog(
    choice *c, const cr_pack *pack, size_t index, const credit_span *names, size_t count)
{
    const cr_catalog *catalog = &pack->catalogs[index];
    fit own = {catalog, NULL, (uint16_t)index, 0, 0};
    measure(&own, names, count);
    consider(c, &own);
    for (size_t i = 0; i < catalog->profile_count; i++) {
        fit other = {catalog, &catalog->profiles[i], (uint16_t)index, 0, 0};
        measure(&other, names, count);
        consider(c, &other);
    }
}

/* ---- saying what is wrong ------------------------------------------------------ */

enum { LIST_MAX = 200 };

typedef struct name_list {
    char text[LIST_MAX];
    size_t size;
    bool full;
} name_list;

static void add_name(name_list *list, credit_span name)
{
    size_t room = sizeof list->text - list->size;
    if (list->full || name.size + sizeof ", …" > room) {
        list->full = true;
        return;
    }
    if (list->size > 0) {
        memcpy(list->text + list->size, ", ", 2);
        list->size += 2;
    }
    memcpy(list->text + list->size, name.data, name.size);
    list->size += name.size;
    list->text[list->size] = '\0';
}

static credit_result refuse_header(
    const fit *nearest, const credit_span *names, size_t count, bool named, credit_error *err)
{
    bool present[CR_FIELDS_MAX];
    name_list unknown = {"", 0, false}, missing = {"", 0, false};
    mark_present(nearest, names, count, present);
    for (size_t i = 0; i < count; i++) {
        if (column_of(nearest->catalog, nearest->profile, names[i]) < 0) {
            add_name(&unknown, names[i]);
        }
    }
    for (size_t i = 0; i < nearest->catalog->field_count; i++) {
        if (is_missing(nearest, present, i)) {
            add_name(&missing, nearest->catalog->fields[i].code);
        }
    }
    return cr_fail(err, CREDIT_E_HEADER,
        "%s %s: %zu of %zu columns known; missing: %s%s; unknown: %s%s",
        named ? "these are not the columns of catalog" : "no catalog has these columns; nearest is",
        nearest->catalog->name.data, nearest->known, count,
        missing.size > 0 ? missing.text : "none", missing.full ? ", …" : "",
        unknown.size > 0 ? unknown.text : "none", unknown.full ? ", …" : "");
}

/* ---- the mapping ------------------------------------------------------------------ */

static bool same_ascii_word(credit_span a, const char *lower)
{
    size_t size = strlen(lower);
    if (a.size != size) { return false; }
    for (size_t i = 0; i < size; i++) {
        char c = a.data[i];
        c = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        if (c != lower[i]) { return false; }
    }
    return true;
}

/* The four columns that a rejects file puts before the row as it was. */
static size_t count_reject_columns(const credit_span *names, size_t count)
{
    static const char *const words[CR_REJECT_COLUMNS] = {"line", "field", "rule", "message"};
    if (count <= CR_REJECT_COLUMNS) { return 0; }
    for (size_t i = 0; i < CR_REJECT_COLUMNS; i++) {
        if (!same_ascii_word(names[i], words[i])) { return 0; }
    }
    return CR_REJECT_COLUMNS;
}

static credit_result take_names(
    cr_mapping *m, const credit_span *cells, size_t count, cr_arena *arena, credit_error *err)
{
    for (size_t i = 0; i < count; i++) {
        m->names[i] = cr_arena_span(arena, cr_span_trim(cells[i]));
        if (m->names[i].data == NULL) {
            return cr_fail(err, CREDIT_E_NOMEM, "out of memory reading the header");
        }
    }
    m->column_count = count;
    m->dropped = count_reject_columns(m->names, count);
    return CREDIT_OK;
}

static credit_result choose(
    const cr_pack *pack, credit_span catalog, cr_mapping *m, credit_error *err)
{
    choice c = {{NULL, NULL, 0, 0, 0}, {NULL, NULL, 0, 0, 0}, NULL};
    const credit_span *names = m->names + m->dropped;
    size_t count = m->column_count - m->dropped;
    int only = catalog.size == 0 ? -1 : cr_pack_catalog(pack, catalog);
    if (catalog.size > 0 && only < 0) {
        return cr_fail(err, CREDIT_E_NOT_FOUND, "the pack has no catalog \"%.*s\"",
            (int)(catalog.size < 64 ? catalog.size : 64), catalog.data);
    }
    for (size_t i = 0; i < pack->catalog_count; i++) {
        if (only < 0 || (size_t)only == i) { consider_catalog(&c, pack, i, names, count); }
    }
    if (c.best.catalog == NULL) { return refuse_header(&c.nearest, names, count, only >= 0, err); }
    if (c.rival != NULL) {
        return cr_fail(err, CREDIT_E_HEADER, "the columns fit catalogs %s and %s alike: name one",
            c.best.catalog->name.data, c.rival->name.data);
    }
    m->catalog = c.best.catalog;
    m->catalog_index = c.best.index;
    m->profile = c.best.profile;
    return CREDIT_OK;
}

static bool holds_several_words(const cr_field *field)
{
    return field->codes != NULL && field->codes->separator_count > 0;
}

static size_t earlier_column(const cr_mapping *m, size_t column)
{
    for (size_t i = m->dropped; i < column; i++) {
        if (m->field[i] == m->field[column]) { return i; }
    }
    return column;
}

static credit_result place_columns(cr_mapping *m, credit_error *err)
{
    for (size_t i = 0; i < m->column_count; i++) {
        m->joins[i] = false;
        m->field[i] =
            i < m->dropped ? CR_COLUMN_DROPPED : column_of(m->catalog, m->profile, m->names[i]);
        if (m->field[i] < 0) { continue; }
        const cr_field *field = &m->catalog->fields[m->field[i]];
        size_t earlier = earlier_column(m, i);
        m->joins[i] = earlier < i;
        if (m->joins[i] && !holds_several_words(field)) {
            return cr_fail(err, CREDIT_E_HEADER, "columns \"%s\" and \"%s\" are both %s",
                m->names[earlier].data, m->names[i].data, field->code.data);
        }
    }
    return CREDIT_OK;
}

credit_result cr_mapping_find(const cr_pack *pack, credit_span catalog, const credit_span *cells,
    size_t count, cr_arena *arena, cr_mapping *out, credit_error *err)
{
    memset(out, 0, sizeof *out);
    credit_result rc = take_names(out, cells, count, arena, err);
    if (rc != CREDIT_OK) { return rc; }
    rc = choose(pack, catalog, out, err);
    if (rc != CREDIT_OK) { return rc; }
    for (size_t i = 0; i < out->catalog->field_count; i++) {
        out->waived[i] = is_waived(out->profile, i);
    }
    return place_columns(out, err);
}

static bool any_layout_waives(const cr_catalog *catalog, size_t field)
{
    for (size_t i = 0; i < catalog->profile_count; i++) {
        if (is_waived(&catalog->profiles[i], field)) { return true; }
    }
    return false;
}

credit_result cr_mapping_relay(const cr_pack *pack, credit_span catalog, const bool *withheld,
    const credit_span *cells, size_t count, cr_arena *arena, cr_mapping *out, credit_error *err)
{
    memset(out, 0, sizeof *out);
    credit_result rc = take_names(out, cells, count, arena, err);
    if (rc != CREDIT_OK) { return rc; }
    int index = cr_pack_catalog(pack, catalog);
    if (index < 0) {
        return cr_fail(err, CREDIT_E_NOT_FOUND, "the pack has no catalog \"%.*s\"",
            (int)(catalog.size < 64 ? catalog.size : 64), catalog.data);
    }
    out->catalog = &pack->catalogs[index];
    out->catalog_index = (uint16_t)index;
    out->dropped = 0;
    for (size_t i = 0; i < out->catalog->field_count; i++) {
        out->waived[i] = withheld[i] || any_layout_waives(out->catalog, i);
    }
    return place_columns(out, err);
}

bool cr_mapping_is_header_again(const cr_mapping *m, const credit_span *cells)
{
    size_t same = 0;
    for (size_t i = m->dropped; i < m->column_count; i++) {
        credit_span cell = cr_span_trim(cells[i]);
        if (cell.size == 0 || m->field[i] < 0) { continue; }
        if (column_of(m->catalog, m->profile, cell) != m->field[i]) { return false; }
        same++;
    }
    return same > 0;
}
