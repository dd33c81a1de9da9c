# A process of an application with PyMongo, as node-fleet.ts. `forks` are children that begin with the parent's client.

import json
import os
import sys
import threading

from pymongo import MongoClient, ReadPreference

spec = json.loads(sys.argv[1])
SLOW = {"$where": f"sleep({max(700, 100 * spec['primary'])}) || true"}


def work(client):
    one = client.get_database("fleet").get_collection("one")

    def read(where):
        list(one.with_options(read_preference=ReadPreference.PRIMARY).find(where))

    if spec["primary"] > 1:
        for _ in range(3):
            threads = [threading.Thread(target=read, args=(SLOW,)) for _ in range(spec["primary"])]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    elif spec["primary"] == 1:
        read({})
    if spec["secondary"] > 0:
        for _ in range(40):
            list(one.with_options(read_preference=ReadPreference.SECONDARY).find({}))


def wait():
    sys.stdin.read()
    os._exit(0)


clients = [MongoClient(spec["uri"], heartbeatFrequencyMS=500) for _ in range(spec["clients"])]
for each in clients:
    work(each)
ready = os.pipe()
for _ in range(spec["forks"]):
    if os.fork() == 0:
        for each in clients:
            work(each)
        os.write(ready[1], b"1")
        wait()
for _ in range(spec["forks"]):
    os.read(ready[0], 1)
print("ready", flush=True)
wait()
