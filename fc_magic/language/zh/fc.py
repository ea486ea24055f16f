"""What Function Compute says itself: its codes, and the texts of its runtimes. Its own words stay beside ours."""

#: code of a refusal -> what it means
CODES = {
    "InvalidArgument": "参数不正确",
    "MissingRequiredHeader": "缺少必需的请求头",
    "PathNotSupported": "不支持该方法或路径",
    "EntityTooLarge": "请求体过大",
    "NotSupported": "内嵌的函数计算不支持此操作",
    "LimitExceededError": "资源数量超过上限",
    "AdditionalVersionContainsMajorVersion": "灰度权重中含有别名的主版本",
    "DomainNameNotResolved": "自定义域名未解析",
    "DomainNameResolveError": "自定义域名解析出错",
    "ResourcePoolInsufficientCapacity": "常驻资源池容量不足",
    "AccessDenied": "没有权限",
    "Forbidden": "没有权限",
    "InvalidAccessKeyID": "AccessKey ID 不存在",
    "InvalidAccessKeyId.NotFound": "AccessKey ID 不存在",
    "SignatureNotMatch": "签名不匹配",
    "SignatureDoesNotMatch": "签名不匹配",
    "FunctionNotFound": "函数不存在",
    "DeploymentNotFound": "部署不存在",
    "VersionNotFound": "版本不存在",
    "AliasNotFound": "别名不存在",
    "TriggerNotFound": "触发器不存在",
    "LayerNotFound": "层不存在",
    "LayerVersionNotFound": "层版本不存在",
    "DomainNameNotFound": "自定义域名不存在",
    "AsyncConfigNotExists": "没有异步配置",
    "OnDemandConfigNotFound": "没有并发配置",
    "AsyncTaskNotFound": "异步任务不存在",
    "RequestTimeout": "请求超时",
    "FunctionAlreadyExists": "函数已存在",
    "DeploymentAlreadyExists": "部署已存在",
    "TriggerAlreadyExists": "触发器已存在",
    "AliasAlreadyExists": "别名已存在",
    "DomainNameAlreadyExists": "自定义域名已存在",
    "ConcurrentUpdateError": "同时有其他更新，请稍后重试",
    "EventBridgeTriggerConflict": "EventBridge 触发器冲突",
    "ProvisionConfigExist": "实例数已由其他配置设定",
    "ResidentScalingConfigExists": "常驻资源池的伸缩配置已存在",
    "AsyncTaskAlreadyExists": "异步任务已存在",
    "PreconditionFailed": "前置条件不满足",
    "FunctionNotEmpty": "函数仍有关联的资源",
    "AsyncInvocationStopped": "异步任务已停止",
    "FunctionNotReady": "函数未就绪",
    "FunctionNotStarted": "函数实例未能启动",
    "CAExited": "自定义运行时或容器未能启动：程序已退出",
    "CAFileNotFound": "自定义运行时未能启动：没有启动文件",
    "CAFilePermission": "自定义运行时未能启动：启动文件没有执行权限",
    "ResourceExhausted": "超过流控或实例数上限，请稍后重试",
    "ClientClosedRequest": "调用方已断开",
    "InternalServerError": "函数计算内部错误",
    "DestinationDeliveryFailed": "异步调用的目标服务投递失败",
    "BadResponse": "应答不符合函数计算的格式",
    "ResourceThrottled": "请求被限流，请稍后重试",
    "Throttling": "请求被限流，请稍后重试",
    "ServiceNotEnabled": "该账号尚未开通函数计算",
}
#: what a runtime says of a function that failed
RUNTIME = {
    "Function timed out after {0} seconds (maxMemoryUsage: {1}MB)": "函数执行超过 {0} 秒，已超时（内存峰值 {1} MB）",
    "Function timed out after {0} seconds": "函数执行超过 {0} 秒，已超时",
    "Process exited unexpectedly before completing request (duration: {0}ms, maxMemoryUsage: {1}MB)": (
        "进程在完成请求之前意外退出（执行 {0} ms，内存峰值 {1} MB）"
    ),
    "Process was ended while it was idle (maxMemoryUsage: {0}MB)": "进程在空闲时被结束（内存峰值 {0} MB）",
    "The program runs but listens no longer on port {0}; the next call starts a new instance": (
        "程序仍在运行，但不再监听 {0} 端口；下次调用会启动新的实例"
    ),
    "Invocation canceled by client (duration: {0}ms, maxMemoryUsage: {1}MB)": (
        "调用已由客户端取消（执行 {0} ms，内存峰值 {1} MB）"
    ),
    "Out of memory: the function held {0} MB, its limit is {1} MB; deploy it with more memory": (
        "内存不足：函数占用 {0} MB，上限为 {1} MB；请以更大的内存部署"
    ),
    "Out of disk: the function wrote {0} MB, the limit of an instance is {1} MB": (
        "磁盘不足：函数写入 {0} MB，实例上限为 {1} MB"
    ),
    "Too many processes: the function ran more than {0} processes and threads, the limit of an instance": (
        "进程过多：函数的进程和线程超过实例上限 {0} 个"
    ),
    "Failed to start function instance. Error: the file /code/bootstrap is not exist": (
        "函数实例启动失败：没有文件 /code/bootstrap"
    ),
    "Function instance exited unexpectedly(code {0}, message:{1}) with start command {2}": (
        "函数实例意外退出（代码 {0}，{1:say}），启动命令 {2}"
    ),
    "Function instance exited unexpectedly with start command {0}": "函数实例意外退出，启动命令 {0}",
    "Function instance health check failed on port {0} in {1} seconds.": (
        "函数实例健康检查失败：{1} 秒内 {0} 端口没有就绪"
    ),
    "Function instance health check failed on port {0} in {1} seconds. The program listens on port {2}, "
    "not on port {3}.": (
        "函数实例健康检查失败：{1} 秒内 {0} 端口没有就绪。程序监听的是 {2} 端口，不是 {3} 端口。"
    ),
    "The program listens on 127.0.0.1:{0}, where nobody outside of it reaches it; let it listen on 0.0.0.0:{1}": (
        "程序监听 127.0.0.1:{0}，外部无法访问；请监听 0.0.0.0:{1}"
    ),
    "The program listens on port {0}; Function Compute calls port {1}": (
        "程序监听 {0} 端口；函数计算调用的是 {1} 端口"
    ),
    "The program runs on, and gave no whole answer: {0}": "程序仍在运行，但没有完整应答：{0:say}",
    "Port {0} of this machine is taken by {1}, and this machine cannot give the program another; end what has the "
    "port, then call again": (
        "本机的 {0} 端口被 {1} 占用，且本机无法为程序分配其他端口；请结束占用端口的程序，再调用"
    ),
    "The program answered {0} to POST /invoke, which Function Compute takes for a success": (
        "程序对 POST /invoke 应答 {0}，函数计算视为成功"
    ),
    "Unable to import module '{0}'": "无法导入模块 '{0}'",
    "Module '{0}' is missing": "没有模块 '{0}'",
    "Handler '{0}' is missing on module '{1}'": "模块 '{1}' 中没有请求处理程序 '{0}'",
    "Invalid handler '{0}'": "请求处理程序 '{0}' 格式不正确",
    "Syntax error in module '{0}'": "模块 '{0}' 有语法错误",
    "Module initialization error: {0}": "模块加载时出错：{0}",
    "Module initialization error": "模块加载时出错",
    "Object of type {0} is not JSON serializable": "{0} 类型的对象无法序列化为 JSON",
    "The handler has not answered": "请求处理程序没有返回应答",
    "FC service is not enabled for current user.": "当前用户尚未开通函数计算。",
    "No permission to assume the role '{0}' for you": "没有扮演角色 '{0}' 的权限",
    "the caller is not authorized to perform '{0}' on resource '{1}'": "调用者没有对资源 '{1}' 执行 '{0}' 的权限",
    "project '{0}' does not exist": "Project '{0}' 不存在",
    "logstore '{0}' does not exist": "Logstore '{0}' 不存在",
}
WORDS = {**RUNTIME}
