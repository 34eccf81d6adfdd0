/**
 * libcredit: the engine of a public-credit platform (公共信用信息平台).
 *
 * Departments send files of permits, penalties, list decisions and commitments.
 * A *store* keeps them with their full history on two time axes (when it was
 * true, when the store knew it), a *policy pack* says what the law says, and
 * every answer names the rule, the legal basis and the records it rests on.
 *
 * Concepts
 *   store    a directory; open it once per process, share it between threads.
 *   view     a snapshot for one thread: cheap to refresh, never blocks a writer.
 *   subject  a credit subject (信用主体), named by a number; see credit_subject.
 *   batch    one imported file: readers see all of it or none of it.
 *   pack     a directory of data: catalogs, code sets, calendar, DMN rules.
 *   extract  a signed report (信用报告) that is verified without store or key.
 *
 * Threads      store and pack: any thread. view: one thread at a time. There is
 *              one writer at a time (also across processes); others wait.
 * fork         never carry a store or a view across fork().
 * Time         is an argument everywhere; the library never reads a clock.
 * Text         UTF-8. Spans have no terminator. Inputs are copied.
 * Ownership    open/new are yours and have a close/free that accepts NULL.
 *              What a struct points to lives as said at the struct.
 * Outputs      are set to NULL or zero first and filled only on CREDIT_OK.
 * Errors       the last parameter, may be NULL; one line, nothing personal.
 * Caveats      a long-lived view keeps old pages alive: refresh or close it.
 *              Do not put a store on a network file system.
 */
#ifndef CREDIT_CREDIT_H
#define CREDIT_CREDIT_H

#include <stdbool.h>
#include <credit/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Results ------------------------------------------------------------ */

/** The library's version, e.g. "0.1.0". Static. Since 0.1. */
CREDIT_API const char *credit_version(void);
/** Name of a result code, e.g. "CREDIT_E_DATA". Static. Since 0.1. */
CREDIT_API const char *credit_result_name(credit_result result);
/** What the caller can do about a result. Since 0.1. */
CREDIT_API credit_class credit_result_class(credit_result result);

/**
 * Where text output goes: called once per JSON document or line, without a line
 * end. Return 0 to go on, anything else to stop (the call returns CREDIT_DONE).
 */
typedef int (*credit_write)(void *ctx, const char *text, size_t size);

/**
 * How far a long call is. `total` is 0 when not known. Return 0 to go on,
 * anything else to stop: the call then undoes its work and returns CREDIT_DONE.
 */
typedef int (*credit_progress)(void *ctx, uint64_t done, uint64_t total, uint64_t rows);

/* ---- Dates --------------------------------------------------------------- */

/** Reads YYYY-MM-DD. CREDIT_E_DATA if it is no real day. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_date_parse(
    const char *text, credit_date *date, credit_error *err);
/** Writes YYYY-MM-DD and a terminator. Since 0.1. */
CREDIT_API void credit_date_print(credit_date date, char text[12]);
/** The legal date of an instant in Asia/Shanghai. Since 0.1. */
CREDIT_API credit_date credit_date_of(credit_instant instant);
/** Reads RFC 3339 with Z or an offset. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_instant_parse(
    const char *text, credit_instant *instant, credit_error *err);

/* ---- Policy packs ---------------------------------------------------------- */

typedef struct credit_pack credit_pack;

/**
 * Reads and compiles a policy pack from its directory.
 * @param directory  NULL: $CREDIT_PACK, else the installed pack `jingzhou`
 * @return CREDIT_OK, CREDIT_E_NOT_FOUND, CREDIT_E_ACCESS,
 *         CREDIT_E_PACK  malformed; the message names file, line and what
 * Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_pack_open(
    const char *directory, credit_pack **pack, credit_error *err);
CREDIT_API void credit_pack_close(credit_pack *pack);

/**
 * Adds a period ("P3M", "P1Y6M", "P10D") or working days ("7wd") to a date.
 * CREDIT_E_DATA: no such period, or the calendar does not reach that far.
 * basis: 《民法典》 art. 201-203. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_date_add(const credit_pack *pack,
    credit_date date, const char *period, credit_date *result, credit_error *err);

/** What an identifier is. Texts are static or inside the struct. */
typedef struct credit_id {
    const char *kind;    /**< "uscc", "org_code", "reg_no", "cn_id", …, "unknown" */
    bool valid;
    bool personal;       /**< a natural person's number: do not echo it */
    const char *reason;  /**< why not valid, or what to know; "" if nothing */
    char detail[64];     /**< e.g. "check character is 4, computed 7" */
    char number[33];     /**< as folded: case, width and blanks */
} credit_id;

/**
 * Judges an identifier: unified code, organisation code, registration number,
 * resident id and residence permits, travel permits, passports.
 * basis: GB 32100-2015, GB 11714-1997, GB 11643-1999. Never fails. Since 0.1.
 */
CREDIT_API void credit_id_judge(
    const credit_pack *pack, const char *text, size_t size, credit_id *id);

