"""An application with PyMongo and the listener of src/reporter. Each line of its input is one step; it answers with one.

argv: connection string, folder of the listener, name of the app, seconds between two reports.
"""
import os, sys, threading, time

sys.path.insert(0, sys.argv[2])
import atlas_conns_pools
from atlas_conns_pools import PoolReporter
from pymongo import CursorType, MongoClient

app, atlas_conns_pools.report["everyMs"] = sys.argv[3], round(1000 * float(sys.argv[4]))
clients, threads, outcomes, cursors, child = [], [], [], [], 0


def slow(client, seconds):
    try:
        list(client.fleet.one.find({"$where": f"sleep({1000 * seconds}) || true"}))
        outcomes.append("done")
    except Exception as error:
        outcomes.append(type(error).__name__)


def step(act, *fields):
    global child
    if act == "open":
        clients.append(MongoClient(sys.argv[1] + fields[0], event_listeners=[PoolReporter(app)]))
    elif act == "visit":
        # Clients with one operation each; all of them are open at once, and closed at the end when it is said.
        own = [MongoClient(sys.argv[1], event_listeners=[PoolReporter(app)]) for _ in range(int(fields[0]))]
        for client in own:
            client.admin.command("ping")
        for client in own if fields[1:] == ("close",) else ():
            client.close()
        clients.extend(own)
    elif act == "hold":
        client, count, seconds = int(fields[0]), int(fields[1]), float(fields[2])
        threads.extend(threading.Thread(target=slow, args=(clients[client], seconds)) for _ in range(count))
        for thread in threads[-count:]:
            thread.start()
    elif act == "leak":
        # Such a cursor keeps its connection until its end, and nothing reads it to its end.
        for _ in range(int(fields[1])):
            cursors.append(clients[int(fields[0])].fleet.many.find({}, cursor_type=CursorType.EXHAUST, batch_size=2))
            next(cursors[-1])
    elif act == "return":
        for cursor in cursors:
            cursor.close()
    elif act == "settle":
        for thread in threads:
            thread.join()
        return " ".join(sorted(outcomes))
    elif act == "fork":
        child = os.fork()
        if child == 0:
            own = MongoClient(sys.argv[1] + "&maxPoolSize=3", event_listeners=[PoolReporter(app)])
            slow(own, 1)
            time.sleep(6)
            os._exit(0)
        return str(child)
    elif act == "wait":
        return str(os.waitpid(child, 0)[1])
    elif act == "reporting":
        return str(atlas_conns_pools.thread.is_alive())
    elif act == "close":
        clients[int(fields[0])].close()
    return "ok"


for line in sys.stdin:
    print(step(*line.split()), flush=True)
