"""The line of a magic: expressions in braces."""

WORDS = {
    "takes no value": "不带值",
    "a dict is {{dict(KEY=VALUE)}}, or JSON": "字典写作 {{dict(KEY=VALUE)}}，或写作 JSON",
    "is of type {0}, and a text or number is taken": "类型为 {0}，而此处需要文本或数字",
    "the event {0}: {1}": "事件 {0}：{1:say}",
    "below %%fcinvoke NAME a text is what it is": "写在 %%fcinvoke NAME 之下的文本保持原样",
}