/** One JSON line per catalog: name, title, columns. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_catalog_list(
    const credit_pack *pack, credit_write write, void *ctx, credit_error *err);
/** One JSON document: columns with titles, types, rules. CREDIT_E_NOT_FOUND. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_catalog_show(const credit_pack *pack,
    const char *name, credit_write write, void *ctx, credit_error *err);

/**
 * The catalog for people, in Chinese: one page of HTML that needs nothing from outside.
 * Columns with titles, aliases, types, words, disclosure and masks; record key,
 * lateness, checks with rule and severity, defaults and layouts. Made from the pack as
 * it was compiled. Handed to `write` in one piece.
 * @return CREDIT_OK, CREDIT_E_NOT_FOUND. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_catalog_page(const credit_pack *pack,
    const char *name, credit_write write, void *ctx, credit_error *err);

/** What a file would come to. rows = accepted + rejected. */
typedef struct credit_file_check {
    char catalog[64];
    char encoding[16]; /**< as in credit_import_summary */
    char sha256[65];
    uint64_t rows, accepted, rejected;
    uint64_t warnings, late, late_unknown;
} credit_file_check;
/**
 * Reads a file as credit_import would, without a store: one JSON line per finding
 * (line, field, rule, severity "error" or "warning", message). Whose record a row
 * is, and whether it is new, only a store can tell.
 * @param path     "-" is standard input
 * @param catalog  NULL: found from the header
 * @param today    the day that dates and lateness are judged against
 * @return CREDIT_OK  read to the end: see out->rejected
 *         CREDIT_E_HEADER, _DATA, _LIMIT, _NOT_FOUND, _ACCESS, _IO, _FULL as there;
 *         CREDIT_DONE when `write` stopped it. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_catalog_check(const credit_pack *pack,
    const char *path, const char *catalog, credit_date today, credit_write write, void *ctx,
    credit_file_check *out, credit_error *err);
/** The result as one JSON document. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_file_check_write(
    const credit_file_check *check, const char *file, credit_write write, void *ctx);

/**
 * Evaluates one decision of a DMN file: {"decision", "value", "matched", "errors"}.
 * @param input_json  an object of input names to values; dates as FEEL text
 * @return CREDIT_OK, CREDIT_E_NOT_FOUND (file or decision), CREDIT_E_PACK
 *         (refused when loaded), CREDIT_E_DATA (input). Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_rules_eval(const char *dmn_path,
    const char *decision, const char *input_json, size_t input_size, credit_write write, void *ctx,
    credit_error *err);

/**
 * Where the pages of rules go: the name of a file, and what it should hold. Return 0
 * to go on, anything else to stop.
 */
typedef int (*credit_write_page)(void *ctx, const char *file, const char *html, size_t size);
/**
 * The pack's rules for people, in Chinese: pages of HTML that link to each other and
 * need nothing else. `index.html` has the decisions, the parameters with value, basis
 * and use, and where each rule id stands; every decision and business knowledge model
 * has a page: hit policy, inputs with their FEEL, every row with conditions, outputs,
 * rule id, text and basis, or its expressions; what it requires and what requires it.
 * Made from the tables that the pack's model is compiled from: the same pack gives the
 * same bytes.
 * @param decision  NULL: the index first, then all; else the page of this one alone
 * @return CREDIT_OK, also when `write` stopped it; CREDIT_E_NOT_FOUND: there is no such
 *         decision, or the pack has no rules. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_rules_pages(const credit_pack *pack,
    const char *decision, credit_write_page write, void *ctx, credit_error *err);
/** How many findings there were. Notes say what could not be decided. */
typedef struct credit_lint_count {
    uint64_t errors, warnings, notes;
} credit_lint_count;

/**
 * Looks for faults in a policy pack before anybody is judged by it: gaps, overlaps,
 * rows that never count, unknown names and words, kinds that never meet, inputs that
 * may be unknown without a row that says so, rows without rule, text or basis, unused
 * parameters; tiers and grants that one more bad record would better, serious rosters
 * entered without a decision. Needs no store.
 *
 * One JSON line a finding {kind, severity, file, line, decision, row, text, text_zh,
 * example}; what does not apply is left out. `example` is an input that shows it.
 * @param directory  the pack; NULL as credit_pack_open
 * @param write      NULL: findings are only counted
 * @return CREDIT_OK           however many were found; a pack that cannot be read is
 *                             an error of kind "unreadable"
 *         CREDIT_E_NOT_FOUND, CREDIT_E_ACCESS, CREDIT_E_IO  it was not looked at.
 * Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_rules_lint(const char *directory,
    credit_write write, void *ctx, credit_lint_count *count, credit_error *err);

/* ---- Stores ---------------------------------------------------------------- */

typedef struct credit_store credit_store;

typedef struct credit_store_options {
    uint32_t version;        /**< set by the _INIT macro */
    const char *keys;        /**< key directory; NULL: "STORE.keys" beside the store */
    const char *pack;        /**< init: pack directory; NULL as credit_pack_open */
    const char *suite;       /**< init: "sm2" or "p256"; NULL: "sm2" (密码法) */
    const char *passphrase_file; /**< private key's passphrase, first line; NULL: none */
    credit_instant now;      /**< init: the moment it is made */
    bool read_only;          /**< open: never write; import and evaluate fail */
} credit_store_options;
#define CREDIT_STORE_OPTIONS_INIT {1, NULL, NULL, NULL, NULL, CREDIT_INSTANT_NONE, false}

