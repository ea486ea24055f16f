"""What is said of failures: where they were, and what to look for."""

WORDS = {
    "Cell": "单元格",
    "Cell In[{0}]": "单元格 In[{0}]",
    "Cell In[{0}] of another session": "另一会话的单元格 In[{0}]",
    "{1}, Cell In[{0}]": "{1}，单元格 In[{0}]",
    "{1}, cell {0}": "{1}，单元格 {0}",
    "{0}, line {1}": "{0} 第 {1} 行",
    "{0}, in {1}": "{0}，于 {1}",
    "called from {0}": "调用自：{0}",
    "in {0}, request {1}": "函数 {0}，请求 {1}",
    "in function {0}": "函数 {0}",
    "… {0} more characters": "… 另有 {0} 个字符",
    "… {0} more lines": "… 另有 {0} 行",
    "caused by {0}": "起因于 {0}",
    "one of the group: {0}": "异常组中的一个：{0}",
    "imported at {0}": "在 {0:say}导入",
    "the handler returns at {0}": "请求处理程序在 {0:say}返回",
    "the process may have ended at {0}": "进程可能在 {0:say}结束",
    # what is run without being deployed, or here
    "{0} was not run: 1 setting needs attention": "{0} 未运行：有 1 项设置需要修改",
    "{0} was not run: {1} settings need attention": "{0} 未运行：有 {1} 项设置需要修改",
    "{0} was not run: {1}": "{0} 未运行：{1}",
    "Nothing was sent. --force runs it all the same.": "没有发送任何内容。--force 仍然运行它。",
    "{0} was interrupted; the call was cancelled": "{0} 已被中断；调用已取消",
    "{0} was interrupted; the call was over by then": "{0} 已被中断；此时调用已结束",
    "there are two events: --event and --event-file": "有两个事件：--event 和 --event-file",
    "--event-file {0}: {1}": "--event-file {0}：{1}",
    "--event-file {0}: No such file or directory": "--event-file {0}：没有此文件或目录",
    "it is not in {0}": "它不在 {0} 中",
    "{0} cannot run here: it is not a cell of Python that this session deployed": (
        "{0} 不能在这里运行：它不是本会话部署的 Python 单元格"
    ),
    "run its %%fcdeploy cell; {0}(event) runs it where it is deployed": (
        "运行它的 %%fcdeploy 单元格；{0}(event) 在部署的地方运行它"
    ),
    "The process was ended by signal {0} ({1})": "进程被信号 {0}（{1}）终止",
    "The process ended with exit status {0}": "进程以退出状态 {0} 结束",
    "Native code of a library crashed: take another version of it, --requirements 'NAME==VERSION', or give it "
    "less at once.": "库的本机代码崩溃：换用它的其他版本，--requirements 'NAME==VERSION'，或减少一次处理的量。",
    # what to do about the refusals of a region
    "let the role trust the service fc.aliyuncs.com (RAM console: the role, trust policy), or name another: "
    "--role NAME": "让该角色信任服务 fc.aliyuncs.com（RAM 控制台：角色，信任策略），或指定其他角色：--role NAME",
    "attach a policy with ram:PassRole for the role of the function to the RAM user of this key": (
        "为此密钥的 RAM 用户授予函数角色的 ram:PassRole 权限"
    ),
    "attach AliyunFCFullAccess to the RAM user of this key, or a policy with {0}": (
        "为此密钥的 RAM 用户授予 AliyunFCFullAccess，或包含 {0} 的权限策略"
    ),
    "activate Function Compute once, at {0}, with the main account": "用主账号在 {0} 开通函数计算",
    "create the project and the logstore in Log Service first; a new one takes a minute to be found": (
        "先在日志服务中创建 Project 和 Logstore；新建后一分钟左右才能找到"
    ),
    "name a role that the function takes on: --role NAME": "指定函数扮演的角色：--role NAME",
    "attach a policy with log:PostLogStoreLogs on that logstore to the role of the function": (
        "为函数的角色授予该 Logstore 的 log:PostLogStoreLogs 权限"
    ),
    "open Container Registry in that region, and attach AliyunContainerRegistryReadOnlyAccess to the role": (
        "在该地域开通容器镜像服务，并为角色授予 AliyunContainerRegistryReadOnlyAccess"
    ),
    "set account_id to that of the main account, not of a RAM user, and the region to that of the function: "
    "%fctarget shows both": "把 account_id 设为主账号（不是 RAM 用户）的 ID，地域设为函数的地域：%fctarget 显示二者",
    "check the network, and the region and the account id in the address: %fctarget shows both": (
        "检查网络，以及地址中的地域和账号 ID：%fctarget 显示二者"
    ),
    "Begin the file with the program that runs it: #!/bin/bash or #!/usr/bin/env python3": (
        "文件第一行写运行它的程序：#!/bin/bash 或 #!/usr/bin/env python3"
    ),
    "{0}() is never waited for": "没有任何代码等待 {0}()",
    "it stands still once the handler has answered, until the next request": (
        "请求处理程序返回后它就停住，直到下一个请求"
    ),
    "call join() before returning, or have the work called asynchronously: %fcinvoke NAME --async": (
        "返回之前调用 join()，或异步调用这项工作：%fcinvoke NAME --async"
    ),
}
