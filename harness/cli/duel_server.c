/* countersign duel --server: servers as rivals, asked by one client. */
#include "cli/duel.h"
#include "cli/duel_commands.h"

#include <string.h>

#define READY_S 10

const struct option_row duel_server_rows[] = {
    {"server", "COMMAND", DUEL_SERVER,
     "two or more: rivals that COMMAND, the client, asks; each is started anew before an execution, on CPUs of its own, "
     "and ended after it; it is to listen on $COUNTERSIGN_PORT",
     .kind = VALUE_COMMAND},
    {"ready", "COMMAND", DUEL_READY,
     "ends with exit status 0 once a server is ready (default: once it listens on 127.0.0.1:$COUNTERSIGN_PORT)",
     .kind = VALUE_COMMAND},
    {"ready-limit", "S", DUEL_READY_LIMIT, "longest a server may take until then (default 10)",
     NUMBER_FROM(0.01, 3600)},
    {"rate", "TEXT", DUEL_RATE,
     "the client prints TEXT before the number of requests a second: compare the time of a request, and no output "
     "(default: the time that the client takes)",
     ANY_TEXT},
    {"server-cpus", "LIST", DUEL_SERVER_CPUS,
     "processing units of servers; --cpus: of the client (default: half of the cores each)", ANY_TEXT},
    {.name = NULL}};

int duel_server_option(struct duel_commands *duel, const struct given_option *given) {
    switch (given->row->value) {
    case DUEL_SERVER:
        if (!given->text[strspn(given->text, " \t\n")])
            return fail(-1, "--server: expected a command, got an empty one");
        return words_add(&duel->servers, given->text) ? fail(-1, "out of memory") : 0;
    case DUEL_READY:
        duel->ready = given->text;
        return 0;
    case DUEL_READY_LIMIT:
        duel->options.ready_s = given->number;
        return 0;
    case DUEL_RATE:
        duel->told.rate = given->text;
        return *given->text ? 0 : fail(-1, "--rate: expected a text, got an empty one");
    case DUEL_SERVER_CPUS:
        duel->options.server_cpus = given->text;
        return *given->text ? 0
                            : fail(-1, "--server-cpus: expected a list such as 2,3 or 4-7, got an empty one");
    default:
        return 1;
    }
}

int duel_server_settle(struct duel_commands *duel) {
    struct command_options *options = &duel->options;
    const char *client = duel->commands[0].text;
    size_t servers = duel->servers.count;
    if (servers == 0) {
        const char *given = duel->ready            ? "--ready"
                            : options->ready_s > 0 ? "--ready-limit"
                            : duel->told.rate      ? "--rate"
                            : options->server_cpus ? "--server-cpus"
                                                   : NULL;
        return given ? fail(-1, "%s: it is about servers, of which --server names each", given) : 0;
    }
    if (servers < 2)
        return fail(-1, "--server: expected two or more, as in --server ./old --server ./new 'client'");
    if (duel->command_count != 1)
        return fail(-1, "duel --server: expected one command, the client, got %zu", duel->command_count);
    for (size_t i = 1; i < servers; i++)
        if (duel_commands_add(duel, NULL, client, NULL))
            return -1;
    options->ready_s = options->ready_s > 0 ? options->ready_s : READY_S;
    options->sampler = client_sample;
    options->sampler_context = &duel->told;
    if (duel->told.rate) {
        options->item = "request";
        options->compare_output = false;
    }
    return 0;
}
