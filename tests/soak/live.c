/* Live results against results made anew, over random histories.
 *
 * live OPERATIONS HISTORY CHECK SEED DIRECTORY
 *
 * OPERATIONS are done, in histories of HISTORY operations, each with stores of its own
 * below DIRECTORY: small files of a dozen catalogs come in, some of them twice or of
 * an earlier day; batches and undoings are undone; waiting rows are decided and asked
 * about again; days pass; the nightly pass runs now and then. Every CHECK operations:
 *
 *   1. every judgement that was written down, and the day on which it falls due, are
 *      what its subject's versions give when they are judged anew (credit_fsck);
 *   2. who is on a list, as it was written down, is who is on it when every subject is
 *      judged anew on this day, whether the nightly pass has run or not;
 *   3. the changes that were told, replayed, lead to these lists and tiers once the
 *      nightly pass has run; that pass again does nothing;
 *   4. an answer is the same on any day before the one that it names as its next.
 *
 * At the end of a history a second store gets its operations without any nightly pass
 * and without the questions. After one pass it must say what the first one says.
 *
 * Prints what was done. Exits with 1 at the first difference, and leaves the stores. */
#include <credit/credit.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/soak/live_rows.h"

enum { FILE_ROOM = 8192, PLACES_MAX = 512, PLACE_ROOM = 400, TIER_ROOM = 16, START = 20454 };
enum { DAY = 86400 };
static const char *const rosters[] = {"red", "black", "watch"};
enum { ROSTERS = sizeof rosters / sizeof *rosters };

typedef enum kind { IMPORT, UNDO, SETTLE, DROP, RETRY, EVALUATE, KINDS } kind;
static const char *const kind_names[KINDS] = {
    "imports", "undoings", "settled", "dropped", "retries", "nightly passes"};

/* One operation, as often as one likes. */
typedef struct operation {
    kind kind;
    credit_instant now;
    credit_date dated; /* IMPORT */
    char *file;
    uint64_t batch, row; /* UNDO, SETTLE, DROP */
    unsigned firm;       /* SETTLE */
} operation;

/* Texts of places on lists, in order, so that two of them can be compared. */
typedef struct places {
    char text[PLACES_MAX][PLACE_ROOM];
    size_t count;
} places;

typedef struct history {
    char path[512];
    uint64_t seed, random;
    credit_store *store;
    credit_view *view;
    credit_instant now;
    uint64_t batches; /* the number of the last */
    operation *done;  /* in order */
    size_t done_count;
    uint64_t told;                     /* the last change that was replayed */
    places standing;                   /* where the changes have led to */
    char tiers[LIVE_FIRMS][TIER_ROOM]; /* "": it was not told yet */
    uint64_t counts[KINDS], refused, rows, parked, changes, checks;
} history;

/* ---- failing ----------------------------------------------------------------------- */

static void fail(const history *h, const char *what, const char *detail)
{
    fprintf(stderr, "live: seed %" PRIu64 ", operation %zu: %s: %s\nwhat is left lies in %s\n",
        h->seed, h->done_count, what, detail, h->path);
    exit(1);
}

static void must(const history *h, credit_result rc, const credit_error *err, const char *what)
{
    if (rc != CREDIT_OK) { fail(h, what, err->message); }
}

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);
    if (memory == NULL) {
        fprintf(stderr, "live: out of memory\n");
        exit(3);
    }
    return memory;
}

static unsigned below(history *h, unsigned n)
{
    return live_below(&h->random, n);
}

/* ---- texts --------------------------------------------------------------------------- */

typedef struct text {
    char *bytes;
    size_t size, room;
} text;

static void append(text *t, const char *bytes, size_t size)
{
    if (t->size + size + 2 > t->room) {
        t->room = 2 * (t->size + size + 2);
        t->bytes = realloc(t->bytes, t->room);
        if (t->bytes == NULL) { abort(); }
    }
    memcpy(t->bytes + t->size, bytes, size);
    t->size += size;
    t->bytes[t->size++] = '\n';
    t->bytes[t->size] = '\0';
}

static const char *member(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value == NULL ? "" : value;
}

static json_t *parse(const char *bytes, size_t size)
{
    json_t *value = json_loadb(bytes, size, JSON_DECODE_ANY, NULL);
    if (value == NULL) { abort(); }
    return value;
}

