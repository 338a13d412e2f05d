/* What a setting decides is the same in all calls of a run: a class that only holds with the setting on is a
 * guess. What the data decides is now so, now otherwise, and the class is that of the mean. */
#include <stdint.h>
#include <string.h>
#include <unistd.h>

struct settings {
    unsigned int sync : 1;
};

struct journal {
    struct settings settings;
    int file;
    uint32_t sum;
};

static int verbose;

static void sum_up(struct journal *journal, const char *line)
{
    for (int i = 0; i < 1000; i++)
        journal->sum = journal->sum * 31 + (unsigned char)line[i];
}

/* unsure: io with the setting, cpu without */
static void journal_add(struct journal *journal, const char *line)
{
    sum_up(journal, line);
    if (journal->settings.sync)
        fsync(journal->file);
}

/* unsure: the same for a global */
static void journal_tell(struct journal *journal, const char *line)
{
    sum_up(journal, line);
    if (verbose && line[0] != '#')
        write(journal->file, line, 1000);
}

/* io: some lines are marked, in every journal */
static void journal_mark(struct journal *journal, const char *line)
{
    sum_up(journal, line);
    if (line[0] == line[1])
        fsync(journal->file);
}

/* io, whatever the setting: it only decides about more of the same */
static void journal_close(struct journal *journal)
{
    sum_up(journal, "");
    write(journal->file, &journal->sum, sizeof(journal->sum));
    fsync(journal->file);
    if (journal->settings.sync)
        fsync(journal->file);
}

int main(int count, char **words)
{
    struct journal journal = {.settings.sync = count > 1, .file = 1};
    verbose = count > 2;
    for (int i = 0; i < count; i++) {
        journal_add(&journal, words[i]);
        journal_tell(&journal, words[i]);
        journal_mark(&journal, words[i]);
    }
    journal_close(&journal);
    return 0;
}
