/*
 * The floor of commands over SSH: logs in with bare libssh2 and runs `true` in a channel of its own each time.
 *
 *   ssh HOST PORT USER PRIVATE_KEY COUNT
 *
 * Prints the mean of so many commands in ms, after a first one. The host must be a numeric address. Exits 0 when every
 * command ended with status 0, 1 otherwise.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libssh2.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

static void die(const char *what)
{
    fprintf(stderr, "ssh: %s\n", what);
    exit(1);
}

/* Without this a server that waits for an acknowledgement sends nothing for 40 ms. */
static LIBSSH2_RECV_FUNC(receive)
{
    int on = 1;
    ssize_t count = recv(socket, buffer, length, flags);
    int error = errno;

    (void) abstract;
    setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    return count < 0 ? -error : count;
}

static void run(LIBSSH2_SESSION *session)
{
    char buffer[4096];
    LIBSSH2_CHANNEL *channel = libssh2_channel_open_session(session);

    if (channel == NULL || libssh2_channel_exec(channel, "true") != 0)
        die("a command was not started");
    while (libssh2_channel_read(channel, buffer, sizeof buffer) > 0)
        continue;
    if (libssh2_channel_close(channel) != 0 || libssh2_channel_wait_closed(channel) != 0)
        die("a channel was not closed");
    if (libssh2_channel_get_exit_status(channel) != 0)
        die("a command failed");
    libssh2_channel_free(channel);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int on = 1;

    if (argc != 6 || inet_pton(AF_INET, argv[1], &address.sin_addr) != 1) {
        fprintf(stderr, "usage: ssh HOST PORT USER PRIVATE_KEY COUNT\n");
        return 64;
    }
    address.sin_port = htons((unsigned short) atoi(argv[2]));
    int count = atoi(argv[5]);
    int number = socket(AF_INET, SOCK_STREAM, 0);
    LIBSSH2_SESSION *session = libssh2_init(0) == 0 ? libssh2_session_init() : NULL;

    if (session == NULL)
        die("no session");
    if (connect(number, (struct sockaddr *) &address, sizeof address) != 0)
        die(strerror(errno));
    setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    libssh2_session_callback_set(session, LIBSSH2_CALLBACK_RECV, (void *) receive);
    if (libssh2_session_handshake(session, number) != 0)
        die("no handshake");
    if (libssh2_userauth_publickey_fromfile(session, argv[3], NULL, argv[4], NULL) != 0)
        die("not let in");
    run(session);
    double began = milliseconds();
    for (int n = 0; n < count; n++)
        run(session);
    printf("%.3f\n", (milliseconds() - began) / count);
    libssh2_session_disconnect(session, "");
    libssh2_session_free(session);
    close(number);
    return 0;
}
