"""What a plan says: what would change, what it costs, what would suit better."""

WORDS = {
    # what differs
    "set": "已设置",
    "set to another value": "改为另一个值",
    "{0}, with another {1}": "{0}，{1} 不同",
    "end": "末尾",
    "container {0}": "容器 {0}",
    "disabled": "已停用",
    "not published": "未发布",
    "published": "发布时间",
    "newly published": "已发布",
    "would be published": "将发布",
    "a program": "可执行",
    "no program": "不可执行",
    "what is there then": "届时该处的内容",
    "setting": "设置",
    "live": "当前",
    "new": "新",
    "{0} line": "{0} 行",
    "{0} lines": "{0} 行",
    "… and {0} more": "……另有 {0} 项",
    # what differed
    "changes": "更改",
    "changed": "更新时间",
    "layer": "层",
    "{0} and {1} more": "{0} 等，另有 {1} 个",
    "{0} of {1} MB": "{0} / {1} MB",
    "with": "带入",
    "{0} from {1}": "{0}，来自 {1}",
    "{0} added": "新增 {0}",
    "{0} removed": "移除 {0}",
    "{0} changed": "更改 {0}",
    "version {0} published": "发布版本 {0}",
    "code changed": "更改代码",
    # what could not be compared
    "the live code is elsewhere, and was not compared": "当前代码位于别处，未作比较",
    "the live code has {0}: checksums are compared, not lines": "当前代码有 {0}：只比较校验和，不逐行比较",
    "the live code could not be compared: {0}": "当前代码无法比较：{0}",
    "it has more than {0} unpacked": "解压后超过 {0}",
    "what is live on {0} is not known: {1}": "无法得知 {0} 上当前部署的内容：{1}",
    # what would be done
    "would go to {0}": "将部署到 {0}",
    "would be created on {0}": "将在 {0} 创建",
    "would be updated on {0}": "将在 {0} 更新",
    "unchanged on {0}": "在 {0} 上无变化",
    "Nothing to change.": "没有需要更改的内容。",
    "Nothing was sent.": "未发送任何内容。",
    "the code": "代码",
    "layer {0}": "层 {0}",
    "{0} ({1})": "{0:part}（{1}）",
    "A deployment sends {0}, and publishes a version.": "部署会发送{0}，并发布一个版本。",
    "A deployment sends {0}.": "部署会发送{0}。",
    "A deployment publishes a version.": "部署会发布一个版本。",
    # what it costs
    " ": "",
    "cost": "费用",
    "{0} CNY": "{0} 元",
    "{0} (assumed)": "{0}（假定）",
    "{0} (the mean of {1})": "{0}（{1} 次的平均值）",
    "about {0} for 1,000 calls of {1}": "1,000 次调用约 {0}，每次 {1}",
    "{0}, by the list of {1}": "{0}，按 {1} 的价目表",
    "--rate is for --dry-run; of what is deployed: %fccost {0} --rate {1}": (
        "--rate 用于 --dry-run；已部署的函数请用 %fccost {0} --rate {1}"
    ),
    "{0} a month at {1}": "按 {1} 每月 {0}",
    "{0} to {1} a month at {2}": "按 {2} 每月 {0} 至 {1}",
    "{0}; {1}, by the list of {2}": "{0}；{1}，按 {2} 的价目表",
    "what its calls cost in a region, by Function Compute's list of {0}": (
        "部署到云上后调用的费用，按函数计算 {0} 的价目表"
    ),
    "Traffic to the internet, logs, OSS and gateways are billed apart.": "公网流量、日志、OSS 和网关另行计费。",
    "a call": "一次调用",
    "1,000 calls": "1,000 次调用",
    "a month": "一个月",
    "a new account has {0} such calls free in each of {1} months": "新账号前 {1} 个月每月有 {0} 次这样的免费调用",
    "at {0}: {1} calls, {2} CU": "按 {0}：{1} 次调用，{2} CU",
    "to {0}": "至 {0}",
    "if {0} for an hour with calls is counted by function": "如果每个有调用的小时的最低费用（{0}）按函数计算",
    "used": "用量",
    "at most {0} of {1} MB": "最多 {0} MB，共 {1} MB",
    "and {0} of {1} s": "最长 {0}，上限 {1} s",
    # advice
    "its calls used up to {0} of {1} MB: --memory {2}": "调用最多使用了 {1} MB 中的 {0} MB：--memory {2}",
    "its calls used at most {0} of {1} MB: --memory {2} costs {3} a second, with {4} instead of {5} vCPU": (
        "调用最多使用 {1} MB 中的 {0} MB：--memory {2} 每秒费用降至 {3}，vCPU 由 {5} 变为 {4}"
    ),
    "its longest call took {0} of {1} s: --timeout {2}": "最长的调用用了 {0}，上限 {1} s：--timeout {2}",
    "its longest call took {0} of {1} s: --timeout {2} ends one that hangs sooner": (
        "最长的调用用了 {0}，上限 {1} s：--timeout {2} 可以更早结束挂起的调用"
    ),
}
