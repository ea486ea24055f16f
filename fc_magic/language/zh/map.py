"""Many calls at once: results, their drawing, and what was wrong."""

WORDS = {
    "and 1 other message": "另有 1 种消息",
    "and {0} other messages": "另有 {0} 种消息",
    # the card
    "1 call": "1 次调用",
    "{0} calls": "{0} 次调用",
    "{0} of {1} calls": "{1} 次调用中的 {0} 次",
    "first {0} events": "前 {0} 个事件",
    "1 value": "1 个结果",
    "{0} values": "{0} 个结果",
    "1 failed": "1 次失败",
    "{0} failed": "{0} 次失败",
    "1 not sent": "1 次未发送",
    "{0} not sent": "{0} 次未发送",
    "1 cancelled": "1 次已取消",
    "{0} cancelled": "{0} 次已取消",
    "{0} not called": "{0} 次未调用",
    "in {0}": "用时 {0}",
    "{0} calls a second": "每秒 {0} 次",
    "longest {0}": "最长 {0}",
    "1 cold start": "1 次冷启动",
    "{0} cold starts": "{0} 次冷启动",
    "{0} at once": "同时 {0} 次",
    "{0} called again": "{0} 次重试",
    "{0} in a region": "部署到云上约 {0}",
    "by the list of {0}": "按 {0} 的价目表",
    "event {0}": "事件 {0}",
    "first event {0}": "首个事件 {0}",
    "… {0} more kinds of errors": "… 还有 {0} 种错误",
    # the drawing
    "calls of {0} over {1}": "{0} 在 {1} 内的调用",
    "answered in each {0}: {1}": "每 {0} 完成的调用：{1}",
    "warm": "热启动",
    "cold start": "冷启动",
    "failed": "失败",
    "calls": "调用",
    "{0}/s": "{0}/s",
    # what ended it
    "{0} of {1} calls of {2} failed": "{2} 的 {1} 次调用中有 {0} 次失败",
    "{0} of {1} calls of {2} failed; {3}": "{2} 的 {1} 次调用中有 {0} 次失败；{3:say}",
    "{0} calls of {1} were cancelled": "{1} 的 {0} 次调用已取消",
    "interrupted after {0} calls": "{0} 次调用后中断",
    "interrupted after {0} calls, inside of the generator: its rest is not known": (
        "{0} 次调用后在生成器内中断：其余事件未知"
    ),
    "interrupted; the generator is still at work: interrupt again to leave it": (
        "已中断；生成器仍在运行：再次中断即可离开"
    ),
    "interrupted; these results came and were not read": "已中断：这些结果已收到而未读取",
    "it ended with {0}: {1}": "以 {0} 结束：{1}",
    "it ended there, because max_errors is {0}": "到此结束，因为 max_errors 为 {0}",
    "the events ended with {0}: {1}": "事件以 {0} 结束：{1}",
    "{0} was interrupted after {1} calls; those that ran were cancelled": "{0} 在 {1} 次调用后中断；正在运行的调用已取消",
    "{0} was interrupted; the calls that ran were cancelled": "{0} 已中断；正在运行的调用已取消",
    "ordered is that of the map: values that are there stay where they are": (
        "ordered 沿用该次 map 的设置：已有的值保持原位"
    ),
    "these results do not know their function any more": "这些结果已不知道其函数",
    "look at .errors, .values(None), .retry()": "查看 .errors、.values(None)、.retry()",
    ".mapped of the function has what came; .mapped.retry() goes on": (
        "已有的结果在函数的 .mapped 中；.mapped.retry() 继续执行"
    ),
    "{0}:{1} cannot run here: a version has no cell of this notebook": "{0}:{1} 不能在此运行：版本没有此 Notebook 的单元格",
    "{0}.local(event) runs the cell as it is now": "{0}.local(event) 运行当前的单元格",
    # what was asked wrongly
    "nothing was called": "没有调用",
    "must be a whole number from {0}": "必须是不小于 {0} 的整数",
    "must be a whole number from {0} to {1}": "必须是 {0} 到 {1} 的整数",
    "the events are of type {0}, which is one event": "事件的类型是 {0}，即单个事件",
    "put it into a list, or call the function with it": "放入列表，或直接用它调用函数",
    "the events are of type {0}, which has none": "事件的类型是 {0}，其中没有事件",
    "a list, a generator, a DataFrame, an array: what a for loop takes": "列表、生成器、DataFrame、数组等可迭代的值",
    "the table has {0} more than once as a column": "表中列 {0} 重复",
    "rename one": "重命名其中一列",
    "the event is of type {0} and cannot be sent as JSON": "事件的类型是 {0}，不能作为 JSON 发送",
    "from dataclasses import asdict; asdict(value) is a dict of it": (
        "from dataclasses import asdict；asdict(value) 将其转换为 dict"
    ),
    "the event is of type {0} and cannot be sent as JSON: {1}": "事件的类型是 {0}，不能作为 JSON 发送：{1:say}",
    "send bytes, text, or what JSON has: dict, list, str, int, float, bool, None": (
        "发送字节、文本或 JSON 的值：dict、list、str、int、float、bool、None"
    ),
    "{0} takes no connection: {1}": "{0} 不接受连接：{1}",
    "{0} broke the connection before its answer was whole: {1}": "{0} 在应答完整之前断开了连接：{1:say}",
    "{0} gave no answer within {1} s": "{0} 在 {1} 秒内没有应答",
}