/**
 * Makes a store, its key directory, a development authority and a signing key.
 * Nothing is left behind when it fails.
 * @return CREDIT_OK, CREDIT_E_EXISTS (the directory is not empty), CREDIT_E_PACK,
 *         CREDIT_E_USAGE (no such suite), CREDIT_E_ACCESS, CREDIT_E_IO. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_store_init(
    const char *path, const credit_store_options *options, credit_error *err);

/**
 * Opens a store. Stale readers are cleared; bytes that no commit promised are
 * ignored and, by the next writer, cut off.
 * @return CREDIT_OK, CREDIT_E_NOT_FOUND, CREDIT_E_FORMAT (not a store, or made
 *         by a newer program), CREDIT_E_CORRUPT, CREDIT_E_ACCESS. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_store_open(const char *path,
    const credit_store_options *options, credit_store **store, credit_error *err);
CREDIT_API void credit_store_close(credit_store *store);

/** The store's pack; borrowed until credit_store_close. Since 0.1. */
CREDIT_API const credit_pack *credit_store_get_pack(const credit_store *store);

/** One JSON document: store, suite, pack {name, version, sha256, catalogs,
 *  decisions}, key {id, subject, valid_from, valid_to}. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_store_describe(
    credit_store *store, credit_write write, void *ctx, credit_error *err);

/** One JSON document: subjects, records and versions by catalog, batches,
 *  bytes {index, segments, total}, last_commit {number, at}. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_stats(
    credit_store *store, credit_write write, void *ctx, credit_error *err);

/**
 * Verifies every record's key, header, bytes and digest, its subject, its way in
 * by document number, and every judgement that was written down against the
 * records. One JSON line per fault, then one document {faults, checked …}.
 * @return CREDIT_OK sound, CREDIT_E_CORRUPT faults were found. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_fsck(credit_store *store,
    credit_progress progress, credit_write write, void *ctx, credit_error *err);

/* ---- Import ---------------------------------------------------------------- */

typedef struct credit_import_options {
    uint32_t version;         /**< set by the _INIT macro */
    const char *catalog;      /**< NULL: found from the header */
    const char *rejects;      /**< NULL: PATH.rejects.csv; made only when needed */
    credit_date dated;        /**< the day the file's source spoke: orders the versions of
                                   its records, so that nights may come in any order;
                                   a row's own date goes first; NONE: the day of `now` */
    credit_instant now;       /**< required: when the store comes to know it */
    bool dry_run;             /**< judge everything, change nothing */
    credit_progress progress; /**< may be NULL; done and total are bytes */
    void *progress_ctx;
    const char *trust;        /**< a package: PEM file or directory of authorities; NULL:
                                   $CREDIT_TRUST, the installed directory, else the store's */
    const char *receipt;      /**< a package: NULL: PATH.receipt.asice */
} credit_import_options;
#define CREDIT_IMPORT_OPTIONS_INIT                                                               \
    {1, NULL, NULL, CREDIT_DATE_NONE, CREDIT_INSTANT_NONE, false, NULL, NULL, NULL, NULL}

/** What an import did. rows = added + updated + unchanged + withdrawn + parked + rejected. */
typedef struct credit_import_summary {
    uint64_t batch;       /**< 0: nothing was committed (dry run, known file) */
    char catalog[64];
    char encoding[16];    /**< "utf-8", "utf-8-bom", "gb18030", "utf-16le", "utf-16be" */
    char sha256[65];
    char rejects[4096];   /**< path of the rejects file, "" if none was needed */
    uint64_t rows, added, updated, unchanged, withdrawn, parked, rejected;
    uint64_t warnings, late, late_unknown;
    uint64_t subjects;    /**< subjects touched */
    uint64_t entered, left, tiers_changed; /**< changes of listings and tiers */
    bool known;           /**< this very file, of this day, is in: a no-op */
    char ordered_by[16];  /**< what orders versions: "source" (rows that say their own
                               day), "dated" (the option), "arrival", "feed" (a package) */
    bool frees_waiting;   /**< rows wait, and what came in says who subjects are or whether
                               codes stand: call credit_parked_retry when all files are in */
    uint64_t withheld;    /**< a package's numbers whose rows may no longer be told */
    double seconds;       /**< filled by the caller that has a clock; 0 from here */
} credit_import_summary;

