#include "engine/undo.h"

#include "engine/standing.h"

/* ---- who is concerned ------------------------------------------------------------ */

credit_result cr_concerned_open(
    cr_concerned *concerned, cr_txn *txn, const char *tmp, size_t memory, credit_error *err)
{
    memset(concerned, 0, sizeof *concerned);
    concerned->txn = txn;
    return cr_sorter_new(tmp, CR_SUBJECT_KEY, CR_SUBJECT_KEY, memory, &concerned->subjects, err);
}

void cr_concerned_close(cr_concerned *concerned)
{
    cr_sorter_free(concerned->subjects);
    concerned->subjects = NULL;
}

static credit_result add_touched(void *ctx, uint32_t commit, credit_error *err)
{
    cr_concerned *concerned = ctx;
    cr_range range;
    char prefix[4];
    cr_set_u32be(prefix, commit);
    credit_result rc = cr_range_open(concerned->txn, CR_TABLE_TOUCHED, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_range_seek(&range, (credit_span){prefix, sizeof prefix});
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        rc = range.key.size == CR_TOUCHED_KEY
                 ? cr_sorter_add(concerned->subjects, range.key.data + sizeof prefix, err)
                 : cr_fail(err, CREDIT_E_CORRUPT, "an entry of touched subjects is damaged");
    }
    cr_range_close(&range);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

credit_result cr_concerned_add(cr_concerned *concerned, uint32_t commit, credit_error *err)
{
    credit_result rc = add_touched(concerned, commit, err);
    /* What was said again is known by the commit of the version alone. */
    return rc == CREDIT_OK ? cr_said_walk(concerned->txn, commit, add_touched, concerned, err) : rc;
}

credit_result cr_concerned_next(cr_concerned *concerned, cr_subject_key *subject, credit_error *err)
{
    const char *next = NULL;
    credit_result rc;
    do {
        rc = cr_sorter_next(concerned->subjects, &next, err);
        if (rc != CREDIT_OK) { return rc; }
    } while (concerned->any && memcmp(concerned->last, next, CR_SUBJECT_KEY) == 0);
    memcpy(concerned->last, next, CR_SUBJECT_KEY);
    memcpy(subject->bytes, next, CR_SUBJECT_KEY);
    concerned->any = true;
    return CREDIT_OK;
}

/* ---- what is in force ------------------------------------------------------------- */

/* The version of a record that is in force, as far as the walk has come. Keys and
 * values stay where they are: nothing is written before the walk is over. */
typedef struct in_force {
    credit_span key, value;
    cr_weighed weighed;
} in_force;

typedef struct walk {
    cr_undoing *undoing;
    cr_counting counting;
    char record[CR_VERSION_KEY - 8];
    bool open;      /* in that record; */
    bool otherwise; /* some version of it counts otherwise than before */
    in_force before, after;
    bool touched; /* as otherwise, of any record */
    /* Who the subject is: the newest version of the register; without any, the first
     * version that may introduce a subject. */
    in_force registered;
    credit_span first_key, first;
    bool live;
} walk;

static void take(in_force *best, const cr_range *at, const cr_weighed *weighed)
{
    if (best->value.data != NULL && !cr_supersedes(weighed, &best->weighed)) { return; }
    *best = (in_force){at->key, at->value, *weighed};
}

/* A record that was removed is none. */
static bool is_there(const in_force *best)
{
    return best->value.data != NULL && cr_version_state_of(best->value.data) != CR_VERSION_REMOVED;
}

static void count_record(walk *w)
{
    cr_admission_counts *counts = &w->undoing->counts;
    bool before = is_there(&w->before), after = is_there(&w->after);
    w->live = w->live || after;
    if (!w->otherwise) { return; }
    if (before && !after) {
        counts->withdrawn++;
    } else if (!before && after) {
        counts->added++;
    } else if (before && w->before.key.data != w->after.key.data) {
        counts->updated++;
    } else {
        counts->unchanged++;
    }
}

static const cr_catalog *catalog_of(const walk *w, credit_span key)
{
    int index = cr_registry_catalog(w->undoing->registry, cr_get_u16be(key.data + CR_SUBJECT_KEY));
    return index < 0 ? NULL : &w->undoing->pack->catalogs[index];
}

/* As rows come: by commit, then by row of the file. */
static bool came_earlier(credit_span a, credit_span b)
{
    enum { SOURCE = CR_VERSION_KEY - 8 };
    return b.data == NULL || memcmp(a.data + SOURCE, b.data + SOURCE, 8) < 0;
}

static void look_who(walk *w, const cr_range *at, const cr_weighed *weighed)
{
    cr_subject_key subject;
    const cr_catalog *catalog = catalog_of(w, at->key);
    if (catalog == NULL || cr_version_state_of(at->value.data) == CR_VERSION_REMOVED) { return; }
    if (catalog->kind == CR_CATALOG_REGISTER) { take(&w->registered, at, weighed); }
    memcpy(subject.bytes, at->key.data, CR_SUBJECT_KEY);
    if (cr_introduces(w->undoing->pack, catalog, &subject) && came_earlier(at->key, w->first_key)) {
        w->first_key = at->key;
        w->first = at->value;
    }
}

static void enter_record(walk *w, const cr_range *at)
{
    if (w->open && memcmp(w->record, at->key.data, sizeof w->record) == 0) { return; }
    if (w->open) { count_record(w); }
    memcpy(w->record, at->key.data, sizeof w->record);
    w->open = true;
    w->otherwise = false;
    w->before = w->after = (in_force){0};
}

static credit_result look_at(walk *w, const cr_range *at, credit_error *err)
{
    cr_weighed before, after;
    uint32_t now = w->undoing->commit;
    if (at->key.size != CR_VERSION_KEY || at->value.size != CR_VERSION_VALUE) {
        return cr_fail(err, CREDIT_E_CORRUPT, "a record entry is damaged");
    }
    uint32_t commit = cr_get_u32be(at->key.data + CR_VERSION_KEY - 8);
    uint32_t row = cr_get_u32be(at->key.data + CR_VERSION_KEY - 4);
    credit_date kept_on = cr_version_sourced_on(at->value.data);
    enter_record(w, at);
    credit_result rc = cr_version_weigh(&w->counting, commit, row, kept_on, now - 1, &before, err);
    if (rc == CREDIT_OK) {
        rc = cr_version_weigh(&w->counting, commit, row, kept_on, now, &after, err);
    }
    if (rc != CREDIT_OK) { return rc; }
    bool otherwise = before.counts != after.counts ||
                     (after.counts && (before.day != after.day || before.by != after.by));
    w->otherwise = w->otherwise || otherwise;
    w->touched = w->touched || otherwise;
    if (before.counts) { take(&w->before, at, &before); }
    if (after.counts) {
        take(&w->after, at, &after);
        look_who(w, at, &after);
    }
    return CREDIT_OK;
}

static credit_result look_at_all(walk *w, const cr_subject_key *subject, credit_error *err)
{
    cr_range range;
    credit_result rc = cr_range_open(w->undoing->writer, CR_TABLE_VERSION, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_range_seek(&range, (credit_span){subject->bytes, CR_SUBJECT_KEY});
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        rc = look_at(w, &range, err);
    }
    cr_range_close(&range);
    if (rc == CREDIT_DONE && w->open) { count_record(w); }
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* ---- who it is ---------------------------------------------------------------------- */

static credit_result take_name(
    const walk *w, credit_span value, cr_subject *subject, credit_error *err)
{
    cr_version version;
    const cr_undoing *u = w->undoing;
    credit_result rc = cr_version_decode(value, &version, err);
    if (rc == CREDIT_OK) {
        rc = cr_registry_value(
            u->registry, u->writer, &version, CR_ROLE_SUBJECT_NAME, &subject->name, err);
    }
    if (rc != CREDIT_OK) { return rc; }
    subject->name_hash = cr_name_hash(subject->name);
    if (version.facts.category != CR_CATEGORY_UNKNOWN) {
        subject->category = version.facts.category;
    }
    return CREDIT_OK;
}

static credit_result put_subject(const walk *w, const cr_subject_key *key, credit_error *err)
{
    cr_range range;
    cr_subject subject;
    credit_result rc = cr_subject_get(w->undoing->writer, key, &subject, err);
    if (rc == CREDIT_DONE) {
        return cr_fail(err, CREDIT_E_CORRUPT, "records of a subject that is not there");
    }
    if (rc != CREDIT_OK) { return rc; }
    subject.gone = !w->live;
    subject.known = w->registered.value.data != NULL;
    /* A subject that is gone keeps its name, for those who ask what was known before. */
    if (w->live && w->first.data != NULL) {
        subject.category = CR_CATEGORY_UNKNOWN;
        rc = take_name(w, w->first, &subject, err);
    }
    if (rc == CREDIT_OK && w->live && subject.known) {
        rc = take_name(w, w->registered.value, &subject, err);
    }
    if (rc == CREDIT_OK) { rc = cr_range_open(w->undoing->writer, CR_TABLE_SUBJECT, &range, err); }
    if (rc != CREDIT_OK) { return rc; }
    rc = cr_subject_put(&range, key, &subject, err);
    cr_range_close(&range);
    return rc;
}

credit_result cr_undo_subject(
    cr_undoing *undoing, const cr_subject_key *subject, bool *touched, credit_error *err)
{
    walk w = {.undoing = undoing};
    *touched = false;
    credit_result rc = cr_counting_open(undoing->writer, &w.counting, err);
    if (rc == CREDIT_OK) { rc = look_at_all(&w, subject, err); }
    cr_counting_close(&w.counting);
    if (rc != CREDIT_OK || !w.touched) { return rc; }
    *touched = true;
    undoing->counts.subjects++;
    rc = put_subject(&w, subject, err);
    return rc == CREDIT_OK ? cr_touched_put(undoing->writer, undoing->commit, subject, err) : rc;
}
