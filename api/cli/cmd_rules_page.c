/* rules page: the rules of a pack as pages of HTML. */
#include "api/cli/cmd.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_ROOM = 4096 };

/* Where pages go, and how it went. */
struct pages {
    const char *directory; /* NULL: the first one to standard output */
    int status;
};

static int stop(struct pages *pages, const char *path)
{
    cli_say("%s: %s", path, strerror(errno));
    pages->status = CLI_FAILED;
    return 1;
}

static int write_file(struct pages *pages, const char *name, const char *html, size_t size)
{
    char path[PATH_ROOM];
    int length = snprintf(path, sizeof path, "%s/%s", pages->directory, name);
    if (length < 0 || (size_t)length >= sizeof path) {
        errno = ENAMETOOLONG;
        return stop(pages, pages->directory);
    }
    FILE *out = fopen(path, "wb");
    if (out == NULL) { return stop(pages, path); }
    bool whole = fwrite(html, 1, size, out) == size;
    if (fclose(out) != 0 || !whole) { return stop(pages, path); }
    return 0;
}

static int write_page(void *ctx, const char *file, const char *html, size_t size)
{
    struct pages *pages = ctx;
    if (pages->directory != NULL) { return write_file(pages, file, html, size); }
    (void)cli_write_line(NULL, html, size); /* main says so when standard output is full */
    return 1;
}

int cli_rules_page(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_pack *pack = NULL;
    struct pages pages = {.directory = cli_value(args, "output"), .status = CLI_YES};
    credit_result rc = credit_pack_open(args->operands[0], &pack, &err);
    if (rc != CREDIT_OK) { return cli_report(cli, args->operands[0], rc, &err); }
    if (pages.directory != NULL && mkdir(pages.directory, 0777) != 0 && errno != EEXIST) {
        (void)stop(&pages, pages.directory);
    }
    if (pages.status == CLI_YES) {
        const char *decision = args->count > 1 ? args->operands[1] : NULL;
        rc = credit_rules_pages(pack, decision, write_page, &pages, &err);
    }
    credit_pack_close(pack);
    return rc == CREDIT_OK ? pages.status : cli_report(cli, args->operands[0], rc, &err);
}