/**
 * Imports one CSV file as one batch and one transaction: all of it becomes
 * visible at the end or none of it. Durable when it returns. Bad rows go to the
 * rejects file and do not stop it. The same file again, of the same day (`dated`),
 * changes nothing; of another day it is what its source says then.
 *
 * A signed package of the exchange (see credit_feed_pack) is such a file too. It is
 * applied when it is the next of its stream, and a receipt is written; one that came
 * before changes nothing and gives the same receipt again. CREDIT_E_UNTRUSTED: it does
 * not hold, or follows other packages than those that came; CREDIT_E_DATA: one before
 * it is missing, which is named. catalog, dated and rejects do not concern it.
 * @param path     "-" is standard input (then `rejects` must be given if needed)
 * @param summary  filled also on CREDIT_E_REJECTED
 * @return CREDIT_OK            something was in order (see summary->rejected, parked)
 *         CREDIT_DONE          progress asked to stop; nothing was kept
 *         CREDIT_E_REJECTED    every row was refused; nothing was kept
 *         CREDIT_E_HEADER      no catalog has these columns
 *         CREDIT_E_DATA        empty, binary, or cut short
 *         CREDIT_E_NOT_FOUND, CREDIT_E_ACCESS, CREDIT_E_IO, CREDIT_E_FULL. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_import(credit_store *store, const char *path,
    const credit_import_options *options, credit_import_summary *summary, credit_error *err);

/** The summary as the JSON document of the contract. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_import_summary_write(
    const credit_import_summary *summary, const char *file, credit_write write, void *ctx);

/** One JSON line per batch, oldest first. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_batch_list(
    credit_store *store, credit_write write, void *ctx, credit_error *err);

/** One batch as one JSON document, with the number of its rows that still wait.
 *  CREDIT_E_NOT_FOUND. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_batch_show(
    credit_store *store, uint64_t number, credit_write write, void *ctx, credit_error *err);

/**
 * Undoes a batch: from then on the store answers as if it had never come, and its file
 * can be imported again. Nothing is deleted: the undoing is a batch and a commit of its
 * own, and what was known before it still shows the batch. What the batch's rows had
 * said of a record gives way to what the other batches say, whatever their order;
 * decisions about rows of it that waited are undone with it. Undoing the undoing brings
 * the batch back. The subjects concerned are judged again, in the same commit.
 * @param summary  rows = records whose versions count otherwise than before: added (back
 *                 again) + updated (another version is in force) + withdrawn (there no
 *                 more) + unchanged
 * @return CREDIT_OK, CREDIT_E_NOT_FOUND (no such batch), CREDIT_E_EXISTS (it is undone
 *         already), CREDIT_E_ACCESS, CREDIT_E_IO, CREDIT_E_FULL. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_batch_undo(credit_store *store,
    uint64_t number, credit_instant now, credit_import_summary *summary, credit_error *err);

/** One JSON line per row that waits because its subject could not be decided:
 *  batch, row, line, catalog, rule, message. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_parked_list(
    credit_store *store, credit_write write, void *ctx, credit_error *err);

/* ---- Subjects and views ------------------------------------------------------ */

/**
 * A subject as a caller names it: a unified social credit code, or TYPE:NUMBER
 * ("cn_id:…", "org_code:…", "reg_no:…"). The number is judged and folded.
 */
typedef struct credit_subject {
    uint8_t kind;
    uint8_t size;
    char number[32];
} credit_subject;

/** CREDIT_E_DATA: not a valid identifier; the message says why. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_subject_parse(
    const credit_pack *pack, const char *text, credit_subject *subject, credit_error *err);

/**
 * Decides a row that waits (see credit_parked_list): it joins the subject, which is
 * made known if it is not, and its lists and tier are judged again; or it is dropped.
 * One decision is one commit, and a batch of one row. The same row sent again does not
 * wait again once it has joined a subject.
 * @param subject  with a unified code or a person's document; NULL: the row is dropped
 * @return CREDIT_OK, CREDIT_E_NOT_FOUND (no such row waits), CREDIT_E_KEY,
 *         CREDIT_E_DATA: the row bears another number, or it is an entry of a serious
 *         list without its decision, which must be sent again complete
 * basis: matching rows M1-M8; 国办发〔2020〕49号. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_parked_settle(credit_store *store,
    uint64_t batch, uint64_t row, const credit_subject *subject, credit_instant now,
    credit_import_summary *summary, credit_error *err);

/**
 * Asks the matching table again for every row that waits: those whose reason is gone, for
 * the register has come or a correction was corrected, go in as if they were sent again,
 * as one commit and one batch. The others wait on, with today's reason. Their own numbers
 * alone decide; what only a person can decide is left to credit_parked_settle.
 * @param summary  rows counts those that went in; batch 0: nothing has changed, and
 *                 nothing was committed
 * @return CREDIT_OK. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_parked_retry(credit_store *store,
    credit_instant now, credit_import_summary *summary, credit_error *err);

typedef struct credit_view credit_view;

/** A snapshot of the store for one thread. CREDIT_E_BUSY: too many readers. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_view_open(
    credit_store *store, credit_view **view, credit_error *err);
/** Moves the view to the newest commit; what it gave out before is void. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_view_refresh(
    credit_view *view, credit_error *err);
CREDIT_API void credit_view_close(credit_view *view);

/** The question's time and purpose. */
typedef struct credit_question {
    uint32_t version;        /**< set by the _INIT macro */
    credit_date as_of;       /**< required: the day that is asked about */
    credit_instant known_at; /**< what the store knew then; NONE: now */
    const char *matter;      /**< green channel matter; NULL: any */
    bool explain;            /**< also say what rules looked at, and what would turn the answer */
} credit_question;
#define CREDIT_QUESTION_INIT {1, CREDIT_DATE_NONE, CREDIT_INSTANT_NONE, NULL, false}

