"""Reports the connection pools of a PyMongo application (4.x) to the bot. Copy this file; each client needs its own:

    client = MongoClient(uri, event_listeners=[PoolReporter("billing")])

ATLAS_CONNS_POOLS_URL (or several, with commas) and ATLAS_CONNS_POOLS_TOKEN are those of the bot. Without a URL nothing
happens.
"""
import atexit, json, os, random, socket, threading, time, urllib.request, uuid
import pymongo
from pymongo.monitoring import ConnectionPoolListener

URLS = [url.strip().rstrip("/") for url in os.environ.get("ATLAS_CONNS_POOLS_URL", "").split(",") if url.strip()]
TOKEN = os.environ.get("ATLAS_CONNS_POOLS_TOKEN", "").strip()
NAMES = ("created", "closed", "checkouts", "failed", "timeouts", "cleared", "waitMs")
listeners, lock, thread = [], threading.Lock(), None
every, sent, failed, at, known = 5.0, 0, 0, random.randrange(len(URLS) or 1), False
process = {"driver": {"name": "PyMongo", "version": pymongo.version}, "host": socket.gethostname()}


def put(bye=False):
    """The whole state each time: a report that is lost costs nothing."""
    global sent, known
    with lock:
        sent, pools = sent + 1, [pool for n, each in enumerate(listeners, 1) for pool in each.state(n)]
    pools.sort(key=lambda pool: -pool[2]["max"]["open"])  # The largest hundred: the bot takes no more.
    clients = {}
    for client, address, figures in pools[:100]:
        clients.setdefault(client["n"], {**client, "pools": {}})["pools"][address] = figures
    body = {"v": 1, "seq": sent, "everyMs": round(every * 1000), "process": process, "bye": bye}
    body.update(clients=list(clients.values()), left=max(0, len(pools) - 100), reporter={"failed": failed})
    body = json.dumps(body).encode()
    head = {"Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"}
    request = urllib.request.Request(URLS[at] + "/v1/pools", body, head, method="PUT")
    with urllib.request.urlopen(request, timeout=2) as answer:
        known, asked = True, json.loads(answer.read() or b"{}").get("everyMs")
        return min(300, max(1, asked / 1000)) if asked else every


def run(owner):
    global at, failed, known, sent
    failures = 0
    while owner == os.getpid():
        try:
            wait = put() or every
            failures = 0
        except Exception as error:  # The next bot at once, until each was tried; then after 1 to 30 seconds.
            code, asked = getattr(error, "code", 0), str((getattr(error, "headers", None) or {}).get("Retry-After"))
            failures, failed, at, known = failures + 1, failed + 1, (at + 1) % len(URLS), False
            if code == 409:  # Another process has this id.
                process["id"], sent = str(uuid.uuid4()), 0
            patience = random.uniform(1, min(30, 2 ** min(5, failures // len(URLS))))
            wait = 30 if code == 401 else max(1, int(asked)) if asked.isdigit() else patience
            wait = 0 if failures % len(URLS) else wait
        time.sleep(wait)


def begin():
    """Also in the child of a fork: it is another process, without connections, and its lock may be held."""
    global lock, thread, sent, known
    lock, thread, sent, known = threading.Lock(), None, 0, False
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    process.update(id=str(uuid.uuid4()), pid=os.getpid(), startedAt=now)
    for each in listeners:
        each.pools = {}


def end():
    try:
        known and put(bye=True)
    except Exception:
        pass


class PoolReporter(ConnectionPoolListener):
    def __init__(self, app):
        self.app, self.pools, self.options = app, {}, {"maxPoolSize": 100, "minPoolSize": 0, "maxIdleTimeMS": 0}
        self.began = threading.local()
        process.setdefault("app", app)
        listeners.append(self)

    def note(self, event, state=None, waits=0, **totals):
        """Runs in the threads of the application: it only counts."""
        global thread
        if not (URLS and TOKEN):
            return
        with lock:
            if thread is None:
                thread = threading.Thread(target=run, args=(os.getpid(),), name="atlas-conns", daemon=True)
                thread.start()
            new = {"ids": {}, "waits": 0, "max": dict.fromkeys(("open", "inUse", "waiting"), 0)}
            pool = self.pools.setdefault(event.address, {**new, "total": dict.fromkeys(NAMES, 0)})
            pool["waits"] += waits
            if state == "gone":
                pool["ids"].pop(event.connection_id, None)
            elif state:
                pool["ids"][event.connection_id] = state
            for name, number in totals.items():
                pool["total"][name] += number
            now = self.now(pool)
            pool["max"] = {name: max(number, now[name]) for name, number in pool["max"].items()}

    def now(self, pool):
        states = list(pool["ids"].values())
        idle, used, pending = (states.count(state) for state in ("idle", "used", "pending"))
        return {"open": idle + used, "pending": pending, "inUse": used, "waiting": max(0, pool["waits"] - idle)}

    def state(self, number):
        client = {"n": number, "appName": self.app, "options": self.options}
        for (host, port), pool in self.pools.items():
            total = {**pool["total"], "waitMs": round(pool["total"]["waitMs"])}
            yield client, f"{host}:{port}", {"now": self.now(pool), "max": pool["max"], "total": total}

    def pool_created(self, event):
        self.options.update({name: int(event.options.get(name) or 0) for name in self.options if name in event.options})

    def pool_ready(self, event):
        pass

    def pool_cleared(self, event):
        self.note(event, cleared=1)

    def pool_closed(self, event):
        pass

    def connection_created(self, event):
        self.note(event, "pending", created=1)

    def connection_ready(self, event):
        self.note(event, "idle")

    def connection_closed(self, event):
        self.note(event, "gone", closed=1)

    def connection_check_out_started(self, event):
        self.began.at = time.monotonic()
        self.note(event, waits=1)

    def waited(self, event):
        """PyMongo before 4.7 tells no duration: a checkout begins and ends in one thread."""
        seconds = getattr(event, "duration", None)
        return 1000 * (time.monotonic() - getattr(self.began, "at", time.monotonic()) if seconds is None else seconds)

    def connection_checked_out(self, event):
        self.note(event, "used", waits=-1, checkouts=1, waitMs=self.waited(event))

    def connection_check_out_failed(self, event):
        self.note(event, waits=-1, failed=1, timeouts=int(event.reason == "timeout"), waitMs=self.waited(event))

    def connection_checked_in(self, event):
        self.note(event, "idle")


begin()
atexit.register(end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=begin)
