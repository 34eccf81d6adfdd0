/* One decision by the library, and the same as prepared SQL.
 *
 * sql_bench STORE MATTER AS_OF SUBJECTS QUERY SQLITE POSTGRESQL ROUNDS SAMPLES
 *
 * SUBJECTS: codes, one a line. QUERY: decide.sql, for both. SQLITE: a file, POSTGRESQL:
 * where to connect. SAMPLES subjects are drawn at random, the same in every round. Each
 * of them is first decided by all three, and the decision with every rule that spoke and
 * what it said must be the same text. Then calls are timed one by one, in blocks of the
 * three in turn; the library gives reasons with their evidence and the days on which they
 * clear, the others the text alone.
 *
 * Prints one line per round and way: round, way, p50, p99 and mean in ns. */
#include <inttypes.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#include "subjects.h"

enum { BLOCK = 200, ANSWER_MAX = 1024, WAYS = 3 };

typedef struct bench {
    credit_store *store;
    credit_view *view;
    credit_question question;
    const credit_pack *pack;
    subjects all;
    int day; /* as the tables have it */
    sqlite3 *sqlite;
    sqlite3_stmt *statement;
    PGconn *postgresql;
    char answer[ANSWER_MAX];
} bench;

/* --- the ways -------------------------------------------------------------------- */

static const char *word_of(credit_decision decision)
{
    return decision == CREDIT_ELIGIBLE ? "eligible"
           : decision == CREDIT_REVIEW ? "review"
                                       : "ineligible";
}

static void decide_credit(bench *b, const char *code, bool tell)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_subject subject;
    const credit_answer *answer = NULL;
    bench_must(credit_subject_parse(b->pack, code, &subject, &err), &err);
    bench_must(credit_check(b->view, &subject, &b->question, &answer, &err), &err);
    if (!tell) { return; }
    size_t at = (size_t)snprintf(b->answer, ANSWER_MAX, "%s", word_of(answer->decision));
    for (size_t i = 0; i < answer->reason_count && at < ANSWER_MAX; i++) {
        const credit_reason *r = &answer->reasons[i];
        at += (size_t)snprintf(b->answer + at, ANSWER_MAX - at, " %.*s:%.*s", (int)r->rule.size,
            r->rule.data, (int)r->outcome.size, r->outcome.data);
    }
}

static void decide_sqlite(bench *b, const char *code, bool tell)
{
    sqlite3_bind_text(b->statement, 1, code, CODE_SIZE, SQLITE_STATIC);
    sqlite3_bind_int(b->statement, 2, b->day);
    if (sqlite3_step(b->statement) != SQLITE_ROW) {
        bench_die("SQLite", sqlite3_errmsg(b->sqlite));
    }
    const char *text = (const char *)sqlite3_column_text(b->statement, 0);
    if (tell) { snprintf(b->answer, ANSWER_MAX, "%s", text); }
    sqlite3_reset(b->statement);
}

static void decide_postgresql(bench *b, const char *code, bool tell)
{
    char day[16];
    snprintf(day, sizeof day, "%d", b->day);
    const char *values[] = {code, day};
    PGresult *result = PQexecPrepared(b->postgresql, "decide", 2, values, NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        bench_die("PostgreSQL", PQerrorMessage(b->postgresql));
    }
    if (tell) { snprintf(b->answer, ANSWER_MAX, "%s", PQgetvalue(result, 0, 0)); }
    PQclear(result);
}

static const struct {
    const char *name;
    void (*decide)(bench *, const char *, bool);
} ways[WAYS] = {
    {"credit", decide_credit}, {"sqlite", decide_sqlite}, {"postgresql", decide_postgresql}};

/* --- opening --------------------------------------------------------------------- */

static char *read_query(const char *path)
{
    static char query[1 << 16];
    FILE *file = fopen(path, "r");
    if (file == NULL) { bench_die(path, "cannot be opened"); }
    query[fread(query, 1, sizeof query - 1, file)] = '\0';
    fclose(file);
    return query;
}

