"""Does what the event, Python statements, says, and returns what they left in ``answer``."""


def handler(event, context):
    names = {"__name__": __name__, "context": context, "answer": None}
    exec(event.decode(), names)
    return names["answer"]
