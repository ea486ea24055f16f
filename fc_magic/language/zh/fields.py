"""The fields of a deployment, and what each may be."""

WORDS = {
    "created": "创建",
    "updated": "更新",
    "{0} has an item without a name": "{0} 中有一项没有名称",
    "{0}: {1} of {2}": "{0:part}：{2} 的 {1}",
    "scheduled action {0}": "定时操作 {0}",
    "scheduled action {0}: scheduleExpression is not cron(…) or at(…)": (
        "定时操作 {0}：scheduleExpression 不是 cron(…) 或 at(…)"
    ),
    "scheduled action {0}: {1} with the time zone {2} cannot be read: {3}": (
        "定时操作 {0}：无法解析时区 {2} 的 {1}：{3:say}"
    ),
    "scheduled action {0}: {1} with the time zone UTC cannot be read: {2}": (
        "定时操作 {0}：无法解析时区 UTC 的 {1}：{2:say}"
    ),
    "cron(0 0 8 * * *), or at(2030-01-31T08:00:00)": "cron(0 0 8 * * *)，或 at(2030-01-31T08:00:00)",
    "a time is a text such as 2030-01-31T08:00:00Z": "时间是形如 2030-01-31T08:00:00Z 的文本",
    "has {0} characters, and may have at most {1}": "有 {0} 个字符，最多可有 {1} 个",
    'must have 6 fields (seconds first), not {0}; with seconds first it is "0 {1}"': (
        '必须有 6 个字段（秒在最前），而不是 {0} 个；加上秒为 "0 {1}"'
    ),
    "must have 6 fields (seconds first), not {0}": "必须有 6 个字段（秒在最前），而不是 {0} 个",
    "has no valid {0}: {1}; {2} to {3}": "没有有效的“{0:say}”：{1}；{2} 到 {3}",
    "second": "秒",
    "minute": "分",
    "hour": "时",
    "day": "日",
    "month": "月",
    "weekday": "周",
    "names no day that exists": "指定的日期不存在",
    "cannot be read ({0})": "无法解析（{0}）",
    "must be @every with h, m and s, such as @every 1h30m": "必须是 @every 加 h、m、s，如 @every 1h30m",
    "must be at least 1 second and at most a year": "必须至少 1 秒，最多一年",
    "has no valid time zone: {0}; such as CRON_TZ=Asia/Shanghai": "没有有效的时区：{0}；形如 CRON_TZ=Asia/Shanghai",
    "begins with x-fc-": "以 x-fc- 开头",
    "is not a JSON object as text": "不是 JSON 对象形式的文本",
    "is longer than the session": "比会话更长",
    "at most {0} s": "最多 {0} s",
    "URL of a ZIP with the code; then the cell's own code is ignored": (
        "代码 ZIP 的 URL；此时忽略单元格自身的代码"
    ),
    "an http or https URL": "http 或 https URL",
    "OSS bucket of the ZIP, with oss_object_key; then the cell's own code is ignored": (
        "ZIP 所在的 OSS Bucket，须同时给出 oss_object_key；此时忽略单元格自身的代码"
    ),
    "key of the ZIP in the bucket; then the cell's own code is ignored": (
        "ZIP 在 Bucket 中的键；此时忽略单元格自身的代码"
    ),
    "1 to 1023 bytes, not starting with / or \\": "1 到 1023 字节，不以 / 或 \\ 开头",
    "is longer than 1023 bytes": "超过 1023 字节",
    "container image; then the cell's own code is ignored": "容器镜像；此时忽略单元格自身的代码",
    "tag of the image": "镜像的标签",
    "letters, digits, _ . -, at most 128": "字母、数字、_ . -，最多 128 个",
    "digest of the image": "镜像的摘要",
    "sha256:<64 hex digits>": "sha256:<64 位十六进制>",
    "sha256: and 64 hex digits": "sha256: 加 64 位十六进制",
    "container settings (port, command, args, health_check)": (
        "容器设置（port、command、args、health_check）"
    ),
    "a JSON object": "JSON 对象",
    "conflicts with {0}: one code source only": "与 {0} 冲突：只能有一个代码来源",
    "code, zip_file, oss_bucket or image_url": "code、zip_file、oss_bucket 或 image_url",
    "is required with the other image fields": "与其他镜像字段一起时必填",
    "must be custom-container with an image": "使用镜像时须为 custom-container",
    "differs from the tag {0} in image_url": "与 image_url 中的标签 {0} 不一致",
    "differs from the digest in image_url": "与 image_url 中的摘要不一致",
    "is required unless another code source is given": "未给出其他代码来源时必填",
    "base64 of the ZIP, without line breaks": "ZIP 的 base64，不换行",
    "is a ZIP with no file in it": "是没有文件的 ZIP",
    "is not a readable ZIP ({0})": "不是可读取的 ZIP（{0}）",
    "is not a readable ZIP (damaged)": "不是可读取的 ZIP（已损坏）",
    "code was ignored: {0} is given, and another code source wins": (
        "code 已忽略：已给出 {0}，以其他代码来源为准"
    ),
    "is not a whole number": "不是整数",
    'a trigger is {{"type": …, "config": {{…}}}}': '触发器为 {{"type": …, "config": {{…}}}}',
    "the config of trigger {0} is not an object": "触发器 {0} 的 config 不是对象",
    "trigger {0} has the unknown key {1}": "触发器 {0} 有未知的键 {1}",
    "{0} is not a type of trigger": "{0} 不是触发器的类型",
    "name is not the ARN of a layer version": "name 不是层版本的 ARN",
    "version differs from {0}, the one in the ARN": "version 与 ARN 中的 {0} 不一致",
    "must be a whole number from 1, or latest": "须为从 1 开始的整数，或 latest",
    "unique name of the deployment": "部署的唯一名称",
    "1 to 64 letters, digits, _ or -, not starting with a digit or -": (
        "1 到 64 个字母、数字、_ 或 -，不以数字或 - 开头"
    ),
    "free text": "自由文本",
    "what runs the code": "执行代码的运行环境",
    "what runs when an instance starts: the handler (nothing extra), another file.function (the ini"
    "tializer), or the start command of a custom runtime": (
        "实例启动时执行的内容：请求处理程序（不额外执行）、另一个 file.function（Initializer 回调程序），或自定义"
        "运行时的启动命令"
    ),
    "file.function, or a command for custom runtimes": "file.function，自定义运行时则为命令",
    "entry file and function": "入口文件和函数",
    "memory of one instance": "单个实例的内存",
    "128 to 32768 MB in steps of 64": "128 到 32768 MB，步长 64",
    "longest run of one invocation": "单次调用的最长时间",
    "1 to 86400 s": "1 到 86400 s",
    "environment variables of the function": "函数的环境变量",
    "names of letters, digits and _, none beginning FC_; 4096 bytes in all": (
        "名称由字母、数字和 _ 组成，不以 FC_ 开头；合计 4096 字节"
    ),
    "RAM role the function may act as": "函数可以扮演的 RAM 角色",
    "private network: vpc_id, vswitch_ids, security_group_id": (
        "专有网络：vpc_id、vswitch_ids、security_group_id"
    ),
    "a JSON object with vpc_id, vswitch_ids and security_group_id": (
        "含 vpc_id、vswitch_ids 和 security_group_id 的 JSON 对象"
    ),
    "what calls the function": "触发函数的触发器",
    "layers, first wins": "层，靠前的优先",
    "up to 5 of NAME:VERSION": "最多 5 个 NAME:VERSION",
    "the ZIP (base64), or its URL; in a notebook the cell is the code": (
        "ZIP（base64）或其 URL；在 Notebook 中单元格就是代码"
    ),
    "base64 of a ZIP, or an http(s) URL": "ZIP 的 base64，或 http(s) URL",
    "whether what is deployed becomes a version of its own, which it can be taken back to": (
        "部署的内容是否成为单独的版本，以便回滚"
    ),
    "has the name {0}": "含有名称 {0}",
    "has the reserved name {0}": "含有保留名称 {0}",
    "has a NUL character in a value": "值中含有 NUL 字符",
    "has {0} bytes": "有 {0} 字节",
    "has two http triggers for {0}; there is at most one for each": "{0} 有两个 HTTP 触发器；每个最多一个",
    "has the trigger name {0} twice": "触发器名称 {0} 出现了两次",
    'is not a list of {{"Key": …, "Value": …}}': '不是 {{"Key": …, "Value": …}} 的列表',
    "has the key {0} twice": "键 {0} 出现了两次",
    "has {0} tags": "有 {0} 个标签",
    "at most {0}": "最多 {0}",
    'is not {{"Key": …, "Value": …}} of texts': '不是文本的 {{"Key": …, "Value": …}}',
    "has a key that is not 1 to {0} characters, or a value of more than {1}": (
        "键不是 1 到 {0} 个字符，或值超过 {1} 个"
    ),
    "has the key {0}, which begins with aliyun or acs:, or has http:// or https:// in it": (
        "键 {0} 以 aliyun 或 acs: 开头，或含有 http:// 或 https://"
    ),
    '{0} is not a list of {{"Key": …, "Value": …}} as JSON': (
        '{0} 不是 JSON 形式的 {{"Key": …, "Value": …}} 列表'
    ),
    '{0} is not a list of texts as JSON, such as ["a", "b"]': '{0} 不是 JSON 形式的文本列表，如 ["a", "b"]',
    "{0} is not a list as JSON": "{0} 不是 JSON 形式的列表",
    "function, {0}": "function，{0}",
    "ResourceType is {0}; allowed are function, {1}": "ResourceType 为 {0}；允许 function、{1}",
    "ResourceType is missing; allowed are function, {0}": "缺少 ResourceType；允许 function、{0}",
    "ResourceId is not a list of ARNs": "ResourceId 不是 ARN 列表",
    "ResourceId has {0} items; allowed are {1} to {2}": "ResourceId 有 {0} 项；允许 {1} 到 {2} 项",
    "http, http:http://HOST/PATH, or a JSON object with the type http": (
        "http、http:http://HOST/PATH，或类型为 http 的 JSON 对象"
    ),
    "timer:@every 5m, timer:0 0 4 * * * (six fields, seconds first, UTC), or a JSON object with the"
    " type timer": (
        "timer:@every 5m、timer:0 0 4 * * *（六个字段，秒在最前，UTC），或类型为 timer 的 JSON 对象"
    ),
    "oss:BUCKET, oss:BUCKET/PREFIX*SUFFIX, or a JSON object with the type oss": (
        "oss:BUCKET、oss:BUCKET/PREFIX*SUFFIX，或类型为 oss 的 JSON 对象"
    ),
    "http, timer:@every 5m, timer:0 0 4 * * * (six fields, seconds first, UTC), oss:BUCKET/PREFIX*S"
    "UFFIX, or a JSON object": (
        "http、timer:@every 5m、timer:0 0 4 * * *（六个字段，秒在最前，UTC）、oss:BUCKET/PREFIX*SUFFIX"
        "，或 JSON 对象"
    ),
    "must be http(s)://HOST[/PATH], without a query or a user": (
        "须为 http(s)://HOST[/PATH]，不含查询参数或用户"
    ),
    "may have * only as its first label (*.example.com) and at the end of its path": (
        "只能在首个标签（*.example.com）和路径末尾使用 *"
    ),
    "begins with /, and no key of an object does": "以 / 开头，而对象的键不会以它开头",
    "is no bucket: 3 to 63 lower-case letters, digits and -, or acs:oss:REGION:ACCOUNT_ID:BUCKET": (
        "不是 Bucket：3 到 63 个小写字母、数字和 -，或 acs:oss:REGION:ACCOUNT_ID:BUCKET"
    ),
    "has {0}; such as {1}": "含有 {0}；形如 {1}",
    "has an empty name; such as {0}": "名称为空；形如 {0}",
    "not a JSON object": "不是 JSON 对象",
    "{0} is not KEY=VALUE, and no variable of the environment": "{0} 不是 KEY=VALUE，环境变量中也没有它",
    'write it as JSON: \'{{"type": "{0}", "config": {{}}}}\'': (
        '写成 JSON：\'{{"type": "{0}", "config": {{}}}}\''
    ),
    "authConfig has a fingerprint (sha256:…), as answers show it, where the secret itself must be": (
        "authConfig 含有指纹（sha256:…，应答中的形式），而此处须为密钥本身"
    ),
    "{0} was not deployed: not everything it asks for exists here": "{0} 未部署：其中有此处不存在的内容",
    "leave it out, or deploy to a region of Function Compute": "去掉它，或部署到函数计算的地域",
    "send the deployment as a JSON object": "以 JSON 对象发送部署",
    "{0} was not deployed": "{0} 未部署",
    "the deployment was refused": "部署被拒绝",
    "{0} was not deployed: 1 setting needs attention": "{0} 未部署：有 1 项设置需要修改",
    "{0} was not deployed: {1} settings need attention": "{0} 未部署：有 {1} 项设置需要修改",
    "the deployment was refused: 1 setting needs attention": "部署被拒绝：有 1 项设置需要修改",
    "the deployment was refused: {0} settings need attention": "部署被拒绝：有 {0} 项设置需要修改",
    "is not a field of a deployment": "不是部署的字段",
    "is not a text of at most {0} characters": "不是最多 {0} 个字符的文本",
    "description {0} is not a text of at most {1} characters": "描述 {0} 不是最多 {1} 个字符的文本",
    "a shorter text": "更短的文本",
    "is not known": "未知",
    "is not a list": "不是列表",
    "does not have the right form": "格式不正确",
    "is too small": "过小",
    "is not a step of {0}": "不符合步长 {0}",
    "is empty": "为空",
    "has more than {0}": "超过 {0} 个",
    "is larger than {0} bytes": "超过 {0} 字节",
    "{0}; and {1} more": "{0:part}；另有 {1} 项",
}
