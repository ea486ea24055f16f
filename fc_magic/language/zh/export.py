"""What is written as files of other tools."""

WORDS = {
    "it has symbolic links": "含有符号链接",
    "it has two files of one name": "有两个同名文件",
    "it is too large to be unpacked here": "过大，无法在此解压",
    "it has names that differ only in large and small letters": "有仅大小写不同的名称",
    "{0} is not in the files: set it by itself": "{0} 不在文件中：请自行设置",
    "{0} are not in the files: set it by itself": "{0} 不在文件中：请自行设置",
    "its alias {0}, and the versions they lead to, are not in the files": (
        "其别名 {0} 及指向的版本不在文件中"
    ),
    "its aliases {0}, and the versions they lead to, are not in the files": (
        "其别名 {0} 及指向的版本不在文件中"
    ),
    "{0} has no field for {1}: a new function does not get it": "{0} 没有对应 {1} 的字段：新函数不会得到它",
    "{0} has no field for {1}: a new function does not get them": (
        "{0} 没有对应 {1} 的字段：新函数不会得到它们"
    ),
    "the deployments API": "部署 API",
    "whoever sends it, ${{NAME}} stands in its place": "发送者，其位置写作 ${{NAME}}",
    "%fcexport {0} --to curl makes a request of it": "%fcexport {0} --to curl 将其导出为请求",
    "{0} in a deployment": "部署中的 {0}",
    "{0} is a container: it has an image and no ZIP": "{0} 是容器：只有镜像，没有 ZIP",
    "the code alone: settings, triggers and layers are not in it": "仅代码：其中没有设置、触发器和层",
    "the environment": "环境变量",
    "account {0} in ARNs is that of the embedded Function Compute: put in your own": (
        "ARN 中的账号 {0} 属于内嵌的函数计算：请换成自己的账号"
    ),
    "its layers are named, and not in the files: they have to exist where it goes": (
        "其层只写了名称，不在文件中：须在目标处存在"
    ),
    "the custom domain {0} is left out: it has no authType {1} and would let everybody in": (
        "自定义域名 {0} 已略去：它没有 authType {1}，会允许任何人访问"
    ),
    "a project of Serverless Devs, with its code": "Serverless Devs 项目，含代码",
    "the code package as it is": "代码包本身",
    "the body of the deployments API": "部署 API 的请求体",
    "a shell script that signs and sends it": "签名并发送的 shell 脚本",
    "a module for the provider aliyun/alicloud, with its code": "aliyun/alicloud provider 的模块，含代码",
    "a script for the official SDK, with its code": "官方 SDK 的脚本，含代码",
    "{0} is not a format; there are {1}": "{0} 不是格式；格式有 {1}",
    "there is no format": "没有给出格式",
    "the environment of s deploy": "s deploy 的环境变量",
    "the component does not list the region {0}": "该组件没有列出地域 {0}",
    "the component's schema does not know authType {0}; it passes it on": (
        "该组件的 schema 中没有 authType {0}；会原样传递"
    ),
    "{0} is asked by https: add its certConfig (certName, certificate, privateKey)": (
        "{0} 以 https 访问：请添加其 certConfig（certName、certificate、privateKey）"
    ),
    "the component's customDomain has no corsConfig: set that of {0} by itself": (
        "该组件的 customDomain 没有 corsConfig：请自行设置 {0} 的"
    ),
    "{0} is left out: Serverless Devs runs ${{…}} and <% as its own language": (
        "{0} 已略去：Serverless Devs 会将 ${{…}} 和 <% 当作自己的语法执行"
    ),
    "{0} and {1} more was there before and would be deployed too: remove it if it is not meant": (
        "{0} 及另外 {1} 个原已存在，也会被部署：如不需要请删除"
    ),
    "{0} was there before and would be deployed too: remove it if it is not meant": (
        "{0} 原已存在，也会被部署：如不需要请删除"
    ),
    "{0} is a file": "{0} 是文件",
    "{0} is a folder": "{0} 是文件夹",
    "nothing was written: {0}": "未写入任何内容：{0:say}",
    "{0} and {1} more exists": "{0} 及另外 {1} 个已存在",
    "{0} and {1} more exist": "{0} 及另外 {1} 个已存在",
    "{0} exists": "{0} 已存在",
    "{0} exist": "{0} 已存在",
    "--force to write over, or --out PATH": "--force 覆盖，或 --out PATH",
    "{0} cannot be written: {1}": "无法写入 {0}：{1}",
    "{0} is asked by https: add its certConfig": "{0} 以 https 访问：请添加其 certConfig",
    "{0} is a secret and is not in the file: it comes from {1}; --with-secrets writes it": (
        "{0} 是机密，不在文件中：取自 {1:say}；--with-secrets 会写入"
    ),
    "{0} are secrets and are not in the file: they come from {1}; --with-secrets writes them": (
        "{0} 是机密，不在文件中：取自 {1:say}；--with-secrets 会写入"
    ),
    "only a fingerprint is known of {0}: the secret comes as {1} from {2}": (
        "{0} 仅有指纹：机密以 {1} 的形式取自 {2:say}"
    ),
    "variable {0}": "变量 {0}",
    "the provider has no argument for {0}{1}: set it by itself": (
        "该 provider 没有对应 {0}{1} 的参数：请自行设置"
    ),
    "{0} is asked by https: add its cert_config": "{0} 以 https 访问：请添加其 cert_config",
    "code": "代码",
}
