"""Cards, the lines of magics that are about them, and what the notebook side says of a cell."""

WORDS = {
    "deployed to {0}": "已部署到 {0}",
    "add --yes to the line, or set FC_MAGIC_YES=1": "在该行加上 --yes，或设置 FC_MAGIC_YES=1",
    "{0} is the cloud, and nobody can be asked here whether to write to it; nothing was sent": (
        "{0} 是云端，而这里无法询问是否写入；未发送任何内容"
    ),
    "not agreed: {0} stays as it is. Nothing was sent": "未同意：{0} 保持原样，未发送任何内容",
    "{0} is the cloud, and this notebook has not written to it yet.": (
        "{0} 是云端，此 Notebook 尚未向其写入。"
    ),
    "Go on? [y/N] ": "是否继续？[y/N] ",
    "access key {0}, from {1}": "访问密钥 {0}，来自 {1:say}",
    "{0} (access key {1}, from {2})": "{0}（访问密钥 {1}，来自 {2:say}）",
    "that of the key (access key {0}, from {1})": "密钥所属账号（访问密钥 {0}，来自 {1:say}）",
    "a name is missing": "缺少名称",
    "{0} is not one name": "{0} 不是一个名称",
    "is not an option": "不是选项",
    "did you mean --{0}?": "是否要写 --{0}？",
    "is not an option, or has no value": "不是选项，或缺少值",
    "{0} has no value": "{0} 缺少值",
    "{0} was interrupted while it was packed; nothing was sent, what ran before still runs": (
        "打包 {0} 时被中断；未发送任何内容，之前的版本仍在运行"
    ),
    "is read while the function starts, and is not in the package": "在函数启动时被读取，但不在代码包中",
    "{0} is read while the function starts, and is not in the package: --file {1}": (
        "{0} 在函数启动时被读取，但不在代码包中：--file {1}"
    ),
    "--force: would be deployed in spite of": "--force：尽管存在以下问题仍会部署：",
    "would not be deployed without --force:": "不加 --force 不会部署：",
    "calls a function": "调用函数",
    "that version or alias of it": "该函数的某个版本或别名",
    "the rest of the line as it is, or the body of a %%fcinvoke cell; JSON or any text": (
        "该行其余内容的原样，或 %%fcinvoke 单元格的正文；JSON 或任意文本"
    ),
    "does not wait for it; %fclogs NAME --request ID shows what came of it": (
        "不等待结果；用 %fclogs NAME --request ID 查看结果"
    ),
    "begins so many seconds later, at most 3600; asynchronously, too": (
        "延迟多少秒后执行，最多 3600；同样为异步调用"
    ),
    "the call is a task of that id; asynchronously, too": "作为该 ID 的任务调用；同样为异步调用",
    "{0} is not an option of %fcinvoke": "{0} 不是 %fcinvoke 的选项",
    "{0} is not an option, or has no value": "{0} 不是选项，或缺少值",
    "--delay 60, or --task my-task": "--delay 60，或 --task my-task",
    "there are two events: one on the line, one below it": "有两个事件：一个在该行，一个在下方",
    "%%fcinvoke {0}, and the event below": "%%fcinvoke {0}，事件写在下方",
    "{0} more line": "另有 {0} 行",
    "{0} more lines": "另有 {0} 行",
    "the cell is empty: there is no function to deploy": "单元格为空：没有可部署的函数",
    "write def handler(event, context): … below the %%fcdeploy line": (
        "在 %%fcdeploy 行下方写 def handler(event, context): …"
    ),
    "the cell cannot be read: {0}": "无法解析单元格：{0:say}",
    "a deployed cell is plain Python: magics and shell lines belong in another cell": (
        "部署的单元格是纯 Python：魔法命令和 shell 行应放在其他单元格"
    ),
    "this looks like JavaScript: --runtime nodejs20": "这看起来是 JavaScript：--runtime nodejs20",
    "{0} (line {1} of the cell)\n    {2}\n    {3}": ("{0}（单元格第 {1} 行）\n    {2}\n    {3}"),
    "the cell cannot be read: it is nested too deeply for Python": (
        "无法解析单元格：嵌套过深，Python 无法读取"
    ),
    "it defines {0}": "它定义了 {0}",
    "it defines no function": "它没有定义函数",
    "choose one: --handler {0}.{1}": "选择一个：--handler {0}.{1}",
    "write def handler(event, context): …": "写 def handler(event, context): …",
    "which function is the handler? The cell has none named handler; it defines {0}": (
        "哪个函数是请求处理程序？单元格中没有名为 handler 的函数；它定义了 {0}"
    ),
    "which function is the handler? The cell has none named handler; it defines no function": (
        "哪个函数是请求处理程序？单元格中没有名为 handler 的函数；它没有定义函数"
    ),
    "{0} {1}: the cell becomes {2}.py, there is no {3}.py": "{0} {1}：单元格会成为 {2}.py，没有 {3}.py",
    "{0} {1}: the cell does not define {2}; it has {3}": "{0} {1}：单元格没有定义 {2}；它有 {3}",
    "{0} {1}: the cell does not define {2}": "{0} {1}：单元格没有定义 {2}",
    "write def {0}({1}): …": "写 def {0}({1}): …",
    "FcMagic options": "FcMagic 选项",
    "None is what was not set here; %fctarget shows every value and where it is from.": (
        "None 表示未在此处设置；%fctarget 显示每个值及其来源。"
    ),
    "FcMagic.{0}: a cell is no place for a secret; the environment or a file of yours is": (
        "FcMagic.{0}：单元格中不应存放机密；请使用环境变量或您自己的文件"
    ),
    "{0} goes with a cell or a folder: what {1} names is packed already": (
        "{0} 须与单元格或文件夹一起使用：{1} 指定的代码已经打包"
    ),
    "--code DIR, or put the libraries into a layer: %fclayer NAME --requirements TEXT": (
        "--code DIR，或将依赖包放入层：%fclayer NAME --requirements TEXT"
    ),
    "{0}: deploys the cells of a notebook, all or those named; options win over those of the cells": (
        "{0}：部署 Notebook 的单元格，全部或指定的；此处的选项优先于单元格中的选项"
    ),
    "which notebook is deployed?": "部署哪个 Notebook？",
    "{0} is the code of one function": "{0} 是一个函数的代码",
    "{0}: the function of In[{1}] has no name": "{0}：In[{1}] 的函数没有名称",
    "{0} has no cell that begins %%fcdeploy": "{0} 中没有以 %%fcdeploy 开头的单元格",
    "{0} deploys no {1}; it has {2}": "{0} 没有部署 {1}；它有 {2}",
    "did you mean {0}? else {1}": "是否要写 {0}？否则 {1}",
    "did you mean {0}?": "是否要写 {0}？",
    "{0} is {1} there and {2} in this notebook": "{0} 在函数环境中为 {1}，在此 Notebook 中为 {2}",
    "request {0}": "请求 {0}",
    "exported as {0}": "已导出为 {0}",
    "pulled from {0}": "取自 {0}",
    "pulled": "已取回",
    "the next cell deploys it": "下一个单元格可部署它",
    "{0} bytes": "{0} 字节",
    "and {0} more file": "及另外 {0} 个文件",
    "and {0} more files": "及另外 {0} 个文件",
    "%fcexport NAME --to KIND: writes a function as files of another tool\n"
    "\n"
    "  --to KIND       {0}\n"
    "  --out PATH      the folder or file; else one named after the function, in the working direct"
    "ory\n"
    "  --force         write over files that are there\n"
    "  --with-secrets  write values that look secret, too: environment variables named …SECRET, …"
    "PASSWORD, …TOKEN, …KEY": (
        "%fcexport NAME --to KIND：将函数导出为其他工具的文件\n"
        "\n"
        "  --to KIND       {0}\n"
        "  --out PATH      目标文件夹或文件；默认以函数命名，位于工作目录\n"
        "  --force         覆盖已有文件\n"
        "  --with-secrets  同时写出疑似机密的值：名称以 …SECRET、…PASSWORD、…TOKEN、…KEY 结尾的环境"
        "变量"
    ),
    "%fcpull NAME: makes the cell that deploys a live function, with its real settings\n"
    "\n"
    "  --out DIR       the folder of code that has several files; else one of the function's name\n"
    "  --force         write over files that are there\n"
    "  --with-secrets  write values that look secret into the cell": (
        "%fcpull NAME：生成一个单元格，以已部署函数的实际设置部署它\n"
        "\n"
        "  --out DIR       代码有多个文件时的文件夹；默认以函数命名\n"
        "  --force         覆盖已有文件\n"
        "  --with-secrets  将疑似机密的值写入单元格"
    ),
    "the function failed": "函数执行失败",
    "… {0} frame in {1}": "… {1} 中的 {0} 个栈帧",
    "… {0} frames in {1}": "… {1} 中的 {0} 个栈帧",
    "… {0} more frame": "… 另有 {0} 个栈帧",
    "… {0} more frames": "… 另有 {0} 个栈帧",
    "rolled back": "已回滚",
    "rolled back on {0}": "已在 {0} 回滚",
    "version {0}": "版本 {0}",
    "on {0}": "位于 {0}",
    "changed {0}": "更新于 {0}",
    "{0} call today": "今日调用 {0} 次",
    "{0} calls today": "今日调用 {0} 次",
    "{0} error": "{0} 个错误",
    "{0} errors": "{0} 个错误",
    "starts with {0}": "启动时执行 {0}",
    "(code {0})": "（代码 {0}）",
    "env": "环境变量",
    "layers": "层",
    "libraries": "依赖包",
    "{0} in the package": "{0}，在代码包中",
    "{0} in layers {1}": "{0}，在层 {1} 中",
    "{0} in layer {1}": "{0}，在层 {1} 中",
    "signed requests only": "仅限签名请求",
    "with a JWT only": "须携带 JWT",
    "with a bearer token only": "须携带 Bearer Token",
    "no address yet": "尚无地址",
    "{0}, disabled": "{0}，已禁用",
    "calls today": "今日调用",
    "Nothing that begins with {0} is deployed here.": "此处没有以 {0} 开头的函数。",
    "Nothing is deployed here.": "此处尚未部署函数。",
    "deployed": "已部署",
    "unchanged": "无变化",
    "name": "名称",
    "runtime": "运行环境",
    "memory": "内存",
    "triggers": "触发器",
    "version": "版本",
    "errors": "错误",
    "another notebook": "另一个 Notebook",
    "memory now": "当前内存",
    "{0} has no instance now; a call starts one.": "{0} 当前没有实例；调用时会启动一个。",
    "No function has an instance now.": "当前没有函数实例。",
    "instance": "实例",
    "state": "状态",
    "age": "存活时间",
    "{0} image": "{0} 图片",
    "… {0} in all, in .payload": "… 共 {0}，见 .payload",
    "{0} (cold {1})": "{0}（冷启动 {1}）",
    "{0} ms": "{0} ms",
    "instance {0}": "实例 {0}",
    # what an instance does, as %fcinstances has it
    "idle": "空闲",
    "busy": "忙碌",
    "starting": "启动中",
    "draining": "退出中",
    "package": "代码包",
    "log": "日志",
}