static void open_sqlite(bench *b, const char *path, const char *query)
{
    static const char settings[] = "pragma mmap_size=30000000000; pragma cache_size=-1000000; "
                                   "pragma temp_store=memory; pragma locking_mode=exclusive";
    if (sqlite3_open_v2(path, &b->sqlite, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != 0 ||
        sqlite3_exec(b->sqlite, settings, NULL, NULL, NULL) != 0 ||
        sqlite3_prepare_v3(b->sqlite, query, -1, SQLITE_PREPARE_PERSISTENT, &b->statement, NULL) !=
            0) {
        bench_die("SQLite", sqlite3_errmsg(b->sqlite));
    }
}

static void open_postgresql(bench *b, const char *where, const char *query)
{
    static const Oid types[] = {25, 23}; /* text, integer */
    b->postgresql = PQconnectdb(where);
    if (PQstatus(b->postgresql) != CONNECTION_OK) {
        bench_die("PostgreSQL", PQerrorMessage(b->postgresql));
    }
    PQclear(PQexec(b->postgresql, "set plan_cache_mode=force_generic_plan"));
    PGresult *prepared = PQprepare(b->postgresql, "decide", query, 2, types);
    if (PQresultStatus(prepared) != PGRES_COMMAND_OK) {
        bench_die("PostgreSQL", PQerrorMessage(b->postgresql));
    }
    PQclear(prepared);
}

static void open_all(bench *b, char **argv)
{
    int year, month, day;
    credit_error err = CREDIT_ERROR_INIT;
    credit_store_options options = CREDIT_STORE_OPTIONS_INIT;
    options.read_only = true;
    b->question = (credit_question)CREDIT_QUESTION_INIT;
    b->question.matter = argv[2];
    bench_must(credit_date_parse(argv[3], &b->question.as_of, &err), &err);
    if (sscanf(argv[3], "%d-%d-%d", &year, &month, &day) != 3) { bench_die(argv[3], "no day"); }
    b->day = (year * 12 + month - 1) * 32 + day;
    bench_must(credit_store_open(argv[1], &options, &b->store, &err), &err);
    bench_must(credit_view_open(b->store, &b->view, &err), &err);
    b->pack = credit_store_get_pack(b->store);
    read_subjects(&b->all, argv[4]);
    const char *query = read_query(argv[5]);
    open_sqlite(b, argv[6], query);
    open_postgresql(b, argv[7], query);
}

/* --- comparing and timing ----------------------------------------------------------- */

static void compare(bench *b, const uint32_t *draws, size_t samples)
{
    char wanted[ANSWER_MAX];
    for (size_t i = 0; i < samples; i++) {
        const char *code = b->all.codes[draws[i]];
        decide_credit(b, code, true);
        memcpy(wanted, b->answer, sizeof wanted);
        for (unsigned way = 1; way < WAYS; way++) {
            ways[way].decide(b, code, true);
            if (strcmp(wanted, b->answer) != 0) {
                fprintf(stderr, "%s: credit says %s, %s says %s\n", code, wanted, ways[way].name,
                    b->answer);
                exit(1);
            }
        }
    }
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void run_round(
    bench *b, unsigned round, const uint32_t *draws, size_t samples, uint64_t *times[WAYS])
{
    for (size_t done = 0, block = 0; done < samples; done += BLOCK, block++) {
        size_t count = samples - done < BLOCK ? samples - done : BLOCK;
        for (unsigned turn = 0; turn < WAYS; turn++) {
            unsigned way = (unsigned)((block + turn) % WAYS);
            for (size_t i = done; i < done + count; i++) {
                uint64_t started = bench_now();
                ways[way].decide(b, b->all.codes[draws[i]], false);
                times[way][i] = bench_now() - started;
            }
        }
    }
    for (unsigned way = 0; way < WAYS && round > 0; way++) { /* round 0 warms up */
        uint64_t sum = 0;
        for (size_t i = 0; i < samples; i++) { sum += times[way][i]; }
        qsort(times[way], samples, sizeof *times[way], by_value);
        printf("%u %s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", round, ways[way].name,
            times[way][samples / 2], times[way][samples * 99 / 100], sum / samples);
    }
}

int main(int argc, char **argv)
{
    if (argc != 10) {
        fprintf(stderr, "usage: sql_bench STORE MATTER AS_OF SUBJECTS QUERY SQLITE POSTGRESQL "
                        "ROUNDS SAMPLES\n");
        return 2;
    }
    static bench b;
    uint64_t *times[WAYS], state = 1;
    unsigned rounds = (unsigned)strtoul(argv[8], NULL, 10);
    size_t samples = strtoul(argv[9], NULL, 10);
    uint32_t *draws = calloc(samples + 1, sizeof *draws);
    for (unsigned way = 0; way < WAYS; way++) {
        times[way] = calloc(samples + 1, sizeof *times[way]);
        if (draws == NULL || times[way] == NULL) { bench_die("samples", "out of memory"); }
    }
    open_all(&b, argv);
    for (size_t i = 0; i < samples; i++) {
        draws[i] = (uint32_t)(bench_random(&state) % b.all.count);
    }
    compare(&b, draws, samples);
    for (unsigned round = 0; round <= rounds; round++) {
        run_round(&b, round, draws, samples, times);
    }
    PQfinish(b.postgresql);
    sqlite3_finalize(b.statement);
    sqlite3_close(b.sqlite);
    credit_view_close(b.view);
    credit_store_close(b.store);
    for (unsigned way = 0; way < WAYS; way++) { free(times[way]); }
    free(draws);
    free(b.all.codes);
    return 0;
}
