/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A server for clients of sipyco (pc_rpc): one at a time, and from this machine only.
 *
 *     client   ARTIQ pc_rpc
 *     server   {"targets": ["amplifier"], "description": null, "features": ["pyon_v2"]}
 *     client   amplifier pyon_v2
 *     server   the set of the names of its methods
 *     client   {"action": "call", "name": "amplify", "args": [...], "kwargs": {...}}
 *     server   {"status": "ok", "ret": ...}, and so on: a line for each line
 *
 * Build it with: cc -o rpc_server rpc_server.c $(pkg-config --cflags --libs pyon)
 */
#define _POSIX_C_SOURCE 200809L /* getline, fdopen */

#include <pyon_tree.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IDENTITY                                                                                   \
    "{\"targets\": [\"amplifier\"], \"description\": null, \"features\": [\"pyon_v2\"]}"
#define METHODS "{\"__jsonclass__\": [\"set\", [[\"amplify\"]]]}"
#define EXCEPTION "{\"class\": \"ValueError\", \"message\": \"%s\", \"traceback\": []}"

/* amplify(signal, gain): the array times the number. Writes it, or returns why it cannot. */
static const char *amplify(const struct pyon_node *arguments, struct pyon_writer *writer)
{
    const struct pyon_node *signal = pyon_node_item(arguments, 0);
    const struct pyon_node *gain = pyon_node_item(arguments, 1);
    const struct pyon_array *array = signal ? pyon_node_array(signal) : NULL;
    const char *reals_here = htons(1) == 1 ? ">f8" : "<f8";
    const char *failure = NULL;
    double factor, *values;

    if (!array || !gain || pyon_node_real(gain, &factor) < 0)
        return "amplify() takes an array and a number";
    values = calloc(array->count + 1, sizeof(*values));
    if (!values)
        return "no memory";
    if (pyon_array_reals(array, 0, array->count, values) < 0)
        failure = "the array has no real numbers";
    for (size_t i = 0; i < array->count; i++)
        values[i] *= factor;
    if (!failure && pyon_write_array(writer, array->shape, array->ndim, reals_here, values,
                                     array->count * sizeof(*values)) < 0)
        failure = "no memory";
    free(values);
    return failure;
}

static bool has(const struct pyon_node *dict, const char *key, const char *text)
{
    const struct pyon_node *node = pyon_node_find(dict, key, strlen(key));
    const char *found = node ? pyon_node_text(node, NULL) : NULL;

    return found && strcmp(found, text) == 0;
}

/* Writes the result of a call, or returns why there is none. */
static const char *call(const struct pyon_node *request, struct pyon_writer *writer)
{
    const struct pyon_node *arguments = pyon_node_find(request, "args", 4);

    if (!arguments || !has(request, "action", "call") || !has(request, "name", "amplify"))
        return "no such method";
    return amplify(arguments, writer);
}

static void reply(const char *line, size_t length, FILE *to)
{
    struct pyon_error error;
    struct pyon_tree *tree = pyon_tree_parse(&pyon_v2, line, length, NULL, &error);
    struct pyon_out out;
    struct pyon_writer writer;
    const char *failure;

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, &pyon_v2, false);
    failure = tree ? call(pyon_tree_root(tree), &writer) : "not PYON";
    if (failure) {
        fprintf(to, "{\"status\": \"failed\", \"exception\": " EXCEPTION "}\n", failure);
    } else {
        fputs("{\"status\": \"ok\", \"ret\": ", to);
        fwrite(out.start, 1, (size_t)(out.cur - out.start), to);
        fputs("}\n", to);
    }
    pyon_out_free(&out);
    pyon_tree_free(tree);
}

/* Serves a client until it closes the connection, or sends anything else than the protocol. */
static void serve(FILE *from, FILE *to)
{
    const char *const expected[] = {"ARTIQ pc_rpc\n", "amplifier pyon_v2\n"};
    const char *const replies[] = {IDENTITY "\n", METHODS "\n"};
    char *line = NULL;
    size_t size = 0, count = 0;
    ssize_t length;

    while (fflush(to) == 0 && (length = getline(&line, &size, from)) > 0) {
        if (count == 2)
            reply(line, (size_t)length, to);
        else if (strcmp(line, expected[count]) == 0)
            fputs(replies[count++], to);
        else
            break;
    }
    free(line);
}

/* A socket for clients; -1 after a message. */
static int listen_on(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(port)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 8) == 0)
        return fd;
    perror(port);
    close(fd);
    return -1;
}

int main(int argc, char **argv)
{
    int listener = argc == 2 ? listen_on(argv[1]) : -1, client;

    signal(SIGPIPE, SIG_IGN); /* a client that goes is no reason to end */
    while ((client = accept(listener, NULL, NULL)) >= 0) {
        FILE *from = fdopen(client, "r"), *to = fdopen(dup(client), "w");

        if (!from || !to)
            break;
        serve(from, to);
        fclose(to);
        fclose(from);
    }
    fprintf(stderr, "usage: rpc_server PORT\n");
    return 2;
}