/** A record an answer rests on. */
typedef struct credit_evidence {
    char record[48];          /**< id of the version: COMMIT.ROW */
    credit_span catalog;
    credit_span document_no;  /**< as written; empty if it has none */
    credit_date decided_on;
} credit_evidence;

/** What a rule row looked at. */
typedef struct credit_input {
    credit_span expression; /**< of the column, as the rules have it */
    credit_span value;      /**< what it came to, as FEEL writes it; "null": nothing known */
    bool text;              /**< the value is a string, not a number, a date, true, false, null */
    credit_span wanted;     /**< of a row that did not speak: the cell; else empty */
} credit_input;

/** A rule row that spoke. */
typedef struct credit_reason {
    credit_span rule;    /**< e.g. "G3" */
    credit_span outcome; /**< "grant", "refuse", "review", or the value it gives */
    credit_span text;    /**< one sentence */
    credit_span basis;   /**< document and article */
    const credit_evidence *evidence;
    size_t evidence_count;
    credit_date clears_on; /**< first day it no longer speaks; NONE: never by itself,
                                 or not on the first 4096 days on which it might */
    const credit_input *inputs; /**< the columns it tested; only if the question said explain */
    size_t input_count;
} credit_reason;

/** A subject's place on a list. */
typedef struct credit_listing {
    credit_span list;   /**< roster: "red", "black", "watch" in the shipped pack */
    credit_span code;   /**< list code, e.g. "AQSC"; empty if the roster is one list */
    credit_span domain; /**< the list's name */
    credit_date listed_on, until; /**< until: last day; NONE: no fixed end */
    credit_span document_no, authority;
    credit_span rule;   /**< the rule row that says so */
} credit_listing;

typedef enum credit_decision {
    CREDIT_INELIGIBLE = 0, /**< no grant is left */
    CREDIT_ELIGIBLE = 1,   /**< at least one grant is left */
    CREDIT_REVIEW = 2      /**< an open unknown decides: a person must look */
} credit_decision;

typedef struct credit_grant {
    credit_span grant; /**< "priority", "simplified", "deferred_documents", … */
    credit_span title;
    credit_decision given;
    const credit_reason *const *reasons;
    size_t reason_count;
} credit_grant;

/** Something that may become of a subject's data. Which kinds there are for a record, the
 *  pack says: what its record decision lets be repaired, the lists that its messages can end. */
typedef struct credit_change {
    const char *change; /**< "registered": the subject turns out to be in the register, in force,
                             whether from the pack's earliest day on, from today on, or from
                             a day that is not known;
                             "status": its status there, not known now, is that it is in force;
                             "covered": a catalog is complete for it and has no more records of it;
                             "confirmed": a person confirms a record whose class was a default;
                             "repaired": the record is repaired (信用修复);
                             "removed": the body of a list ends the entry (移出) */
    const credit_evidence *record; /**< which record; NULL: it is about none */
    credit_span catalog;           /**< of the record, or the one that is covered; else empty */
    credit_date from;              /**< first day on which it can be done; as_of: now */
} credit_change;

typedef struct credit_change_set {
    const credit_change *changes;
    size_t change_count;
} credit_change_set;

/** A row that would have granted something and did not speak, with what kept it from that. */
typedef struct credit_unspoken {
    credit_span rule, text, basis;
    const credit_input *inputs; /**< the columns that did not fit, and what would have */
    size_t input_count;
} credit_unspoken;

/**
 * Something that was asked for and not given, and what would turn that.
 *
 * A set turns the answer when the subject is judged with all of its changes made, on the
 * as-of day. The smallest sets are told, by the number of their changes, 8 at most; of
 * sets of one size those come first whose changes come first, in this order: from which
 * day, then as credit_change lists them, then by catalog, day of decision and number.
 * Nothing is taken for granted of the rules: all smaller sets were tried. Where there are
 * too many (more than 16384; fewer, of more than 31 records), `settled` is false: then a
 * set that is told turns the answer and no change in it can be spared, but a smaller one
 * may exist, and none told means none found.
 */
typedef struct credit_why_not {
    const char *goal;       /**< "decision", "grant" or "tier": a better one of that */
    const credit_grant *grant; /**< which; NULL unless "grant" */
    credit_span now;        /**< "ineligible", "review", "refuse", or the tier; "": it is open */
    const credit_reason *const *reasons; /**< the rows that refuse, or keep it open */
    size_t reason_count;
    const credit_unspoken *unspoken; /**< the rows that would have granted it */
    size_t unspoken_count;
    const credit_change_set *sets;
    size_t set_count;
    uint64_t set_total;     /**< how many sets of that size turn it */
    bool settled;
    credit_date turns_on;   /**< first day on which time alone turns it, with the records as
                                 they are; NONE: it never does, or not on the first 4096 days
                                 on which anything may change */
} credit_why_not;

