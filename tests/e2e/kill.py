"""kill.py - kill -9 at random moments: after each kill no piece of a conversation lies where it must
not, and the same command ends in the bytes of a run that nobody stopped.

    kill.py CLIO LOCAL_GRAPH WORK [KILLS] [SEED]

The conversations are made of words that no program holds, so that every 12-byte piece of them found in a
file is one of theirs. Allowed are the pieces that the column 'request', named under privacy.declassify,
holds, and those of the release of the undisturbed run."""
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

PIECE = 12
CONVERSATIONS, ACCOUNTS, TOPICS = 1200, 300, 5


def word(rng):
    return "".join(rng.choice("bdgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(2, 4)))


def sentence(rng, words, n):
    return " ".join(rng.choice(words) for _ in range(n)).capitalize() + "."


def write_input(path):
    """A topic's users share its words; answers and metadata are nobody else's."""
    rng = random.Random(4711)
    topics = [[word(rng) for _ in range(12)] for _ in range(TOPICS)]
    texts = []
    with open(path, "w", encoding="utf-8") as out:
        for i in range(CONVERSATIONS):
            words = topics[i % TOPICS]
            asked = sentence(rng, words, 9) + " " + sentence(rng, [word(rng) for _ in range(30)], 12)
            answer = sentence(rng, [word(rng) for _ in range(40)], 25)
            account, note = word(rng) + "-%04d" % (i * 7 % ACCOUNTS), word(rng) + word(rng)
            row = {"id": "row-%06d-%s" % (i, word(rng)), "account_id": "acct-%04d-of-%s" % (i * 7 % ACCOUNTS, "zzyzx"),
                   "messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}],
                   "metadata": {"note": account + " " + note}}
            out.write(json.dumps(row) + "\n")
            texts += [asked, answer, row["id"], row["account_id"], row["metadata"]["note"]]
    return texts


def pieces(data):
    return {data[i:i + PIECE] for i in range(len(data) - PIECE + 1)}


def files_under(*folders):
    for folder in folders:
        for base, _, names in os.walk(folder):
            for name in names:
                yield os.path.join(base, name)


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except FileNotFoundError:
        return b""


def release_of(out):
    return {os.path.basename(p): read(p) for p in files_under(os.path.join(out, "release"))}


class Trial:
    def __init__(self, clio, graph, work, seed):
        self.clio, self.graph, self.work = clio, graph, work
        self.rng = random.Random(seed)
        self.input, self.tmp = os.path.join(work, "in.jsonl"), os.path.join(work, "tmp")
        os.makedirs(self.tmp)
        self.texts = write_input(self.input)
        self.env = dict(os.environ, TMPDIR=self.tmp, SQLITE_TMPDIR=self.tmp)
        self.failures = 0

    def fail(self, what):
        print("FAIL:", what)
        self.failures += 1

    def start(self, out, k):
        return subprocess.Popen([self.clio, "run", self.graph, "-i", self.input, "-o", out, "--set", "k=" + k],
                                env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                start_new_session=True)

    def finish(self, out, k, what):
        p = self.start(out, k)
        err = p.communicate()[1].decode()
        if p.returncode != 0:
            self.fail("%s: exit %d: %s" % (what, p.returncode, err[-400:]))
        return err

    def kill_after(self, out, k, seconds):
        """True: it was still running."""
        p = self.start(out, k)
        time.sleep(seconds)
        running = p.poll() is None
        try:
            os.killpg(p.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        p.communicate()
        return running

    def undisturbed(self):
        ref = os.path.join(self.work, "project", "ref")
        begin = time.monotonic()
        self.finish(ref, "auto", "the undisturbed run")
        self.seconds = time.monotonic() - begin
        self.release = {"auto": release_of(ref)}
        if not self.release["auto"].get("clusters.json"):
            self.fail("the undisturbed run released nothing")
        allowed = b"\0".join(self.release["auto"].values())
        for path in files_under(os.path.join(ref, "private", "tables")):
            if os.path.basename(path) == "request":
                allowed += b"\0" + read(path)
        other = os.path.join(self.work, "project", "other")
        self.finish(other, "4", "the other undisturbed run")
        self.release["4"] = release_of(other)
        allowed += b"\0".join(self.release["4"].values())
        self.forbidden = set()
        for text in self.texts:
            self.forbidden |= pieces(text.encode())
        self.forbidden -= pieces(allowed)
        if len(self.forbidden & pieces(read(self.input))) < 100000:
            self.fail("too few forbidden pieces: the test would see nothing")
        shutil.rmtree(other)
        shutil.rmtree(ref)

    def look(self, out, when):
        for path in files_under(out, self.tmp):
            found = self.forbidden & pieces(read(path))
            if found:
                self.fail("%s: %d pieces of conversations in %s" % (when, len(found), path))
        left = os.listdir(self.tmp)
        if left:
            self.fail("%s: left in the temporary folder: %s" % (when, left))

    def one(self, i):
        """One to three kills in a row, at first in an empty folder, later beside an earlier release."""
        out, k = os.path.join(self.work, "project", "out"), "auto"
        if i % 3 == 2:
            self.finish(out, "4", "trial %d, the earlier run" % i)
        kills = 0
        for n in range(1 + i % 2 * 2):
            moment = self.rng.uniform(0, self.seconds * 1.05)
            kills += self.kill_after(out, k, moment)
            self.look(out, "trial %d, killed after %.3f s" % (i, moment))
            lies = release_of(out)
            if lies and lies not in self.release.values():
                self.fail("trial %d, killed after %.3f s: a half release" % (i, moment))
        self.finish(out, k, "trial %d, again" % i)
        if release_of(out) != self.release[k]:
            self.fail("trial %d: other bytes than the undisturbed run" % i)
        if os.path.exists(os.path.join(out, "private", "release.tmp")):
            self.fail("trial %d: release.tmp was left" % i)
        shutil.rmtree(out)
        return kills


def main():
    clio, local, work = sys.argv[1:4]
    wanted = int(sys.argv[4]) if len(sys.argv) > 4 else 12
    seed = int(sys.argv[5]) if len(sys.argv) > 5 else 1
    graph = os.path.join(work, "graph.yaml")
    with open(local, encoding="utf-8") as f:
        text = f.read()
    text = text.replace("vars: { input: null }", "vars: { input: null, k: auto }")
    text = text.replace("use: clusterer/kmeans", 'use: clusterer/kmeans, k: "${k}"')
    with open(graph, "w", encoding="utf-8") as f:
        f.write(text)
    trial = Trial(clio, graph, work, seed)
    trial.undisturbed()
    print("undisturbed: %.2f s; %d forbidden pieces" % (trial.seconds, len(trial.forbidden)))
    killed = trials = 0
    while killed < wanted and not trial.failures:
        killed += trial.one(trials)
        trials += 1
    print("%d kills of running processes in %d trials, %d failures" % (killed, trials, trial.failures))
    sys.exit(1 if trial.failures else 0)


main()
