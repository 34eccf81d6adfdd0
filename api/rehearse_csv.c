/* Every change as a row, for a spreadsheet: written beside, then put in its place. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "api/rehearse.h"
#include "engine/text.h"
#include "keys/files.h"

static const char HEADER[] =
    "\xEF\xBB\xBF"
    "subject,name,kind,region,department,what,place,before,after,"
    "rules_before,reasons_before,basis_before,rules_after,reasons_after,basis_after,records\r\n";

static credit_result broken(const rehearsal *r, credit_error *err)
{
    credit_result rc = errno == ENOSPC                     ? CREDIT_E_FULL
                       : errno == ENOENT                   ? CREDIT_E_NOT_FOUND
                       : errno == EACCES || errno == EROFS ? CREDIT_E_ACCESS
                                                           : CREDIT_E_IO;
    return cr_fail(err, rc, "%s: %s", r->options->csv, strerror(errno));
}

credit_result api_try_csv_open(rehearsal *r, credit_error *err)
{
    if (r->options->csv == NULL) { return CREDIT_OK; }
    int size = snprintf(r->csv_path, sizeof r->csv_path, "%s.part", r->options->csv);
    if (size < 0 || size >= (int)sizeof r->csv_path) {
        return cr_fail(err, CREDIT_E_LIMIT, "the path of the table is too long");
    }
    r->csv = fopen(r->csv_path, "wb");
    if (r->csv == NULL) { return broken(r, err); }
    fputs(HEADER, r->csv);
    return CREDIT_OK;
}

static void put_cell(FILE *csv, credit_span text, const char *end)
{
    bool quoted = false;
    for (size_t i = 0; i < text.size; i++) {
        quoted = quoted || text.data[i] == ',' || text.data[i] == '"' || text.data[i] == '\n' ||
                 text.data[i] == '\r';
    }
    if (quoted) { fputc('"', csv); }
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"') { fputc('"', csv); }
        fputc(text.data[i], csv);
    }
    if (quoted) { fputc('"', csv); }
    fputs(end, csv);
}

void api_try_csv_row(rehearsal *r, const try_change *change)
{
    char id[48];
    if (r->csv == NULL) { return; }
    const try_reason *before = &change->reasons[0], *after = &change->reasons[1];
    const credit_span cells[] = {cr_subject_key_print(&change->file->key, id),
        change->file->subject.name, cr_category_word(change->file->subject.category),
        change->region, change->department, cr_span_of(api_try_whats[change->what]), change->place,
        change->before, change->after, before->rules, before->texts, before->bases, after->rules,
        after->texts, after->bases, after->records.size > 0 ? after->records : before->records};
    size_t count = sizeof cells / sizeof *cells;
    for (size_t i = 0; i < count; i++) { put_cell(r->csv, cells[i], i + 1 < count ? "," : "\r\n"); }
}

credit_result api_try_csv_close(rehearsal *r, credit_result so_far, credit_error *err)
{
    if (r->csv == NULL) { return so_far; }
    bool written = fflush(r->csv) == 0 && !ferror(r->csv) && fsync(fileno(r->csv)) == 0;
    if (so_far == CREDIT_OK && !written) { so_far = broken(r, err); }
    if (fclose(r->csv) != 0 && so_far == CREDIT_OK) { so_far = broken(r, err); }
    r->csv = NULL;
    if (so_far == CREDIT_OK) { so_far = cr_file_rename(r->csv_path, r->options->csv, err); }
    if (so_far != CREDIT_OK) { unlink(r->csv_path); }
    return so_far;
}
