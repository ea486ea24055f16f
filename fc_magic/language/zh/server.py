"""What the embedded Function Compute refuses, and what it says of a deployment that it took."""

WORDS = {
    "publish it, or choose one of ListFunctionVersions": "发布它，或从 ListFunctionVersions 中选择",
    "function '{0}' does not exist": "函数 '{0}' 不存在",
    "asynchronous calls": "异步调用",
    "instances that are kept warm": "保持就绪的实例",
    "idle instances": "空闲实例",
    "memory of idle instances": "空闲实例的内存",
    "the host {0} is not served here": "此处不提供主机名 {0}",
    "use 127.0.0.1, or the url of an http trigger": "使用 127.0.0.1，或 HTTP 触发器的 URL",
    "{0} is not a call of this Function Compute": "{0} 不是此函数计算的接口",
    "at most {0} KB are allowed in an asynchronous call": "异步调用最大 {0} KB",
    "the body has {0} bytes; at most {1} KB are allowed in an asynchronous call": (
        "请求体有 {0} 字节；异步调用最大 {1} KB"
    ),
    "put it into the object store": "将其放入对象存储",
    "function '{0}' has a task {1} already": "函数 '{0}' 已有任务 {1}",
    "another task id, or none": "使用其他任务 ID，或不指定",
    "{0} asynchronous calls wait already": "已有 {0} 个异步调用在等待",
    "{0} asynchronous calls of function '{1}' wait already": "函数 '{1}' 已有 {0} 个异步调用在等待",
    "asynchronous calls of function '{0}' that wait have {1} bytes already": (
        "函数 '{0}' 等待中的异步调用已有 {1} 字节"
    ),
    "call again later": "稍后再调用",
    "the task id {0} does not have the right form": "任务 ID {0} 格式不正确",
    "the task id {0} does not have the right form: a letter or _, then letters, digits, _ and -; at"
    " most 128 in all": (
        "任务 ID {0} 格式不正确：以字母或 _ 开头，随后为字母、数字、_ 和 -；最多 128 个字符"
    ),
    "{0} is no function: nothing else can be told here": "{0} 不是函数：此处不能通知其他目标服务",
    "{0} is in another region than {1}": "{0} 与 {1} 不在同一地域",
    "the call is the last of a chain of {0}: each was told how the one before it ended": (
        "此调用是 {0} 个连锁调用中的最后一个：每个都由前一个的结果触发"
    ),
    "a function that is its own destination, or two that are each other's": (
        "以自身为目标服务的函数，或互为目标服务的两个函数"
    ),
    "the task {0} was stopped already": "任务 {0} 已停止",
    "the task {0} has ended: {1}": "任务 {0} 已结束：{1}",
    "x-fc-async-delay is {0}; allowed are 0 to {1} seconds": "x-fc-async-delay 为 {0}；允许 0 到 {1} 秒",
    "function '{0}' has no task {1}": "函数 '{0}' 没有任务 {1}",
    "function '{0}' has no async config for {1}": "函数 '{0}' 没有 {1} 的异步配置",
    "trigger '{0}' of function '{1}' exists": "函数 '{1}' 的触发器 '{0}' 已存在",
    "update it, or choose another name": "更新它，或换一个名称",
    "function '{0}' has {1} triggers, and no function has more": "函数 '{0}' 有 {1} 个触发器，已达上限",
    "delete one of them": "删除其中一个",
    "there is no version or alias {0} yet": "尚无版本或别名 {0}",
    "{0}: there is no version or alias {1} yet: its calls fail until there is one": (
        "{0}：尚无版本或别名 {1}：在它存在之前，调用会失败"
    ),
    "trigger '{0}' of function '{1}' does not exist": "函数 '{1}' 的触发器 '{0}' 不存在",
    "it has {0}": "它有 {0}",
    "is one http trigger too many for {0}: there is one for each version and each alias": (
        "{0} 的 HTTP 触发器过多：每个版本和别名各有一个"
    ),
    "update that one, or name another qualifier": "更新已有的，或指定其他限定符",
    "the request is not signed: the header Authorization is missing": (
        "请求未签名：缺少请求头 Authorization"
    ),
    "Authorization is not {0} Credential=…,SignedHeaders=…,Signature=…": (
        "Authorization 不是 {0} Credential=…,SignedHeaders=…,Signature=…"
    ),
    "the access key id {0} is not known here": "此处没有 AccessKey ID {0}",
    "the security token does not belong to this access key id": "安全令牌不属于此 AccessKey ID",
    "{0} is {1}, not a date such as 2026-01-02T03:04:05Z": (
        "{0} 为 {1}，不是形如 2026-01-02T03:04:05Z 的日期"
    ),
    "{0} is {1}, not a date such as Fri, 02 Jan 2026 03:04:05 GMT": (
        "{0} 为 {1}，不是形如 Fri, 02 Jan 2026 03:04:05 GMT 的日期"
    ),
    "the request is dated {0}, {1} minutes from this server's clock; at most {2} are allowed": (
        "请求的日期为 {0}，与服务端时钟相差 {1} 分钟；最多允许 {2} 分钟"
    ),
    "set the clock of the machine that signs": "校准签名机器的时钟",
    "the request is dated {0}, before this server started: it may have been seen by the one before": (
        "请求的日期为 {0}，早于此服务的启动：可能已被之前的服务处理过"
    ),
    "sign it anew; if it is new, set the clock of the machine that signs": (
        "重新签名；如果是新的请求，请校准签名机器的时钟"
    ),
    "sign it with an access key: FC ID:SIGNATURE": "用访问密钥签名：FC ID:SIGNATURE",
    "the header Authorization has no signature of FC": "请求头 Authorization 中没有 FC 的签名",
    "the header Date is missing": "缺少请求头 Date",
    "the signature does not match this request": "签名与此请求不符",
    "check the access key secret and the method, and that nothing changes the request on its way": (
        "检查 AccessKey Secret 和方法，并确认请求在途中没有被修改"
    ),
    "this request was seen before: its x-acs-signature-nonce was used": (
        "此请求已处理过：其 x-acs-signature-nonce 已使用"
    ),
    "check the access key secret, and that nothing changes the request on its way": (
        "检查 AccessKey Secret，并确认请求在途中没有被修改"
    ),
    "the body differs from the hash that was signed (x-acs-content-sha256)": (
        "请求体与签名的哈希不符（x-acs-content-sha256）"
    ),
    "the header {0} is missing": "缺少请求头 {0}",
    "the header {0} is not among the signed ones": "请求头 {0} 没有签名",
    "remove them first": "先删除它们",
    "function '{0}' still has {1}": "函数 '{0}' 仍有 {1}",
    "function '{0}' would have more than {1} tags": "函数 '{0}' 的标签会超过 {1} 个",
    "enable it with EnableFunctionInvocation": "用 EnableFunctionInvocation 启用",
    "the invocation of function '{0}' is disabled: {1}": "函数 '{0}' 的调用已禁用：{1}",
    "the invocation of function '{0}' is disabled": "函数 '{0}' 的调用已禁用",
    "the caller went away": "调用方已断开",
    "function '{0}' has no concurrency config": "函数 '{0}' 没有并发配置",
    "PutConcurrencyConfig makes one": "用 PutConcurrencyConfig 创建",
    "the triggers there have bearer tokens, do not agree who may call, or are more than {0}": (
        "那里的触发器使用 Bearer Token、对调用者的要求不一致，或超过 {0} 个"
    ),
    "custom domain '{0}' exists": "自定义域名 '{0}' 已存在",
    "the host '{0}' already leads to {1}, by the url of its http trigger": (
        "主机名 '{0}' 已通过其 HTTP 触发器的 url 指向 {1}"
    ),
    "'{0}' is the url of http triggers of {1}, and no custom domain": (
        "'{0}' 是 {1} 的 HTTP 触发器的 url，不是自定义域名"
    ),
    "custom domain '{0}' does not exist": "自定义域名 '{0}' 不存在",
    "another host": "更换主机名",
    "create it first": "先创建它",
    "the embedded Function Compute serves this domain by HTTP: it has no TLS": (
        "内嵌的函数计算以 HTTP 提供此域名：没有 TLS"
    ),
    "tlsConfig is kept, and means nothing here": "tlsConfig 已保留，在此处没有意义",
    "wafConfig is kept, but one machine has no firewall for it": "wafConfig 已保留，但本机没有对应的防火墙",
    "a deployment named {0} exists; names must not repeat": "名为 {0} 的部署已存在；名称不能重复",
    "update it with PUT …/deployments/{0}, or choose another name": (
        "用 PUT …/deployments/{0} 更新它，或换一个名称"
    ),
    "function '{0}' already exists": "函数 '{0}' 已存在",
    "this Function Compute is stopping": "此函数计算正在停止",
    "{0} was updated just now; call it again": "{0} 刚刚被更新；请再次调用",
    "there is no deployment named {0}": "没有名为 {0} 的部署",
    "it took longer than {0} s": "耗时超过 {0} s",
    "could not be fetched (it took longer than {0} s)": "无法获取（耗时超过 {0} s）",
    "could not be fetched ({0})": "无法获取（{0:say}）",
    "it redirects to {0}:, which is not http or https": "它重定向到 {0}:，不是 http 或 https",
    "it redirects more than {0} times": "它重定向超过 {0} 次",
    "it is larger than {0} MB": "它超过 {0} MB",
    "it ended {0} bytes early": "它提前 {0} 字节结束",
    "a URL that answers with the ZIP": "返回 ZIP 的 URL",
    "the code was refused: {0} {1}": "代码被拒绝：{0} {1:say}",
    "the head of the request is larger than {0} KB": "请求头超过 {0} KB",
    "the body has {0} MB; at most {1} MB are allowed": "请求体有 {0} MB；最大 {1} MB",
    "this Function Compute was stopped before the request was done": "请求完成之前，此函数计算被停止",
    "the embedded Function Compute failed; its log has the reason": "内嵌的函数计算出错；原因见其日志",
    "the body is not JSON: {0}": "请求体不是 JSON：{0}",
    "the body is not JSON that can be read: it is nested too deep": "请求体不是可读取的 JSON：嵌套过深",
    "{0} is {1}; allowed are 1 to {2}": "{0} 为 {1}；允许 1 到 {2}",
    "event is not Base64": "event 不是 Base64",
    "nextToken is not one of this server": "nextToken 不属于此服务",
    "x-fc-invocation-type {0} is not served by the embedded Function Compute": (
        "内嵌的函数计算不支持 x-fc-invocation-type {0}"
    ),
    "leave the header out, or send Sync or Async": "去掉该请求头，或发送 Sync、Async",
    "the keys in {0} cannot be read ({1})": "无法读取 {0} 中的密钥（{1}）",
    "restore {0}, or remove it: new keys are made at the next start": (
        "恢复 {0} 或删除它：下次启动时会生成新密钥"
    ),
    "a key is missing": "缺少密钥",
    "send the ZIP as code.zipFile": "以 code.zipFile 发送 ZIP",
    "the embedded Function Compute has no object store for layers": "内嵌的函数计算没有用于层的对象存储",
    "layer '{0}' does not exist": "层 '{0}' 不存在",
    "version {0} of layer '{1}' does not exist": "层 '{1}' 的版本 {0} 不存在",
    "layer version '{0}' does not exist": "层版本 '{0}' 不存在",
    "The Layer {0} is not compatible with this runtime.": "层 {0} 与此运行环境不兼容。",
    "publish {0} for {1} too, or choose the runtime {2}": "为 {1} 也发布 {0}，或选择运行环境 {2}",
    "its runtimes are {0}": "其运行环境为 {0}",
    "have {0} MB together": "合计 {0} MB",
    "at most {0} MB": "最大 {0} MB",
    "a layer is in the region of its function, {0}": "层须与函数在同一地域，即 {0}",
    "is in {0}": "在 {0}",
    "belongs to {0}": "属于 {0}",
    "only layers that were published here exist here": "此处只有在此发布的层",
    "there is no version {0} of layer {1}": "层 {1} 没有版本 {0}",
    "published here: {0}; publish one first": "此处已发布：{0}；请先发布",
    "published here: none; publish one first": "此处尚未发布；请先发布",
    "layer {0} has libraries compiled for Python {1}; {2} runs on Python {3}.{4} {5} here, which do"
    "es not load them": ("层 {0} 中的依赖包为 Python {1} 编译；此处 {2} 运行 Python {3}.{4} {5}，无法加载"),
    "versions …, {0}": "版本 …、{0}",
    "versions {0}": "版本 {0}",
    "no way to get the code of {0}": "无法获取 {0} 的代码",
    "this Function Compute has no object store": "此函数计算没有对象存储",
    "create it, and its objects call the function; a region refuses such a trigger": (
        "创建它，其中的对象就会触发函数；云端地域会拒绝这样的触发器"
    ),
    "there is no bucket {0} yet: create it, and its objects call the function; a region refuses suc"
    "h a trigger": ("尚无 Bucket {0}：创建它，其中的对象就会触发函数；云端地域会拒绝这样的触发器"),
    "the local Function Compute did not start: {0}": "本地函数计算未能启动：{0:say}",
    "the data folder {0} cannot be written: {1}": "无法写入数据文件夹 {0}：{1}",
    "set FC_MAGIC_HOME to another folder": "将 FC_MAGIC_HOME 设为其他文件夹",
    "instances of function '{0}' are kept by its {1} already": "函数 '{0}' 的实例已由其 {1} 保持",
    "delete that one first": "先删除那一个",
    "a fault of the server: {0}": "服务端故障：{0}",
    "not everything that is asked for exists here": "其中有此处不存在的内容",
    "is the host of this Function Compute itself": "是此函数计算自身的主机名",
    "url {0}{1} belongs to the API of this Function Compute": "url {0}{1} 属于此函数计算的 API",
    "url {0}{1} already leads to {2}": "url {0}{1} 已指向 {2}",
    "sourceArn names the region {0}; a bucket and its functions are in one, here {1}": (
        "sourceArn 的地域为 {0}；Bucket 与函数须在同一地域，此处为 {1}"
    ),
    "the bucket {0} has {1} oss triggers already ({2})": "Bucket {0} 已有 {1} 个 OSS 触发器（{2}）",
    "another bucket": "使用其他 Bucket",
    "no instance of {0} could be started: {1}": "无法启动 {0} 的实例：{1:say}",
    "the initializer failed: {0}": "Initializer 回调程序失败：{0}",
    "the data folder {0} cannot be used: {1}": "无法使用数据文件夹 {0}：{1}",
    "name another one with --data DIR, or move what is in the way": (
        "用 --data DIR 指定其他文件夹，或移走其中的内容"
    ),
    "name another one with --data DIR, or FC_MAGIC_HOME": "用 --data DIR 或 FC_MAGIC_HOME 指定其他文件夹",
    "use it, or name another folder with --data DIR": "使用它，或用 --data DIR 指定其他文件夹",
    "Function Compute runs already at {0} (process {1}) for the data folder {2}": (
        "数据文件夹 {2} 的函数计算已在 {0} 运行（进程 {1}）"
    ),
    "another Function Compute is starting for the data folder {0}": (
        "数据文件夹 {0} 的另一个函数计算正在启动"
    ),
    "cannot listen on {0} port {1}: {2}": "无法监听 {0} 端口 {1}：{2}",
    "{0} 0 takes a free one": "{0} 0 使用空闲端口",
    "the embedded Function Compute": "内嵌的函数计算",
    "{0} runs no containers": "{0:say}不运行容器",
    "another source, such as code of a built-in runtime": "使用其他来源，如内置运行环境的代码",
    "cannot run here: {0}, and {1} would install it": "无法在此运行：{0:say}，可用 {1} 安装",
    "the embedded Function Compute does not fire {0} triggers": "内嵌的函数计算不会触发 {0} 触发器",
    "vpc_config is kept, but one machine has no VPC: the function runs outside of it": (
        "vpc_config 已保留，但本机没有 VPC：函数在其外运行"
    ),
    "whether FC counts weekdays from 0 or 1 is not documented; MON to SUN is safe": (
        "FC 的星期从 0 还是 1 开始没有文档说明；用 MON 到 SUN 更稳妥"
    ),
    "{0} has no source of {1} events: the trigger is kept, and never fires": (
        "{0:say}没有 {1} 事件的来源：触发器已保留，但不会触发"
    ),
    "it does what {0} does: the function is called twice, by each of them": (
        "它与 {0} 作用相同：两者都会触发，函数会被调用两次"
    ),
    "it hears of every object of {0}; a function that writes there calls itself without end, unless"
    " a prefix or a suffix keeps what it writes apart": (
        "它会收到 {0} 中所有对象的事件；向其中写入的函数会不断触发自身，除非用前缀或后缀区分写入的对象"
    ),
    "{0} {1} is no pattern: a key must have these very characters": (
        "{0} {1} 不是模式：键须与这些字符完全一致"
    ),
    "sourceArn names account {0}, but every bucket here is {1}'s": (
        "sourceArn 的账号为 {0}，但此处的 Bucket 都属于 {1}"
    ),
    "it waited for more than {0} s, which maxAsyncEventAgeInSeconds allows": (
        "等待超过 {0} s，这是 maxAsyncEventAgeInSeconds 的上限"
    ),
    "{0}; it is tried again": "{0:say}；会重试",
    "stopped by a caller": "由调用者停止",
    "the server ended meanwhile": "服务在此期间停止",
    "has {0} entries; at most {1} are allowed": "有 {0} 个条目；最多 {1} 个",
    "is larger than {0} MB unpacked": "解压后超过 {0} MB",
    "has the entry {0}, which cannot be written ({1})": "含有无法写入的条目 {0}（{1}）",
    "has the entry {0}; only relative paths inside the package are allowed": (
        "含有条目 {0}；只允许包内的相对路径"
    ),
    "has the entry {0}; drive letters are not allowed": "含有条目 {0}；不允许盘符",
    "has the entry {0}, whose path is too long; at most paths of {1} bytes and {2} folders are allowed": (
        "含有路径过长的条目 {0}；路径最多 {1} 字节、{2} 层文件夹"
    ),
    "has the entry {0}, which is a link or a device; only files and folders are allowed": (
        "含有条目 {0}，它是链接或设备；只允许文件和文件夹"
    ),
    "has the encrypted entry {0}": "含有加密的条目 {0}",
    "has the entry {0}, compressed by method {1}; allowed are 0 (none) and 8 (deflate)": (
        "含有以方法 {1} 压缩的条目 {0}；允许 0（不压缩）和 8（deflate）"
    ),
    "zip the files again, without links": "重新打包这些文件，不含链接",
    "the code was refused: the ZIP {0}": "代码被拒绝：ZIP {0:say}",
    "is left out: what is stored of it can no longer be read; delete it and deploy it again": (
        "已略去：其存储的内容已无法读取；请删除后重新部署"
    ),
    "{0} is left out: what is stored of it can no longer be read; delete it and deploy it again": (
        "{0} 已略去：其存储的内容已无法读取；请删除后重新部署"
    ),
    "this Function Compute is region {0}, not {1}": "此函数计算的地域是 {0}，不是 {1}",
    "use {0}, or start another one with fc-magic serve --region {1} --data DIR": (
        "使用 {0}，或用 fc-magic serve --region {1} --data DIR 另启动一个"
    ),
    "version {0} of function '{1}' is that of alias {2}": "函数 '{1}' 的版本 {0} 被别名 {2} 使用",
    "let the alias point at another version, or delete it first": "将别名指向其他版本，或先删除别名",
    "function '{0}' has no version {1}": "函数 '{0}' 没有版本 {1}",
    "ListFunctionVersions says which there are; LATEST is what is deployed now": (
        "ListFunctionVersions 列出所有版本；LATEST 是当前部署的内容"
    ),
    "no such file or directory": "没有该文件或目录",
    "permission denied": "没有权限",
    "{0}; name the command that starts the program, or zip a file bootstrap": (
        "{0:say}；指定启动程序的命令，或将文件 bootstrap 打包"
    ),
    "there is no {0} in the package": "代码包中没有 {0}",
    "there is no {0} on PATH": "PATH 中没有 {0}",
    "make it executable, chmod 755 {0}, and zip it again": "设为可执行，chmod 755 {0}，并重新打包",
    "begin {0} with a line as #!/bin/bash": "在 {0} 首行写 #!/bin/bash",
    "the lines of {0} end in CR LF; save it with LF": "{0} 的行以 CR LF 结尾；请用 LF 保存",
    "there is no {0}, which {1} names as its interpreter": "没有 {0}，而 {1} 指定它为解释器",
    "what it answered is no HTTP: {0}": "应答不是 HTTP：{0}",
    "it closed the connection": "它关闭了连接",
    "the answer has more than {0} MB, which are allowed": "应答超过允许的 {0} MB",
    "needs namespaces or Landlock": "需要命名空间或 Landlock",
    "the fork server ended": "fork 服务已结束",
    "the fork server does not answer: {0}": "fork 服务没有应答：{0}",
    "the fork server does not listen": "fork 服务没有监听",
    "the fork server does not answer": "fork 服务没有应答",
    "the fork server gave no answer within {0} s": "fork 服务在 {0} s 内没有应答",
    "needs Linux": "需要 Linux",
    "fork is not safe on this system": "在此系统上 fork 不安全",
    "the fork server did not start: {0}": "fork 服务未能启动：{0}",
    "the fork server ended, and does not start again": "fork 服务已结束，无法再次启动",
    "another program": "另一个程序",
    "call again later, or make fewer calls at once": "稍后再调用，或减少同时调用的数量",
    "{0} may have no more than {1} instances": "{0} 的实例最多 {1} 个",
    "all {0} instances are in use": "全部 {0} 个实例都在使用中",
    "{0} may have no instance": "{0} 不能有实例",
    "{0} instances that {1} may have": "{1} 最多可有的 {0} 个实例",
    "all {0} were busy for {1} s": "全部 {0} 个都忙于处理调用，已等待 {1} s",
    "all {0} instances were busy for {1} s": "全部 {0} 个实例都忙于处理调用，已等待 {1} s",
    "the process did not start": "进程未能启动",
    "the answer has {0} bytes; at most {1} MB are allowed": "应答有 {0} 字节；最多 {1} MB",
    "{0} was not found on this machine": "本机没有找到 {0}",
    "{0} runs on {1} here: {2} was not found on this machine": "此处 {0} 运行在 {1} 上：本机没有找到 {2}",
    "not needed with namespaces": "有命名空间时不需要",
    "the instance could not be prepared: {0}": "无法准备实例：{0}",
    "url {0}{1}": "URL {0}{1}",
    "{0} already leads to {1}, by the custom domain {2}": "{0} 已通过自定义域名 {2} 指向 {1}",
    "{0} is of a custom domain, and those have no authType {1}": (
        "{0} 属于自定义域名，而自定义域名没有 authType {1}"
    ),
    "another authConfig": "另一个 authConfig",
    "the custom domain {0} and its other routes ask for authType {1}, this trigger for {2}": (
        "自定义域名 {0} 及其其他路由要求 authType {1}，而此触发器要求 {2}"
    ),
    "the custom domain {0} and its other routes ask for another authConfig, this trigger for {1}": (
        "自定义域名 {0} 及其其他路由要求另一个 authConfig，而此触发器要求 {1}"
    ),
    "the custom domain {0} has {1} routes, and none has more": "自定义域名 {0} 有 {1} 条路由，已达上限",
    "{0} has a path that no route of a custom domain has": "{0} 的路径不能作为自定义域名的路由",
    "one instance at a time has port {0} of this machine: {1}": (
        "本机的 {0} 端口同时只能由一个实例使用：{1}"
    ),
    "without internetAccess a function reaches nothing but itself, nor the object store of this machine": (
        "没有 internetAccess 的函数只能访问自身，也无法访问本机的对象存储"
    ),
    "internetAccess is kept, but functions are not cut off on this machine: {0}": (
        "internetAccess 已保留，但本机无法隔离函数的网络：{0:say}"
    ),
    "without internetAccess a function connects to nothing but this machine": (
        "没有 internetAccess 的函数只能连接本机"
    ),
    "the first call will fail: {0}": "首次调用会失败：{0:say}",
    "function '{0}' has no alias {1}": "函数 '{0}' 没有别名 {1}",
    "ListAliases says which there are; LATEST is what is deployed now": (
        "ListAliases 列出所有别名；LATEST 是当前部署的内容"
    ),
    "function '{0}' already has an alias {1}": "函数 '{0}' 已有别名 {1}",
    "function '{0}' has no version {1} for alias {2}": "函数 '{0}' 没有别名 {2} 所指的版本 {1}",
    "the header Host is missing": "缺少请求头 Host",
}
