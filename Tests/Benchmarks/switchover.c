/*
 * The floor of a switchover: checkpoints both servers, stops the primary fast, waits until it is gone, promotes the
 * standby and waits until it takes writes. No proof, no journal, no SSH: the servers are on this machine.
 *
 *   switchover [--kill] PRIMARY_CONNINFO STANDBY_CONNINFO DATA_DIRECTORY
 *
 * With --kill, the floor of a failover: the primary is killed and the standby promoted at once.
 */
#include <libpq-fe.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void nap(long microseconds)
{
    struct timespec time = {0, microseconds * 1000};
    nanosleep(&time, NULL);
}

static PGconn *connect_to(const char *conninfo)
{
    PGconn *connection = PQconnectdb(conninfo);
    if (PQstatus(connection) != CONNECTION_OK) {
        fprintf(stderr, "switchover: %s", PQerrorMessage(connection));
        exit(1);
    }
    return connection;
}

static int says(PGconn *connection, const char *statement, const char *expected)
{
    PGresult *result = PQexec(connection, statement);
    ExecStatusType status = PQresultStatus(result);
    int answer = status == PGRES_COMMAND_OK || (status == PGRES_TUPLES_OK && strcmp(PQgetvalue(result, 0, 0), expected) == 0);
    PQclear(result);
    return answer;
}

int main(int argc, char **argv)
{
    bool kills = argc == 5 && strcmp(argv[1], "--kill") == 0;
    if (argc != 4 && !kills)
        return 64;
    argv += argc - 4;
    PGconn *primary = connect_to(argv[1]), *standby = connect_to(argv[2]);
    char path[4096];
    int postmaster = 0;
    snprintf(path, sizeof path, "%s/postmaster.pid", argv[3]);
    FILE *file = fopen(path, "r");
    if (!file || fscanf(file, "%d", &postmaster) != 1)
        return 1;
    fclose(file);
    if (!kills && (!says(primary, "CHECKPOINT", "") || !says(standby, "CHECKPOINT", "")))
        return 1;
    if (postmaster <= 1 || kill(postmaster, kills ? SIGKILL : SIGINT) != 0)
        return 1;
    /* The last thing it does. */
    while (!kills && access(path, F_OK) == 0)
        nap(500);
    if (!says(standby, "SELECT pg_promote(false)", "t"))
        return 1;
    for (int turns = 0; !says(standby, "SELECT pg_is_in_recovery()", "f"); turns++) {
        if (turns > 100000)
            return 1;
        if (turns % 20 == 19)
            says(standby, "SELECT pg_reload_conf()", "t");
        nap(500);
    }
    PQfinish(primary);
    PQfinish(standby);
    return 0;
}
