"""Counts the calls of this instance; its initializer sets where it begins."""

state = {"calls": 0, "initialized": False}


def initialize(context):
    state["initialized"] = True
    print("initializing", context.function.name)


def handler(event, context):
    state["calls"] += 1
    return state
