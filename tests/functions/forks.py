"""Uses other processes in the way the event names."""

import multiprocessing
import os
import subprocess
import sys
import time


def double(number):
    return 2 * number


def handler(event, context):
    how = event.decode()
    if how == "pool":
        with multiprocessing.get_context("fork").Pool(2) as pool:
            return pool.map(double, range(5))
    if how == "spawn":
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            return pool.map(double, range(5))
    if how == "subprocess":
        return subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True).stdout
    if how == "returns twice" and os.fork() == 0:
        return "child"
    if how == "child stays" and os.fork() == 0:
        time.sleep(60)
    if how == "child stays":
        os._exit(5)
    return "parent"
