/*
 * The floor: what asking many PostgreSQL servers the same thing costs when nothing but libpq is in the way.
 *
 * Connects to all servers at once in one poll(2) loop, asks each the statement, collects the answers and says how many
 * came. With --rounds the connections are held and asked again; the times of these later rounds are printed, in ms.
 * Not a general purpose client: addresses must be numeric, answers are counted and thrown away.
 *
 * Usage: floor [--deadline MS] [--rounds N [--pause MS]] CONNINFOS STATEMENT
 *   CONNINFOS   a file with one libpq connection string a line
 *   STATEMENT   a file with one SQL statement
 *   --deadline  for connecting and the first answer together, and for each later round (default 5000)
 *   --rounds    how many rounds to run on the held connections after the first answer
 *   --pause     how long to lie idle before each of them (default 0)
 *
 * Exits 0 when every server answered every time, 1 when one did not, 64 on wrong usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef enum
{
    CONNECTING,                 /* PQconnectPoll has more to do */
    ASKED,                      /* the statement is on its way, or its answer is */
    ANSWERED,                   /* the answer is in; the connection is idle */
    LOST                        /* refused, failed or given up on; the connection is closed */
} State;

typedef struct
{
    PGconn *conn;
    State state;
    short events;               /* what the next step waits for */
} Server;

typedef struct
{
    Server *servers;
    struct pollfd *pollfds;
    size_t count;
    const char *statement;
} Fleet;

static double
milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

static void
die(const char *what, const char *detail)
{
    fprintf(stderr, "floor: %s: %s\n", what, detail);
    exit(64);
}

/* Gives a server up and says why, in a line of its own. */
static void
lose(Server *server, const char *reason)
{
    fprintf(stderr, "floor: %s port %s: %s", PQhost(server->conn), PQport(server->conn), reason);
    PQfinish(server->conn);
    server->conn = NULL;
    server->state = LOST;
}

/* Sends what libpq still holds back; readable data must be taken in meanwhile, or both sides could wait for ever. */
static void
flush(Server *server)
{
    int left = PQflush(server->conn);

    if (left < 0)
        lose(server, PQerrorMessage(server->conn));
    else
        server->events = left ? POLLIN | POLLOUT : POLLIN;
}

static void
ask(Server *server, const char *statement)
{
    server->state = ASKED;
    server->events = POLLIN;
    if (PQsendQueryParams(server->conn, statement, 0, NULL, NULL, NULL, NULL, 0))
        flush(server);
    else
        lose(server, PQerrorMessage(server->conn));
}

static void
advance_connecting(Server *server, const char *statement)
{
    switch (PQconnectPoll(server->conn))
    {
        case PGRES_POLLING_READING:
            server->events = POLLIN;
            break;
        case PGRES_POLLING_WRITING:
            server->events = POLLOUT;
            break;
        case PGRES_POLLING_OK:
            if (PQsetnonblocking(server->conn, 1) == 0)
                ask(server, statement);
            else
                lose(server, PQerrorMessage(server->conn));
            break;
        default:
            lose(server, PQerrorMessage(server->conn));
    }
}

static void
advance_asked(Server *server)
{
    if (!PQconsumeInput(server->conn))
    {
        lose(server, PQerrorMessage(server->conn));
        return;
    }
    if (server->events & POLLOUT)
        flush(server);
    while (server->state == ASKED && !PQisBusy(server->conn))
    {
        PGresult *result = PQgetResult(server->conn);

        if (result == NULL)
            server->state = ANSWERED;
        else if (PQresultStatus(result) != PGRES_TUPLES_OK)
            lose(server, PQerrorMessage(server->conn));
        PQclear(result);
    }
}

/* Turns the loop until every server has answered or is lost. */
static void
run_to_end(Fleet *fleet, double deadline)
{
    for (;;)
    {
        double left = deadline - milliseconds();
        size_t waiting = 0;

        for (size_t i = 0; i < fleet->count; i++)
        {
            Server *server = &fleet->servers[i];
            bool settled = server->state == ANSWERED || server->state == LOST;

            /* The socket may be another one after each PQconnectPoll. */
            fleet->pollfds[i].fd = settled ? -1 : PQsocket(server->conn);
            fleet->pollfds[i].events = server->events;
            fleet->pollfds[i].revents = 0;
            waiting += !settled;
        }
        if (waiting == 0)
            return;
        if (left <= 0)
            break;
        if (poll(fleet->pollfds, fleet->count, (int) left + 1) < 0 && errno != EINTR)
            die("could not poll", strerror(errno));
        for (size_t i = 0; i < fleet->count; i++)
        {
            Server *server = &fleet->servers[i];

            if (fleet->pollfds[i].revents == 0)
                continue;
            if (server->state == CONNECTING)
                advance_connecting(server, fleet->statement);
            else if (server->state == ASKED)
                advance_asked(server);
        }
    }
    for (size_t i = 0; i < fleet->count; i++)
    {
        Server *server = &fleet->servers[i];

        if (server->state == CONNECTING || server->state == ASKED)
            lose(server, "no answer before the deadline\n");
    }
}

