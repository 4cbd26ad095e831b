/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Calls a method of a sipyco server (pc_rpc) and prints the result. Arguments are Python literals,
 * that is, texts of PYON version 1.
 *
 *     $ rpc_call ::1 3251 master_schedule get_status
 *     $ rpc_call localhost 3249 amplifier amplify 'nparray((2,), "<i2", b"AQACAA==")' 2.5
 *
 * Build it with: cc -o rpc_call rpc_call.c $(pkg-config --cflags --libs pyon)
 */
#define _POSIX_C_SOURCE 200809L /* getaddrinfo, getline, fdopen */

#include <pyon_tree.h>

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

/* A connected socket. */
static int connect_to(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    int status = getaddrinfo(host, port, &hints, &found), fd = -1;

    if (status != 0)
        fail(host, gai_strerror(status));
    for (const struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    if (fd < 0)
        fail(host, "cannot connect");
    return fd;
}

/* New: the value of a text. */
static struct pyon_tree *parse(const struct pyon_dialect *dialect, const char *text, size_t length)
{
    struct pyon_error error;
    struct pyon_tree *tree = pyon_tree_parse(dialect, text, length, NULL, &error);

    if (!tree)
        fail(text, error.message);
    return tree;
}

/* New: the value that the server sends in the next line. */
static struct pyon_tree *receive(FILE *from)
{
    struct pyon_tree *tree;
    char *line = NULL;
    size_t size = 0;
    ssize_t length = getline(&line, &size, from);

    if (length <= 0)
        fail("server", "has closed the connection");
    tree = parse(&pyon_v2, line, (size_t)length);
    free(line);
    return tree;
}

/* Writes a value. */
static void print(FILE *to, const struct pyon_dialect *dialect, const struct pyon_node *node)
{
    struct pyon_out out;
    struct pyon_writer writer;
    const char *why = NULL;

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, dialect, false);
    if (pyon_write_node(&writer, node, false, NULL, &why) < 0)
        fail("cannot be written", why ? why : pyon_error_message(out.code));
    fwrite(out.start, 1, (size_t)(out.cur - out.start), to);
    pyon_out_free(&out);
}

/* Sends a call, whose arguments are texts of version 1. */
static void send_call(FILE *to, const char *method, char **arguments)
{
    fprintf(to, "{\"action\": \"call\", \"name\": \"%s\", \"kwargs\": {}, \"args\": [", method);
    for (size_t n = 0; arguments[n]; n++) {
        struct pyon_tree *tree = parse(&pyon_v1, arguments[n], strlen(arguments[n]));

        if (n > 0)
            fputs(", ", to);
        print(to, &pyon_v2, pyon_tree_root(tree));
        pyon_tree_free(tree);
    }
    fputs("]}\n", to);
}

/* Prints the result of a call: false if the method has failed. */
static bool show(const struct pyon_node *reply)
{
    const struct pyon_node *result = pyon_node_find(reply, "ret", 3);
    FILE *to = result ? stdout : stderr;

    print(to, &pyon_v1, result ? result : reply);
    fputs("\n", to);
    return result != NULL;
}

int main(int argc, char **argv)
{
    struct pyon_tree *identity, *methods, *reply;
    FILE *from, *to;
    bool done;
    int fd;

    if (argc < 5) {
        fprintf(stderr, "usage: rpc_call HOST PORT TARGET METHOD [ARGUMENT...]\n");
        return 2;
    }
    fd = connect_to(argv[1], argv[2]);
    from = fdopen(fd, "r");
    to = fdopen(dup(fd), "w");
    if (!from || !to)
        fail("socket", "no memory");
    /* All that need not wait for the server is sent at once. */
    fprintf(to, "ARTIQ pc_rpc\n%s pyon_v2\n", argv[3]);
    send_call(to, argv[4], argv + 5);
    fflush(to);
    identity = receive(from);
    methods = receive(from);
    reply = receive(from);
    done = show(pyon_tree_root(reply));
    pyon_tree_free(reply);
    pyon_tree_free(methods);
    pyon_tree_free(identity);
    fclose(to);
    fclose(from);
    return done ? 0 : 1;
}
