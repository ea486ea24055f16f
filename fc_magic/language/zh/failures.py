"""What is said of failures: where they were, and what to look for."""

WORDS = {
    "Cell": "单元格",
    "Cell In[{0}]": "单元格 In[{0}]",
    "Cell In[{0}] of an earlier session": "先前会话的单元格 In[{0}]",
    "Cell In[{0}] of another session": "另一会话的单元格 In[{0}]",
    "{1}, Cell In[{0}]": "{1}，单元格 In[{0}]",
    "{1}, cell {0}": "{1}，单元格 {0}",
    "{0}, line {1}": "{0}，第 {1} 行",
    "{0}, in {1}": "{0}，于 {1}",
    "called from {0}": "调用自 {0}",
    "in {0}, request {1}": "函数 {0}，请求 {1}",
    "in {0}": "函数 {0}",
    "… {0} more characters": "… 另有 {0} 个字符",
    "… {0} more lines": "… 另有 {0} 行",
    "what ends the process may be": "结束进程的可能是",
}
