"""Settings, the files they are in, and the command line."""

WORDS = {
    "local, a region such as cn-hangzhou, or a URL": "local、地域（如 cn-hangzhou）或 URL",
    "dialect: v2 or fc3 (local and a URL: v2, a region: fc3)": (
        "API：v2 或 fc3（local 和 URL 用 v2，地域用 fc3）"
    ),
    "region of the local Function Compute, or of a URL": "本地函数计算或 URL 的地域",
    "another address for a region": "地域的其他地址",
    "address of the object store of a region or a URL": "地域或 URL 的对象存储地址",
    "OSS bucket that code too big for a request goes through (one is made)": (
        "请求放不下的代码所经过的 OSS Bucket（默认自动创建）"
    ),
    "which of a region's hosts: public, account or internal": (
        "使用地域的哪个主机名：public、account 或 internal"
    ),
    "agree to writing to the cloud without being asked": "同意写入云端而无需询问",
    "access key id (local: generated)": "AccessKey ID（local 自动生成）",
    "access key secret (local: generated)": "AccessKey Secret（local 自动生成）",
    "STS token of temporary keys": "临时密钥的 STS Token",
    "profile of the aliyun CLI (its current one)": "aliyun CLI 的配置（默认为其当前配置）",
    "take keys from the ECS metadata service: a RAM role, or auto (off)": (
        "从 ECS 元数据服务获取密钥：RAM 角色名，或 auto（默认关闭）"
    ),
    "account id (local: 1234567890123456)": "账号 ID（local 为 1234567890123456）",
    "role of functions: ARN (local: one is offered)": "函数的角色：ARN（local 自动提供）",
    "runtime if a cell names none": "单元格未指定时的运行环境",
    "language of what is shown: en or zh (that of the system)": (
        "显示所用的语言：en 或 zh（默认为系统语言）"
    ),
    "folder of the local Function Compute's data": "本地函数计算的数据文件夹",
    "patterns of files of libraries that are not packed, such as *.md; one that begins with ! stays": (
        "不打包的依赖包文件的模式，如 *.md；以 ! 开头的保留"
    ),
    "local: seconds after the last kernel until it ends; 0 = never": (
        "local：最后一个内核结束多少秒后停止；0 表示不停止"
    ),
    "seconds to connect": "连接超时，秒",
    "seconds to wait for an answer (calls: more)": "等待应答的秒数（调用更长）",
    "repetitions after a failure, where repeating is safe": "失败后的重试次数（仅在可安全重试时）",
    "{0}{1} is not a setting; there are {2}": "{0:say}{1} 不是设置；设置有 {2}",
    "{0} is not {1}": "{0} 不是{1:say}",
    "{0} is {1}, which is not {2}": "{0} 为 {1}，不是{2:say}",
    "yes or no": " yes 或 no",
    "a number from more than 0 to {0}": "大于 0、不超过 {0} 的数字",
    "a number from 0 to {0}": "0 到 {0} 的数字",
    "it is committed with the project": "它会随项目提交",
    "whoever opens the project agrees for themselves": "打开项目的人须自行同意",
    "{0}: tool.{1} is no table": "{0}：tool.{1} 不是表",
    "{0} has {1}, and may not: {2}": "{0} 中有 {1}，不允许：{2:say}",
    "take it out, and put it into the environment or into {0}": "将其删除，放入环境变量或 {0}",
    "{0} names {1}, and there is no such file": "{0} 指定了 {1}，但没有该文件",
    "{0} has {1}, and others than you can read it": "{0} 中有 {1}，而其他用户可以读取它",
    "{0} is not TOML {1}": "{0} 不是 TOML {1}",
    "{0} is not TOML ": "{0} 不是 TOML",
    "{0} has {1} twice, with - and with _": "{0} 中 {1} 出现了两次，分别用 - 和 _",
    "interrupted": "已中断",
    "From a notebook cell to a running function.": "从 Notebook 单元格到运行中的函数。",
    "commands": "命令",
    "end the one that runs for a data folder": "停止某个数据文件夹的函数计算",
    "folder of its state (default: FC_MAGIC_HOME)": "其状态所在的文件夹（默认 FC_MAGIC_HOME）",
    "show where functions go": "显示函数部署到何处",
    "dialect (default: v2, of a region fc3)": "API（默认 v2，地域用 fc3）",
    "run the embedded Function Compute": "运行内嵌的函数计算",
    "address to listen on (default 127.0.0.1)": "监听地址（默认 127.0.0.1）",
    "port, 0 for a free one (default)": "端口，0 表示空闲端口（默认）",
    "port of the object store, 0 for a free one (default)": "对象存储的端口，0 表示空闲端口（默认）",
    "folder for its state (default: FC_MAGIC_HOME)": "其状态所在的文件夹（默认 FC_MAGIC_HOME）",
    "region it plays (default: FC_MAGIC_REGION, else cn-hangzhou)": (
        "模拟的地域（默认 FC_MAGIC_REGION，否则 cn-hangzhou）"
    ),
    "account it plays (default 1234567890123456)": "模拟的账号（默认 1234567890123456）",
    "an access key it accepts beside its own": "除自身密钥外还接受的访问密钥",
    "its secret; better from the environment": "对应的 Secret；最好放在环境变量中",
    "end S seconds after the last kernel (default: never)": "最后一个内核结束 S 秒后停止（默认不停止）",
    "instances at once, in all (default 100)": "同时运行的实例总数（默认 100）",
    "instances at once of one function (default: nine tenths of all)": (
        "单个函数同时运行的实例数（默认为总数的十分之九）"
    ),
    "how long a call waits for one before it is refused (default 30)": (
        "调用等待实例多久后被拒绝（默认 30）"
    ),
    "how long one is kept that nobody calls (default 300)": "无人调用的实例保留多久（默认 300）",
    "seconds until the program of a custom runtime must listen (default 120)": (
        "自定义运行时的程序须在多少秒内开始监听（默认 120）"
    ),
    "arguments": "参数",
    "options": "选项",
    "show this help": "显示本帮助",
    "show the version": "显示版本",
    "error: {0}": "错误：{0:say}",
    "deploy the cells of a notebook file": "部署 Notebook 文件中的单元格",
    "write a function as files of another tool": "将函数导出为其他工具的文件",
    "the folder or file they go to": "目标文件夹或文件",
    "print the cell that deploys a live function": "输出一个单元格，用来部署已有的函数",
    "the folder of code that has several files": "代码有多个文件时的文件夹",
    "write over files that are there": "覆盖已有文件",
    "write values that look secret, too": "同时写出疑似机密的值",
    "local, a region or a URL (default: FC_MAGIC_TARGET, else local)": (
        "local、地域或 URL（默认 FC_MAGIC_TARGET，否则 local）"
    ),
    "Writes a function, as it is deployed, as files of another tool. Notes go to standard error.": (
        "将已部署的函数导出为其他工具的文件。说明写到标准错误。"
    ),
    "Prints the cell that deploys a live function with its real settings. Notes go to standard error.": (
        "输出一个单元格，以已部署函数的实际设置部署它。说明写到标准错误。"
    ),
    "Runs until SIGTERM. Keys also from FC_MAGIC_ACCESS_KEY_ID and FC_MAGIC_ACCESS_KEY_SECRET, else"
    " ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET.": (
        "一直运行到 SIGTERM。密钥也可来自 FC_MAGIC_ACCESS_KEY_ID 和 FC_MAGIC_ACCESS_KEY_SECRET，否则来"
        "自 ALIBABA_CLOUD_ACCESS_KEY_ID 和 ALIBABA_CLOUD_ACCESS_KEY_SECRET。"
    ),
    "Shows where functions go, as whom, and where each setting came from.": (
        "显示函数部署到何处、以何身份，以及每个设置的来源。"
    ),
    "Ends the embedded Function Compute of a data folder. What was deployed stays in the folder.": (
        "停止某个数据文件夹的内嵌函数计算。已部署的内容保留在文件夹中。"
    ),
    "{0} is not a number of seconds from 0 to {1}": "{0} 不是 0 到 {1} 之间的秒数",
    "{0} is not a number of instances from 1 to {1}": "{0} 不是 1 到 {1} 之间的实例数",
    "it is empty; leave it out for 127.0.0.1": "为空；使用 127.0.0.1 时请省略",
    "an access key is an id and a secret, and only one of them was given": (
        "访问密钥包括 id 和 secret，而只给出了其中一个"
    ),
    "give both or none: --access-key-id AK, and its secret in FC_MAGIC_ACCESS_KEY_SECRET": (
        "两个都给出或都不给：--access-key-id AK，其 secret 放在 FC_MAGIC_ACCESS_KEY_SECRET 中"
    ),
    "note: {0}": "说明：{0}",
    "stopped {0}": "已停止 {0}",
    "no Function Compute runs for {0}": "没有为 {0} 运行的函数计算",
    "text": "文本",
    "digits": "数字",
    "default": "默认",
    "option": "选项",
    "3 to 63 lower-case letters, digits and -": "3 到 63 个小写字母、数字和 -",
    "public or account or internal": "public、account 或 internal",
    "v2 or fc3": "v2 或 fc3",
    "en or zh": "en 或 zh",
    "the following arguments are required: {0}": "缺少参数：{0}",
    "unrecognized arguments: {0}": "无法识别的参数：{0}",
    "argument {0}: {1}": "参数 {0}：{1:say}",
    "expected one argument": "需要一个值",
    "invalid choice: {0} (choose from {1})": "{0} 不可用（可选：{1}）",
    "invalid int value: {0}": "{0} 不是整数",
    "invalid seconds value: {0}": "{0} 不是秒数",
    "invalid count value: {0}": "{0} 不是个数",
    "usage: ": "用法：",
}
