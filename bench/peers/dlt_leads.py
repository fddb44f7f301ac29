"""Loads the leads of the benchmarks' server with dlt: python dlt_leads.py LIST DATABASE DATASET FOLDER"""

import atexit
import json
import os
import re
import resource
import sys

import dlt
from dlt.destinations import postgres, sqlalchemy
from dlt.sources.helpers import requests

LIMIT = 100
LIST, DATABASE, DATASET, FOLDER = sys.argv[1:]


@dlt.resource(name="leads", primary_key="id", write_disposition="merge")
def leads():
    offset, more = 0, True
    while more:
        page = requests.get(LIST, params={"limit": LIMIT, "offset": offset}).json()
        yield page["data"]
        more = page["has_more"]
        offset += LIMIT


def report():
    """Writes what this process took to descriptor 3, where the benchmark reads it."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    peak_kb = usage.ru_maxrss
    if os.path.exists("/proc/self/status"):
        with open("/proc/self/status", encoding="ascii") as status:
            peak_kb = int(re.search(r"VmHWM:\s+(\d+)", status.read())[1])
    cpu_ms = (usage.ru_utime + usage.ru_stime) * 1000
    os.write(3, json.dumps({"peak_kb": peak_kb, "cpu_ms": cpu_ms}).encode())


atexit.register(report)
destination = sqlalchemy if DATABASE.startswith("sqlite:") else postgres
pipeline = dlt.pipeline(
    pipeline_name="leads",
    pipelines_dir=FOLDER,
    destination=destination(credentials=DATABASE),
    dataset_name=DATASET,
)
pipeline.run(leads()).raise_on_failed_jobs()
