/* A line of words as a script of svlog, then lines as its input: the script is refused with the
   word that is wrong, or every line goes to the sinks within the room that is promised. */

#include <cairn/logact.h>
#include <cairn/logsink.h>
#include <cairn/logsinks.h>

#include "fuzz.h"

enum { WORDS = 16 };

static struct logscript_item items[WORDS];
static struct logscript_action actions[WORDS];
static struct logscript script = {.items = items, .actions = actions};
static struct logsink memory[WORDS];
static struct logsinks sinks;
static unsigned int sink_of[WORDS];
static struct logact act;
static char const *words[WORDS + 1];
static size_t n_words;
static char *script_text;
static unsigned int first;

static int setup(void)
{
    char const *bad = NULL;
    enum logscript_error e = logscript_parse(&script, words, &bad);
    HOLDS(script.n <= n_words && script.nactions <= n_words);
    if (e != LOGSCRIPT_OK) {
        HOLDS(e == LOGSCRIPT_NOACTION || (bad && *bad));
        return 0;
    }
    HOLDS(script.nactions);
    for (size_t i = 0; i < script.nactions; i++)
        HOLDS(actions[i].size >= LOGSCRIPT_MINSIZE && actions[i].size <= LOGSCRIPT_MAXSIZE &&
              actions[i].tolerance <= actions[i].size / 2);
    memset(memory, 0, sizeof memory);
    sinks = (struct logsinks){.s = memory};
    act = (struct logact){
        .script = &script, .sinks = memory, .sink_of = sink_of, .stamp = LOGSTAMP_ZERO};
    act.stamp.now = (tain){{0x400000006b049de9ull}, 0x10203};
    for (unsigned int i = 0; i < script.nactions; i++)
        sink_of[i] = (unsigned int)(logsinks_add(&sinks, actions + i) - memory);
    if (first & 1) { /* lines are announced, too */
        act.announce = (struct logact_announce){
            .name = "na\"me", .json_name = "na\\\"me", .json = !!(first & 2)};
        for (size_t i = 0; i < sinks.n; i++)
            if (memory[i].kind == LOGSCRIPT_OUT)
                act.out = memory + i;
    }
    logact_measure(&act);
    return 1;
}

static void line(char *s)
{
    size_t len = strlen(s);
    if (!script_text) {
        script_text = strdup(s);
        HOLDS(script_text);
        for (char *w = strtok(script_text, " "); w && n_words < WORDS; w = strtok(NULL, " "))
            if (!fuzz_is_greedy(w))
                words[n_words++] = w;
        words[n_words] = NULL;
        if (!n_words || !setup())
            n_words = 0;
        return;
    }
    if (!n_words)
        return;
    char *copy = malloc(len + 1);
    HOLDS(copy);
    memcpy(copy, s, len);
    copy[len] = '\n';
    for (size_t i = 0; i < sinks.n; i++) { /* exactly as much room as was asked for */
        memory[i].buf = malloc(logact_need(&act, len));
        memory[i].end = 0;
        HOLDS(memory[i].buf);
    }
    logact_line(&act, copy, len);
    HOLDS(copy[len] == '\n' && !memcmp(copy, s, len));
    for (size_t i = 0; i < sinks.n; i++) {
        HOLDS(!memory[i].end || memory[i].buf[memory[i].end - 1] == '\n');
        free(memory[i].buf);
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    if (!size)
        return 0;
    first = *data;
    n_words = 0;
    script.n = 0;
    script_text = NULL;
    fuzz_lines(data + 1, size - 1, line);
    for (size_t i = 0; i < script.n; i++)
        if (items[i].op <= LOGSCRIPT_DESELECT && !items[i].all)
            regfree(&items[i].re);
    free(script_text);
    return 0;
}