/** An answer. Everything it points to lives until the next call on the view. */
typedef struct credit_answer {
    credit_span id, id_type, name, kind; /**< the subject; id is masked for persons */
    bool known;                          /**< false: the store knows nothing of it */
    credit_decision decision;            /**< credit_check only */
    const credit_grant *grants;
    size_t grant_count;
    credit_span tier;       /**< "A" … "D"; empty if open */
    credit_span inspection; /**< inspection hint of the tier */
    const credit_listing *listings;
    size_t listing_count;
    const credit_reason *reasons; /**< every reason, of grants, tier and listings */
    size_t reason_count;
    credit_date next_change; /**< first day on which time alone may change it; FOREVER */
    bool explained;          /**< the question said explain: */
    const credit_why_not *why_not; /**< what was not given: the decision, grants, a better tier */
    size_t why_not_count;
} credit_answer;

/**
 * May this subject use the green channel (绿色通道) for the matter?
 * The same store, date and pack give the same answer for ever. An unknown
 * subject is CREDIT_REVIEW with that reason, not an error. With `explain` in the
 * question it takes some thousand times as long where something was not given.
 * @return CREDIT_OK, CREDIT_E_USAGE (no as_of), CREDIT_E_NOT_FOUND (no such
 *         matter in the pack), CREDIT_E_CORRUPT. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_check(credit_view *view,
    const credit_subject *subject, const credit_question *question, const credit_answer **answer,
    credit_error *err);

/** The supervision tier (分级分类监管) with its reasons; no grants. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_tier(credit_view *view,
    const credit_subject *subject, const credit_question *question, const credit_answer **answer,
    credit_error *err);

/** An answer of this view as the JSON line of the contract. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_answer_write(credit_view *view,
    const credit_question *question, const credit_answer *answer, credit_write write, void *ctx,
    credit_error *err);

/** The whole file of a subject as one JSON document: subject, sections of
 *  records, listings, tier, green channel. `state` of a record is current, withdrawn,
 *  repaired or expired; where a message says so, `message` is that record's number, and
 *  `about` of a message the record that it is about. CREDIT_E_NOT_FOUND. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_show(credit_view *view,
    const credit_subject *subject, const credit_question *question, credit_write write, void *ctx,
    credit_error *err);

/**
 * Who is on a roster ("red", "black", "watch") or one list code: JSON lines
 * {subject, list, code, domain, listed_on, until, document_no, authority}; with
 * `changes_since`, lines {on, change: "entered"|"left", …} in order instead.
 * CREDIT_E_NOT_FOUND: no such list in the pack. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_list(credit_view *view, const char *list,
    const credit_question *question, credit_date changes_since, credit_write write, void *ctx,
    credit_error *err);

/**
 * What has changed since a number: JSON lines {number, at, scope, on, change, subject, …},
 * where change is "entered", "left" or "tier" and the rest is as credit_list gives it
 * (tiers: from, to). Every change that was committed has a number, from 1 on without gaps,
 * in the order of the commits. `scope` is the least that may see it ("government" for the
 * watch list and the tier of the shipped pack); persons are named by their token.
 * @param since  the last number that was seen; 0: all
 * @param last   the last number that was written: `since` of the next call
 * @return CREDIT_OK, also when `write` stopped it; CREDIT_E_NOT_FOUND: there is no change
 *         of that number, this is not the store it came from. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_feed_changes(credit_store *store,
    uint64_t since, credit_write write, void *ctx, uint64_t *last, credit_error *err);

/**
 * The nightly pass: writes down what the passing of time has made true up to
 * `as_of`, as JSON lines of changes. Running it twice changes nothing; no
 * answer depends on it having run. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_evaluate(credit_store *store, credit_date as_of,
    credit_instant now, credit_write write, void *ctx, credit_error *err);

/* ---- Rules in force --------------------------------------------------------- */

/**
 * The packs of the store, one JSON line for each time that one came into force, in the
 * order of the acts: {name, version, title, sha256, from, until, activated_at, forced,
 * in_force}. `from` is null for the pack that the store was made with: it is in force on
 * every day before the others; `until` is the last day, null: no end is known; an act that
 * decides about no day any more has `until` before `from`. `in_force`: on the as-of date.
 * @param pack  NULL; or a name, a version or the beginning of a digest: then one document
 *              about the newest such pack, with its `acts` and its `tables` {decision,
 *              hit_policy, inputs, outputs, rows [{rule, when, then, text, basis}]}
 * @param question  what was known at its `known_at`
 * @return CREDIT_OK, CREDIT_E_NOT_FOUND (no such pack in the store). Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_rules_show(credit_store *store,
    const char *pack, const credit_question *question, credit_write write, void *ctx,
    credit_error *err);

typedef struct credit_rehearsal_options {
    uint32_t version;         /**< set by the _INIT macro */
    credit_question question; /**< as_of required; known_at; its matter is not looked at */
    const char *csv;          /**< every change as a row of this file; NULL: none */
    const char *html;         /**< the whole for people, in Chinese: one page that needs
                                   nothing from outside; NULL: none. The first 20,000
                                   changes stand in it by themselves. */
    credit_progress progress; /**< may be NULL; done and total are subjects */
    void *progress_ctx;
} credit_rehearsal_options;
#define CREDIT_REHEARSAL_OPTIONS_INIT {1, CREDIT_QUESTION_INIT, NULL, NULL, NULL, NULL}

