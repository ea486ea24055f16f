"""Prints until it is ended."""


def handler(event, context):
    while True:
        print("x" * 8000)