static void remove_members(json_t *value, const char *const *names)
{
    const char *key;
    json_t *kid;
    size_t index;
    if (json_is_object(value)) {
        for (size_t i = 0; names[i] != NULL; i++) { json_object_del(value, names[i]); }
        json_object_foreach(value, key, kid)
        {
            remove_members(kid, names);
        }
    } else if (json_is_array(value)) {
        json_array_foreach(value, index, kid)
        {
            remove_members(kid, names);
        }
    }
}

static void append_without(text *t, const char *bytes, size_t size, const char *const *names)
{
    json_t *value = parse(bytes, size);
    remove_members(value, names);
    char *plain = json_dumps(value, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY);
    append(t, plain, strlen(plain));
    free(plain);
    json_decref(value);
}

/* Without nightly passes commits have other numbers, and batches find other changes. */
static int take_content(void *ctx, const char *bytes, size_t size)
{
    static const char *const names[] = {"record", "message", "about", "commit", "last_commit",
        "bytes", "store", "file", "entered", "left", "tiers_changed", NULL};
    append_without(ctx, bytes, size, names);
    return 0;
}

/* What an answer says, whatever the day it is asked for. */
static int take_answer(void *ctx, const char *bytes, size_t size)
{
    static const char *const names[] = {"as_of", "next_change", "clears_on", NULL};
    append_without(ctx, bytes, size, names);
    return 0;
}

static int take_line(void *ctx, const char *bytes, size_t size)
{
    append(ctx, bytes, size);
    return 0;
}

/* ---- places on lists -------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void add_place(places *p, const char *place)
{
    if (p->count == PLACES_MAX) { abort(); }
    snprintf(p->text[p->count++], PLACE_ROOM, "%s", place);
}

static size_t find_place(const places *p, const char *place)
{
    size_t i = 0;
    while (i < p->count && strcmp(p->text[i], place) != 0) { i++; }
    return i;
}

static void compare_places(
    const history *h, const char *what, const places *wanted, const places *got)
{
    char detail[2 * PLACE_ROOM + 64];
    for (size_t i = 0; i < wanted->count || i < got->count; i++) {
        const char *x = i < wanted->count ? wanted->text[i] : "nobody";
        const char *y = i < got->count ? got->text[i] : "nobody";
        if (strcmp(x, y) == 0) { continue; }
        snprintf(detail, sizeof detail, "judged anew %s, written down %s", x, y);
        fail(h, what, detail);
    }
}

static void describe_place(const char *id, const json_t *place, char out[PLACE_ROOM])
{
    snprintf(out, PLACE_ROOM, "%s %s %s %s-%s %s %s", id, member(place, "list"),
        member(place, "code"), member(place, "listed_on"), member(place, "until"),
        member(place, "document_no"), member(place, "authority"));
}

/* ---- doing ---------------------------------------------------------------------------------- */

static void import_file(history *h, const operation *o, credit_import_summary *summary)
{
    char path[640];
    credit_error err = CREDIT_ERROR_INIT;
    credit_import_options options = CREDIT_IMPORT_OPTIONS_INIT;
    snprintf(path, sizeof path, "%s.csv", h->path);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fputs(o->file, file) < 0 || fclose(file) != 0) { fail(h, path, "write"); }
    options.now = o->now;
    options.dated = o->dated;
    credit_result rc = credit_import(h->store, path, &options, summary, &err);
    if (rc == CREDIT_E_REJECTED) {
        h->refused++;
        rc = CREDIT_OK;
    }
    must(h, rc, &err, "import");
}

static int count_line(void *ctx, const char *bytes, size_t size)
{
    (void)bytes;
    (void)size;
    *(uint64_t *)ctx += 1;
    return 0;
}

