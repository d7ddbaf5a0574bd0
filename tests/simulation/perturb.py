"""Real nodes under load, perturbed at random from a seed; after each perturbation what must hold is checked.

    perturb.py --seed 7 --perturbations 300 --minutes 70 [--nodes 4] [--kinds wipe,cut] [--folder DIR]

The order and kind of the perturbations, whom they hit and for how long follow from the seed alone. It ends with a summary
as one JSON object. TALLYSTICK_PROGRAMS names the folder of the programs."""

import argparse
import collections
import json
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

import small_network  # noqa: E402
from links import Links  # noqa: E402
from load import Load  # noqa: E402
from small_network import wait_until  # noqa: E402
from witness import Acknowledged, Witness  # noqa: E402

LIVENESS_SECONDS = 60   # within which blocks come again once more than two thirds are well
LEVEL_SECONDS = 120     # within which whoever is behind comes on at least a block, on a machine with two cores

# What happens, and how often beside the others.
WEIGHTS = {"kill_tallyd": 5, "kill_engine": 5, "kill_both": 4, "freeze": 5, "cut": 5, "slow": 4, "upgrade": 2, "wipe": 2,
           "two_down": 2, "all_down": 1, "disk_full": 2}


class Trial:
    """One network, its wires, its load, and the perturbations that can be made."""

    def __init__(self, folder, nodes, seed, say, kinds=()):
        self.folder, self.count, self.seed, self.say = pathlib.Path(folder), nodes, seed, say
        self.chance = random.Random(seed)
        self.acknowledged = Acknowledged()
        self.witness = Witness(self.acknowledged)
        self.done = collections.Counter()
        self.kinds = kinds or list(WEIGHTS)
        self.other_program = self.folder / "upgraded"

    def run(self, perturbations, minutes):
        ports = small_network.free_ports(self.count)
        with Links(ports, self.seed) as self.links:
            self.network = small_network.Network(self.folder / "network", self.count, peer_ports=ports,
                                                 links=self.links.port, disk_faults=True)
            with self.network:
                with Load(self.network, self.acknowledged, self.seed) as self.load:
                    self._perturb(perturbations, time.monotonic() + 60 * minutes)
                    self.links.mend()
                    self._all_run()
                    self.load.stop()
                self.check(complete=True)
                heights = [self.network.ledger(node)["as_of"]["height"] for node in self.network.nodes]
            self.network.verify_folders()
        return {"seed": self.seed, "nodes": self.count, "perturbations": sum(self.done.values()),
                "by_kind": dict(sorted(self.done.items())), "acknowledged": len(self.acknowledged),
                "log_entries": len(self.witness.log), "heights": heights}

    def _perturb(self, perturbations, until):
        while sum(self.done.values()) < perturbations and time.monotonic() < until:
            kind = self.chance.choices(self.kinds, [WEIGHTS[name] for name in self.kinds])[0]
            victim = self.network.nodes[self.chance.randrange(self.count)]
            begun = time.monotonic()
            self.say(f"{sum(self.done.values()) + 1}: {kind} {victim.name}")
            getattr(self, kind)(victim)
            self.links.mend()
            self._all_run()
            self.check()
            self.done[kind] += 1
            self.say(f"   all level after {time.monotonic() - begun:.1f} s, {len(self.acknowledged)} acknowledged")

    # --- perturbations; each leaves the network to be mended

    def kill_tallyd(self, node):
        node.signal(signal.SIGKILL, "tallyd")
        self._others_go_on(node)

    def kill_engine(self, node):
        node.signal(signal.SIGKILL, "engine")
        self._others_go_on(node)

    def kill_both(self, node):
        node.signal(signal.SIGKILL, "both")
        self._others_go_on(node)

    def freeze(self, node):
        who = self.chance.choice(["tallyd", "engine", "both"])
        node.signal(signal.SIGSTOP, who)
        time.sleep(self.chance.uniform(0.5, 4.0))
        node.signal(signal.SIGCONT, who)

    def cut(self, node):
        self.links.cut(self.network.nodes.index(node))
        self._others_go_on(node)
        time.sleep(self.chance.uniform(0.0, 2.0))

    def slow(self, node):
        self.links.slow(self.network.nodes.index(node), self.chance.uniform(0.01, 0.3), self.chance.uniform(0.0, 0.1))
        time.sleep(self.chance.uniform(1.0, 3.0))

    def upgrade(self, node):
        """Stopped in order and started again from another file, as an upgrade does."""
        node.stop()
        if not self.other_program.exists():
            shutil.copy2(small_network.PROGRAMS / "tallyd", self.other_program)
        node.start(program=self.other_program, **self.network.faults(node))

    def wipe(self, node):
        node.signal(signal.SIGKILL, "both")
        node.wait_for_end()
        node.wipe()
        self.witness.forget(node.name)
        node.rejoin()

    def two_down(self, node):
        """With two of four there is no progress, and whoever asks is told; with one back there is."""
        others = [other for other in self.network.nodes if other is not node]
        second = self.chance.choice(others)
        for victim in (node, second):
            victim.signal(signal.SIGKILL, "both")
            victim.wait_for_end()
        left = [other for other in others if other is not second]
        wait_until("blocks stop", lambda: self._stands_still(left), 30)
        for reader in left:
            assert self.network.ledger(reader)["as_of"]["height"] > 0  # reads go on
        second.start(**self.network.faults(second))
        self._others_go_on(node)

    def all_down(self, _):
        for node in self.network.nodes:
            node.signal(signal.SIGKILL, "both")
        for node in self.network.nodes:
            node.wait_for_end()

    def disk_full(self, node):
        with node.full_disk():
            self._others_go_on(node)
        node.kill()

    # --- what must hold

    def _stands_still(self, nodes):
        before = [self.network.ledger(node)["as_of"]["height"] for node in nodes]
        time.sleep(2)
        return before == [self.network.ledger(node)["as_of"]["height"] for node in nodes]

    def _others_go_on(self, node):
        others = [other for other in self.network.nodes if other is not node and other.is_running]
        if 3 * len(others) <= 2 * self.count:
            return
        acknowledged = len(self.acknowledged)
        wait_until("the others go on", lambda: len(self.acknowledged) > acknowledged, LIVENESS_SECONDS)

    def _all_run(self):
        for node in self.network.nodes:
            if not node.is_running:
                node.wait_for_end()
                node.start(wait=False, **self.network.faults(node))
        for node in self.network.nodes:
            node.wait_until_serving()

    def check(self, complete=False):
        """Everyone has caught up with what was acknowledged, at equal roots, and nothing is lost."""
        target = len(self.acknowledged)
        wait_until("blocks come again", lambda: complete or len(self.acknowledged) > target, LIVENESS_SECONDS)
        self.load.pause()
        told = self.acknowledged.so_far()  # first: what is on the way may be told while the logs are read
        self.network.wait_level(LEVEL_SECONDS)
        for node in self.network.nodes:
            self.witness.read_node(node.name, lambda begin, node=node: self.network.entries(node, begin))
        self.witness.check(told)
        self.load.go_on()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--perturbations", type=int, default=10**9)
    parser.add_argument("--minutes", type=float, default=10**6)
    parser.add_argument("--nodes", type=int, default=4)
    parser.add_argument("--kinds", default="", help="only these, with commas between: " + ", ".join(WEIGHTS))
    parser.add_argument("--folder", default=None)
    chosen = parser.parse_args()
    folder = tempfile.mkdtemp(dir=chosen.folder)
    trial = Trial(folder, chosen.nodes, chosen.seed, lambda words: print(words, file=sys.stderr, flush=True),
                  [kind for kind in chosen.kinds.split(",") if kind])
    try:
        print(json.dumps(trial.run(chosen.perturbations, chosen.minutes)))
    except BaseException:
        trial.say(f"What the nodes had is kept in {folder}")
        raise
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
