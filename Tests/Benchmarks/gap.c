/*
 * What a role change does to clients: commits one row every 10 ms on whichever server takes writes, runs a command
 * meanwhile, and prints the longest time between two acknowledged commits and how many of them the last primary lacks.
 *
 *   gap CONNINFO [CONNINFO …] -- COMMAND [ARGUMENT …]
 *
 * Prints "gap MILLISECONDS commits COUNT lost COUNT status EXIT_STATUS". It holds a session on every server and asks
 * those it doesn't write on each millisecond whether they have become primary, so that the gap is the cluster's own.
 */
#include <libpq-fe.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_SERVERS = 8, MOST_COMMITS = 1 << 20, INTERVAL_MS = 10 };

typedef struct {
    const char *conninfo;
    PGconn *connection;
    double asked; /* when it was last tried or asked, in ms */
} Server;

static Server servers[MOST_SERVERS];
static int server_count;
static long *acknowledged;
static int acknowledged_count;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void nap(double milliseconds)
{
    if (milliseconds > 0) {
        struct timespec time = {(time_t)(milliseconds / 1e3), (long)((milliseconds - (long)(milliseconds / 1e3) * 1e3) * 1e6)};
        nanosleep(&time, NULL);
    }
}

static void drop(Server *server)
{
    PQfinish(server->connection);
    server->connection = NULL;
}

/* Runs one statement for at most a second; NULL when that went wrong, after which the session is gone. */
static PGresult *run(Server *server, const char *statement)
{
    PGconn *connection = server->connection;
    double end = now() + 1000;
    PGresult *result = NULL, *next;

    if (!PQsendQuery(connection, statement)) {
        drop(server);
        return NULL;
    }
    for (;;) {
        while (PQisBusy(connection)) {
            struct pollfd socket = {PQsocket(connection), POLLIN, 0};
            int left = (int)(end - now());
            if (left <= 0 || poll(&socket, 1, left) <= 0 || !PQconsumeInput(connection)) {
                PQclear(result);
                drop(server);
                return NULL;
            }
        }
        next = PQgetResult(connection);
        if (!next)
            break;
        PQclear(result);
        result = next;
    }
    if (PQstatus(connection) != CONNECTION_OK) {
        PQclear(result);
        drop(server);
        return NULL;
    }
    return result;
}

static bool is_primary(Server *server)
{
    bool answer = false;
    PGresult *result;

    if (now() - server->asked < 1)
        return false;
    server->asked = now();
    if (!server->connection) {
        server->connection = PQconnectdb(server->conninfo);
        if (PQstatus(server->connection) != CONNECTION_OK) {
            drop(server);
            server->asked += 20; /* a server that is down is not worth a millisecond's rhythm */
            return false;
        }
    }
    result = run(server, "SELECT pg_is_in_recovery()");
    if (result) {
        answer = PQresultStatus(result) == PGRES_TUPLES_OK && *PQgetvalue(result, 0, 0) == 'f';
        PQclear(result);
    }
    return answer;
}

static Server *find_primary(double end)
{
    while (now() < end) {
        for (int i = 0; i < server_count; i++)
            if (is_primary(&servers[i]))
                return &servers[i];
        nap(0.2);
    }
    return NULL;
}

static long count_lost(Server *server)
{
    long lost = 0;
    PGresult *result = run(server, "SELECT n FROM public.gap_meter ORDER BY n");
    if (!result || PQresultStatus(result) != PGRES_TUPLES_OK)
        return -1;
    int rows = PQntuples(result), row = 0;
    for (int i = 0; i < acknowledged_count; i++) {
        while (row < rows && atol(PQgetvalue(result, row, 0)) < acknowledged[i])
            row++;
        if (row == rows || atol(PQgetvalue(result, row, 0)) != acknowledged[i])
            lost++;
    }
    PQclear(result);
    return lost;
}

int main(int argc, char **argv)
{
    int argument = 1;
    for (; argument < argc && strcmp(argv[argument], "--") != 0; argument++)
        if (server_count < MOST_SERVERS)
            servers[server_count++].conninfo = argv[argument];
    acknowledged = malloc(sizeof(long) * MOST_COMMITS);
    if (!server_count || argument + 1 >= argc || !acknowledged) {
        fprintf(stderr, "usage: gap CONNINFO … -- COMMAND …\n");
        return 64;
    }
    signal(SIGPIPE, SIG_IGN);

    Server *primary = find_primary(now() + 10000);
    PGresult *made = primary ? run(primary, "DROP TABLE IF EXISTS public.gap_meter; CREATE TABLE public.gap_meter (n bigint)") : NULL;
    if (!made || PQresultStatus(made) != PGRES_COMMAND_OK) {
        fprintf(stderr, "gap: no server takes writes\n");
        return 1;
    }
    PQclear(made);

    pid_t child = 0;
    int status = -1;
    double start = now(), last = 0, longest = 0, ended = 0, due = start;
    long number = 0;
    while (acknowledged_count < MOST_COMMITS && now() < start + 120000) {
        char statement[80];
        if (!primary)
            primary = find_primary(now() + 10000);
        if (!primary)
            break;
        nap(due - now());
        due = now() + INTERVAL_MS;
        snprintf(statement, sizeof statement, "INSERT INTO public.gap_meter VALUES (%ld)", ++number);
        PGresult *result = run(primary, statement);
        bool committed = result && PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
        if (committed) {
            double at = now();
            if (last > 0 && at - last > longest)
                longest = at - last;
            last = at;
            acknowledged[acknowledged_count++] = number;
        } else {
            primary = NULL;
            due = now();
        }
        if (!child && acknowledged_count >= 20) {
            child = fork();
            if (child == 0) {
                execvp(argv[argument + 1], argv + argument + 1);
                _exit(127);
            }
        }
        if (child && !ended && waitpid(child, &status, WNOHANG) == child)
            ended = now();
        if (ended && committed && now() > ended + 100)
            break;
    }
    if (!ended && child) {
        kill(child, SIGTERM);
        waitpid(child, &status, 0);
    }
    long lost = primary ? count_lost(primary) : -1;
    printf("gap %.1f commits %d lost %ld status %d\n", longest, acknowledged_count, lost, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return 0;
}
