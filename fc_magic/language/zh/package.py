"""Packages: what is asked for, what is fetched, and what a wheel or a file has wrong."""

WORDS = {
    "{0} cannot be a path in a package: {1}": "{0} 不能作为代码包中的路径：{1:say}",
    "use a relative path such as data/a.json": "使用相对路径，如 data/a.json",
    "it is empty, absolute, or not in its shortest form": "它为空、是绝对路径，或不是最简形式",
    "it has a backslash or a NUL": "它含有反斜杠或 NUL",
    "it is not Unicode": "它不是 Unicode",
    "it is longer than {0} bytes, or a name in it than {1}": "它超过 {0} 字节，或其中的名称超过 {1} 字节",
    "{0} is not for {1}": "{0} 不适用于 {1}",
    "{0} is for Python {1}, not for {2}": "{0} 适用于 Python {1}，不适用于 {2}",
    "{0} has {1} twice for {2}": "{0} 中 {2} 的 {1} 出现了两次",
    "--upgrade writes it anew": "--upgrade 会重写它",
    "a folder": "文件夹",
    "a repository": "代码仓库",
    "uv export --no-emit-project leaves out the project itself; --include sends a folder as it is": (
        "uv export --no-emit-project 会略去项目自身；--include 按原样发送文件夹"
    ),
    "build its wheel: pip wheel --no-deps URL -w dist": "构建其 wheel：pip wheel --no-deps URL -w dist",
    "{0} is {1} in {2}, and only wheels go into a function": "{2} 中的 {0} 是{1:say}，而函数中只能放 wheel",
    "choose a version that has a wheel": "选择有 wheel 的版本",
    "{0} has no wheel for {1} in {2}; there are {3}": "{2} 中的 {0} 没有适用于 {1} 的 wheel；有 {3}",
    "{0} is not what its --hash says: {1} has sha256 {2}": "{0} 与其 --hash 不符：{1} 的 sha256 为 {2}",
    "if it is right, change the --hash": "如果它是正确的，请更改 --hash",
    "{0} has a marker that says nothing: {1}": "{0} 的标记没有意义：{1}",
    "{0} has a requires-python that says nothing: {1}": "{0} 的 requires-python 没有意义：{1}",
    "{0} {1} in {2} is for Python {3}, not for {4}": "{2} 中的 {0} {1} 适用于 Python {3}，不适用于 {4}",
    "is {0} in the lock": "在锁文件中为 {0}",
    "is not in the lock": "不在锁文件中",
    "is only in the lock": "只在锁文件中",
    "has {0} in the lock": "在锁文件中有 {0}",
    "is needed by {0} and is not in the lock": "{0} 需要它，但锁文件中没有",
    "the cell": "单元格",
    "{0} would be in the package twice: by {1} and by {2}": (
        "{0} 会在代码包中出现两次：来自{1:say}和{2:say}"
    ),
    "{0} is not where its lock says ({1}): {2}": "{0} 不在锁文件所记的位置（{1}）：{2:say}",
    "--upgrade writes the lock anew": "--upgrade 会重写锁文件",
    "it was interrupted": "被中断",
    "it broke off": "传输中断",
    "{0} from {1} is not the file that was locked: it has {2}, not {3}": (
        "来自 {1} 的 {0} 不是锁定的文件：它的是 {2}，应为 {3}"
    ),
    "{0} from this machine is not the file that was locked: it has {1}, not {2}": (
        "本机的 {0} 不是锁定的文件：它的是 {1}，应为 {2}"
    ),
    "ask who runs the index; --upgrade locks what is there now": (
        "询问索引的管理者；--upgrade 会锁定现有内容"
    ),
    "name a user and a password in UV_DEFAULT_INDEX, or in ~/.netrc": (
        "在 UV_DEFAULT_INDEX 或 ~/.netrc 中指定用户和密码"
    ),
    "{0} was not fetched from {1}: {2}": "未能从 {1} 获取 {0}：{2:say}",
    "{0} was not fetched from this machine: {1}": "未能从本机获取 {0}：{1:say}",
    "{0}: there is no such folder": "{0}：没有该文件夹",
    "{0}: there is no file in it": "{0}：其中没有文件",
    "{0} is not a readable ZIP ({1})": "{0} 不是可读取的 ZIP（{1}）",
    "{0} is not a readable ZIP (damaged)": "{0} 不是可读取的 ZIP（已损坏）",
    "put below {0}/, where functions look for them": "放在 {0}/ 之下，函数会在那里查找",
    "{0} is not a readable wheel ({1})": "{0} 不是可读取的 wheel（{1}）",
    "{0} is not a readable wheel (damaged)": "{0} 不是可读取的 wheel（已损坏）",
    "--file data.json, or --file data.json=inside/name.json": (
        "--file data.json，或 --file data.json=inside/name.json"
    ),
    "--include pkg/, or --include pkg/=lib/": "--include pkg/，或 --include pkg/=lib/",
    "it looks like a file of keys": "它看起来是密钥文件",
    "they look like files of keys": "它们看起来是密钥文件",
    "{0}: it looks like a file of keys, and whoever may read the function's code can read that": (
        "{0}：它看起来是密钥文件，能读取函数代码的人都能读到它"
    ),
    "{0}: they look like files of keys, and whoever may read the function's code can read that": (
        "{0}：它们看起来是密钥文件，能读取函数代码的人都能读到它们"
    ),
    "no file is like that": "没有符合的文件",
    "--file {0}: {1} in {2}": "--file {0}：{2:say}中{1:say}",
    "--file {0}: {1} is a folder": "--file {0}：{1} 是文件夹",
    "these are {0} files, and {1} is one": "这是 {0} 个文件，而 {1} 是一个",
    "--file {0}: {1} cannot be read: {2}": "--file {0}：无法读取 {1}：{2}",
    "--include {0}: {1} is a file": "--include {0}：{1} 是文件",
    "--include {0}: there is no such folder in {1}": "--include {0}：{1:say}中没有该文件夹",
    "{0} has nothing before the =": "{0} 的 = 之前为空",
    "{0} has nothing behind the =": "{0} 的 = 之后为空",
    "{0} has {1} MB, and a package may have {2} MB": "{0} 有 {1} MB，而代码包最大 {2} MB",
    "put it into a bucket of OSS and read it from there in the function": (
        "将其放入 OSS 的 Bucket，在函数中读取"
    ),
    "this folder": "此文件夹",
    "the libraries have {0} MB; a function takes layers of {1} MB at most": (
        "依赖包共 {0} MB；函数的层最大 {1} MB"
    ),
    "fewer libraries, or a container image: --image-url": "减少依赖包，或使用容器镜像：--image-url",
    "{0} {1} has {2} MB; a layer takes {3} MB": "{0} {1} 有 {2} MB；层最大 {3} MB",
    "a smaller build of it, or a container image: --image-url": "使用更小的构建，或容器镜像：--image-url",
    "an archive": "压缩包",
    "{0} is not TOML: {1}": "{0} 不是 TOML：{1:say}",
    "{0} is not a lock that can be used: {1}": "{0} 不是可用的锁文件：{1:say}",
    "--upgrade writes {0} anew": "--upgrade 会重写 {0}",
    "the file": "文件",
    "lock-version is {0}, and 1.0 is known": "lock-version 为 {0}，支持的是 1.0",
    "one of packages": "packages 中的一项",
    "a wheel of {0} has neither url nor path": "{0} 的一个 wheel 既没有 url 也没有 path",
    "a wheel of {0} has no hash that counts, such as sha256": (
        "{0} 的一个 wheel 没有有效的哈希（如 sha256）"
    ),
    "{0} of {1} is no name of a wheel": "{1} 的 {0} 不是 wheel 的名称",
    "{0} has no {1}": "{0:say}没有 {1}",
    "{0} of {1} is no {2}": "{1:say}的 {0} 不是 {2}",
    "{0} of {1} is no list of {2}s": "{1:say}的 {0} 不是 {2} 的列表",
    "the wheel {0} {1}; nothing of it was packed": "wheel {0} {1:say}；没有打包其中任何内容",
    "another version of {0}": "使用 {0} 的其他版本",
    "would have more than {0} GB when unpacked": "解压后会超过 {0} GB",
    "has {0} where another file is": "{0} 处已有另一个文件",
    "has {0}, which cannot be packed: {1}": "含有无法打包的 {0}：{1:say}",
    "has {0}, which cannot be packed: its name": "含有无法打包的 {0}：名称不合规",
    "does not have {0} where it says": "在所说的位置没有 {0}",
    "ends before {0} does": "在 {0} 之前就结束了",
    "has {0}, which is damaged: {1}": "含有已损坏的 {0}：{1}",
    "has {0}, which is damaged: it is not as long, or not what it says": (
        "含有已损坏的 {0}：长度或内容与记录不符"
    ),
    "it is encrypted": "已加密",
    "it is a link": "是链接",
    "it is no plain file": "不是普通文件",
    "it is compressed by method {0}; 0 (stored) and 8 (deflate) are read everywhere": (
        "使用压缩方法 {0}；0（存储）和 8（deflate）处处可读"
    ),
    "its sizes cannot be true": "大小不合理",
    "the lock": "锁文件",
    "{0} written{1}": "已写入 {0}{1}",
    "the lock written{0}": "已写入锁文件{0}",
    "requires-python {0} is no version": "requires-python {0} 不是版本",
    "the cell is for Python {0}, and {1} has {2}": "单元格适用于 Python {0}，而 {1} 是 {2}",
    "change requires-python": "更改 requires-python",
    "--locked keeps the lock and --upgrade renews it": "--locked 保持锁文件，--upgrade 更新锁文件",
    "give one of them": "只给出其中一个",
    "--locked: there is no {0} beside the notebook": "--locked：Notebook 旁没有 {0}",
    "deploy once without --locked": "先不加 --locked 部署一次",
    "{0} is not UTF-8": "{0} 不是 UTF-8",
    "{0} needs {1}, which {2} has not": "{0} 需要 {1}，而 {2} 中没有",
    "--locked: {0} is not what is asked for": "--locked：{0} 与要求不符",
    "without --locked it is written anew": "不加 --locked 会重写它",
    "{0} is of another tool, and not what is asked for": "{0} 属于其他工具，且与要求不符",
    "--upgrade replaces {0}": "--upgrade 会替换 {0}",
    "{0} is not as it was written: it is damaged": "{0} 与写入时不同：已损坏",
    "{0} would be in the package twice: it is in a library, too": (
        "{0} 会在代码包中出现两次：某个依赖包中也有它"
    ),
    "another name for the file": "为文件另取一个名称",
    "it names {0}": "它指定了 {0}",
    "nothing names it": "没有指定",
    "which Python runs on {0} is not known: it names {1}": "不清楚 {0} 上运行哪个 Python：它指定了 {1}",
    "which Python runs on {0} is not known: nothing names it": "不清楚 {0} 上运行哪个 Python：没有指定",
    '--entrypoint "python3.12 app.py", or # requires-python: 3.12 in the cell': (
        '--entrypoint "python3.12 app.py"，或在单元格中写 # requires-python: 3.12'
    ),
    "requirements are built for Python, not for {0}": "依赖包为 Python 构建，不适用于 {0}",
    "--runtime {0}; other files with --folder": "--runtime {0}；其他文件用 --folder",
    "the requirements cannot be met for {0}: {1}{2} ({3} needs it)": (
        "无法为 {0} 满足依赖要求：{1}{2}（{3} 需要它）"
    ),
    "the requirements cannot be met for {0}: {1}{2}": "无法为 {0} 满足依赖要求：{1}{2}",
    "check the name and the version": "检查名称和版本",
    "leave out a version, or allow more of them": "去掉版本限制，或放宽范围",
    "check the version": "检查版本",
    "check the network; UV_DEFAULT_INDEX names another index": "检查网络；UV_DEFAULT_INDEX 可指定其他索引",
    "{0} {1} has no wheel for {2}": "{0} {1} 没有适用于 {2} 的 wheel",
    "{0}{1} has no wheel for {2}": "{0}{1} 没有适用于 {2} 的 wheel",
    "choose a version that has a wheel, or another runtime: --runtime python3.12": (
        "选择有 wheel 的版本，或其他运行环境：--runtime python3.12"
    ),
    "{0} {1} has no wheel for {2}{3}": "{0} {1} 没有适用于 {2:say}的 wheel{3:say}",
    "{0}{1} has no wheel for {2}{3}": "{0}{1} 没有适用于 {2} 的 wheel{3:say}",
    "if it is pure Python: pip wheel --no-deps {{}} -w dist, then UV_FIND_LINKS=dist": (
        "如果是纯 Python：pip wheel --no-deps {{}} -w dist，然后 UV_FIND_LINKS=dist"
    ),
    "if it is pure Python: pip wheel --no-deps {0} -w dist, then UV_FIND_LINKS=dist": (
        "如果是纯 Python：pip wheel --no-deps {0} -w dist，然后 UV_FIND_LINKS=dist"
    ),
    "--requirements {0} instead": "改用 --requirements {0}",
    '--requirements "{0}=={1}", the newest for {2}': '--requirements "{0}=={1}"，{2} 可用的最新版本',
    "no runtime can have {0}: choose another library": "没有运行环境支持 {0}：选择其他依赖包",
    "; it is for Python {0}": "；它适用于 Python {0}",
    ", only source ({0})": "，只有源代码（{0}）",
    "; there are {0} and {1} more": "；有 {0} 及另外 {1} 个",
    "; there are {0}": "；有 {0}",
    "asked for": "直接要求",
    "needed by {0}": "{0} 需要它",
    "there is no requirement": "没有依赖包",
    '--requirements "pandas==2.2.* requests", or a file of them': (
        '--requirements "pandas==2.2.* requests"，或列出它们的文件'
    ),
    "{0} asks for itself": "{0} 引用了自身",
    "remove its line of {0}": "删除其中的 {0} 一行",
    "{0} ({1}:{2}) is not known here": "此处不支持 {0}（{1}:{2}）",
    "remove it from {0}": "从 {0} 中删除它",
    "{0} has no list of dependencies": "{0} 中没有 dependencies 列表",
    '[project] with dependencies = ["requests"], or a pylock.toml': (
        '[project] 中写 dependencies = ["requests"]，或使用 pylock.toml'
    ),
    "uv's answer": "uv 的应答",
    "{0} is in {1} and, with other bytes, in {2}: one package cannot have both": (
        "{0} 在 {1} 中，也以不同内容在 {2} 中：一个代码包不能同时有两者"
    ),
    "--leave-out /{0}, if neither is needed": "--leave-out /{0}，如果两者都不需要",
    "has the file {0}, where other files have a folder": "有文件 {0}，而其他文件在同名文件夹中",
    "wheels cannot be kept in {0}: {1}": "无法在 {0} 中保存 wheel：{1}",
    "FC_MAGIC_HOME names another folder": "用 FC_MAGIC_HOME 指定其他文件夹",
    "it is nested too deeply": "嵌套过深",
    "no answer in time": "未及时应答",
    "tests of the library": "依赖包的测试",
    "documents of the library": "依赖包的文档",
    "types for checkers": "类型检查用的文件",
    "headers for compilers": "编译器用的头文件",
    "sources and static libraries": "源代码和静态库",
    "notes of installers": "安装程序的记录",
    "begins with the path of an installer's Python": "以安装程序的 Python 路径开头",
    "{0} is no pattern of paths": "{0} 不是路径模式",
    "{0} 'tests/', or {1} '*.md', or /NAME/*.json": "{0} 'tests/'，或 {1} '*.md'，或 /NAME/*.json",
    "line {0} of the cell": "单元格第 {0} 行",
    "{0} is no URL of a wheel": "{0} 不是 wheel 的 URL",
    "{0} is no name of a wheel": "{0} 不是 wheel 的名称",
    "name-1.0-py3-none-any.whl, as it was built": "name-1.0-py3-none-any.whl，保持构建时的名称",
    "{0} is a lock, which has everything already: it stands alone": (
        "{0} 是锁文件，已包含全部内容：只能单独使用"
    ),
    "is a repository, from which a wheel would have to be built here": "是代码仓库，须在此处构建 wheel",
    "build it: pip wheel --no-deps URL -w dist; then --requirements ./dist/NAME.whl": (
        "构建它：pip wheel --no-deps URL -w dist；然后 --requirements ./dist/NAME.whl"
    ),
    "cannot be editable in a function": "在函数中不能是可编辑安装",
    "--include {0} sends the folder as it is": "--include {0} 按原样发送文件夹",
    "is not a requirement": "不是依赖要求",
    "is a folder, not a wheel": "是文件夹，不是 wheel",
    "uv build --wheel {0} -o dist; --include {1} sends its files": (
        "uv build --wheel {0} -o dist；--include {1} 发送其中的文件"
    ),
    "is source, from which a wheel would have to be built here": "是源代码，须在此处构建 wheel",
    "{0} ({1}) is no requirement: {2}{3}": "{0}（{1:say}）不是依赖要求：{2:say}{3:say}",
    'such as "pandas==2.2.*"': '形如 "pandas==2.2.*"',
    "dependencies of the script block (line {0} of the cell) are not a list of texts": (
        "脚本块的 dependencies（单元格第 {0} 行）不是文本列表"
    ),
    "there are two script blocks in the cell: lines {0} and {1}": (
        "单元格中有两个脚本块：第 {0} 行和第 {1} 行"
    ),
    "the script block (line {0} of the cell) is not TOML: {1}": (
        "脚本块（单元格第 {0} 行）不是 TOML：{1:say}"
    ),
    "resolving": "解析中",
    "fetching": "下载中",
    "{0} has no wheel for {1}; there are {2}": "{0} 没有适用于 {1} 的 wheel；有 {2}",
    "{0} has no wheel for {1}; there are {2} and {3} more": (
        "{0} 没有适用于 {1} 的 wheel；有 {2} 及另外 {3} 个"
    ),
    "{0} has no wheel for {1}; it is for Python {2}": "{0} 没有适用于 {1} 的 wheel；它适用于 Python {2}",
    "{0} has no wheel for {1}, only source ({2})": "{0} 没有适用于 {1} 的 wheel，只有源代码（{2}）",
    "uv was not found, which resolves requirements": "没有找到 uv，而解析依赖需要它",
}