/**
 * Judges every subject by the pack in force and by a draft, as of a day, and says who
 * would change; nothing is written to the store. One JSON document: as_of, pack, draft,
 * subjects, changed (subjects), changes; tiers [{from, to, subjects}] (null: open); lists
 * [{list, code, domain, before, after, entered, left}]; matters [{matter, from, to,
 * subjects}]; changes by departments and regions [{…, tier, list, green_channel}]. A
 * change belongs to the unit that sent the first record its new reasons rest on, else its
 * old ones, and to the region of the subject's code. Matters that the rules do not tell
 * apart are one change.
 * @param pack  directory of the draft
 * @return CREDIT_OK
 *         CREDIT_E_PACK  malformed, or it would misread what records keep, as
 *                        credit_rules_activate says
 *         CREDIT_E_BUSY  progress asked to stop
 *         CREDIT_E_NOT_FOUND, CREDIT_E_ACCESS, CREDIT_E_IO, CREDIT_E_FULL. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_rules_try(credit_store *store,
    const char *pack, const credit_rehearsal_options *options, credit_write write, void *ctx,
    credit_error *err);

typedef struct credit_activation_options {
    uint32_t version;   /**< set by the _INIT macro */
    credit_date from;   /**< required: the first day it is in force */
    bool force;         /**< in spite of what lint finds; that is on record */
    credit_instant now; /**< required: when that was decided */
} credit_activation_options;
#define CREDIT_ACTIVATION_OPTIONS_INIT {1, CREDIT_DATE_NONE, false, CREDIT_INSTANT_NONE}

/** What came of putting a pack in force. */
typedef struct credit_activation {
    char name[64], version[64], sha256[65];
    credit_date from;
    credit_instant at;  /**< the commit it is known from */
    bool forced;        /**< lint has findings, and was overruled */
    bool unchanged;     /**< it is in force from that day on already: nothing was done */
    uint64_t findings;  /**< of lint */
    uint64_t subjects;  /**< judged again */
    uint64_t entered, left, tiers_changed;
} credit_activation;

/**
 * Puts a pack in force from a day on. On a day that pack is in force whose `from` is the
 * latest that is not after it; of two with one `from`, that which was activated later.
 * What was answered for days before, or with the knowledge of before (known_at), is
 * answered as it was, to the byte. When it returns, everybody whose pack on the day of
 * `now` is another one than before has been judged again, in the same commit; for a
 * later day no answer needs anything to run, and credit_evaluate writes down what then
 * became true. A call that is killed leaves the store as it was.
 * @param pack  its directory
 * @return CREDIT_OK
 *         CREDIT_E_PACK  malformed; or lint finds faults, without `force`; or records that
 *                        the store has would be misread: a catalog is missing, or its key,
 *                        roles, tags, or the number of a word are others than before
 *         CREDIT_E_NOT_FOUND, CREDIT_E_ACCESS, CREDIT_E_IO, CREDIT_E_FULL. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_rules_activate(credit_store *store,
    const char *pack, const credit_activation_options *options, credit_activation *activation,
    credit_error *err);
/** The result as one JSON document. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_activation_write(
    const credit_activation *activation, credit_write write, void *ctx);

/* ---- Extracts ---------------------------------------------------------------- */

typedef struct credit_extract_options {
    uint32_t version;     /**< set by the _INIT macro */
    const char *scope;    /**< "public", "government", "authorized"; NULL: public */
    const char *purpose;  /**< NULL: "" */
    credit_question question; /**< as_of required; matter may be NULL */
    credit_instant now;   /**< required: issued at */
} credit_extract_options;
#define CREDIT_EXTRACT_OPTIONS_INIT                                                              \
    {1, NULL, NULL, CREDIT_QUESTION_INIT, CREDIT_INSTANT_NONE}

/**
 * Issues a signed extract (信用报告) as an ASiC-E file, written atomically.
 * @param number  receives the report number (22 characters); may be NULL
 * @return CREDIT_OK, CREDIT_E_USAGE (no public extract for natural persons; no
 *         such scope), CREDIT_E_KEY, CREDIT_E_ACCESS, CREDIT_E_IO. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_extract(credit_store *store,
    const credit_subject *subject, const credit_extract_options *options, const char *path,
    char number[23], credit_error *err);

typedef enum credit_verdict_state {
    CREDIT_VERDICT_ABSENT = 0,
    CREDIT_VERDICT_OK = 1,
    CREDIT_VERDICT_BAD = 2
} credit_verdict_state;

/** What verification found; all texts are inside the struct. */
typedef struct credit_verdict {
    bool verified; /**< everything that must hold holds */
    credit_verdict_state signature, chain, digest, timestamp, completeness, checkpoint;
    char kind[16];     /**< "extract", "package" or "receipt" (of the exchange: number is
                            the package's, subject its stream); "" if it cannot be told */
    char reason[256];  /**< the first thing that does not hold; "" if verified */
    char suite[16], signer[128], key_id[33], trust[256];
    char number[23], scope[16], subject[64], name[256];
    char issued_at[40], as_of[12];
} credit_verdict;

