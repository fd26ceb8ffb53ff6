#!/usr/bin/env python3
"""A server for tests, on loopback: http-server.py ROOT PORT-FILE LOG

It writes its port to PORT-FILE and a line for each request to LOG, "PATH RANGE". The first part of a path says how the file that the
rest names below ROOT is served:

    whole     as it should be, ranges included
    plain     whole whatever range is asked for
    drop      PORTION bytes a connection, which then breaks; ranges included
    hang      the first PORTION bytes, and then nothing more; a range as it should be
    wrong     with its first byte changed
    endless   zeros without end
    redirect  by way of a redirection to "whole"
    leave     by way of a redirection to a file: URL
    loop      by way of a redirection to itself
    broken    not at all: status 500

and of anything else there is nothing: status 404.
"""
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORTION = 40000

root, port_file, log = sys.argv[1:]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        with open(log, 'a') as lines:
            lines.write('%s %s\n' % (self.path, self.headers.get('Range', '-')))
        _, manner, rest = (self.path + '/').split('/', 2)
        serve = getattr(self, 'serve_' + manner, None)
        path = os.path.join(root, rest.rstrip('/'))
        if serve is None or not os.path.isfile(path):
            self.send_error(404)
        else:
            serve(path)

    def log_message(self, *arguments):
        pass

    def redirect(self, url):
        self.send_response(302)
        self.send_header('Location', url)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def begin(self, data, ranges=True):
        """Send the head of an answer; return the part of `data` that belongs into its body."""
        asked = self.headers.get('Range', '') if ranges else ''
        start = int(asked[len('bytes='):].rstrip('-')) if asked else 0
        if asked and start >= len(data):
            self.send_error(416)
            return b''
        self.send_response(206 if asked else 200)
        self.send_header('Content-Length', str(len(data) - start))
        if asked:
            self.send_header('Content-Range', 'bytes %d-%d/%d' % (start, len(data) - 1, len(data)))
        self.end_headers()
        return data[start:]

    def serve_whole(self, path):
        self.wfile.write(self.begin(read(path)))

    def serve_plain(self, path):
        self.wfile.write(self.begin(read(path), ranges=False))

    def serve_drop(self, path):
        self.wfile.write(self.begin(read(path))[:PORTION])

    def serve_hang(self, path):
        body = self.begin(read(path))
        if 'Range' in self.headers:
            self.wfile.write(body)
        else:
            self.wfile.write(body[:PORTION])
            self.wfile.flush()
            threading.Event().wait()

    def serve_wrong(self, path):
        data = read(path)
        self.wfile.write(self.begin(bytes([data[0] ^ 1]) + data[1:]))

    def serve_endless(self, path):
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(bytes(1 << 20))
        except OSError:
            pass

    def serve_redirect(self, path):
        self.redirect('/whole/' + os.path.relpath(path, root))

    def serve_leave(self, path):
        self.redirect('file://' + path)

    def serve_loop(self, path):
        self.redirect(self.path)

    def serve_broken(self, path):
        self.send_error(500)


def read(path):
    with open(path, 'rb') as file:
        return file.read()


server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
server.daemon_threads = True
with open(port_file + '.new', 'w') as file:
    file.write(str(server.server_port))
os.rename(port_file + '.new', port_file)
server.serve_forever()
