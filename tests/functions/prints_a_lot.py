"""Prints as many megabytes as the event says, then a last line."""


def handler(event, context):
    line = "x" * 1023
    for _ in range(int(event) * 1024):
        print(line)
    print("the last line")
    return "done"
