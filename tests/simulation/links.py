"""The wires between nodes: a proxy for every ordered pair, which can cut, delay and stall what goes over it.

Needs no privileges. A lost packet under TCP is a delay for whoever waits for it, so loss is a stall of random length.
"""

import asyncio
import random
import threading


class Link:
    """One direction of dialling: who connects to `port` reaches `target`, if the wire is whole."""

    def __init__(self, target):
        self.target = target
        self.port = None
        self.is_cut = False
        self.delay = 0.0   # seconds that every piece waits
        self.stall = 0.0   # share of pieces that wait `stall_seconds` more
        self.stall_seconds = 0.3
        self.writers = set()


class Links:
    """All wires of a network of nodes whose peer ports are given. Use as a context; any thread may change a wire."""

    def __init__(self, peer_ports, seed):
        self.random = random.Random(seed)
        self.links = {(a, b): Link(peer_ports[b])
                      for a in range(len(peer_ports)) for b in range(len(peer_ports)) if a != b}
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.servers = []

    def __enter__(self):
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self.loop).result(10)
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self._close(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    def port(self, dialler, target):
        """Where `dialler` finds `target`."""
        return self.links[dialler, target].port

    def cut(self, node):
        """Nobody reaches the node and it reaches nobody."""
        self._change(node, lambda link: setattr(link, "is_cut", True))

    def slow(self, node, delay, stall=0.0):
        """Everything to and from the node takes longer; a share of it much longer."""
        def change(link):
            link.delay, link.stall = delay, stall
        self._change(node, change)

    def mend(self):
        def change(link):
            link.is_cut, link.delay, link.stall = False, 0.0, 0.0
        for node in {a for a, _ in self.links}:
            self._change(node, change)

    def _change(self, node, change):
        def run():
            for (a, b), link in self.links.items():
                if node in (a, b):
                    change(link)
                    if link.is_cut:
                        for writer in list(link.writers):
                            writer.transport.abort()
        self.loop.call_soon_threadsafe(run)

    async def _listen(self):
        for link in self.links.values():
            server = await asyncio.start_server(lambda r, w, link=link: self._serve(link, r, w), "127.0.0.1", 0)
            link.port = server.sockets[0].getsockname()[1]
            self.servers.append(server)

    async def _close(self):
        for server in self.servers:
            server.close()
        for link in self.links.values():
            for writer in list(link.writers):
                writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, link, reader, writer):
        if link.is_cut:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", link.target)
        except OSError:
            writer.transport.abort()
            return
        link.writers |= {writer, far_writer}
        try:
            await asyncio.gather(self._carry(link, reader, far_writer), self._carry(link, far_reader, writer))
        finally:
            link.writers -= {writer, far_writer}
            writer.transport.abort()
            far_writer.transport.abort()

    async def _carry(self, link, reader, writer):
        try:
            while piece := await reader.read(65536):
                wait = link.delay
                if link.stall and self.random.random() < link.stall:
                    wait += link.stall_seconds
                if wait:
                    await asyncio.sleep(wait)
                writer.write(piece)
                await writer.drain()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