/* Does it, and tells what it came to. */
static credit_import_summary carry_out(history *h, const operation *o)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_import_summary summary = {0};
    credit_subject subject;
    credit_result rc = CREDIT_OK;
    switch (o->kind) {
    case IMPORT:
        import_file(h, o, &summary);
        break;
    case UNDO:
        rc = credit_batch_undo(h->store, o->batch, o->now, &summary, &err);
        if (rc == CREDIT_E_EXISTS) { rc = CREDIT_OK; }
        break;
    case SETTLE:
        rc = credit_subject_parse(
            credit_store_get_pack(h->store), live_firms[o->firm].code, &subject, &err);
        must(h, rc, &err, "subject");
        rc = credit_parked_settle(h->store, o->batch, o->row, &subject, o->now, &summary, &err);
        if (rc == CREDIT_E_DATA) { rc = CREDIT_OK; }
        break;
    case DROP:
        rc = credit_parked_settle(h->store, o->batch, o->row, NULL, o->now, &summary, &err);
        break;
    case RETRY:
        rc = credit_parked_retry(h->store, o->now, &summary, &err);
        break;
    default:
        rc = credit_evaluate(
            h->store, credit_date_of(o->now), o->now, count_line, &h->changes, &err);
        break;
    }
    must(h, rc, &err, kind_names[o->kind]);
    h->counts[o->kind]++;
    if (summary.batch > h->batches) { h->batches = summary.batch; }
    return summary;
}

static credit_view *refreshed(history *h)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_result rc = h->view == NULL ? credit_view_open(h->store, &h->view, &err)
                                       : credit_view_refresh(h->view, &err);
    must(h, rc, &err, "view");
    return h->view;
}

static void open_store(history *h)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_store_options options = CREDIT_STORE_OPTIONS_INIT;
    options.suite = "p256";
    options.now = (credit_instant)START * DAY * 1000000;
    must(h, credit_store_init(h->path, &options, &err), &err, "init");
    must(h, credit_store_open(h->path, &options, &h->store, &err), &err, "open");
}

static void close_store(history *h)
{
    credit_view_close(h->view);
    credit_store_close(h->store);
    h->view = NULL;
    h->store = NULL;
}

/* ---- choosing ------------------------------------------------------------------------------ */

/* A row that waits, at random; false if none does. */
static bool choose_waiting(history *h, operation *o)
{
    text lines = {0};
    credit_error err = CREDIT_ERROR_INIT;
    must(h, credit_parked_list(h->store, take_line, &lines, &err), &err, "parked");
    size_t count = 0;
    for (size_t i = 0; i < lines.size; i++) { count += lines.bytes[i] == '\n'; }
    size_t wanted = count == 0 ? 0 : below(h, (unsigned)count);
    char *line = lines.bytes;
    for (size_t i = 0; i < wanted; i++) { line = strchr(line, '\n') + 1; }
    if (count > 0) {
        json_t *value = parse(line, strcspn(line, "\n"));
        o->batch = (uint64_t)json_integer_value(json_object_get(value, "batch"));
        o->row = (uint64_t)json_integer_value(json_object_get(value, "row"));
        json_decref(value);
    }
    free(lines.bytes);
    return count > 0;
}

static char *copy_of(const char *bytes)
{
    char *copy = allocate(strlen(bytes) + 1);
    return strcpy(copy, bytes);
}

/* A file of its own, or one that has come before. */
static char *choose_file(history *h)
{
    const operation *earlier =
        h->done_count == 0 ? NULL : &h->done[below(h, (unsigned)h->done_count)];
    if (earlier != NULL && earlier->file != NULL && below(h, 8) == 0) {
        return copy_of(earlier->file);
    }
    char bytes[FILE_ROOM];
    live_file(&h->random, credit_date_of(h->now), bytes, sizeof bytes);
    return copy_of(bytes);
}

static operation choose(history *h)
{
    unsigned chance = below(h, 100);
    h->now += 1000000;
    if (below(h, 6) == 0) { h->now += (credit_instant)below(h, 40) * DAY * 1000000; }
    operation o = {.kind = IMPORT, .now = h->now, .dated = CREDIT_DATE_NONE};
    if (chance < 12 && h->batches > 0) {
        o.kind = UNDO; /* more often one of the last than an old one */
        unsigned back =
            below(h, below(h, 3) == 0 ? (unsigned)h->batches : 1 + (unsigned)h->batches / 8);
        o.batch = h->batches - back;
    } else if (chance < 20) {
        o.kind = below(h, 3) == 0 ? DROP : SETTLE;
        o.firm = below(h, LIVE_FIRMS);
        if (!choose_waiting(h, &o)) { o.kind = RETRY; }
    } else if (chance < 25) {
        o.kind = RETRY;
    } else if (chance < 33) {
        o.kind = EVALUATE;
    }
    if (o.kind != IMPORT) { return o; }
    o.file = choose_file(h);
    if (below(h, 3) == 0) { o.dated = credit_date_of(o.now) - (credit_date)below(h, 90); }
    return o;
}

