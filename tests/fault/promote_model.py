"""What hp-promote decides about a search, written from hp-promote(1) alone, as plainly as can be: it sorts where the program has heaps.

    brackets(trials, rungs, settings)       [(the epochs of its rungs, its trials, its workers)] of `trials` trials
    decide(...)                             of one bracket: {trial: (state, rung, epochs)}, rungs counted from 1
"""

import math


def rungs(given, divisor, most):
    """One number is the last rung, of which the others come."""
    if len(given) > 1:
        return given[-most:] if most else given
    lengths = [int(given[0] / math.prod([divisor] * i)) for i in range(most or 5) if math.prod([divisor] * i) <= given[0]]
    return sorted({*lengths})


def brackets(trials, epochs, divisor, workers, mode, counts):
    most = max(n for n in range(1, len(epochs) + 1) if math.prod([divisor] * (n - 1)) <= trials)
    least = {'aggressive': most, 'standard': (most + 1) // 2, 'conservative': 1}[mode]
    counts = sorted(counts or range(least, most + 1), reverse=True)
    weights = [math.prod([divisor] * (count - 1)) / count for count in counts]
    total, shares = 0.0, []
    for weight in weights:
        total += weight
    for weight in weights:
        shares.append(min(max(int(weight / total * trials), 1), trials - sum(shares)))
    shares[0] += trials - sum(shares)
    shares = [share for share in shares if share]
    workers = [max(workers, len(shares)) // len(shares) + (i < max(workers, len(shares)) % len(shares)) for i in range(len(shares))]
    return [(epochs[-count:], share, each) for count, share, each in zip(counts, shares, workers)]


def decide(epochs, trials, workers, divisor, synchronous, cost):
    """cost(trial, rung): None where it is not known; inf of a trial that failed."""
    last, rung, begun, now, jobs, queue = len(epochs) - 1, {}, 0, 0, [], []
    there, gone = [[] for _ in epochs], [[] for _ in epochs]
    finished = False
    while True:
        while len(jobs) < workers and (queue or begun < trials):
            trial = queue.pop(0) if queue else begun
            begun += trial == begun
            rung[trial] = rung.get(trial, -1) + 1
            jobs.append((now + epochs[rung[trial]] - ([0] + epochs)[rung[trial]], trial))
        left = [(-at, cost(trial, at), trial) for at in range(last) for trial in there[at] if trial not in gone[at] and cost(trial, at) < math.inf]
        if not jobs and (finished or not left):
            break
        if jobs:
            now, trial = min(jobs)
            at = rung[trial]
            if cost(trial, at) is None:
                break
            jobs.remove((now, trial))
            there[at].append(trial)
            finished |= at == last and cost(trial, at) < math.inf
            if at == last or synchronous and len(there[at]) < (len(gone[at - 1]) if at else trials):
                continue
            best = sorted(there[at], key=lambda one: (cost(one, at), one))[:int(len(there[at]) / divisor)]
            promoted = [one for one in best if one not in gone[at] and cost(one, at) < math.inf]
        else:
            at, promoted = -min(left)[0], [min(left)[2]]
        gone[at] += promoted
        queue += promoted
    complete = [len(there[at]) == (len(gone[at - 1]) if at else trials) for at in range(last + 1)]

    def state(trial, at):
        if cost(trial, at) is None:
            return 'run'
        if cost(trial, at) == math.inf:
            return 'failed'
        settled = finished and all(complete[:at + 1]) and trial not in gone[min(at, last)]
        return 'done' if at == last else 'stop' if settled else 'wait'
    return {trial: (state(trial, at), at + 1, epochs[at]) for trial, at in rung.items()}
