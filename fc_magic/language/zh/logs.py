"""Charts, logs and statistics."""

WORDS = {
    "as numbers": "数值",
    "{0} earlier line": "前面另有 {0} 行",
    "{0} earlier lines": "前面另有 {0} 行",
    "earlier lines were cut": "前面的行已截去",
    "{0} earlier lines, others were cut": "前面另有 {0} 行，更早的已截去",
    # logs
    "  … {0} lines": "  … {0} 行",
    "  … {0} line": "  … {0} 行",
    "since {0}": "自 {0} 起",
    "{0} has no such request in its log.": "{0} 的日志中没有这样的请求。",
    "only failed ones were asked for": "只查找失败的请求",
    "--grep {0}: is not a regular expression: {1}": "--grep {0}：不是正则表达式：{1}",
    "--grep '{0}' finds it as it is written": "--grep '{0}' 按原样查找",
    "{0} {1}: must be a time back such as 90s, 5m, 2h or 1d, or a moment such as 2026-11-27T14:05": (
        "{0} {1}：必须是 90s、5m、2h、1d 这样的时长，或 2026-11-27T14:05 这样的时刻"
    ),
    "{0} {1}: is in the future": "{0} {1}：在将来",
    "{0} {1}: must be a time such as 30s, 5m or 2h": "{0} {1}：必须是 30s、5m、2h 这样的时长",
    "--limit {0}: must be 1 to {1}": "--limit {0}：必须为 1 至 {1}",
    "--for is how long --follow lasts": "--for 是 --follow 持续的时间",
    "at most so many requests, 1 to 500; 20 if it is not said": "最多显示的请求数，1 至 500；默认为 20",
    "those that began so long ago or later (90s, 5m, 2h, 1d), or since 2026-11-27T14:05": (
        "在此时长之内开始的请求（90s、5m、2h、1d），或自 2026-11-27T14:05 这样的时刻起"
    ),
    "those with a line, or an error, that it matches; in small letters it finds capitals too": (
        "有某行或错误与之匹配的请求；全为小写时也匹配大写"
    ),
    "those that failed": "失败的请求",
    "the one with this id": "此 ID 的请求",
    "these, and then each that ends from now on, until the kernel is interrupted": (
        "先显示以上请求，之后每个请求结束时显示，直到中断内核"
    ),
    "follows for so long; 10 s where nobody is there to interrupt it": "跟踪的时长；无人可以中断时为 10 s",
    "the last requests of a function": "函数最近的请求",
    "those of so long (5m, 2h, 7d), or since 2026-11-27T14:05; of a day if it is not said": (
        "此时长之内的调用（5m、2h、7d），或自 2026-11-27T14:05 这样的时刻起；默认为一天"
    ),
    "what the calls of a function came to": "函数的调用统计",
    # following
    "following {0} {1}": "正在跟踪 {0}，{1}",
    "until it is interrupted": "直到中断",
    "for {0}": "持续 {0}",
    "the time of {0} is over": "{0} 的时间已到",
    "nobody is there to end it: {0}": "无人可中断：{0}",
    "the request has ended": "请求已结束",
    "… {0} requests went by that the log no longer has": "… {0} 个请求已不在日志中",
    "{0} requests": "{0} 个请求",
    "{0} request": "{0} 个请求",
    "{0} missed": "{0} 个遗漏",
    # statistics
    "{0} was not called since {1}.": "{0} 自 {1} 起没有被调用。",
    "{0} call": "{0} 次调用",
    "{0} failed ({1} %)": "{0} 次失败（{1} %）",
    "none failed": "无失败",
    "{0} cold start": "{0} 次冷启动",
    "longest": "最长",
    "memory at most {0} MB": "内存最高 {0} MB",
    "memory at most {0} of {1} MB": "内存最高 {0} MB，上限 {1} MB",
    "began": "起始",
    "cold starts": "冷启动",
    "limit": "上限",
    "calls of {0} over time": "{0} 的调用随时间的变化",
    "how long calls of {0} took": "{0} 的调用耗时",
    "of the calls": "调用占比",
    "within": "耗时不超过",
}