/* ---- checking ------------------------------------------------------------------------------ */

static void check_fsck(history *h)
{
    text lines = {0};
    credit_error err = CREDIT_ERROR_INIT;
    credit_result rc = credit_fsck(h->store, NULL, take_line, &lines, &err);
    if (rc != CREDIT_OK) { fail(h, "fsck", lines.bytes == NULL ? err.message : lines.bytes); }
    free(lines.bytes);
}

static const credit_answer *ask(history *h, size_t firm, credit_date day, text *said)
{
    const credit_answer *answer = NULL;
    credit_subject subject;
    credit_error err = CREDIT_ERROR_INIT;
    credit_question question = CREDIT_QUESTION_INIT;
    question.as_of = day;
    credit_result rc = credit_subject_parse(
        credit_store_get_pack(h->store), live_firms[firm].code, &subject, &err);
    if (rc == CREDIT_OK) { rc = credit_check(h->view, &subject, &question, &answer, &err); }
    if (rc == CREDIT_OK && said != NULL) {
        rc = credit_answer_write(h->view, &question, answer, take_answer, said, &err);
    }
    must(h, rc, &err, "check");
    return answer;
}

static int take_entry(void *ctx, const char *bytes, size_t size)
{
    char place[PLACE_ROOM];
    json_t *entry = parse(bytes, size);
    describe_place(member(json_object_get(entry, "subject"), "id"), entry, place);
    add_place(ctx, place);
    json_decref(entry);
    return 0;
}

static void check_lists(history *h)
{
    places *anew = allocate(sizeof *anew), *written = allocate(sizeof *written);
    credit_error err = CREDIT_ERROR_INIT;
    credit_question question = CREDIT_QUESTION_INIT;
    question.as_of = credit_date_of(h->now);
    refreshed(h);
    for (size_t i = 0; i < LIVE_FIRMS; i++) {
        char place[PLACE_ROOM];
        text said = {0};
        size_t index;
        json_t *listing;
        ask(h, i, question.as_of, &said);
        json_t *answer = parse(said.bytes, said.size);
        json_array_foreach(json_object_get(answer, "listings"), index, listing)
        {
            describe_place(live_firms[i].code, listing, place);
            add_place(anew, place);
        }
        json_decref(answer);
        free(said.bytes);
    }
    for (size_t i = 0; i < ROSTERS; i++) {
        must(h,
            credit_list(
                h->view, rosters[i], &question, CREDIT_DATE_NONE, take_entry, written, &err),
            &err, "list");
    }
    qsort(anew->text, anew->count, PLACE_ROOM, by_text);
    qsort(written->text, written->count, PLACE_ROOM, by_text);
    compare_places(h, "a list", anew, written);
    free(anew);
    free(written);
}

static size_t firm_of(const history *h, const char *id)
{
    for (size_t i = 0; i < LIVE_FIRMS; i++) {
        if (strcmp(live_firms[i].code, id) == 0) { return i; }
    }
    fail(h, "a change is about somebody else", id);
    return 0;
}

/* Replays one change. */
static int take_change(void *ctx, const char *bytes, size_t size)
{
    history *h = ctx;
    char place[PLACE_ROOM];
    json_t *change = parse(bytes, size);
    const char *id = member(json_object_get(change, "subject"), "id");
    const char *what = member(change, "change");
    char *tier = h->tiers[firm_of(h, id)];
    snprintf(place, sizeof place, "%s %s %s", id, member(change, "list"), member(change, "code"));
    size_t at = find_place(&h->standing, place);
    if (strcmp(what, "tier") == 0) {
        if (tier[0] != '\0' && strcmp(tier, member(change, "from")) != 0) {
            fail(h, "a tier changes from another than it was", bytes);
        }
        snprintf(tier, TIER_ROOM, "%s", member(change, "to"));
    } else if (strcmp(what, "entered") == 0) {
        if (at == h->standing.count) { add_place(&h->standing, place); }
    } else if (at == h->standing.count) {
        fail(h, "left without having entered", place);
    } else {
        memmove(h->standing.text[at], h->standing.text[at + 1],
            (--h->standing.count - at) * PLACE_ROOM);
    }
    json_decref(change);
    return 0;
}

