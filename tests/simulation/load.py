"""Envelopes for a network under trial: registrations by its authorities, some of which contradict each other."""

import hashlib
import random
import threading
import time
import urllib.error

from nacl.signing import SigningKey

PENDING, BUSY, UNAVAILABLE = 5, 6, 7
DECIDED = (1, 2)


class Load:
    """Clients that behave like wallets: they keep the signed bytes and send them, perhaps to another node, until they
    have an outcome. Use as a context; `pause` and `go_on` hold the clients."""

    def __init__(self, network, acknowledged, seed, clients=4, batch_max=16, rest=0.1):
        self.network, self.acknowledged = network, acknowledged
        self.seed, self.batch_max, self.rest = seed, batch_max, rest
        self.stopping = threading.Event()
        self.flowing = threading.Event()
        self.flowing.set()
        self.numbers = iter(range(10**9))
        self.lock = threading.Lock()
        self.failures = []
        self.undecided = 0
        self.threads = [threading.Thread(target=self._client, args=(number,), daemon=True)
                        for number in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def pause(self):
        """Nothing new is sent; what was sent is still being waited for."""
        self.flowing.clear()

    def go_on(self):
        self.flowing.set()

    def stop(self, seconds=120):
        """Lets every client finish what it sent."""
        self.stopping.set()
        self.go_on()
        for thread in self.threads:
            thread.join(seconds)
            assert not thread.is_alive(), "a client still waits for an outcome"
        assert not self.failures, self.failures[:3]

    def _client(self, number):
        chance = random.Random(f"{self.seed}/{number}")
        try:
            while not self.stopping.is_set():
                self.flowing.wait()
                self._deliver(self._batch(chance), chance)
                time.sleep(chance.uniform(0, 2 * self.rest))
        except Exception as error:  # a fault of the trial itself must not look like silence
            self.failures.append(repr(error))

    def _batch(self, chance):
        made = []
        for _ in range(chance.randint(1, self.batch_max)):
            with self.lock:
                number = next(self.numbers)
            authority = chance.choice(self.network.authorities)
            # Some handles come twice: one of the two is refused, the same one on every node.
            if chance.random() < 0.15:
                number = max(0, number - chance.randint(1, 40))
            made.append(self._registration(authority, f"{authority}/group-{number}"))
        return made

    def _registration(self, authority, handle):
        pb = self.network.pb
        key = SigningKey(hashlib.sha256(handle.encode()).digest())
        public = key.verify_key.encode()
        register = pb.Register(handle=handle, roles=[3])
        register.identifiers.add(scheme="GB-CHC", id=handle.replace("/", "-"))
        register.names.add(language="en", text=handle)
        register.policy.CopyFrom(pb.Policy(keys=[public], routine_threshold=1, above_threshold=1, policy_threshold=1,
                                           amount_limit=2**53 - 1))
        register.proofs.add(public_key=public, signature=self.network.key_proof(handle, key))
        return self.network.sign(self.network.body(authority, register, valid_for=86400))

    def _deliver(self, batch, chance):
        waiting = batch
        if chance.random() < 0.1:  # through two nodes at once: it takes effect once
            twin = threading.Thread(target=self._try, args=(list(batch), chance.randrange(10**6)), daemon=True)
            twin.start()
        with self.lock:
            self.undecided += len(waiting)
        while waiting:
            left = self._try(waiting, chance.randrange(10**6))
            with self.lock:
                self.undecided -= len(waiting) - len(left)
            waiting = left
            if waiting:
                time.sleep(0.2)

    def _try(self, envelopes, dice):
        """Sends to one node; gives back what has no outcome yet."""
        node = self.network.nodes[dice % len(self.network.nodes)]
        try:
            results = self.network.submit(node, *envelopes, wait=5)
        except (OSError, AssertionError, urllib.error.URLError, ValueError):
            return envelopes
        except Exception as error:
            # An answer that broke off in the middle, as http.client says it in several ways.
            if type(error).__module__ != "http.client":
                raise
            return envelopes
        left = []
        for envelope, result in zip(envelopes, results):
            if result.state in DECIDED:
                self.acknowledged.note(result.id, result.log_index, result.entry)
            elif result.state in (PENDING, BUSY, UNAVAILABLE):
                left.append(envelope)
            else:
                self.failures.append(f"an honest envelope was answered {result.state} {result.code}")
        return left
