#!/usr/bin/env python3
"""terminal.py [&] [STEP...] -- COMMAND... - run a command at a terminal, as the job in its foreground, and type passwords

A step is done once the command has asked, with ": ", and hides what is typed: =TEXT types a line, and TERM, INT or any other name of a signal sends that. Of a
signal a line is printed that says what it did, and whether what is typed is shown again; one that stopped the command makes it go on.
-TERM sends one that the command ignores. With & the command begins in the background, must be stopped there, and gets its signals there.
What the command wrote goes to stderr, and its status is returned: 1 if it died of a signal.
"""
import os
import pty
import select
import signal
import sys
import termios
import time

PATIENCE = 60


def run_job(command, background, report):
    """In the terminal's session: start the command in a group of its own, as a shell does, and tell how it is, line by line."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        if not background:
            os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execvp(command[0], command)
    os.write(report, b'%d\n' % job)
    while True:
        status = os.waitpid(job, os.WUNTRACED)[1]
        if os.WIFSTOPPED(status):
            os.write(report, b'stopped\n')
            continue
        os.write(report, b'died\n1\n' if os.WIFSIGNALED(status) else b'%d\n' % os.WEXITSTATUS(status))
        os._exit(0)


class Terminal:
    def __init__(self, command, background):
        ours, theirs = os.pipe()
        pid, self.fd = pty.fork()
        if pid == 0:
            run_job(command, background, theirs)
        os.close(theirs)
        self.reports = os.fdopen(ours)
        self.job = int(self.reports.readline())
        self.written = b'' # since the last step
        self.background = background
        if background:
            self.tell('&')

    def shows(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def copy_output(self, seconds):
        if select.select([self.fd], [], [], seconds)[0]:
            try:
                block = os.read(self.fd, 4096)
            except OSError: # nobody has it open any more
                return False
            os.write(2, block)
            self.written += block
        return True

    def wait_until_asked(self):
        end = time.monotonic() + PATIENCE
        while self.shows() or not self.written.endswith(b': '):
            if time.monotonic() > end or not self.copy_output(0.01):
                sys.exit('nothing was asked')

    def kill(self, name):
        os.killpg(self.job, signal.Signals['SIG' + name])

    def tell(self, name):
        """Print what a signal did."""
        said = self.reports.readline().strip()
        print(name, said, 'shown' if self.shows() else 'hidden', flush=True)
        return said

    def send(self, name):
        self.kill(name)
        if self.background: # it is stopped, and hears nothing but that
            self.kill('CONT')
        if self.tell(name) == 'stopped':
            self.kill('CONT')

    def status(self):
        while self.copy_output(PATIENCE):
            pass
        return int(self.reports.readline())


def main():
    end = sys.argv.index('--')
    steps = sys.argv[1:end]
    background = steps[:1] == ['&']
    terminal = Terminal(sys.argv[end + 1:], background)
    for step in steps[background:]:
        if not background:
            terminal.wait_until_asked()
        if step.startswith('-'):
            terminal.kill(step[1:])
            continue
        terminal.written = b''
        if step.startswith('='):
            os.write(terminal.fd, step[1:].encode() + b'\n')
        else:
            terminal.send(step)
    sys.exit(terminal.status())


main()