static void check_changes(history *h)
{
    credit_error err = CREDIT_ERROR_INIT;
    places *anew = allocate(sizeof *anew);
    credit_date day = credit_date_of(h->now);
    uint64_t again = 0;
    must(
        h, credit_evaluate(h->store, day, h->now, count_line, &h->changes, &err), &err, "evaluate");
    must(h, credit_evaluate(h->store, day, h->now, count_line, &again, &err), &err, "evaluate");
    if (again != 0) { fail(h, "the nightly pass", "it has changed something twice"); }
    must(h, credit_feed_changes(h->store, h->told, take_change, h, &h->told, &err), &err, "feed");
    refreshed(h);
    for (size_t i = 0; i < LIVE_FIRMS; i++) {
        const credit_answer *answer = ask(h, i, day, NULL);
        const char *tier = h->tiers[i];
        if (tier[0] != '\0' && (strlen(tier) != answer->tier.size ||
                                   memcmp(tier, answer->tier.data, answer->tier.size) != 0)) {
            fail(h, "the last tier that was told is not the tier", live_firms[i].code);
        }
        for (size_t k = 0; k < answer->listing_count; k++) {
            char place[PLACE_ROOM];
            const credit_listing *l = &answer->listings[k];
            snprintf(place, sizeof place, "%s %.*s %.*s", live_firms[i].code, (int)l->list.size,
                l->list.data, (int)l->code.size, l->code.data);
            if (find_place(anew, place) == anew->count) { add_place(anew, place); }
        }
    }
    qsort(anew->text, anew->count, PLACE_ROOM, by_text);
    qsort(h->standing.text, h->standing.count, PLACE_ROOM, by_text);
    compare_places(h, "the changes replayed", anew, &h->standing);
    free(anew);
}

static void check_next_change(history *h)
{
    text first = {0}, later = {0};
    size_t firm = below(h, LIVE_FIRMS);
    credit_date day = credit_date_of(h->now) - (credit_date)below(h, 1500);
    credit_date next = ask(h, firm, day, &first)->next_change;
    unsigned span = next - day > 2000 ? 2000 : (unsigned)(next - day);
    if (span == 0 || next < day) { fail(h, "the next change", "it is not later"); }
    credit_date then = day + (credit_date)(below(h, 2) == 0 ? span - 1 : below(h, span));
    ask(h, firm, then, &later);
    if (strcmp(first.bytes, later.bytes) != 0) {
        char days[64], a[12], b[12];
        credit_date_print(day, a);
        credit_date_print(then, b);
        snprintf(days, sizeof days, "%s: of %s, and of %s", live_firms[firm].code, a, b);
        fprintf(stderr, "%s%s", first.bytes, later.bytes);
        fail(h, "the answer changes before it says so", days);
    }
    free(first.bytes);
    free(later.bytes);
}

static void check(history *h)
{
    h->checks++;
    check_fsck(h);
    check_lists(h);
    for (int i = 0; i < 8; i++) { check_next_change(h); }
    check_changes(h);
}

/* ---- the same without nightly passes -------------------------------------------------------- */

static void say_all(history *h, text *out)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_question question = CREDIT_QUESTION_INIT;
    question.as_of = credit_date_of(h->now);
    refreshed(h);
    for (size_t i = 0; i < LIVE_FIRMS; i++) {
        credit_subject subject;
        must(h,
            credit_subject_parse(
                credit_store_get_pack(h->store), live_firms[i].code, &subject, &err),
            &err, "subject");
        credit_result rc = credit_show(h->view, &subject, &question, take_content, out, &err);
        if (rc != CREDIT_E_NOT_FOUND) { must(h, rc, &err, "show"); }
    }
    for (size_t i = 0; i < ROSTERS; i++) {
        must(h,
            credit_list(h->view, rosters[i], &question, CREDIT_DATE_NONE, take_content, out, &err),
            &err, "list");
    }
    must(h, credit_stats(h->store, take_content, out, &err), &err, "stats");
    must(h, credit_batch_list(h->store, take_content, out, &err), &err, "batches");
    must(h, credit_parked_list(h->store, take_content, out, &err), &err, "parked");
}

