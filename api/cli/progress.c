/* One line on a terminal for what takes over two seconds; nothing elsewhere. */
#include "api/cli/cmd.h"

#include <time.h>
#include <unistd.h>

static const double silent_seconds = 2.0;
static const double redraw_seconds = 0.2;

double cli_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void cli_progress_begin(struct cli_progress *progress, const char *what)
{
    *progress = (struct cli_progress){
        .what = what, .started = cli_seconds(), .terminal = isatty(STDERR_FILENO) != 0};
    cli_catch_interrupts();
}

static void draw(struct cli_progress *progress, uint64_t done, uint64_t total, uint64_t rows)
{
    double elapsed = progress->shown - progress->started;
    double part = total > 0 ? (double)done / (double)total : 0;
    char number[32];
    fprintf(stderr, "\r\033[K%s  ", progress->what);
    if (total > 0) { fprintf(stderr, "%3.0f %%  ", part * 100); }
    fprintf(stderr, "%s  %.0f k/s", cli_number(rows, number), (double)rows / elapsed / 1000);
    if (part > 0 && part < 1) { fprintf(stderr, "  %.0f s", elapsed / part * (1 - part)); }
    fflush(stderr);
    progress->drawn = true;
}

int cli_progress_step(void *context, uint64_t done, uint64_t total, uint64_t rows)
{
    struct cli_progress *progress = context;
    if (progress->terminal) {
        double now = cli_seconds();
        if (now - progress->started > silent_seconds && now - progress->shown > redraw_seconds) {
            progress->shown = now;
            draw(progress, done, total, rows);
        }
    }
    return cli_interrupted();
}

void cli_progress_end(struct cli_progress *progress)
{
    if (progress->drawn) { fputs("\r\033[K", stderr); }
}
