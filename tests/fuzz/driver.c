/* Runs a fuzz target over the seeds of a directory, without libFuzzer.
 *
 * Each seed is also fed cut short at every eighth of its length and with one
 * byte flipped at as many places, so that the ordinary test run sees some bad
 * input too. An empty directory is a mistake, not a success. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SEED_BYTES_MAX = 16 << 20, PLACES = 8 };

/* Exactly `size` bytes on the heap, so that one byte too far is seen. */
static void run_exact(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL) { abort(); }
    if (size > 0) { memcpy(copy, data, size); }
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_variants(uint8_t *data, size_t size)
{
    run_exact(data, size);
    for (size_t i = 0; i < PLACES && size > 0; i++) {
        size_t at = size * i / PLACES;
        run_exact(data, at);
        data[at] ^= 0x20;
        run_exact(data, size);
        data[at] ^= 0x20;
    }
}

static int run_file(const char *path)
{
    int status = -1;
    uint8_t *data = NULL;
    struct stat st;
    FILE *file = fopen(path, "rb");
    if (file == NULL || fstat(fileno(file), &st) != 0 || st.st_size > SEED_BYTES_MAX) { goto out; }
    size_t size = (size_t)st.st_size;
    data = malloc(size > 0 ? size : 1);
    if (data == NULL || fread(data, 1, size, file) != size) { goto out; }
    run_variants(data, size);
    status = 0;
out:
    free(data);
    if (file != NULL) { fclose(file); }
    if (status != 0) { fprintf(stderr, "%s: cannot be read as a seed\n", path); }
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s SEEDS\n", argv[0]);
        return 2;
    }
    DIR *directory = opendir(argv[1]);
    if (directory == NULL) {
        fprintf(stderr, "%s: no such directory of seeds\n", argv[1]);
        return 1;
    }
    int seeds = 0, bad = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.') { continue; }
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        bad += run_file(path) != 0;
        seeds++;
    }
    closedir(directory);
    printf("%d seeds\n", seeds);
    return seeds > 0 && bad == 0 ? 0 : 1;
}