static void check_replica(history *h)
{
    history *other = allocate(sizeof *other);
    text here = {0}, there = {0};
    *other = *h;
    other->store = NULL;
    other->view = NULL;
    snprintf(other->path, sizeof other->path, "%.500s.again", h->path);
    open_store(other);
    for (size_t i = 0; i < h->done_count; i++) {
        if (h->done[i].kind != EVALUATE) { carry_out(other, &h->done[i]); }
    }
    credit_error err = CREDIT_ERROR_INIT;
    say_all(h, &here);
    say_all(other, &there);
    if (strcmp(here.bytes, there.bytes) != 0) {
        size_t at = 0, line = 0;
        for (; here.bytes[at] == there.bytes[at]; at++) {
            if (here.bytes[at] == '\n') { line = at + 1; }
        }
        fprintf(stderr, "%.*s\n%.*s\n", (int)strcspn(here.bytes + line, "\n"), here.bytes + line,
            (int)strcspn(there.bytes + line, "\n"), there.bytes + line);
        fail(h, "without nightly passes", "the store says something else");
    }
    must(other,
        credit_evaluate(
            other->store, credit_date_of(h->now), h->now, count_line, &other->changes, &err),
        &err, "evaluate");
    check_fsck(other);
    close_store(other);
    free(other);
    free(here.bytes);
    free(there.bytes);
}

/* ---- running -------------------------------------------------------------------------- */

static void remove_store(const char *path)
{
    char command[2600];
    snprintf(command, sizeof command, "rm -rf '%s' '%s.keys' '%s.csv' '%s.csv.rejects.csv'", path,
        path, path, path);
    if (system(command) != 0) { fprintf(stderr, "live: %s is left\n", path); }
}

static void run_history(history *h, size_t operations, size_t check_every)
{
    char again[520];
    open_store(h);
    h->now = (credit_instant)START * DAY * 1000000;
    h->done = allocate((operations + 1) * sizeof *h->done);
    while (h->done_count < operations) {
        operation o = choose(h);
        credit_import_summary summary = carry_out(h, &o);
        h->done[h->done_count++] = o;
        h->rows += summary.rows;
        h->parked += summary.parked;
        if (h->done_count % check_every == 0) { check(h); }
    }
    check(h);
    check_replica(h);
    close_store(h);
    for (size_t i = 0; i < h->done_count; i++) { free(h->done[i].file); }
    free(h->done);
    snprintf(again, sizeof again, "%.500s.again", h->path);
    remove_store(h->path);
    remove_store(again);
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: live OPERATIONS HISTORY CHECK SEED DIRECTORY\n");
        return 2;
    }
    size_t operations = strtoul(argv[1], NULL, 10), each = strtoul(argv[2], NULL, 10);
    size_t check_every = strtoul(argv[3], NULL, 10), done = 0;
    uint64_t seed = strtoull(argv[4], NULL, 10), total[KINDS] = {0};
    uint64_t rows = 0, parked = 0, refused = 0, changes = 0, checks = 0;
    for (size_t number = 0; done < operations && each > 0 && check_every > 0; number++) {
        history *h = allocate(sizeof *h);
        size_t wanted = operations - done < each ? operations - done : each;
        h->seed = seed;
        h->random = seed * UINT64_C(1000003) + number;
        snprintf(h->path, sizeof h->path, "%.400s/live-%zu", argv[5], number);
        run_history(h, wanted, check_every);
        done += wanted;
        if (number % 25 == 24) { fprintf(stderr, "live: %zu of %zu\n", done, operations); }
        for (size_t i = 0; i < KINDS; i++) { total[i] += h->counts[i]; }
        rows += h->rows;
        parked += h->parked;
        refused += h->refused;
        changes += h->told;
        checks += h->checks;
        free(h);
    }
    printf("live: %zu operations, seed %" PRIu64 ":", done, seed);
    for (size_t i = 0; i < KINDS; i++) { printf(" %" PRIu64 " %s,", total[i], kind_names[i]); }
    printf(" %" PRIu64 " rows, %" PRIu64 " waited, %" PRIu64 " files refused, %" PRIu64
           " changes, %" PRIu64 " checks\n",
        rows, parked, refused, changes, checks);
    /* It was about something. */
    return changes == 0 || parked == 0 || total[UNDO] == 0 ? 1 : 0;
}
