"""The magics, their options, and what they refuse."""

WORDS = {
    "%fcalias {0} shows which there are; without one it is what is deployed now": (
        "%fcalias {0} 显示已有的别名；不指定则为当前部署的内容"
    ),
    "%fcversions {0} shows which there are; without one it is what is deployed now": (
        "%fcversions {0} 显示已有的版本；不指定则为当前部署的内容"
    ),
    "write exports.handler = async (event, context) => … below the %%fcdeploy line": (
        "在 %%fcdeploy 行下方写 exports.handler = async (event, context) => …"
    ),
    "{0} (line {1} of the cell)": "{0}（单元格第 {1} 行）",
    "it exports {0}": "它导出了 {0}",
    "it exports nothing": "它没有导出",
    "write {0}": "写 {0}",
    "which function is the handler? The cell exports none named handler; it exports {0}": (
        "哪个函数是请求处理程序？单元格没有导出名为 handler 的函数；它导出了 {0}"
    ),
    "which function is the handler? The cell exports none named handler; it exports nothing": (
        "哪个函数是请求处理程序？单元格没有导出名为 handler 的函数；它没有导出"
    ),
    "exports.{0} = async (event, context) => …, or export const {1} = …": (
        "exports.{0} = async (event, context) => …，或 export const {1} = …"
    ),
    "{0} {1}: the cell becomes {2}, there is no {3}{4}": "{0} {1}：单元格会成为 {2}，没有 {3}{4}",
    "{0} {1}: the cell does not export {2}; it exports {3}": "{0} {1}：单元格没有导出 {2}；它导出了 {3}",
    "{0} {1}: the cell does not export {2}": "{0} {1}：单元格没有导出 {2}",
    "a cell with import or export is an ES module, and there is no require in one: use import": (
        "使用 import 或 export 的单元格是 ES 模块，其中没有 require：请使用 import"
    ),
    "published to {0}": "已发布到 {0}",
    "has": "内容",
    "files": "文件",
    "about": "说明",
    "public": "公开",
    "any runtime": "任意运行环境",
    "There is no layer {0} here.": "此处没有层 {0}。",
    "No layer is published here.": "此处尚未发布层。",
    "runtimes": "运行环境",
    "size": "大小",
    "description": "描述",
    "publishes the files of a folder": "发布文件夹中的文件",
    "publishes a ZIP": "发布一个 ZIP",
    "what it is for, several with commas; without it any, of requirements the setting runtime": (
        "适用的运行环境，多个用逗号分隔；默认任意，使用 requirements 时取设置 runtime"
    ),
    "free text, at most 256 characters": "自由文本，最多 256 个字符",
    "its license": "许可证",
    "removes NAME:VERSION": "删除 NAME:VERSION",
    "shows this help": "显示此帮助",
    "%fclayers [NAME]: the layers, or the versions of one": "%fclayers [NAME]：列出层，或某个层的版本",
    "{0} [options]: publishes a version of a layer": "{0} [options]：发布层的一个版本",
    "{0} is too much: a value with spaces is quoted": "{0} 是多余的：含空格的值须加引号",
    "{0} is not NAME:VERSION": "{0} 不是 NAME:VERSION",
    "there are {0} sources: --{1}": "有 {0} 个来源：--{1}",
    "{0}:{1}: a new version gets its number from Function Compute": "{0}:{1}：新版本的编号由函数计算分配",
    "there is no layer {0}": "没有层 {0}",
    "one version is removed, and nothing else": "只删除一个版本，不能与其他操作同时进行",
    "deleted from {0}": "已从 {0} 删除",
    "still in {0}, until deployed without it": "仍在 {0} 中，直到重新部署且不再使用它",
    "libraries are fetched for one runtime at a time": "一次只能为一个运行环境获取依赖包",
    "{0} would have {1} layers with those of its libraries; Function Compute takes {2}": (
        "{0} 加上依赖包的层后共有 {1} 个层；函数计算最多支持 {2} 个"
    ),
    "--{0} puts the libraries into the ZIP": "--{0} 将依赖包放入 ZIP",
    "{0} was interrupted while it was sent; %fcversions {1} shows what is deployed now, and deployi"
    "ng it again completes it": ("发送 {0} 时被中断；%fcversions {1} 显示当前部署的内容，重新部署即可完成"),
    "a layer that no function has may still be there: {0}": "可能残留一个没有函数使用的层：{0}",
    "{0} has line breaks or signs that a line cannot hold: they are spaces in the cell": (
        "{0} 含有换行或一行中无法表示的字符：在单元格中已替换为空格"
    ),
    "is not in the cell": "不在单元格中",
    "is known by its fingerprint only": "仅有指纹",
    "{0} is not in the cell: write it where {1} stands": "{0} 不在单元格中：请写在 {1} 处",
    "{0} is known by its fingerprint only: write it where {1} stands": "{0} 仅有指纹：请写在 {1} 处",
    "{0} has no request {1} in its log: it has not run yet, or is not kept any more.": (
        "{0} 的日志中没有请求 {1}：它尚未执行，或已不再保留。"
    ),
    "{0} has no log yet.": "{0} 尚无日志。",
    "the local Function Compute keeps logs as long as it runs": "本地函数计算只在运行期间保留日志",
    "{0}, retry {1}": "{0}，第 {1} 次重试",
    "{0} (cold)": "{0}（冷启动）",
    "%fclist [PREFIX]: what is deployed": "%fclist [PREFIX]：列出已部署的函数",
    "%fcinstances [NAME]: the instances of a function, or of all, and what they do": (
        "%fcinstances [NAME]：某个函数或所有函数的实例及其状态"
    ),
    "%fcdelete NAME: removes a function with its triggers": "%fcdelete NAME：删除函数及其触发器",
    "the function has no name": "函数没有名称",
    "%%fcdeploy NAME, such as %%fcdeploy hello": "%%fcdeploy NAME，例如 %%fcdeploy hello",
    "{0} is something else in this notebook, of type {1}; _ is the function": (
        "{0} 在此 Notebook 中已是 {1}，保持不变；_ 是该函数"
    ),
    "{0} is a word of Python's own and stays so; _ is the function": (
        "{0} 是 Python 自身的名称，保持不变；_ 是该函数"
    ),
    "the event looks like JSON and is not: names and texts stand in double quotes": (
        "事件看起来像 JSON 但不是：名称和文本须用双引号"
    ),
    "the event was plain text; as JSON it is {0}": "事件是纯文本；写成 JSON 是 {0}",
    "is a folder": "是文件夹",
    "there is no such file": "没有该文件",
    "{0}: is a folder": "{0}：是文件夹",
    "{0}: there is no such file": "{0}：没有该文件",
    "{0} cannot be read: {1}": "无法读取 {0}：{1:say}",
    "{0} is not a notebook: {1}": "{0} 不是 Notebook：{1:say}",
    "open it in Jupyter and save it again": "在 Jupyter 中打开并重新保存",
    "deploys the files of a folder; then the cell's own code is ignored": (
        "部署文件夹中的文件；单元格自身的代码会被忽略"
    ),
    "puts a file beside the code, or those of a pattern; FILE=PLACE puts it elsewhere": (
        "将文件（或匹配模式的文件）与代码放在一起；FILE=PLACE 指定位置"
    ),
    "leaves files of libraries out, by a pattern of their paths, such as tests/ or *.md": (
        "按路径模式排除依赖包的文件，如 tests/ 或 *.md"
    ),
    "keeps files of libraries that would be left out, by a pattern of their paths": (
        "按路径模式保留本应排除的依赖包文件"
    ),
    "puts a folder beside the code; DIR=PLACE puts it elsewhere": (
        "将文件夹与代码放在一起；DIR=PLACE 指定位置"
    ),
    "leaves a name of the notebook out of the function": "将 Notebook 的某个名称排除在函数之外",
    "publishes no version, as --publish false": "不发布版本，同 --publish false",
    "deploys in spite of what would fail there": "即使检查发现问题也部署",
    "takes libraries as pylock.NAME.toml has them, and refuses if that is not what is asked for": (
        "依赖包以 pylock.NAME.toml 为准，与要求不符则拒绝"
    ),
    "takes the newest libraries that fit, and writes pylock.NAME.toml anew": (
        "采用符合要求的最新依赖包，并重写 pylock.NAME.toml"
    ),
    "puts libraries into the ZIP of the function instead of a layer": "将依赖包放入函数的 ZIP，而不是层",
    "try {0} {1}": "改为 {0} {1}",
    "What ran before still runs.": "之前的版本仍在运行。",
    "Nothing was sent. What ran before still runs.": "未发送任何内容。之前的版本仍在运行。",
    "has no value": "缺少值",
    "the line was not understood": "无法理解该行",
    "fc-magic deploy --help lists the options": "fc-magic deploy --help 列出所有选项",
    "%fcdeploy --help lists the options": "%fcdeploy --help 列出所有选项",
    "a quote is not closed": "引号未闭合",
    "it ends in a backslash": "以反斜杠结尾",
    "is one word too many: a name has no spaces": "多了一个词：名称中不能有空格",
    "is not KEY=VALUE, and no variable of the environment": "不是 KEY=VALUE，也不是环境变量名",
    "is not a JSON object": "不是 JSON 对象",
    "is not JSON ({0})": "不是 JSON（{0}）",
    "{0}, default {1}": "{0:say}，默认 {1}",
    "%%fcdeploy NAME [options]: deploys the cell as a function": (
        "%%fcdeploy NAME [options]：将单元格部署为函数"
    ),
    "… {0} more": "… 另有 {0} 项",
    "{0} file": "{0} 个文件",
    "{0} files": "{0} 个文件",
    "{0} packed": "压缩后 {0}",
    "{0} unpacked": "解压后 {0}",
    "left out: {0} file, {1} unpacked ({2})": "已排除：{0} 个文件，解压后 {1}（{2}）",
    "left out: {0} files, {1} unpacked ({2})": "已排除：{0} 个文件，解压后 {1}（{2}）",
    "what": "项目",
    "packed": "压缩后",
    "unpacked": "解压后",
    "why": "原因",
    "{0}: what is in the package of a function, why, and how big; --all: every file": (
        "{0}：函数代码包的内容、原因和大小；--all：列出每个文件"
    ),
    "goes to local, a region or a URL instead of the notebook's target": (
        "部署到 local、某个地域或 URL，而不是 Notebook 的目标"
    ),
    "speaks v2, the deployments API, or fc3, Function Compute 3.0's own": (
        "使用 v2（部署 API）或 fc3（函数计算 3.0 自身的 API）"
    ),
    "agrees to writing to the cloud": "同意写入云端",
    "--api {0}: must be {1}": "--api {0}：须为 {1:say}",
    "--{0} has no value": "--{0} 缺少值",
    "-- has no value": "-- 缺少值",
    "this cell": "此单元格",
    "a cell": "某单元格",
    "as now": "当前值",
    "layer {0}, {1}": "层 {0}，{1}",
    " and ": " 和 ",
    "the ZIP": "ZIP",
    "{0}  in {1}": "{0}，在 {1} 中",
    "values as they are now": "当前的值",
    "the cell is empty: there is no program to deploy": "单元格为空：没有可部署的程序",
    "write a program that serves HTTP on 0.0.0.0:9000 below the %%fcdeploy line": (
        "在 %%fcdeploy 行下方写一个在 0.0.0.0:9000 提供 HTTP 服务的程序"
    ),
    "which file is this cell? --entrypoint {0} names none": "此单元格是哪个文件？--entrypoint {0} 没有指定",
    "which file is this cell? No start command names none": "此单元格是哪个文件？没有启动命令指定",
    "--entrypoint 'python3 app.py'; or begin the cell with #!/usr/bin/env python3, then it is bootstrap": (
        "--entrypoint 'python3 app.py'；或以 #!/usr/bin/env python3 开头，此时它是 bootstrap"
    ),
    "uploading · {0} of {1} MB": "上传中 · {0} / {1} MB",
    "{0} in {1} s": "{0}，用时 {1} s",
    "{0} MB uploaded": "已上传 {0} MB",
    "{0} {1} of {2} MB": "{0} {1} / {2} MB",
    "the first deployment sends the code anew": "首次部署会重新发送代码",
    "{0}: it was deployed by {1}": "{0}：它由 {1:say} 部署",
    "{0}: the file of a cell begins with a line of its own": "{0}：单元格的文件以它自己的一行开头",
    "the code stays a ZIP: {0}": "代码保持为 ZIP：{0:say}",
    "{0} has other files, too": "{0} 还有其他文件",
    "its package was made by another program": "其代码包由其他程序生成",
    "{0}: {1} has other files, too": "{0}：{1} 还有其他文件",
    "{0}: its package was made by another program": "{0}：其代码包由其他程序生成",
    "{0} has the value of {1}, which looks secret, and stands in the file": "{0} 含有 {1} 的值，疑似机密，且写在文件中",
    "{0} looks like a secret, and stands in the file": "{0} 疑似机密，且写在文件中",
    "a URL with a password stands in the file": "带有密码的 URL 写在文件中",
    "{0} looks like a secret, and stands on the line: {1} without a value takes it from the notebook's environment": (
        "{0} 疑似机密，且写在选项中：{1} 不写值时，从 Notebook 的环境变量中获取"
    ),
    "{0} look like secrets, and stand on the line: {1} without values takes them from the notebook's environment": (
        "{0} 疑似机密，且写在选项中：{1} 不写值时，从 Notebook 的环境变量中获取"
    ),
    '--env {0} and os.environ["{1}"] in the cell keep it out': (
        '--env {0} 并在单元格中使用 os.environ["{1}"]，可避免写入代码'
    ),
    '{0}: --env {1} and os.environ["{2}"] in the cell keep it out': (
        '{0:say}：--env {1} 并在单元格中使用 os.environ["{2}"]，可避免写入代码'
    ),
    "runs compiled classes": "运行编译后的类",
    "--code DIR of the classes and jars, or --code FILE.zip": (
        "--code DIR（类和 jar 所在文件夹），或 --code FILE.zip"
    ),
    "runs a compiled program": "运行编译后的程序",
    "--code DIR with the program, or --code FILE.zip": "--code DIR（程序所在文件夹），或 --code FILE.zip",
    "runs compiled assemblies": "运行编译后的程序集",
    "--code DIR that dotnet publish wrote, or --code FILE.zip": (
        "--code DIR（dotnet publish 的输出），或 --code FILE.zip"
    ),
    "runs PHP, and a cell is Python, JavaScript or a whole program": (
        "运行 PHP，而单元格是 Python、JavaScript 或完整程序"
    ),
    "--code DIR with index.php": "--code DIR（含 index.php）",
    "runs an image, which has the code in it": "运行镜像，代码已在其中",
    "%fcdeploy NAME --image-url IMAGE, on a line of its own": "%fcdeploy NAME --image-url IMAGE，单独成行",
    "the cell cannot become a function of {0}: that {1}": "单元格不能成为 {0} 的函数：该运行环境{1:say}",
    "the cell's own code was ignored: --{0} is given": "单元格自身的代码被忽略：已指定 --{0}",
    "there are two sources: {0}, --{1}": "有两个代码来源：{0}、--{1}",
    "the code is somewhere else: --{0} is given": "代码在别处：已指定 --{0}",
    "--code DIR or --code FILE.zip of this machine, or the cell itself": (
        "--code DIR 或本机的 --code FILE.zip，或使用单元格自身"
    ),
    "nothing can be put beside it, the code is somewhere else: --{0} is given": (
        "无法附加文件，代码在别处：已指定 --{0}"
    ),
    "--code DIR, --code FILE.zip or --code URL": "--code DIR、--code FILE.zip 或 --code URL",
    "--code {0}: there is no such file or folder": "--code {0}：没有该文件或文件夹",
    "target {0}": "目标 {0}",
    "isolation": "隔离",
    "settings": "设置",
    "not running": "未运行",
    "region {0}": "地域 {0}",
    "api {0}": "API {0}",
    "account {0}": "账号 {0}",
    "objects {0}": "对象存储 {0}",
    "told by the endpoint": "由服务端返回",
    "memory limit": "内存限制",
    "disk limit": "磁盘限制",
    "process limit": "进程限制",
    "namespaces and a private /tmp": "命名空间和私有 /tmp",
    "Landlock and a copy of the code": "Landlock 和代码副本",
    "told once a function was deployed": "部署函数后显示",
    "without {0}: {1}": "没有{0}：{1}",
    "none": "无",
    "value": "值",
    "from": "来源",
    "{0} is not one target": "{0} 不是一个目标",
    "{0}: shows or changes where functions go": "{0}：显示或更改函数部署到何处",
    "runs as soon as it can": "尽快执行",
    "runs in {0}, at {1}": "{0} 后执行，即 {1}",
    "task {0}": "任务 {0}",
    "was accepted, {0}": "已接受，{0}",
    "answered {0}": "返回 {0}",
    "destination {0}": "目标服务 {0}",
    "{0} has no tasks.": "{0} 没有任务。",
    "{0} retry": "重试 {0} 次",
    "{0} retries": "重试 {0} 次",
    "accepted {0}": "接受于 {0}",
    "task": "任务",
    "status": "状态",
    "accepted": "接受时间",
    "took": "耗时",
    "retries": "重试",
    "error": "错误",
    "{0} has no version yet; a deployment without --publish false makes one.": (
        "{0} 尚无版本；部署时不加 --publish false 会发布一个。"
    ),
    "version {0} is deployed": "已部署版本 {0}",
    "what is deployed is no version": "当前部署的不是任何版本",
    "{0} of the calls": "{0} 的调用",
    "aliases": "别名",
    "the version it leads to": "别名指向的版本",
    "another version and its share of the calls: 4=10% or 4=0.1; several times for several": (
        "另一个版本及其调用占比：4=10% 或 4=0.1；可多次指定"
    ),
    "removes the alias; its versions stay": "删除别名；其版本保留",
    "{0}: its versions and aliases, and which one is deployed": "{0}：函数的版本和别名，以及当前部署的版本",
    "{0}: deploys a version again, code and settings; without one, the version before": (
        "{0}：重新部署某个版本的代码和设置；默认为上一个版本"
    ),
    "%fcalias NAME [ALIAS [options]]: leads an alias to a version; without options it shows it": (
        "%fcalias NAME [ALIAS [options]]：将别名指向某个版本；不带选项则显示它"
    ),
    "{0} words are given, a name and perhaps a version are taken": (
        "给出了 {0} 个词，应为一个名称和可选的版本"
    ),
    "{0} is too much": "{0} 是多余的",
    "the alias has no name": "别名没有名称",
    "an alias is deleted, and nothing else": "只删除别名，不能与其他操作同时进行",
    "--canary {0} is not a version and its share of the calls, 0 to 1 or 0% to 100%": (
        "--canary {0} 不是版本及其调用占比（0 到 1，或 0% 到 100%）"
    ),
    "{0} min {1} s": "{0} min {1} s",
    "{0} s ago": "{0} 秒前",
    "{0} min ago": "{0} 分钟前",
    "{0} h ago": "{0} 小时前",
    "{0} day ago": "{0} 天前",
    "{0} days ago": "{0} 天前",
    "just now": "刚刚",
    'fetches distributions, such as "pandas==2.2.* requests" or requirements.txt': (
        '获取依赖包，如 "pandas==2.2.* requests" 或 requirements.txt'
    ),
    "{0}: the value is not in the cell: it is taken from the notebook's environment; --with-secrets"
    " writes it there": ("{0}：值不在单元格中，取自 Notebook 的环境变量；--with-secrets 会写入单元格"),
    "{0}: the values are not in the cell: they are taken from the notebook's environment; --with-se"
    "crets writes them there": (
        "{0}：这些值不在单元格中，取自 Notebook 的环境变量；--with-secrets 会写入单元格"
    ),
    'adds distributions, such as "pandas==2.2.* requests", or those of a file': (
        '添加依赖包，如 "pandas==2.2.* requests"，或文件中列出的'
    ),
    "is an expression, and the notebook is not run": "是表达式，而 Notebook 没有运行",
    "is None": "是 None",
    "in single quotes it is taken as it is": "放在单引号中则按原样使用",
    "line {0} of the cell was not understood: it ends in a backslash": (
        "无法理解单元格第 {0} 行：以反斜杠结尾"
    ),
    "line {0} of the cell was not understood: a quote is not closed": "无法理解单元格第 {0} 行：引号未闭合",
    "line {0} of the cell was not understood: a quote is not closed behind {1}": (
        "无法理解单元格第 {0} 行：{1} 之后的引号未闭合"
    ),
    "the line was not understood: a quote is not closed behind {0}": "无法理解该行：{0} 之后的引号未闭合",
    "the line was not understood: it ends in a backslash": "无法理解该行：以反斜杠结尾",
    "the line was not understood: a quote is not closed": "无法理解该行：引号未闭合",
    "what is in braces is no Python expression": "花括号中不是 Python 表达式",
    "a brace is not closed": "花括号未闭合",
    "line {0} of the cell is like a line of options, and is none": "单元格第 {0} 行像是选项行，但不是",
    "line {0} of the cell has no effect: #| fc: stands above the code": (
        "单元格第 {0} 行不起作用：#| fc: 须在代码之上"
    ),
    "with --dry-run: what calls at this rate cost a month, such as 10/s, 1000/h or 1e6/month": (
        "与 --dry-run 一起：按此调用频率每月的费用，如 10/s、1000/h 或 1e6/month"
    ),
    "shows what would change against what is live, and what it would cost, and sends nothing": (
        "显示与当前部署相比的变化和费用，不发送"
    ),
    "is no option: the name stands in the first line, a value behind its option": (
        "不是选项：名称写在首行，值写在选项之后"
    ),
    "line {0}: ": "第 {0} 行：",
    "has no value for {0}: it is None": "{0} 没有值：它是 None",
    "({0} times)": "（{0} 次）",
    "env {0}": "环境变量 {0}",
    "trigger {0}": "触发器 {0}",
    "options below the first line: end that in \\, or write #| fc: {0}": (
        "选项写在首行之下：首行以 \\ 结尾，或写 #| fc: {0}"
    ),
    "\\ no line break at the end": "\\ 末尾没有换行",
}