/**
 * Verifies a signed extract; needs no store and no private key.
 * @param trust  PEM file or directory of authorities; NULL: $CREDIT_TRUST, else
 *               the installed trust directory; the authority found is named
 * @return CREDIT_OK            verified, or not: see verdict->verified
 *         CREDIT_E_NOT_FOUND, CREDIT_E_ACCESS, CREDIT_E_IO  the file cannot be read
 * Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_verify(
    const char *path, const char *trust, credit_verdict *verdict, credit_error *err);
/** A verdict as one JSON document. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_verdict_write(
    const credit_verdict *verdict, const char *file, credit_write write, void *ctx);

/* ---- Exchange ---------------------------------------------------------------- */

/**
 * Numbers what was committed since the last call and may leave by the pack's `feed`,
 * and writes it as signed packages (Frictionless Data Packages, numbered, chained).
 * Numbers have no gaps and are in the store before a file shows them: a call that was
 * stopped is finished by the next, with the same numbers. One JSON line per package
 * {package, first, last, withheld, file}.
 * @param packages  how many were written; 0: there was nothing to tell
 * @return CREDIT_OK, CREDIT_E_KEY, CREDIT_E_ACCESS, CREDIT_E_IO, CREDIT_E_FULL. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_feed_pack(credit_store *store,
    const char *directory, credit_instant now, credit_write write, void *ctx, uint64_t *packages,
    credit_error *err);

/**
 * Writes a package again, with its numbers and digests. A row that may no longer leave
 * is withheld: its number and digest remain. One JSON line as credit_feed_pack.
 * CREDIT_E_NOT_FOUND: no such package was ever made. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_feed_resend(credit_store *store,
    uint64_t package, const char *directory, credit_instant now, credit_write write, void *ctx,
    credit_error *err);

/** What a receipt said. Numbers that it settles for the first time are `news`. */
typedef struct credit_feed_answer {
    uint64_t package, accepted, rejected, withheld;
    uint64_t news;
} credit_feed_answer;
/**
 * Takes the other side's receipt of a package: which numbers it accepted, which it
 * rejected and by which rule. The same receipt again changes nothing; the order of
 * receipts does not matter.
 * @param trust  as credit_import_options
 * @return CREDIT_OK
 *         CREDIT_E_UNTRUSTED  it does not hold, or is about another package
 *         CREDIT_E_NOT_FOUND  this store never made such a package. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_feed_receipt(credit_store *store,
    const char *path, const char *trust, credit_feed_answer *answer, credit_error *err);
/** The answer as one JSON document. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_feed_answer_write(
    const credit_feed_answer *answer, const char *file, credit_write write, void *ctx);

/**
 * One JSON document: the stream and the numbers it has given; `sent`, `accepted`,
 * `rejected`, `open` and `withheld` in all and by catalog, source and day (always sent =
 * accepted + rejected + open + withheld); packages without a receipt; rejected numbers
 * by rule; packages that were told again without some of their rows; and the streams
 * that came in, with what is withheld in them. Since 0.1.
 */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_feed_status(
    credit_store *store, credit_write write, void *ctx, credit_error *err);

/* ---- Keys -------------------------------------------------------------------- */

/** One JSON line per key and authority of a key directory, private parts left out. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_key_list(
    const char *keys, credit_instant now, credit_write write, void *ctx, credit_error *err);
/** Makes a new signing key under the directory's authority; the old one is kept
 *  aside for verification only. `passphrase_file`, here and below, as in
 *  credit_store_options: for every private key of the directory; NULL: none.
 *  CREDIT_E_KEY: it does not open the authority's. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_key_rotate(
    const char *keys, const char *passphrase_file, credit_instant now, credit_error *err);
/** Installs a private key, encrypted with the same passphrase if at all, and its
 *  certificate chain (PEM). CREDIT_E_KEY: they do not belong together; nothing is
 *  changed then. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_key_import(const char *keys,
    const char *passphrase_file, const char *private_key_path, const char *certificate_path,
    credit_error *err);
/** Revokes a key by id from a date on, with a reason ("keyCompromise",
 *  "superseded", …). CREDIT_E_NOT_FOUND. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_key_revoke(const char *keys,
    const char *passphrase_file, const char *key_id, credit_instant since, const char *reason,
    credit_instant now, credit_error *err);
/** Writes the public certificate (chain) of the signing key as PEM. Since 0.1. */
CREDIT_MUST_CHECK CREDIT_API credit_result credit_key_export(
    const char *keys, credit_write write, void *ctx, credit_error *err);

#ifdef __cplusplus
}
#endif
#endif
