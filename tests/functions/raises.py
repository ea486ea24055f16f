"""Fails two frames deep, after it logged."""


def inner(x):
    return x["nope"]


def handler(event, context):
    print("starting")
    return inner({})
