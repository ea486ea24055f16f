"""What clients of Function Compute do, and what goes wrong on the way there."""

WORDS = {
    'the ECS metadata service is off; ecs_role = "auto" asks it': (
        'ECS 元数据服务已关闭；设置 ecs_role = "auto" 即可使用'
    ),
    "OIDC of {0}": "{0} 的 OIDC",
    "{0} of {1}": "{1} 的 {0}",
    "ECS metadata service": "ECS 元数据服务",
    "ALIBABA_CLOUD_ECS_METADATA_DISABLED is set": "已设置 ALIBABA_CLOUD_ECS_METADATA_DISABLED",
    "gave no key": "没有返回密钥",
    "needs the package alibabacloud_credentials: {0}": "需要 alibabacloud_credentials 包：{0}",
    "gave no answer within {0} s": "{0} s 内没有应答",
    "the delay is {0} s: must be 0 to {1} s": "延迟为 {0} s：须为 0 到 {1} s",
    "{0} is not a setting of asynchronous calls; allowed are {1}": "{0} 不是异步调用的设置；可用的有 {1}",
    "deploy {0}{1}": "部署 {0}{1:say}",
    "; triggers and addresses that it does not name are removed": "；未列出的触发器和地址会被删除",
    "delete the function {0}, with its triggers and versions": "删除函数 {0} 及其触发器和版本",
    "publish a version of {0}": "发布 {0} 的一个版本",
    "take {0} back to version {1}": "将 {0} 回滚到版本 {1}",
    "delete version {0} of {1}": "删除 {1} 的版本 {0}",
    "lead the alias {0} of {1} to version {2}": "将 {1} 的别名 {0} 指向版本 {2}",
    "lead the alias {0} of {1} to version as before": "{1} 的别名 {0} 指向的版本不变",
    "delete the alias {0} of {1}": "删除 {1} 的别名 {0}",
    "publish a version of the layer {0}, a ZIP of {1} bytes": "发布层 {0} 的一个版本，ZIP 为 {1} 字节",
    "delete version {0} of the layer {1}": "删除层 {1} 的版本 {0}",
    "its code of {0} MB through OSS": "通过 OSS 上传 {0} MB 代码",
    "called by {0}": "由 {0} 触发",
    "has {0} MB; Function Compute takes {1} MB at most": "为 {0} MB；函数计算最大支持 {1} MB",
    "a smaller package, or layers": "减小代码包，或使用层",
    "zip the files again": "重新打包这些文件",
    "the target {0} ({1}) is not local, a region such as cn-hangzhou, or an http(s) URL": (
        "目标 {0}（{1:say}）不是 local、地域（如 cn-hangzhou）或 http(s) URL"
    ),
    "the target {0} is not local, a region such as cn-hangzhou, or an http(s) URL": (
        "目标 {0} 不是 local、地域（如 cn-hangzhou）或 http(s) URL"
    ),
    "host of the target": "目标的主机名",
    "the {0} host of {1} begins with the account id, and it is not known": (
        "{1} 的 {0} 主机名以账号 ID 开头，而账号 ID 未知"
    ),
    "has more than {0} MB": "超过 {0} MB",
    "a smaller package, or a container image": "减小代码包，或使用容器镜像",
    "{0} answered HTTP {1}, and no ZIP": "{0} 应答 HTTP {1}，不是 ZIP",
    "{0} could not be fetched: {1}": "无法获取 {0}：{1}",
    "withdraw the address {0}{1}": "撤销地址 {0}{1}",
    "{0}{1} led to it and no longer does: no url of the deployment names it": (
        "{0}{1} 曾指向它，现已不再指向：部署的 url 中没有它"
    ),
    "create the custom domain {0}": "创建自定义域名 {0}",
    "lead {0}{1} to it": "将 {0}{1} 指向它",
    "it leads where it led": "仍指向原处",
    "{0}{1} already leads to {2}": "{0}{1} 已指向 {2}",
    "{0} and its other routes ask for authType {1}": "{0} 及其其他路由要求 authType {1}",
    "{0} and its other routes ask for authType {1}, this trigger for {2}": (
        "{0} 及其其他路由要求 authType {1}，而此触发器要求 {2}"
    ),
    "another host or path": "更换主机名或路径",
    "a custom domain has no authType {0}": "自定义域名没有 authType {0}",
    "without url, or one of {0}": "去掉 url，或使用 {0} 之一",
    "is no URL": "不是 URL",
    "the code of {0} could not be fetched: {1} answered {2}": "无法获取 {0} 的代码：{1} 应答 {2}",
    "the code of {0} could not be fetched from {1}: {2}": "无法从 {1} 获取 {0} 的代码：{2}",
    "the code of {0} did not arrive whole: {1} bytes with CRC-64 {2}, not {3}": (
        "{0} 的代码不完整：收到 {1} 字节，CRC-64 为 {2}，应为 {3}"
    ),
    "the code of {0} is larger than {1} MB": "{0} 的代码超过 {1} MB",
    "no message": "没有消息",
    "what ran before still runs": "之前的版本仍在运行",
    "{0} does not tell the logs of {1} itself: they are in its Log Service": (
        "{0} 不直接提供 {1} 的日志：日志在其日志服务中"
    ),
    "withdraw its addresses": "撤销其地址",
    "delete trigger {0}": "删除触发器 {0}",
    "delete its aliases and versions": "删除其别名和版本",
    "delete the function": "删除函数",
    "publish a version": "发布版本",
    "there is no layer {0} here": "此处没有层 {0}",
    "%fclayers lists them": "%fclayers 列出所有层",
    "layer {0} has no ARN without the account id": "没有账号 ID，无法得到层 {0} 的 ARN",
    "set account_id, or name the layer by its ARN": "设置 account_id，或以 ARN 指定层",
    "create the function": "创建函数",
    "update the function": "更新函数",
    "the answer is not a JSON object": "应答不是 JSON 对象",
    "the endpoint answered, and not as Function Compute does: {0}": (
        "服务端有应答，但不符合函数计算的格式：{0}"
    ),
    "check the address of the target": "检查目标的地址",
    "the target {0} needs an access key, and none was found": "目标 {0} 需要访问密钥，但没有找到",
    "fc-magic serve has its keys in keys.json of its data folder: give them as FC_MAGIC_ACCESS_KEY_ID and "
    "FC_MAGIC_ACCESS_KEY_SECRET": "fc-magic serve 的密钥在其数据目录的 keys.json 中："
    "设为 FC_MAGIC_ACCESS_KEY_ID 和 FC_MAGIC_ACCESS_KEY_SECRET",
    "settings and environment": "设置和环境变量",
    "is off": "已关闭",
    "have access_key_id ({0}) without its secret": "有 access_key_id（{0:say}），但没有对应的 secret",
    "have access_key_secret ({0}) without its id": "有 access_key_secret（{0:say}），但没有对应的 id",
    "have no access_key_id": "没有 access_key_id",
    "has no access key": "没有访问密钥",
    "has no STS token": "没有 STS Token",
    "its STS token ended at {0}": "其 STS Token 已于 {0} 失效",
    "has {0} MB": "为 {0} MB",
    "at most {0} MB as a ZIP": "ZIP 最大 {0} MB",
    "split it into several layers": "拆分成多个层",
    "{0} is no answer of HTTP": "{0} 不是 HTTP 应答",
    "the head of the answer does not end": "应答头没有结束",
    "a line of the answer does not end": "应答的一行没有结束",
    "the size of a chunk is {0}": "分块的大小为 {0}",
    "the remote end closed connection": "对端关闭了连接",
    "{0} port {1}": "{0} 端口 {1}",
    "a header has an end of line in it": "请求头中含有换行",
    "the target {0} does not say where its objects are": "目标 {0} 没有给出对象存储的地址",
    "set oss_endpoint to the address that fc-magic serve prints, or use the target local or a region": (
        "将 oss_endpoint 设为 fc-magic serve 输出的地址，或使用目标 local 或某个地域"
    ),
    "code that is too big for a request goes through OSS, and Alibaba's OSS package is not installed": (
        "请求放不下的代码须经过 OSS，而 OSS 的包尚未安装"
    ),
    "OSS refused {0}: {1}": "OSS 拒绝了 {0}：{1}",
    "{0} answered {1}, and not as OSS does": "{0} 应答 {1}，不符合 OSS 的格式",
    "{0} gave no answer in time ({1})": "{0} 未及时应答（{1}）",
    "{0} could not be reached ({1}): {2}": "无法连接 {0}（{1}）：{2}",
    "profile {0} of {1}": "{1} 的配置 {0}",
    "is not read: ALIBABA_CLOUD_CLI_PROFILE_DISABLED is set": (
        "未读取：已设置 ALIBABA_CLOUD_CLI_PROFILE_DISABLED"
    ),
    "{0} is not a profile of {1}; there are {2}": "{0} 不是 {1} 中的配置；其中有 {2}",
    "has no current profile": "没有当前配置",
    "does not exist": "不存在",
    "cannot be read: {0}": "无法读取：{0}",
    "is not the JSON that the aliyun CLI writes": "不是 aliyun CLI 写出的 JSON",
    "no reason was given": "未给出原因",
    "{0} did not become ready: {1}": "{0} 未能就绪：{1:say}",
    "{0} is {1}, {2} after {3} s": "{3} s 后 {0} 的状态为 {1}、{2}",
    "look again later": "稍后再看",
    "{0} has no version before {1}": "{0} 在 {1} 之前没有版本",
    "{0} has no version": "{0} 没有版本",
    "take it back to version {0}": "回滚到版本 {0}",
    "the temporary key of {0} is not taken any more; renew it there": (
        "{0:say} 的临时密钥已失效；请在那里更新"
    ),
    "{0} took no connection within {1} s": "{0} 在 {1} s 内没有接受连接",
    "{0} made no secure connection: {1}": "{0} 未建立安全连接：{1}",
    "the endpoint answered HTTP {0}, and not as Function Compute does: {1}": (
        "服务端应答 HTTP {0}，不符合函数计算的格式：{1}"
    ),
    "{0} it again: what is done is not done twice": "再次{0:say}：已完成的不会重复执行",
    "{0}; then {1}": "{0:say}；然后{1:say}",
    "{0} was interrupted. {1}. {2}": "{0} 被中断。{1:say}。{2:say}",
    "done: {0}": "已完成：{0:say}",
    "not known whether it is done: {0}": "不确定是否完成：{0:say}",
    "not done: {0}": "未完成：{0:say}",
    "{0}: nothing is changed": "{0}：没有任何变更",
    "the {0} has a character that no key has: a space, a line break, …": (
        "{0}含有密钥中不会有的字符：空格、换行等"
    ),
    "set it again, without anything around it": "重新设置，前后不要带其他字符",
    "check the network, and the address of the target": "检查网络和目标的地址",
    "the target {0} is not an http or https URL of a host, without user and query": (
        "目标 {0} 不是主机的 http 或 https URL（不含用户和查询参数）"
    ),
    "an address such as http://HOST:PORT": "形如 http://HOST:PORT 的地址",
    "{0} trigger {1}": "{0:say} 触发器 {1}",
    "create trigger {0}": "创建触发器 {0}",
    "it works as before": "仍按原样工作",
    "update trigger {0}": "更新触发器 {0}",
    "the one before was put back": "已恢复原来的触发器",
    "it was removed, and could not be put back": "原来的触发器已删除，且无法恢复",
    "deploy it again: it goes on with what is there": "再次部署：会从已完成之处继续",
    "put code of {0} into a bucket of OSS": "将 {0} 的代码放入 OSS 的 Bucket",
    "The code stays in the bucket {0}": "代码保留在 Bucket {0} 中",
    "code that is too big for a request goes through a bucket, and none has a name without the account id": (
        "请求放不下的代码须经过 Bucket，而没有账号 ID 就没有 Bucket 名称"
    ),
    "set code_bucket, or account_id": "设置 code_bucket 或 account_id",
    "the bucket fc-magic-{0}-{1} is there, and of another account": (
        "Bucket fc-magic-{0}-{1} 已存在，属于其他账号"
    ),
    "set code_bucket to a bucket of yours": "将 code_bucket 设为自己的 Bucket",
    " (the bucket {0} for code that is too big for a request)": "（Bucket {0}，用于请求放不下的代码）",
    "set code_bucket to a bucket that you may write to": "将 code_bucket 设为可写入的 Bucket",
    "{0} of {1} of the code are in the bucket {2}": "代码的 {0} / {1} 已在 Bucket {2} 中",
    "part {0} of {1} did not arrive as it was sent": "{1} 的第 {0} 个分片与发送的不一致",
    "the code did not arrive whole: the object has CRC-64 {0}, not {1}": (
        "代码不完整：对象的 CRC-64 为 {0}，应为 {1}"
    ),
    "deploy it again": "重新部署",
    "what was uploaded may still be in the bucket {0}, {1}: {2}": (
        "已上传的内容可能仍在 Bucket {0} 中，{1}：{2}"
    ),
    "update it": "更新",
    "create it": "创建",
    "delete it": "删除",
    "deploy": "部署",
    "put it back": "恢复",
    "JSON has no infinity": "JSON 中没有无穷大",
    "keys must be text or numbers, not {0}": "键须为文本或数字，不能是 {0}",
    "Content-Length is {0}": "Content-Length 为 {0}",
    "there is no answer": "没有应答",
    "no value": "没有值",
    "{0} does not tell the statistics of {1} itself: they are in its CloudMonitor": (
        "{0} 不直接提供 {1} 的统计：统计在其云监控中"
    ),
    "limit is {0}; allowed are 1 to {1}": "limit 为 {0}；允许 1 到 {1}",
    "since is {0}; allowed is a time such as 2026-11-27T10:00:00Z": (
        "since 为 {0}；须为形如 2026-11-27T10:00:00Z 的时间"
    ),
    "wait is {0}; allowed are seconds": "wait 为 {0}；须为秒数",
    "traffic to the internet, logs, OSS and gateways are billed apart": (
        "公网流量、日志、OSS 和网关另行计费"
    ),
    "must be calls per s, min, h, day or month": "须为每 s、min、h、day 或 month 的调用次数",
    "--rate {0}: must be calls per s, min, h, day or month": (
        "--rate {0}：须为每 s、min、h、day 或 month 的调用次数"
    ),
    "--rate 10/s, --rate 1000/h or --rate 1e6/month": "--rate 10/s、--rate 1000/h 或 --rate 1e6/month",
    "account": "账号",
    "region": "地域",
    "endpoint": "接入点",
    "will": "操作",
    "export ALIBABA_CLOUD_ACCESS_KEY_ID=… ALIBABA_CLOUD_ACCESS_KEY_SECRET=…, or use the target local": (
        "export ALIBABA_CLOUD_ACCESS_KEY_ID=… ALIBABA_CLOUD_ACCESS_KEY_SECRET=…，或使用目标 local"
    ),
    "export FC_MAGIC_ACCOUNT_ID=…, or network = public": (
        "export FC_MAGIC_ACCOUNT_ID=…，或 network = public"
    ),
    "deploy {0}; triggers and addresses that it does not name are removed": (
        "部署 {0}；未列出的触发器和地址会被删除"
    ),
}
