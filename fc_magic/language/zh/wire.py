"""What a deployment, a trigger, an alias may be, and what is wrong with one."""

WORDS = {
    "1 to 128 letters, digits, _ or -, not starting with a digit or -, and not {0}": (
        "1 到 128 个字母、数字、_ 或 -，不以数字或 - 开头，且不能是 {0}"
    ),
    "aliasName {0} is not the name of an alias; allowed are 1 to 128 letters, digits, _ or -, not s"
    "tarting with a digit or -, and not {1}": (
        "aliasName {0} 不是别名的名称；允许 1 到 128 个字母、数字、_ 或 -，不以数字或 - 开头，且不能是 {1}"
    ),
    "versionId is missing: an alias points at a version": "缺少 versionId：别名须指向一个版本",
    "additionalVersionWeight names version {0}, the one the alias points at": (
        "additionalVersionWeight 指定了版本 {0}，而别名已指向它"
    ),
    "leave it out: it has what the others leave": "去掉它：它得到其余版本剩下的占比",
    "versionId {0} is not the id of a version": "versionId {0} 不是版本的编号",
    "additionalVersionWeight is not an object": "additionalVersionWeight 不是对象",
    "the weight {0} of version {1}": "版本 {1} 的权重 {0}",
    "additionalVersionWeight: the weight {0} of version {1} is not 0 to 1": (
        "additionalVersionWeight：版本 {1} 的权重 {0} 不在 0 到 1 之间"
    ),
    "additionalVersionWeight: the weights are {0} together, more than 1": (
        "additionalVersionWeight：权重合计 {0}，超过 1"
    ),
    "the async config was refused: {0}": "异步配置被拒绝：{0:say}",
    "is not such a whole number": "不是符合要求的整数",
    "{0} to {1}": "{0} 到 {1}",
    "is neither": "两者都不是",
    "true or false": "true 或 false",
    "is longer than {0} characters": "超过 {0} 个字符",
    "is not an ARN": "不是 ARN",
    "{0} {1} is kept, but nothing is delivered there: here only functions can be destinations": (
        "{0} {1} 已保留，但不会投递：此处只有函数可以作为目标服务"
    ),
    "{0} {1} is kept, but nothing is delivered there: this Function Compute is region {2}": (
        "{0} {1} 已保留，但不会投递：此函数计算的地域是 {2}"
    ),
    "{0} {1} is the function itself: it calls itself, until a chain of such calls is cut off": (
        "{0} {1} 是函数自身：它会调用自己，直到这样的调用链被截断"
    ),
    "{0} {1}: there is no such function yet; until there is, delivery fails": (
        "{0} {1}：尚无该函数；在它存在之前，投递会失败"
    ),
    "header:NAME:PREFIX, header:NAME, query:NAME, cookie:NAME or form:NAME": (
        "header:NAME:PREFIX、header:NAME、query:NAME、cookie:NAME 或 form:NAME"
    ),
    "header:CLAIM:NAME, query:…, cookie:… or form:…": ("header:CLAIM:NAME、query:…、cookie:… 或 form:…"),
    "/a/path or /a/path/*": "/a/path 或 /a/path/*",
    "is required with authType {0}": "authType 为 {0} 时必填",
    "has no meaning with authType {0}": "authType 为 {0} 时没有意义",
    "is not JSON": "不是 JSON",
    "is not an object": "不是对象",
    "{0} is not known": "{0} 未知",
    "{0} is required": "{0} 为必填",
    "blacklist and whitelist exclude each other": "blacklist 与 whitelist 互斥",
    "{0} is not a comma-separated list": "{0} 不是以逗号分隔的列表",
    "{0}.{1} must be {2}": "{0}.{1} 须为 {2:say}",
    "{0} is empty": "{0} 为空",
    "{0} is not a list of at most {1} paths": "{0} 不是最多 {1} 个路径的列表",
    "tokens must be a list of 1 to {0}": "tokens 须为 1 到 {0} 项的列表",
    "tokens has the same {0} twice": "tokens 中有两个相同的 {0}",
    "{0} is not an object": "{0} 不是对象",
    "tokenName must have 1 to 128 letters, digits, _ or -, not starting with a digit or -": (
        "tokenName 须为 1 到 128 个字母、数字、_ 或 -，不以数字或 - 开头"
    ),
    "tokenData must have 32 to 128 of A-Z a-z 0-9 + / = - ~ .": (
        "tokenData 须为 32 到 128 个 A-Z a-z 0-9 + / = - ~ . 字符"
    ),
    "enable is not true or false": "enable 不是 true 或 false",
    "at most {0}, each with a name of its own, and one http trigger for each qualifier": (
        "最多 {0} 个，名称各不相同，每个限定符最多一个 HTTP 触发器"
    ),
    "is too large": "过大",
    "is nested more than {0} deep": "嵌套超过 {0} 层",
    "has text that is not Unicode": "含有非 Unicode 文本",
    "is not a finite number": "不是有限的数字",
    "is too large a number": "数字过大",
    "is required with the runtime {0}": "运行环境为 {0} 时必填",
    "cannot run in this Function Compute": "无法在此函数计算中运行",
    "is not a runtime of Function Compute": "不是函数计算的运行环境",
    "is not file.function": "不是 file.function",
    "cannot be split into words: {0}": "无法拆分成词：{0}",
    "must be *, or such as https://app.example.com or https://*.example.com": (
        "须为 *，或形如 https://app.example.com、https://*.example.com"
    ),
    "has something that is no name of a method or header": "含有不是方法或请求头名称的内容",
    "has args and no command": "有 args 但没有 command",
    "command and args have more than {0} characters": "command 和 args 超过 {0} 个字符",
    "a host such as api.example.com or *.example.com, 1 to 256 characters": (
        "主机名，如 api.example.com 或 *.example.com，1 到 256 个字符"
    ),
    "authType anonymous, function or jwt, and for jwt authInfo": (
        "authType 为 anonymous、function 或 jwt，jwt 还需 authInfo"
    ),
    "must be /a/path or /a/path/*": "须为 /a/path 或 /a/path/*",
    "is no version or alias": "不是版本或别名",
    "has {0}; allowed are {1}": "含有 {0}；允许 {1}",
    "has the path {0} twice": "路径 {0} 出现了两次",
    "is not in PEM form, which begins with -----BEGIN CERTIFICATE-----": (
        "不是 PEM 格式（以 -----BEGIN CERTIFICATE----- 开头）"
    ),
    "is longer than 4096 characters": "超过 4096 个字符",
    "is not in PEM form, which begins with -----BEGIN PRIVATE KEY-----": (
        "不是 PEM 格式（以 -----BEGIN PRIVATE KEY----- 开头）"
    ),
    "minVersion is higher than maxVersion": "minVersion 高于 maxVersion",
    "is no name of a host": "不是主机名",
    "certConfig is required with HTTPS": "使用 HTTPS 时必须有 certConfig",
    "the name of a custom domain cannot change": "自定义域名的名称不能更改",
    "send the custom domain as a JSON object": "以 JSON 对象发送自定义域名",
    "has a fingerprint (sha256:…), as answers show it, where the secret itself must be": (
        "含有指纹（sha256:…，应答中的形式），而此处须为密钥本身"
    ),
    "custom domain '{0}'": "自定义域名 '{0}'",
    "the custom domain": "自定义域名",
    "custom domain '{0}' was not {1}: {2}": "自定义域名 '{0}' 未能{1:say}：{2:say}",
    "the custom domain was not {0}: {1}": "自定义域名未能{0:say}：{1:say}",
    "is not a JSON object as text, such as {{}}": "不是 JSON 对象形式的文本，如 {{}}",
    "is required with the type {0}": "类型为 {0} 时必填",
    "is no ARN of {0}": "不是 {0} 的 ARN",
    "is not such a number": "不是符合要求的数字",
    "is no multiple of 0.05": "不是 0.05 的倍数",
    "does not fit the memory": "与内存不匹配",
    "the type": "类型",
    "the source": "来源",
    "is not of a triggerConfig: a custom domain leads a host and a path to a function": (
        "不属于 triggerConfig：由自定义域名将主机名和路径指向函数"
    ),
    "1 to 128 letters, digits, _ or -, not starting with a digit or -": (
        "1 到 128 个字母、数字、_ 或 -，不以数字或 - 开头"
    ),
    "at most 256 characters": "最多 256 个字符",
    "LATEST, a version or an alias": "LATEST、版本或别名",
    "a JSON object as text": "JSON 对象形式的文本",
    "anonymous, function, jwt, bearer": "anonymous、function、jwt、bearer",
    "@every 5m, or six fields, seconds first; at most {0} characters": (
        "@every 5m，或六个字段（秒在最前）；最多 {0} 个字符"
    ),
    "names such as oss:ObjectCreated:PutObject": "形如 oss:ObjectCreated:PutObject 的名称",
    "the name": "名称",
    "delete it and create another one": "删除后重新创建",
    "{0} of a trigger cannot change": "触发器的{0:say}不能更改",
    "send the trigger as a JSON object": "以 JSON 对象发送触发器",
    "is not a field of a trigger": "不是触发器的字段",
    "is no type of trigger": "不是触发器的类型",
    "stands beside triggerConfig, not in it": "应与 triggerConfig 并列，而不是在其中",
    "is too long": "过长",
    "is not a name": "不是名称",
    "the trigger": "触发器",
    "trigger '{0}' was not {1}: {2}": "触发器 '{0}' 未能{1:say}：{2:say}",
    "the trigger was not {0}: {1}": "触发器未能{0:say}：{1:say}",
    "is missing: either ossBucketName and ossObjectName, or zipFile, must be given": (
        "缺失：须给出 ossBucketName 和 ossObjectName，或 zipFile"
    ),
    "has a zipFile and an object of OSS": "同时有 zipFile 和 OSS 对象",
    "one of the two": "两者之一",
    "is not a ZIP in base64": "不是 base64 编码的 ZIP",
    "put it into a bucket: ossBucketName and ossObjectName": "放入 Bucket：ossBucketName 和 ossObjectName",
    "is larger than {0} MB": "超过 {0} MB",
    "differs from {0}, that of the ZIP": "与 ZIP 的 {0} 不一致",
    "1 to {0}": "1 到 {0}",
    "is not such a size": "不是符合要求的大小",
    "is neither true nor false": "既不是 true 也不是 false",
    "is not an object with initializer and preStop": "不是含 initializer 和 preStop 的对象",
    "is not an object with handler and timeout": "不是含 handler 和 timeout 的对象",
    "is not run here": "此处不执行",
    "handler, as file.function": "handler，格式为 file.function",
    "is not such a time": "不是符合要求的时间",
    "1 to {0} s": "1 到 {0} s",
    "is no handler": "不是请求处理程序",
    "file.function, 1 to 128 characters": "file.function，1 到 128 个字符",
    "is not for {0}": "不适用于 {0}",
    "custom runtimes": "自定义运行时",
    "leave it out": "去掉它",
    "an instance of {0} serves one call at a time": "{0} 的实例一次只处理一个调用",
    "1, or a custom runtime": "1，或使用自定义运行时",
    "0.05 to 16 in steps of 0.05, a quarter to all of the {0} GB of memory": (
        "0.05 到 16，步长 0.05，为 {0} GB 内存的四分之一到全部"
    ),
    "custom.debian12 with the program in the package, or a region": (
        "custom.debian12（程序在代码包中），或使用云端地域"
    ),
    "differs from {0}, the name in the path: a name cannot change": (
        "与路径中的名称 {0} 不一致：名称不能更改"
    ),
    "is not a field of UpdateFunction": "不是 UpdateFunction 的字段",
    "send the fields of the function as one": "以一个对象发送函数的字段",
    "needs containers, which are not run here": "需要容器，此处不运行容器",
    "{0} is not known here, and was ignored": "此处不支持 {0}，已忽略",
    "has no interpreter here": "此处没有解释器",
    "a custom runtime that starts the program, or a region": "启动该程序的自定义运行时，或使用云端地域",
    "{0} was not {1}: {2}": "{0:part} 未能{1:say}：{2:say}",
    "jwks is not JSON": "jwks 不是 JSON",
    "jwks must be an object with 1 to {0} keys": "jwks 须为含 1 到 {0} 个密钥的对象",
    "{0}.kty must be {1}": "{0}.kty 须为 {1:say}",
    "must be {0}": "须为 {0:say}",
    "is not base64url": "不是 base64url",
    "must be sig": "须为 sig",
    "n has {0} bits; at least {1} are needed": "n 有 {0} 位；至少需要 {1} 位",
    "k is too short: at least {0} bytes are needed": "k 过短：至少需要 {0} 字节",
    "alg does not belong to a key of this kind": "alg 与此类密钥不符",
    "functions find names as this machine does": "函数按本机的方式解析域名",
    "calls are served on demand as well": "也会按需处理调用",
    "it means nothing here": "在此处没有意义",
    "functions get no GPU here": "此处的函数没有 GPU",
    "the server says how long an idle instance is kept": "空闲实例保留多久由服务端决定",
    "an instance serves one call after the other, whosever they are": "实例依次处理调用，不论来自谁",
    "nothing is mounted here": "此处不挂载",
    "logs stay on this machine": "日志保留在本机",
    "calls of a session go to any instance": "会话的调用会分配到任意实例",
    "nothing is traced here": "此处不做链路追踪",
    "{0} is kept, but {1}": "{0} 已保留，但{1:say}",
    "base64 of a ZIP": "base64 编码的 ZIP",
    "the layer {0} was not published: {1}": "层 {0} 未发布：{1:say}",
    "is not a list of texts": "不是文本列表",
    "has more than {0} items": "超过 {0} 项",
    "at most {0} characters": "最多 {0} 个字符",
    "zipFile, or ossBucketName with ossObjectName": "zipFile，或 ossBucketName 和 ossObjectName",
    "has two sources": "有两个来源",
    "is not base64": "不是 base64",
    "has one * at most, between a prefix and a suffix, as in oss:my-bucket/in/*.png": (
        "最多有一个 *，位于前缀和后缀之间，如 oss:my-bucket/in/*.png"
    ),
    "has a repeat or a choice within a repeat, which can take for ever": (
        "重复中还有重复或选择，可能永远匹配不完"
    ),
    "has more than {0} of *, + and {{n,}}, which can take for ever": (
        "有超过 {0} 个 *、+ 和 {{n,}}，可能永远匹配不完"
    ),
    "has choices that can be taken in more than {0} ways, which can take for ever": (
        "选择的组合超过 {0} 种，可能永远匹配不完"
    ),
    "replacement names ${0}, and match has {1} groups": "replacement 使用了 ${0}，而 match 有 {1} 个分组",
    "replacement names ${0}, and match has {1} of *": "replacement 使用了 ${0}，而 match 有 {1} 个 *",
    "has a look-around or a reference back, which FC's expressions do not have": (
        "含有环视或反向引用，FC 的表达式不支持"
    ),
    "is no regular expression: {0}": "不是正则表达式：{0}",
    "the path has {0} characters; the rewrite rule {1} can look at {2}": (
        "路径有 {0} 个字符；重写规则 {1} 最多支持 {2} 个"
    ),
    "a shorter path, or a rule that begins with ^": "更短的路径，或以 ^ 开头的规则",
    "is past its end of life (FC called it python3)": "已停止维护（FC 称之为 python3）",
    "is past its end of life": "已停止维护",
    "is retired": "已下线",
    "is not exact": "不够明确",
    "exists only as a layer for custom runtimes": "只作为自定义运行时的层提供",
    "instances do not follow metrics here": "此处的实例不随指标伸缩",
    "an instance here always has its CPU": "此处的实例始终拥有 CPU",
    "there is no GPU here": "此处没有 GPU",
    "there are no resident pools here": "此处没有常驻资源池",
    "instances are started on demand here in any case": "此处总是按需启动实例",
    "there is one kind of instances here": "此处只有一种实例",
    "the fullest instance with room is called here": "此处会调用仍有余量的最满的实例",
    "is neither cron(…) nor at(…)": "既不是 cron(…) 也不是 at(…)",
    "reservedConcurrency is missing": "缺少 reservedConcurrency",
    "target is missing: how many instances are kept": "缺少 target：保留多少个实例",
    "{0} is {1}; allowed are whole numbers from 0 to {2}": "{0} 为 {1}；允许 0 到 {2} 的整数",
    "a text": "文本",
    "{0} is {1}; allowed is true or false": "{0} 为 {1}；允许 true 或 false",
    "{0} is {1}; allowed is a text": "{0} 为 {1}；允许文本",
    "{0} is not a list of at most {1} objects": "{0} 不是最多 {1} 个对象的列表",
    "{0} must be {1}": "{0} 须为 {1:say}",
    "{0} is not text": "{0} 不是文本",
    "{0} has more than {1}": "{0} 超过 {1} 个",
    "a whole number from 1, or latest": "从 1 开始的整数，或 latest",
}
