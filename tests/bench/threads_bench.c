/* How many checks one thread makes, and how many two make together, a view each.
 *
 * threads_bench STORE MATTER AS_OF SUBJECTS ROUNDS SECONDS
 *
 * SUBJECTS: codes, one a line, drawn at random by every thread for itself. One thread
 * and two take turns. Prints one line per round: round, checks a second by one thread,
 * by two together. */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>

#include "subjects.h"

enum { THREADS = 2 };

typedef struct bench {
    credit_store *store;
    credit_question question;
    subjects all;
    atomic_bool over;
} bench;

typedef struct worker {
    bench *b;
    pthread_t thread;
    credit_view *view;
    uint64_t state, made;
} worker;

static void *work(void *argument)
{
    worker *w = argument;
    const credit_pack *pack = credit_store_get_pack(w->b->store);
    while (!atomic_load_explicit(&w->b->over, memory_order_relaxed)) {
        credit_error err = CREDIT_ERROR_INIT;
        credit_subject subject;
        const credit_answer *answer = NULL;
        const char *code = w->b->all.codes[bench_random(&w->state) % w->b->all.count];
        bench_must(credit_subject_parse(pack, code, &subject, &err), &err);
        bench_must(credit_check(w->view, &subject, &w->b->question, &answer, &err), &err);
        w->made++;
    }
    return NULL;
}

/* Checks a second that so many threads make in so many seconds. */
static double rate(worker *workers, unsigned threads, double seconds)
{
    bench *b = workers[0].b;
    struct timespec pause = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    uint64_t made = 0, started = bench_now();
    atomic_store(&b->over, false);
    for (unsigned i = 0; i < threads; i++) {
        workers[i].made = 0;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            bench_die("a thread", "cannot be started");
        }
    }
    nanosleep(&pause, NULL);
    atomic_store(&b->over, true);
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        made += workers[i].made;
    }
    return (double)made / ((double)(bench_now() - started) / 1e9);
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        fprintf(stderr, "usage: threads_bench STORE MATTER AS_OF SUBJECTS ROUNDS SECONDS\n");
        return 2;
    }
    static bench b;
    worker workers[THREADS] = {0};
    credit_error err = CREDIT_ERROR_INIT;
    credit_store_options options = CREDIT_STORE_OPTIONS_INIT;
    unsigned rounds = (unsigned)strtoul(argv[5], NULL, 10);
    double seconds = strtod(argv[6], NULL);
    options.read_only = true;
    b.question = (credit_question)CREDIT_QUESTION_INIT;
    b.question.matter = argv[2];
    bench_must(credit_date_parse(argv[3], &b.question.as_of, &err), &err);
    bench_must(credit_store_open(argv[1], &options, &b.store, &err), &err);
    read_subjects(&b.all, argv[4]);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i].b = &b;
        workers[i].state = i;
        bench_must(credit_view_open(b.store, &workers[i].view, &err), &err);
    }
    rate(workers, THREADS, seconds); /* warms up what both touch */
    for (unsigned round = 1; round <= rounds; round++) {
        double one = rate(workers, 1, seconds), two = rate(workers, THREADS, seconds);
        printf("%u %.0f %.0f\n", round, one, two);
    }
    for (unsigned i = 0; i < THREADS; i++) { credit_view_close(workers[i].view); }
    credit_store_close(b.store);
    free(b.all.codes);
    return 0;
}
