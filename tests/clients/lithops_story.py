"""What somebody does with Lithops; prints the results as one line of JSON."""

import json

import lithops


def double(x):
    return x * 2


def total(results):
    return sum(results)


def divide(x):
    return 1 / x


if __name__ == "__main__":
    with lithops.FunctionExecutor() as executor:
        mapped = executor.get_result(executor.map(double, [1, 2, 3, 4, 5]))
    with lithops.FunctionExecutor() as executor:
        executor.map_reduce(double, [1, 2, 3], total)
        reduced = executor.get_result()
    with lithops.FunctionExecutor() as executor:
        try:
            executor.get_result(executor.call_async(divide, 0))
        except ZeroDivisionError as error:
            raised = str(error)
    print(json.dumps([mapped, reduced, raised]))
