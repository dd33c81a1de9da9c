"""Reports the pools of an application with PyMongo 4.7 or later. Copy this file, and for each client write:
    client = MongoClient(uri, event_listeners=[PoolReporter("billing")])
"""
import json, os, random, re, socket, threading, time, uuid
from collections import Counter, defaultdict
from itertools import accumulate, count
from urllib.request import Request, urlopen
from pymongo import monitoring, version

URLS = os.environ.get("ATLAS_CONNS_POOLS_URL", "").replace(",", " ").split()
URLS = [re.sub("(/v1/pools)?/*$", "", url) + "/v1/pools" for url in URLS]
HEADERS = {"Authorization": "Bearer " + os.environ.get("ATLAS_CONNS_POOLS_TOKEN", "").strip()}
process = {"host": socket.gethostname(), "driver": {"name": "PyMongo", "version": version}}
report = {"v": 1, "seq": 0, "everyMs": 5000, "process": process, "clients": [], "left": 0}
clients, numbers = [], count(1)  # The clients that are open. A number is never used again.

def begin():  # Also in the child of a fork: it has no connections, and a lost thread may hold the lock.
    global lock, thread
    lock, thread = threading.RLock(), threading.Thread(target=run, daemon=True)
    process.update(id=str(uuid.uuid4()), pid=os.getpid(), startedAt=time.strftime("%FT%TZ", time.gmtime()))
    for client in clients: client["pools"].clear()

def run():
    at, failures = random.randrange(len(URLS)), 0
    while True:
        try:
            with lock:  # The whole state: a lost report costs nothing. The bot refuses more than 100 pools.
                sums = list(accumulate(len(client["pools"]) for client in clients))
                sent = [client for client, pools in zip(clients, sums) if client["pools"] and pools <= 100]
                left = sum(sums[-1:]) - sum(len(client["pools"]) for client in sent)
                report.update(seq=report["seq"] + 1, clients=sent, left=left)
                body = json.dumps(report).encode()
            with urlopen(Request(URLS[at], body, HEADERS, method="PUT"), timeout=2) as answer:
                asked = json.loads(answer.read() or "{}").get("everyMs", report["everyMs"])
            failures = 0
        except Exception as error:  # The next bot, after 1 to 30 seconds.
            at, failures = (at + 1) % len(URLS), failures + 1
            if getattr(error, "code", None) == 409: process["id"] = str(uuid.uuid4())  # The id is taken.
        time.sleep(random.uniform(1, min(30, 2 * failures)) if failures else asked / 1000)

class Pool(dict):  # As it is reported. Beside it: the figures in which each connection counts.
    def __init__(self):
        self["now"] = Counter(open=0, pending=0, inUse=0, waiting=0)
        self["max"] = Counter(open=0, inUse=0, waiting=0)
        self["total"] = Counter(created=0, closed=0, checkouts=0, failed=0, timeouts=0, cleared=0, waitMs=0)
        self.connections, self.started, self.seconds = {}, 0, 0

class PoolReporter(monitoring.ConnectionPoolListener):
    def __init__(self, app):
        n, options = next(numbers), {"maxPoolSize": 100, "minPoolSize": 0, "maxIdleTimeMS": 0}
        self.client = {"n": n, "appName": app, "options": options, "pools": defaultdict(Pool)}
        self.open = 0
        process.setdefault("app", app)

    def note(self, event, figures=(), seconds=0, started=0, **totals):  # The application waits: only count.
        with lock:
            if URLS and not thread.is_alive(): thread.start()
            pool = self.client["pools"]["%s:%s" % event.address]
            now, total = pool["now"], pool["total"]
            now.subtract(pool.connections.pop(getattr(event, "connection_id", None), ()))
            now.update(figures)
            if figures: pool.connections[event.connection_id] = figures
            total.update(totals)
            pool.started, pool.seconds = pool.started + started, pool.seconds + seconds
            total["waitMs"] = round(1000 * pool.seconds)
            waiting, idle = pool.started - total["checkouts"] - total["failed"], now["open"] - now["inUse"]
            now["waiting"] = max(0, waiting - idle)  # An idle connection serves a checkout at once.
            pool["max"] = {name: max(most, now[name]) for name, most in pool["max"].items()}

    def opened(self, change):  # A client is left out when all of its pools are closed.
        with lock:
            self.open += change
            if self.client not in clients: clients.append(self.client)
            if self.open <= 0: clients.remove(self.client)

    def pool_created(self, event):
        self.client["options"].update({name: round(value or 0) for name, value in event.options.items()})
        self.opened(1)
    def connection_check_out_failed(self, event):
        self.note(event, (), event.duration, failed=1, timeouts=event.reason == "timeout")
    def pool_ready(self, event): pass
    def pool_closed(self, event): self.opened(-1)
    def pool_cleared(self, event): self.note(event, cleared=1)
    def connection_created(self, event): self.note(event, ["pending"], created=1)
    def connection_ready(self, event): self.note(event, ["open"])
    def connection_check_out_started(self, event): self.note(event, started=1)
    def connection_checked_out(self, event): self.note(event, ["open", "inUse"], event.duration, checkouts=1)
    def connection_checked_in(self, event): self.note(event, ["open"])
    def connection_closed(self, event): self.note(event, closed=1)

begin()
if hasattr(os, "register_at_fork"): os.register_at_fork(after_in_child=begin)
