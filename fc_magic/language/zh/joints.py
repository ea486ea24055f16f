"""What joins sentences, and what every room says."""

WORDS = {
    "run the cell again: a new local Function Compute is started": "再次运行单元格：会启动新的本地函数计算",
    "{0}: {1}": "{0:part}：{1:part}",
    "{0}. {1}": "{0:part}。{1:part}",
    "{0}: {1} {2}": "{0}：{1} {2:part}",
    "{0} ({1} needs it)": "{0:part}（{1} 需要它）",
    "{0}, {1}": "{0}，{1}",
    "{0}, ": "{0}，",
    ", ": "、",
    "{0}; {1}": "{0:part}；{1:part}",
    "is not text": "不是文本",
    "is required": "为必填",
    "the body is not a JSON object": "请求体不是 JSON 对象",
}