static void
connect_all(Fleet *fleet, char **conninfos)
{
    for (size_t i = 0; i < fleet->count; i++)
    {
        const char *const keywords[] = {"dbname", "fallback_application_name", NULL};
        const char *const values[] = {conninfos[i], "floor", NULL};
        Server *server = &fleet->servers[i];

        server->conn = PQconnectStartParams(keywords, values, 1);
        if (server->conn == NULL)
            die("could not connect", "out of memory");
        server->state = CONNECTING;
        server->events = POLLOUT;
        if (PQstatus(server->conn) == CONNECTION_BAD)
            lose(server, PQerrorMessage(server->conn));
    }
}

static size_t
count_answered(const Fleet *fleet)
{
    size_t answered = 0;

    for (size_t i = 0; i < fleet->count; i++)
        answered += fleet->servers[i].state == ANSWERED;
    return answered;
}

static int
compare_times(const void *left, const void *right)
{
    double a = *(const double *) left;
    double b = *(const double *) right;

    return (a > b) - (a < b);
}

/* Asks all held connections `count` times more and prints how long the rounds took. */
static void
run_held_rounds(Fleet *fleet, long count, long pause, double patience)
{
    double *times = calloc((size_t) count, sizeof *times);
    struct timespec idle = {pause / 1000, pause % 1000 * 1000000};

    if (times == NULL)
        die("could not run rounds", "out of memory");
    for (long n = 0; n < count; n++)
    {
        double start;

        nanosleep(&idle, NULL);
        start = milliseconds();
        for (size_t i = 0; i < fleet->count; i++)
            if (fleet->servers[i].state == ANSWERED)
                ask(&fleet->servers[i], fleet->statement);
        run_to_end(fleet, start + patience);
        times[n] = milliseconds() - start;
    }
    qsort(times, (size_t) count, sizeof *times, compare_times);
    printf("rounds %ld median %.3f min %.3f max %.3f\n", count, times[count / 2], times[0], times[count - 1]);
    free(times);
}

/* The whole file, with a terminating NUL; owned by the caller. */
static char *
read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;

    if (file == NULL)
        die(path, strerror(errno));
    if (getdelim(&text, &size, '\0', file) < 0)
        die(path, "could not read the file, or it is empty");
    fclose(file);
    return text;
}

static long
number(const char *option, const char *text)
{
    char *end;
    long value = text ? strtol(text, &end, 10) : -1;

    if (value < 0 || value > 1000000 || *end != '\0')
        die(option, "needs a number from 0 to 1000000");
    return value;
}

int
main(int argc, char **argv)
{
    double start = milliseconds();
    long rounds = 0;
    long pause = 0;
    double patience = 5000;
    char **conninfos = NULL;
    char *lines;
    size_t answered;
    Fleet fleet = {0};
    int arg = 1;

    for (; arg < argc && strncmp(argv[arg], "--", 2) == 0; arg += 2)
    {
        long value = number(argv[arg], argv[arg + 1]);

        if (strcmp(argv[arg], "--deadline") == 0)
            patience = (double) value;
        else if (strcmp(argv[arg], "--rounds") == 0)
            rounds = value;
        else if (strcmp(argv[arg], "--pause") == 0)
            pause = value;
        else
            die(argv[arg], "no such option");
    }
    if (argc - arg != 2)
        die("usage", "floor [--deadline MS] [--rounds N [--pause MS]] CONNINFOS STATEMENT");

    lines = read_file(argv[arg]);
    fleet.statement = read_file(argv[arg + 1]);
    for (char *line = strtok(lines, "\n"); line != NULL; line = strtok(NULL, "\n"))
    {
        conninfos = reallocarray(conninfos, fleet.count + 1, sizeof *conninfos);
        if (conninfos == NULL)
            die(argv[arg], "out of memory");
        conninfos[fleet.count++] = line;
    }
    fleet.servers = calloc(fleet.count, sizeof *fleet.servers);
    fleet.pollfds = calloc(fleet.count, sizeof *fleet.pollfds);
    if (fleet.servers == NULL || fleet.pollfds == NULL)
        die(argv[arg], "no connection strings");

    connect_all(&fleet, conninfos);
    run_to_end(&fleet, start + patience);
    if (rounds > 0)
        run_held_rounds(&fleet, rounds, pause, patience);
    answered = count_answered(&fleet);
    printf("answers %zu of %zu\n", answered, fleet.count);
    for (size_t i = 0; i < fleet.count; i++)
        PQfinish(fleet.servers[i].conn);
    return answered == fleet.count ? 0 : 1;
}
